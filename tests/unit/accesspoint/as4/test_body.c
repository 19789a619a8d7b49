/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>
#include <unistd.h>

#include "accesspoint/as4/body.h"
#include "fixture.h"
#include "runtime/base/sys.h"

#define HEAD "Content-Type: application/soap+xml; charset=UTF-8\r\nContent-ID: <root@x>\r\n\r\n"
#define ROOT "--B\r\n" HEAD "<e/>\r\n"
#define TYPE "multipart/related; type=\"application/soap+xml\"; boundary=\"B\"; start=\"<root@x>\""

static const struct {
    const char *row, *type;
    struct str body;
    bool ok;
    size_t attachments;
} rows[] = {
    {"plain SOAP", "application/soap+xml; charset=UTF-8", STR_INIT("<e/>"), true, 0},
    {"plain SOAP with an action", "application/soap+xml;action=\"\"", STR_INIT("<e/>"), true, 0},
    {"no attachment", TYPE, STR_INIT(ROOT "--B--\r\n"), true, 0},
    {"one attachment", TYPE, STR_INIT(ROOT "--B\r\nContent-ID: <a@x>\r\n\r\nab\r\ncd\r\n--B--\r\n"),
     true, 1},
    {"empty line first", TYPE,
     STR_INIT("\r\n" ROOT "--B\r\nContent-ID: <a@x>\r\n\r\nab\r\ncd\r\n--B--\r\n"), true, 1},
    {"root last", TYPE, STR_INIT("--B\r\nContent-ID: <a@x>\r\n\r\nab\r\ncd\r\n" ROOT "--B--\r\n"),
     true, 1},
    {"base64", TYPE,
     STR_INIT(ROOT "--B\r\nContent-ID: <a@x>\r\nContent-Transfer-Encoding: base64\r\n\r\nYWINC\r\n"
                   "mNk\r\n--B--\r\n"),
     true, 1},
    {"no start: the first is the root", "multipart/related; boundary=B",
     STR_INIT(ROOT "--B\r\nContent-ID: <a@x>\r\n\r\nab\r\ncd\r\n--B--\r\n"), true, 1},
    {"start names nobody",
     "multipart/related; type=\"application/soap+xml\"; boundary=B; start=\"<r@x>\"",
     STR_INIT(ROOT "--B--\r\n"), false, 0},
    {"no end", TYPE, STR_INIT(ROOT "--B\r\nContent-ID: <a@x>\r\n\r\nab"), false, 0},
    {"two parts with one id", TYPE,
     STR_INIT(ROOT "--B\r\nContent-ID: <root@x>\r\n\r\nab\r\n--B--\r\n"), false, 0},
    {"SOAP 1.1", "multipart/related; type=\"text/xml\"; boundary=B", STR_INIT(ROOT "--B--\r\n"),
     false, 0},
    {"another root type", TYPE,
     STR_INIT("--B\r\nContent-Type: text/xml\r\nContent-ID: <root@x>\r\n\r\n<e/>\r\n--B--\r\n"),
     false, 0},
    {"no boundary", "multipart/related; type=\"application/soap+xml\"", STR_INIT(ROOT "--B--\r\n"),
     false, 0},
    {"another type", "text/xml", STR_INIT("<e/>"), false, 0},
    {"no type", "", STR_INIT("<e/>"), false, 0},
    {"bare LF", TYPE, STR_INIT("--B\nContent-Type: application/soap+xml\n\n<e/>\n--B--\n"), false,
     0},
};

static void check_octets(const char *row, const struct as4_octets *o)
{
    char text[16];
    struct error e = {0};
    struct str got = o->memory;
    if (got.at == NULL) {
        CHECK_ROW(row, o->len < sizeof(text));
        CHECK_OK(sys_pread_all(o->fd, text, o->len, o->offset, &e), e);
        got = str_bytes(text, o->len);
    }
    CHECK_STR(got, STR("ab\r\ncd"));
}

static void check_split(size_t i, const struct as4_octets *octets)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct as4_store *store = as4_store_new("/tmp");
    struct as4_body out = {0};
    const struct as4_body_source source = {str_of(rows[i].type), *octets, false};
    bool ok = as4_body_split(&source, store, &a, &out, &e);
    CHECK_ROW(rows[i].row, ok == rows[i].ok);
    CHECK_ROW(rows[i].row, ok || (e.kind == ERROR_REJECT && strcmp(e.code, "EBMS:0007") == 0));
    if (ok) {
        CHECK_ROW(rows[i].row, out.attachment_count == rows[i].attachments);
        CHECK_ROW(rows[i].row, str_is(out.envelope, "<e/>"));
        for (size_t k = 0; k < out.attachment_count; k++)
            check_octets(rows[i].row, &out.attachments[k].octets);
    }
    as4_store_free(store);
}

TEST(a_body_comes_apart_in_memory)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct as4_octets octets = {.memory = rows[i].body};
        check_split(i, &octets);
    }
}

TEST(a_body_comes_apart_behind_an_offset_of_a_file)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_FD int fd = -1;
        CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
        CHECK_OK(sys_write_all(fd, STR("before"), &e), e);
        CHECK_OK(sys_write_all(fd, rows[i].body, &e), e);
        CHECK_OK(sys_write_all(fd, STR("behind"), &e), e);
        const struct as4_octets octets = {.fd = fd, .offset = 6, .len = rows[i].body.len};
        check_split(i, &octets);
    }
}

TEST(a_large_envelope_is_refused)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_BUF text = BUF(2 * AS4_ENVELOPE_MAX);
    struct as4_store *store = as4_store_new("/tmp");
    struct as4_body out = {0};
    for (size_t i = 0; i <= AS4_ENVELOPE_MAX / 64; i++)
        CHECK_OK(buf_add(&text,
                         STR("0123456789012345678901234567890123456789012345678901234567890123"),
                         &e),
                 e);
    const struct as4_body_source source = {STR(TYPE_SOAP), {.memory = buf_str(&text)}, false};
    CHECK(!as4_body_split(&source, store, &a, &out, &e));
    CHECK_STR(str_of(e.code), STR("EBMS:0007"));
    as4_store_free(store);
}

CHECK_MAIN
