/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/upload.h"
#include "tests/check.h"

TEST(a_type_follows_the_ending)
{
    static const struct {
        const char *path, *type;
    } rows[] = {
        {"beslut.pdf", "application/pdf"},    {"a.b/BILD.JPEG", "image/jpeg"},
        {".pdf", "application/octet-stream"}, {"README", "application/octet-stream"},
        {"pdf", "application/octet-stream"},  {"", "application/octet-stream"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_ROW(rows[i].path, str_is(str_of(upload_type(str_of(rows[i].path))), rows[i].type));
}

TEST(a_name_travels_as_the_api_takes_it)
{
    static const struct {
        const char *path, *field; /* NULL: refused */
    } rows[] = {
        {"/tmp/beslut 1.pdf", "attachment; filename=\"beslut 1.pdf\""},
        {"yttr\xc3\xa4ndande.pdf", "attachment; filename*=UTF-8''yttr%C3%A4ndande.pdf"},
        {"a\"b.pdf", "attachment; filename*=UTF-8''a%22b.pdf"},
        {"a\r\nX: y", "attachment; filename*=UTF-8''a%0D%0AX%3A%20y"},
        {"a\xff.pdf", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF field = BUF(1000);
        bool ok = upload_disposition(str_of(rows[i].path), &field, &e);
        CHECK_ROW(rows[i].path, ok == (rows[i].field != NULL));
        CHECK_ROW(rows[i].path, !ok || str_is(buf_str(&field), rows[i].field));
    }
}

TEST(a_senders_file_name_stays_in_its_folder)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"beslut.pdf", "beslut.pdf"},
        {"../../etc/passwd", "passwd"},
        {"/etc/cron.d/x", "x"},
        {"..", "_."},
        {".bashrc", "_bashrc"},
        {"a/", "a"},
        {"", "file"},
        {"///", "file"},
        {"C:\\x\\y.pdf", "C:_x_y.pdf"},
        {"a\nb\x1b[2J", "a_b_[2J"},
        {"yttr\xc3\xa4ndande.pdf", "yttr\xc3\xa4ndande.pdf"},
        {"a\xff", "a_"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        CHECK_ROW(rows[i].in, str_is(download_name(&a, str_of(rows[i].in)), rows[i].out));
    }
}

TEST(a_long_name_is_cut_between_letters)
{
    AUTO_ARENA a = {0};
    char name[601];
    for (size_t i = 0; i < 600; i += 2) {
        name[i] = '\xc3';
        name[i + 1] = '\xa4';
    }
    name[600] = '\0';
    CHECK(download_name(&a, str_bytes(name, 600)).len == 200);
    name[1] = 'b'; /* now each letter ends at an odd place */
    CHECK(download_name(&a, str_bytes(name + 1, 599)).len == 199);
}

CHECK_MAIN
