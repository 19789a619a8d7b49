/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/prolog.h"
#include "tests/check.h"

static bool read_prolog(struct str octets, struct str *rest, struct xml_source *s, struct error *e)
{
    uint64_t start = 0;
    *s = (struct xml_source){.memory = octets, .len = octets.len};
    if (!xml_prolog_read(s, &start, e))
        return false;
    *rest = str_from(s->memory, (size_t)start);
    return true;
}

TEST(mark_and_declaration_are_taken_off_and_other_encodings_made_utf_8)
{
    static const struct {
        const char *row;
        struct str octets;
        const char *rest; /* NULL: refused */
    } rows[] = {
        {"nothing", STR_INIT("<a/>"), "<a/>"},
        {"empty", STR_INIT(""), ""},
        {"mark", STR_INIT("\xef\xbb\xbf<a/>"), "<a/>"},
        {"declaration", STR_INIT("<?xml version=\"1.0\"?><a/>"), "<a/>"},
        {"full declaration",
         STR_INIT("<?xml\tversion = '1.0'\nencoding='utf-8' standalone='yes' ?>\n<a/>"), "\n<a/>"},
        {"mark and declaration", STR_INIT("\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?><a/>"),
         "<a/>"},
        {"an instruction that begins like it", STR_INIT("<?xml-style?><a/>"), "<?xml-style?><a/>"},
        {"ASCII", STR_INIT("<?xml version='1.0' encoding='us-ascii'?><a/>"), "<a/>"},
        {"ISO-8859-1", STR_INIT("<?xml version='1.0' encoding='ISO-8859-1'?><\xe5/>"),
         "<\xc3\xa5/>"},
        {"UTF-16 with mark", STR_INIT("\xff\xfe<\0\xe5\0/\0>\0"), "\xef\xbb\xbf<\xc3\xa5/>"},
        {"UTF-16 big end", STR_INIT("\xfe\xff\0<\0a\xd8\x3d\xdc\xef"), "<a\xf0\x9f\x93\xaf"},
        {"UTF-16 without mark", STR_INIT("<\0a\0/\0>\0"), "<a/>"},
        {"odd UTF-16", STR_INIT("<\0a\0/"), NULL},
        {"half a pair", STR_INIT("<\0\x3d\xd8"), NULL},
        {"pair turned round", STR_INIT("<\0\xef\xdc\x3d\xd8"), NULL},
        {"version 1.1", STR_INIT("<?xml version='1.1'?><a/>"), NULL},
        {"no version", STR_INIT("<?xml encoding='UTF-8'?><a/>"), NULL},
        {"other encoding", STR_INIT("<?xml version='1.0' encoding='EBCDIC'?><a/>"), NULL},
        {"UTF-7", STR_INIT("<?xml version='1.0' encoding='UTF-7'?>+ADw-a/>"), NULL},
        {"UTF-16 that is none", STR_INIT("<?xml version='1.0' encoding='UTF-16'?><a/>"), NULL},
        {"wrong order", STR_INIT("<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>"),
         NULL},
        {"bad standalone", STR_INIT("<?xml version='1.0' standalone='maybe'?><a/>"), NULL},
        {"no end", STR_INIT("<?xml version='1.0'"), NULL},
        {"no quotes", STR_INIT("<?xml version=1.0?>"), NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct xml_source s;
        struct str rest, expected = str_of(rows[i].rest);
        bool ok = read_prolog(rows[i].octets, &rest, &s, &e);
        CHECK_ROW(rows[i].row, ok == (rows[i].rest != NULL));
        CHECK_ROW(rows[i].row, ok || e.kind == ERROR_REJECT);
        if (ok && str_starts(expected, STR("\xef\xbb\xbf")))
            expected =
                str_from(expected, 3); /* the mark of UTF-16 is UTF-8's then, and taken off */
        if (ok)
            CHECK_STR(rest, expected);
        xml_source_release(&s);
    }
}

TEST(a_long_document_must_be_utf_8)
{
    static char octets[XML_TRANSCODE_MAX + 2];
    struct error e = {0};
    struct xml_source s;
    struct str rest;
    octets[0] = '<';
    CHECK(!read_prolog(str_bytes(octets, sizeof(octets)), &rest, &s, &e));
    CHECK(e.kind == ERROR_REJECT);
}

CHECK_MAIN
