/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/mime/part_header.h"
#include "tests/check.h"

TEST(fields_are_found_whatever_their_case_and_folding)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct part_header h;
    CHECK_OK(part_header_read(STR("content-TYPE: multipart/related;\r\n\tboundary=x\r\n"
                                  "X-Other: 1\r\nX-Other: 2\r\nContent-ID:  < a@b > \r\n"
                                  "Content-Transfer-Encoding:binary\r\n"),
                              &a, &h, &e),
             e);
    CHECK_STR(h.content_type, STR("multipart/related;\tboundary=x"));
    CHECK_STR(h.content_id, STR("a@b"));
    CHECK_STR(h.transfer_encoding, STR("binary"));
    CHECK(h.disposition.at == NULL);
    CHECK_OK(part_header_read(STR(""), &a, &h, &e), e);
    CHECK(h.content_type.at == NULL);
}

TEST(odd_fields_are_refused)
{
    static const char *const rows[] = {
        "Content-Type: a/b\r\nContent-Type: c/d\r\n",
        "Content-ID: <a>\r\nContent-ID: <b>\r\n",
        "Content-Type : a/b\r\n",
        " folded: first\r\n",
        ": nothing\r\n",
        "no colon\r\n",
        "Content-Type: a/b\rX: y\r\n",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        struct part_header h;
        CHECK_ROW(rows[i], !part_header_read(str_of(rows[i]), &a, &h, &e));
        CHECK_ROW(rows[i], e.kind == ERROR_REJECT);
    }
}

static bool decode(const char *encoding, struct str text, size_t step, struct buf *out,
                   struct error *e)
{
    struct sink_buf end;
    sink_buf_init(&end, out);
    struct part_decoder d;
    struct sink *first;
    if (!part_decoder_start(&d, str_of(encoding), &end.sink, &first, e))
        return false;
    for (size_t at = 0; at < text.len; at += step) {
        if (!sink_write(first, str_upto(str_from(text, at), step), e))
            return false;
    }
    return sink_finish(first, e);
}

TEST(encodings_are_decoded_octet_by_octet_too)
{
    static const struct {
        const char *encoding, *text, *plain;
    } rows[] = {
        {NULL, "as=41", "as=41"},
        {"8BIT", "as=41", "as=41"},
        {"Quoted-Printable", "a=3Db=\r\nc=\nd=c3=A5", "a=bcd\xc3\xa5"},
        {"quoted-printable", "end=", "end"},
        {"quoted-printable", "=4", NULL},
        {"quoted-printable", "=4x", NULL},
        {"quoted-printable", "=\rx", NULL},
        {"quoted-printable", "=-1", NULL},
        {"BASE64", "aGVs\r\nbG8=\r\n", "hello"},
        {"base64", "aGVs!", NULL},
        {"x-uuencode", "", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t step = 1; step < 20; step++) {
            struct error e = {0};
            AUTO_BUF out = BUF(100);
            bool ok = decode(rows[i].encoding, str_of(rows[i].text), step, &out, &e);
            CHECK_ROW(rows[i].text, ok == (rows[i].plain != NULL));
            CHECK_ROW(rows[i].text, ok || e.kind == ERROR_REJECT);
            CHECK_ROW(rows[i].text, !ok || str_is(buf_str(&out), rows[i].plain));
        }
    }
}

CHECK_MAIN
