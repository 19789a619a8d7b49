/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "accesspoint/work/temp.h"
#include "runtime/base/sys.h"
#include "tests/check.h"

static const struct work_section section = {.temp = STR_INIT("/tmp")};
static const struct accesspoint_settings settings = {.work = &section};
static const struct workplace place = {.settings = &settings};

/* A document of so many octets, written in pieces. */
static bool write_document(struct temp *t, size_t octets, size_t piece, struct error *e)
{
    static const struct str filling = STR_INIT("abcdefghijklmnopqrstuvwxyz012345");
    size_t rest = octets - strlen("<a></a>");
    bool ok = sink_write(&t->sink, STR("<a>"), e);
    while (ok && rest > 0) {
        size_t n = rest < piece ? rest : piece;
        ok = sink_write(&t->sink, str_upto(filling, n), e);
        rest -= n;
    }
    return ok && sink_write(&t->sink, STR("</a>"), e);
}

TEST(few_octets_stay_in_memory_and_more_go_to_a_file)
{
    static const struct {
        const char *row;
        size_t octets;
        bool in_memory;
    } rows[] = {
        {"few", 100, true},
        {"as many as fit", TEMP_MEMORY_MAX, true},
        {"one more", TEMP_MEMORY_MAX + 1, false},
        {"many", 3 * TEMP_MEMORY_MAX, false},
    };
    xml_setup();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct temp t;
        struct error e = {0};
        AUTO_XML doc = NULL;
        AUTO_XML part = NULL;
        temp_open(&t, &place, UINT64_MAX);
        CHECK_OK(write_document(&t, rows[i].octets, 32, &e), e);
        CHECK_ROW(rows[i].row, t.octets == rows[i].octets && (t.fd == -1) == rows[i].in_memory);
        CHECK_OK(temp_read_xml(&t, xml_limits_envelope, &doc, &e), e);
        CHECK_OK(temp_read_fragment(&t, NULL, xml_limits_envelope, &part, &e), e);
        CHECK_ROW(rows[i].row, xml_text_length(xml_root(doc)) == rows[i].octets - 7);
        CHECK_ROW(rows[i].row, xml_text_length(xml_root(part)) == rows[i].octets - 7);
        xml_doc_free_at(&doc);
        xml_doc_free_at(&part);
        temp_release(&t);
    }
}

TEST(one_octet_over_the_limit_is_refused)
{
    struct temp t;
    struct error e = {0};
    temp_open(&t, &place, 10);
    CHECK_OK(sink_write(&t.sink, STR("12345678"), &e), e);
    CHECK(!sink_write(&t.sink, STR("9ab"), &e) && e.kind == ERROR_REJECT);
    CHECK(t.octets == 8);
    temp_release(&t);
}

CHECK_MAIN
