/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/mime/multipart.h"
#include "tests/check.h"

TEST(values_of_the_wire_are_read)
{
    static const struct {
        const char *value, *type, *boundary, *start, *start_type, *name;
    } rows[] = {
        {"application/soap+xml; charset=UTF-8", "application/soap+xml", "", "", "", ""},
        {"Multipart/Related; type=\"application/soap+xml\"; boundary=\"=_a\"; start=\"<r@a>\"",
         "multipart/related", "=_a", "r@a", "application/soap+xml", ""},
        {"multipart/related;type=application/soap+xml;BOUNDARY=--=_Part_1.2;start-info=\"x\"",
         "multipart/related", "--=_Part_1.2", "", "application/soap+xml", ""},
        {"form-data; name=\"a \\\"b\\\" ; c\"; filename=x", "form-data", "", "", "", "a \"b\" ; c"},
        {" text/xml ; ", "text/xml", "", "", "", ""},
        {"form-data; name=\"\"", "form-data", "", "", "", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        struct media_type m;
        CHECK_OK(media_type_read(str_of(rows[i].value), &a, &m, &e), e);
        CHECK_ROW(rows[i].value, str_is(m.type, rows[i].type));
        CHECK_ROW(rows[i].value, str_is(m.boundary, rows[i].boundary));
        CHECK_ROW(rows[i].value, str_is(m.start, rows[i].start));
        CHECK_ROW(rows[i].value, str_is(m.start_type, rows[i].start_type));
        CHECK_ROW(rows[i].value, str_is(m.name, rows[i].name));
    }
}

TEST(doubtful_values_are_refused)
{
    static const char *const rows[] = {
        "",
        "/xml",
        "text/",
        "text/xml charset=utf-8",
        "text/xml; charset",
        "text/xml; charset=",
        "text/xml; =x",
        "text/xml; charset=\"utf-8",
        "text/xml; charset=\"utf-8\\",
        "text/xml; charset=\"",
        "text/xml; charset=\"utf-8\\\"",
        "text/xml; charset=utf-8; Charset=latin1",
        "multipart/related; boundary=a; boundary=b",
        "text/xml\r\nX: y",
        "text/xml; name=\"a\nb\"",
        "text/xml; name=\"a\"b",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        struct media_type m = {.type = STR_INIT("as it was")};
        CHECK_ROW(rows[i], !media_type_read(str_of(rows[i]), &a, &m, &e));
        CHECK_ROW(rows[i], e.kind == ERROR_REJECT && str_is(m.type, "as it was"));
    }
}

CHECK_MAIN
