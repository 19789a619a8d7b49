/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "accesspoint/errand.h"
#include "tests/check.h"

#define TYPE "multipart/related; boundary=\"b\""
#define HEX  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static bool is_same(const struct errand *a, const struct errand *b)
{
    return str_equal(a->url, b->url) && str_equal(a->content_type, b->content_type) &&
           a->before == b->before && a->octets == b->octets &&
           memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}

TEST(an_errand_arrives_as_it_was_given)
{
    static const struct {
        const char *row;
        struct errand errand;
        const char *text;
    } rows[] = {
        {"a look-up", {.url = STR_INIT("https://smp.example/a")}, "GET https://smp.example/a\n"},
        {"a push",
         {.url = STR_INIT("https://ap.example/msh"), .content_type = STR_INIT(TYPE)},
         "POST https://ap.example/msh\n" TYPE "\n"},
        {"a push with a file",
         {.url = STR_INIT("https://ap.example/msh"),
          .content_type = STR_INIT(TYPE),
          .before = 12,
          .octets = 5000000000,
          .sha256 = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                     16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}},
         "POST https://ap.example/msh\n" TYPE "\n12 5000000000 " HEX "\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF head = BUF(ERRAND_HEAD_MAX);
        struct errand got;
        CHECK_ROW(rows[i].row, errand_write(&rows[i].errand, &head, &e));
        CHECK_ROW(rows[i].row, str_is(buf_str(&head), rows[i].text));
        CHECK_ROW(rows[i].row, errand_read(buf_str(&head), &got, &e));
        CHECK_ROW(rows[i].row, is_same(&got, &rows[i].errand));
        for (size_t len = 0; len < head.len; len++) { /* cut off: never another one with a file */
            bool ok = errand_read(str_upto(buf_str(&head), len), &got, &e);
            CHECK_ROW(rows[i].row, !ok || got.octets == 0);
        }
    }
}

TEST(texts_that_would_be_two_lines_are_not_written)
{
    static const struct errand rows[] = {
        {.url = STR_INIT("")},
        {.url = STR_INIT("https://a\nPOST b")},
        {.url = STR_INIT("https://a"), .content_type = STR_INIT("a\r\nX: y")},
        {.url = STR_INIT("https://a\0b")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF head = BUF(ERRAND_HEAD_MAX);
        CHECK(!errand_write(&rows[i], &head, &e) && e.kind == ERROR_REJECT);
    }
}

TEST(what_is_no_errand_is_refused)
{
    static const struct str rows[] = {
        STR_INIT(""),
        STR_INIT("GET https://a"),
        STR_INIT("GET \n"),
        STR_INIT("PUT https://a\n"),
        STR_INIT("GET https://a\nmore\n"),
        STR_INIT("POST https://a\n"),
        STR_INIT("POST https://a\n\n"),
        STR_INIT("POST https://a\nt\n1 2\n"),
        STR_INIT("POST https://a\nt\n1 0 " HEX "\n"),
        STR_INIT("POST https://a\nt\n1 2 " HEX "00\n"),
        STR_INIT("POST https://a\nt\n1 2 xx\n"),
        STR_INIT("POST https://a\nt\n-1 2 " HEX "\n"),
        STR_INIT("POST https://a\nt\n1 2 " HEX "\nmore\n"),
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct errand got;
        CHECK_ROW(rows[i].at, !errand_read(rows[i], &got, &e) && e.kind == ERROR_REJECT);
    }
}

CHECK_MAIN
