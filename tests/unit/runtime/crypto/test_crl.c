/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/crl.h"
#include "tests/unit/runtime/crypto/judge.h"

TEST(a_file_of_lists_says_whose_and_until_when)
{
    static const struct {
        const char *file;
        int64_t next_ms; /* 2045-01-01, 2021-01-01 */
    } rows[] = {{"open-test/crl/ap.pem", 2366841600000},
                {"open-test/crl-expired/ap.pem", 1609459200000}};
    for (size_t i = 0; i < 2; i++) {
        struct error e = {0};
        char path[512];
        AUTO_ARENA a = {0};
        struct crl_facts *facts = NULL;
        size_t count = 0;
        CHECK_OK(crl_read_facts(world_path(rows[i].file, path), &a, &facts, &count, &e), e);
        CHECK_ROW(rows[i].file, count == 2);
        CHECK_ROW(rows[i].file, facts[0].next_ms == rows[i].next_ms);
        CHECK_ROW(rows[i].file, facts[0].issued_ms < facts[0].next_ms);
        CHECK_ROW(rows[i].file, !str_equal(facts[0].issuer, facts[1].issuer));
        CHECK_ROW(rows[i].file, facts[0].issuer.len > 10);
        CHECK_ROW(rows[i].file, facts[0].revoked + facts[1].revoked > 0);
    }
}

TEST(what_is_no_list_is_told_from_no_list_at_all)
{
    static const struct {
        const char *row;
        struct str text;
        bool ok;
    } rows[] = {
        {"empty", STR_INIT(""), true},
        {"words", STR_INIT("there is none yet\n"), true},
        {"broken", STR_INIT("-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n"), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        char path[160];
        AUTO_ARENA a = {0};
        AUTO_JUDGE j = judge_new();
        struct crl_facts *facts = NULL;
        size_t count = 9;
        judge_put(&j, "crl.pem", rows[i].text);
        snprintf(path, sizeof(path), "%s/crl.pem", j.folder);
        CHECK_ROW(rows[i].row, crl_read_facts(path, &a, &facts, &count, &e) == rows[i].ok);
        CHECK_ROW(rows[i].row, count == (rows[i].ok ? 0u : 9u));
        CHECK_ROW(rows[i].row, rows[i].ok || e.kind == ERROR_REJECT);
    }
}

TEST(a_missing_file_is_an_error_with_its_name)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct crl_facts *facts = NULL;
    size_t count = 0;
    CHECK(!crl_read_facts("/nowhere/crl.pem", &a, &facts, &count, &e));
    CHECK(str_find(str_of(e.text), STR("/nowhere/crl.pem: No such file")) == 0);
}

CHECK_MAIN
