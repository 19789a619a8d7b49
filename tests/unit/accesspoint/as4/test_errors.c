/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "accesspoint/as4/errors.h"
#include "tests/check.h"

TEST(a_fault_becomes_one_code_and_one_status)
{
    static const struct {
        const char *row;
        enum error_kind kind;
        const char *code, *expected;
        unsigned status;
        bool tells; /* does the peer read our text? */
    } rows[] = {
        {"code is kept", ERROR_REJECT, "EBMS:0011", "EBMS:0011", 500, true},
        {"reject without code", ERROR_REJECT, NULL, "EBMS:0009", 500, true},
        {"deny without code", ERROR_DENY, NULL, "EBMS:0101", 500, false},
        {"decryption says nothing", ERROR_DENY, "EBMS:0102", "EBMS:0102", 500, false},
        {"policy says what is wanted", ERROR_DENY, "EBMS:0103", "EBMS:0103", 500, true},
        {"retry", ERROR_RETRY, NULL, "EBMS:0202", 503, false},
        {"bug says nothing", ERROR_BUG, NULL, "EBMS:0004", 500, false},
        {"a word of another format", ERROR_REJECT, "BV/invariant", "EBMS:0009", 500, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {.kind = rows[i].kind, .code = rows[i].code, .text = "the reason"};
        struct as4_answer a = as4_answer_for(&e);
        CHECK_ROW(rows[i].row, strcmp(a.code->code, rows[i].expected) == 0);
        CHECK_ROW(rows[i].row, a.http_status == rows[i].status);
        CHECK_ROW(rows[i].row, (strcmp(a.detail, "the reason") == 0) == rows[i].tells);
    }
}

TEST(unknown_codes_are_not_found)
{
    CHECK(as4_error_code_find(STR("EBMS:4001")) == NULL);
    CHECK(as4_error_code_find(STR("")) == NULL);
    CHECK(as4_error_code_find(STR("EBMS:0006"))->is_warning);
    CHECK(as4_error_code_find(STR("EBMS:0202"))->may_retry);
}

CHECK_MAIN
