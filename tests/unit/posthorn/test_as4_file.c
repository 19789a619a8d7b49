/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/as4_file.h"
#include "tests/check.h"

#define RELATED "multipart/related; type=\"application/soap+xml\"; boundary=\"B\""

TEST(a_stored_message_has_one_of_three_forms)
{
    static const struct {
        const char *row;
        struct str head;
        const char *type; /* NULL: refused */
        const char *body;
    } rows[] = {
        {"envelope", STR_INIT("<?xml version=\"1.0\"?><e/>"), "application/soap+xml",
         "<?xml version=\"1.0\"?><e/>"},
        {"envelope with a BOM", STR_INIT("\xef\xbb\xbf<e/>"), "application/soap+xml",
         "\xef\xbb\xbf<e/>"},
        {"body", STR_INIT("--B\r\nx"), RELATED, "--B\r\nx"},
        {"body with LF", STR_INIT("--B\nx"), RELATED, "--B\nx"},
        {"headers", STR_INIT("X: y\r\ncontent-type:  a/b; c=d \r\n\r\nbody"), "a/b; c=d", "body"},
        {"headers with LF", STR_INIT("Content-Type: a/b\nX: y\n\nbody"), "a/b", "body"},
        {"a status line", STR_INIT("HTTP/1.1 200\r\nContent-Type: a/b\r\n\r\nbody"), "a/b", "body"},
        {"folded", STR_INIT("Content-Type: a/b;\r\n\tc=d;\r\n e=f\r\nX: y\r\n z\r\n\r\nbody"),
         "a/b; c=d; e=f", "body"},
        {"headers twice", STR_INIT("Content-Type: a/b\r\n\r\nContent-Type: c/d\r\n\r\nbody"), "c/d",
         "body"},
        {"empty body", STR_INIT("Content-Type: a/b\r\n\r\n"), "a/b", ""},
        {"no type", STR_INIT("X: y\r\n\r\nbody"), NULL, NULL},
        {"no empty line", STR_INIT("Content-Type: a/b\r\n"), NULL, NULL},
        {"text", STR_INIT("hello"), NULL, NULL},
        {"nothing", STR_INIT(""), NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        struct str type;
        size_t at;
        bool ok = as4_file_head(rows[i].head, &a, &type, &at, &e);
        CHECK_ROW(rows[i].row, ok == (rows[i].type != NULL));
        CHECK_ROW(rows[i].row, !ok || str_is(type, rows[i].type));
        CHECK_ROW(rows[i].row, !ok || str_is(str_from(rows[i].head, at), rows[i].body));
    }
}

TEST(a_file_that_is_not_there_is_told)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_AS4_FILE f = {0};
    CHECK(!as4_file_open("/nowhere/x.as4", &a, &f, &e));
    CHECK(e.kind == ERROR_RETRY);
}

CHECK_MAIN
