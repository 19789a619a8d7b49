/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/mime/multipart.h"
#include "tests/check.h"

/* Every event becomes text, so that two scans can be compared. */
struct record {
    struct buf text;
    struct sink_buf sink;
};

static bool on_part(void *ctx, unsigned index, const struct part_header *h, struct sink **sink,
                    struct error *e)
{
    struct record *r = ctx;
    if (!buf_addf(&r->text, e, "%u %.*s <%.*s>{", index, STR_ARG(h->content_type),
                  STR_ARG(h->content_id)))
        return false;
    sink_buf_init(&r->sink, &r->text);
    *sink = str_is(h->content_id, "skip") ? NULL : &r->sink.sink;
    return true;
}

static bool on_part_end(void *ctx, unsigned index, uint64_t at, uint64_t octets, struct error *e)
{
    struct record *r = ctx;
    return buf_addf(&r->text, e, "}%u@%llu+%llu ", index, (unsigned long long)at,
                    (unsigned long long)octets);
}

/* In three pieces: [0, one), [one, two), [two, end). */
static bool scan(struct str body, size_t one, size_t two, bool lenient, struct buf *out,
                 struct error *e)
{
    struct record r = {.text = BUF(4096)};
    struct multipart_limits limits = {3, 100, lenient};
    struct multipart_events events = {on_part, on_part_end, &r};
    AUTO_MULTIPART m = NULL;
    bool ok = multipart_new(STR("BB"), &limits, &events, &m, e) &&
              sink_write(multipart_sink(m), str_upto(body, one), e) &&
              sink_write(multipart_sink(m), str_upto(str_from(body, one), two - one), e) &&
              sink_write(multipart_sink(m), str_from(body, two), e) &&
              sink_finish(multipart_sink(m), e) && buf_add(out, buf_str(&r.text), e);
    buf_release(&r.text);
    return ok;
}

/* What every split of the body gives; NULL: refused. */
static void check_splits(const char *row, struct str body, bool lenient, const char *expected)
{
    for (size_t one = 0; one <= body.len; one++) {
        for (size_t two = one; two <= body.len; two++) {
            struct error e = {0};
            AUTO_BUF got = BUF(4096);
            bool ok = scan(body, one, two, lenient, &got, &e);
            if (ok && expected != NULL)
                CHECK_STR(buf_str(&got), str_of(expected));
            CHECK_ROW(row, ok == (expected != NULL));
            CHECK_ROW(row, ok || e.kind == ERROR_REJECT);
        }
    }
}

TEST(any_split_gives_the_same_parts)
{
    static const struct {
        const char *row;
        struct str body;
        const char *expected;
    } rows[] = {
        {"one part", STR_INIT("--BB\r\nContent-Type: a/b\r\n\r\nxyz\r\n--BB--"),
         "0 a/b <>{xyz}0@27+3 "},
        {"CRLF first, epilogue", STR_INIT("\r\n--BB\r\n\r\nx\r\n--BB--\r\nepilogue --BB\r\n"),
         "0  <>{x}0@10+1 "},
        {"preamble", STR_INIT("This is\r\n-- MIME --BB\r\n--BB\r\n\r\nx\r\n--BB--"),
         "0  <>{x}0@31+1 "},
        {"two, one skipped",
         STR_INIT("--BB \t\r\nContent-ID: <skip>\r\n\r\nxyz\r\n--BB\r\n\r\n\r\n\r\n--BB--"),
         "0  <skip>{}0@30+3 1  <>{\r\n}1@43+2 "},
        {"empty part", STR_INIT("--BB\r\nA: b\r\n\r\n--BB\r\n\r\n\r\n--BB--"),
         "0  <>{}0@14+0 1  <>{}1@22+0 "},
        {"nearly delimiters", STR_INIT("--BB\r\n\r\n\r\r\n-\r\n--B\r\r\r\n--b\n--BB\r\n--BB--"),
         "0  <>{\r\r\n-\r\n--B\r\r\r\n--b\n--BB}0@8+21 "},
        {"base64", STR_INIT("--BB\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n\r\n--BB--"),
         "0  <>{hi}0@43+6 "},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_splits(rows[i].row, rows[i].body, false, rows[i].expected);
}

TEST(malformed_bodies_are_refused_whatever_the_split)
{
    static const struct {
        const char *row;
        struct str body;
    } rows[] = {
        {"nothing", STR_INIT("")},
        {"no boundary", STR_INIT("\r\n--AA\r\n\r\nx\r\n--AA--")},
        {"no end", STR_INIT("--BB\r\n\r\nx\r\n--BB\r\n\r\ny")},
        {"cut in the end", STR_INIT("--BB\r\n\r\nx\r\n--BB-")},
        {"bare LF everywhere", STR_INIT("--BB\nA: b\n\nx\n--BB--\n")},
        {"bare LF in a header", STR_INIT("--BB\r\nA: b\nC: d\r\n\r\nx\r\n--BB--")},
        {"bare LF behind a boundary", STR_INIT("--BB\n\r\nx\r\n--BB--")},
        {"boundary and more", STR_INIT("--BBx\r\n\r\nx\r\n--BB--")},
        {"boundary, blank and more", STR_INIT("--BB \rx\r\n\r\nx\r\n--BB--")},
        {"one dash", STR_INIT("--BB\r\n\r\nx\r\n--BB- \r\n")},
        {"two types",
         STR_INIT("--BB\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n\r\nx\r\n--BB--")},
        {"NUL in a header", STR_INIT("--BB\r\nA: \0b\r\n\r\nx\r\n--BB--")},
        {"too many parts", STR_INIT("--BB\r\n\r\n\r\n--BB\r\n\r\n\r\n--BB\r\n\r\n\r\n--BB\r\n\r\n"
                                    "\r\n--BB--")},
        {"bad base64", STR_INIT("--BB\r\nContent-Transfer-Encoding: base64\r\n\r\naGk\r\n--BB--")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_splits(rows[i].row, rows[i].body, false, NULL);
}

TEST(sample_files_with_bare_line_feeds_are_read_when_asked_for)
{
    check_splits("LF", STR("\n--BB\nContent-Type: a/b\n\nx\r\ny\n-\n\n--BB\r\n\r\nz\r\n--BB--\n"),
                 true, "0 a/b <>{x\r\ny\n-\n}0@25+7 1  <>{z}1@41+1 ");
}

TEST(a_part_and_its_header_have_limits)
{
    struct error e = {0};
    AUTO_BUF body = BUF(40000), got = BUF(4096);
    CHECK_OK(buf_addf(&body, &e, "--BB\r\n\r\n%0101d\r\n--BB--", 1), e);
    CHECK(!scan(buf_str(&body), 0, 10, false, &got, &e) && e.kind == ERROR_REJECT);
    buf_clear(&body);
    CHECK_OK(buf_addf(&body, &e, "--BB\r\nX: %017000d\r\n\r\nx\r\n--BB--", 1), e);
    CHECK(!scan(buf_str(&body), 0, 10, false, &got, &e) && e.kind == ERROR_REJECT);
    buf_clear(&body);
    CHECK_OK(buf_add(&body, STR("--BB\r\n"), &e), e);
    for (int i = 0; i <= MULTIPART_HEADERS_MAX; i++)
        CHECK_OK(buf_add(&body, STR("X: y\r\n"), &e), e);
    CHECK_OK(buf_add(&body, STR("\r\nx\r\n--BB--"), &e), e);
    CHECK(!scan(buf_str(&body), 0, 10, false, &got, &e) && e.kind == ERROR_REJECT);
}

TEST(only_boundaries_of_the_standard_are_taken)
{
    static const struct {
        struct str boundary;
        bool ok;
    } rows[] = {
        {STR_INIT("=_x y'()+,-./:?"), true},
        {STR_INIT(""), false},
        {STR_INIT("x "), false},
        {STR_INIT("a\r\nb"), false},
        {STR_INIT("a\"b"), false},
        {STR_INIT("1234567890123456789012345678901234567890123456789012345678901234567890"), true},
        {STR_INIT("12345678901234567890123456789012345678901234567890123456789012345678901"),
         false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct multipart_limits limits = {3, 100, false};
        struct multipart_events events = {on_part, NULL, NULL};
        AUTO_MULTIPART m = NULL;
        CHECK_ROW(rows[i].boundary.at,
                  multipart_new(rows[i].boundary, &limits, &events, &m, &e) == rows[i].ok);
    }
    AUTO_ARENA a = {0};
    struct str one = multipart_boundary(&a), two = multipart_boundary(&a);
    CHECK(one.len == 41 && !str_equal(one, two));
}

CHECK_MAIN
