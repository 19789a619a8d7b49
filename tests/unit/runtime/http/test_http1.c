/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* Every row is fed whole, octet by octet, and cut in two at every place: the same must come out. */
#include "runtime/http/http1.h"
#include "tests/check.h"

static void note_head(const struct http1_head *h, struct buf *out)
{
    struct error e = {0};
    CHECK_OK(buf_addf(out, &e, "[%.*s %.*s", STR_ARG(h->method), STR_ARG(h->path)), e);
    if (h->query.at != NULL)
        CHECK_OK(buf_addf(out, &e, "?%.*s", STR_ARG(h->query)), e);
    CHECK_OK(buf_addf(out, &e, " %.*s%s%s%s]", STR_ARG(h->host), h->is_chunked ? " chunked" : "",
                      h->expects_continue ? " continue" : "", h->keeps_alive ? "" : " close"),
             e);
}

/* All events as text; body octets run together. */
static bool feed(struct http1 *h, struct str in, struct buf *out)
{
    struct error e = {0};
    struct str body;
    for (;;) {
        switch (http1_next(h, &in, &body, &e)) {
        case HTTP1_MORE:
            return true;
        case HTTP1_HEAD:
            note_head(http1_head(h), out);
            break;
        case HTTP1_BODY:
            CHECK_OK(buf_add(out, body, &e), e);
            break;
        case HTTP1_END:
            CHECK_OK(buf_add_char(out, '.', &e), e);
            break;
        case HTTP1_REFUSED:
            CHECK(e.kind == ERROR_REJECT && e.text[0] != '\0');
            CHECK_OK(buf_addf(out, &e, "!%u", http1_status(h)), e);
            return false;
        }
    }
}

static const struct http1_limits limits = {200, 600, 8, 60};

static void play(struct str in, size_t cut, size_t step, struct buf *out)
{
    struct http1 *h = http1_new(&limits);
    buf_clear(out);
    bool ok = feed(h, str_upto(in, cut), out);
    for (size_t at = cut; ok && at < in.len; at += step)
        ok = feed(h, str_upto(str_from(in, at), step), out);
    http1_free(h);
}

struct row {
    const char *row;
    struct str in;
    const char *out;
};

static void check_rows(const struct row *rows, size_t count)
{
    AUTO_BUF out = BUF(1 << 16);
    for (size_t i = 0; i < count; i++) {
        struct str expected = str_of(rows[i].out);
        play(rows[i].in, rows[i].in.len, 1, &out);
        if (!str_equal(buf_str(&out), expected))
            fail_msg("row '%s': got '%s', expected '%s'", rows[i].row, buf_text(&out), rows[i].out);
        play(rows[i].in, 0, 1, &out);
        if (!str_equal(buf_str(&out), expected))
            fail_msg("row '%s', octet by octet: got '%s'", rows[i].row, buf_text(&out));
        for (size_t cut = 1; cut < rows[i].in.len; cut++) {
            play(rows[i].in, cut, rows[i].in.len, &out);
            if (!str_equal(buf_str(&out), expected))
                fail_msg("row '%s', cut at %zu: got '%s'", rows[i].row, cut, buf_text(&out));
        }
    }
}

#define ROWS(rows) check_rows((rows), sizeof(rows) / sizeof(rows)[0])
#define L          "HTTP/1.1\r\n"
#define H          "Host: a\r\n"
#define GET        "GET / " L H
#define POST       "POST / " L H
#define CHUNKED    POST "Transfer-Encoding: chunked\r\n\r\n"

TEST(good_requests_are_read)
{
    static const struct row rows[] = {
        {"plain", STR_INIT(GET "\r\n"), "[GET / a]."},
        {"two in a row", STR_INIT(GET "\r\n" GET "\r\n"), "[GET / a].[GET / a]."},
        {"one empty line in front", STR_INIT("\r\n" GET "\r\n"), "[GET / a]."},
        {"path and query", STR_INIT("GET /a/b%20c?x=1&y=%C3%A5 " L H "\r\n"),
         "[GET /a/b%20c?x=1&y=%C3%A5 a]."},
        {"empty query", STR_INIT("GET /? " L H "\r\n"), "[GET /? a]."},
        {"absolute form", STR_INIT("GET https://a/x?y " L H "\r\n"), "[GET /x?y a]."},
        {"OPTIONS *", STR_INIT("OPTIONS * " L H "\r\n"), "[OPTIONS * a]."},
        {"host with port", STR_INIT("GET / " L "Host: a.example:8443\r\n\r\n"),
         "[GET / a.example:8443]."},
        {"IPv6 host without port", STR_INIT("GET / " L "Host: [::1]\r\n\r\n"), "[GET / [::1]]."},
        {"IPv6 host", STR_INIT("GET / " L "Host: [::1]:80\r\n\r\n"), "[GET / [::1]:80]."},
        {"1.0 closes", STR_INIT("GET / HTTP/1.0\r\n\r\n"), "[GET /  close]."},
        {"1.0 may keep alive", STR_INIT("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
         "[GET / ]."},
        {"close", STR_INIT(GET "Connection: x, Close\r\n\r\n"), "[GET / a close]."},
        {"length", STR_INIT(POST "Content-Length: 3\r\n\r\nabc" GET "\r\n"),
         "[POST / a]abc.[GET / a]."},
        {"length 0", STR_INIT(POST "Content-Length: 0\r\n\r\n"), "[POST / a]."},
        {"chunked", STR_INIT(CHUNKED "3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n" GET "\r\n"),
         "[POST / a chunked]abc0123456789.[GET / a]."},
        {"Chunked in capitals", STR_INIT(POST "transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n"),
         "[POST / a chunked]."},
        {"chunk extension", STR_INIT(CHUNKED "1;a=\"b c\"\r\nx\r\n0\r\n\r\n"),
         "[POST / a chunked]x."},
        {"trailer", STR_INIT(CHUNKED "1\r\nx\r\n0\r\nA: b\r\nContent-Length: 9\r\n\r\n"),
         "[POST / a chunked]x."},
        {"CR and LF in a body", STR_INIT(POST "Content-Length: 4\r\n\r\n\r\n\n\r"),
         "[POST / a]\r\n\n\r."},
        {"expect", STR_INIT(POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx"),
         "[POST / a continue]x."},
        {"expect without a body", STR_INIT(GET "Expect: 100-continue\r\n\r\n"), "[GET / a]."},
        {"Upgrade is nothing to us", STR_INIT(GET "Upgrade: h2c\r\nConnection: upgrade\r\n\r\n"),
         "[GET / a]."},
        {"Latin in a value", STR_INIT(GET "X: \xc3\xa5\xff\ty\r\n\r\n"), "[GET / a]."},
        {"empty value", STR_INIT(GET "X:\r\n\r\n"), "[GET / a]."},
    };
    ROWS(rows);
}

/* Smuggling: what two readers could understand differently, or what no honest client sends. */
TEST(bad_requests_are_refused)
{
    static const struct row rows[] = {
        {"length and encoding",
         STR_INIT(POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"), "!400"},
        {"encoding and length",
         STR_INIT(POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"), "!400"},
        {"two lengths", STR_INIT(POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\n"), "!400"},
        {"two equal lengths", STR_INIT(POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n"),
         "!400"},
        {"list of lengths", STR_INIT(POST "Content-Length: 3, 3\r\n\r\n"), "!400"},
        {"length +3", STR_INIT(POST "Content-Length: +3\r\n\r\n"), "!400"},
        {"length -1", STR_INIT(POST "Content-Length: -1\r\n\r\n"), "!400"},
        {"length 0x3", STR_INIT(POST "Content-Length: 0x3\r\n\r\n"), "!400"},
        {"length 3 4", STR_INIT(POST "Content-Length: 3 4\r\n\r\n"), "!400"},
        {"length with a zero in front", STR_INIT(POST "Content-Length: 010\r\n\r\n"), "!400"},
        {"length empty", STR_INIT(POST "Content-Length:\r\n\r\n"), "!400"},
        {"length beyond 2^63", STR_INIT(POST "Content-Length: 9223372036854775808\r\n\r\n"),
         "!400"},
        {"length beyond 2^64", STR_INIT(POST "Content-Length: 18446744073709551617\r\n\r\n"),
         "!400"},
        {"blank before the colon", STR_INIT(POST "Content-Length : 3\r\n\r\n"), "!400"},
        {"tab before the colon", STR_INIT(POST "Transfer-Encoding\t: chunked\r\n\r\n"), "!400"},
        {"folded line", STR_INIT(GET "X: a\r\n b\r\n\r\n"), "!400"},
        {"folded with a tab", STR_INIT(GET "X: a\r\n\tTransfer-Encoding: chunked\r\n\r\n"), "!400"},
        {"blank in front of the first field", STR_INIT("GET / " L " Host: a\r\n\r\n"), "!400"},
        {"bare LF behind the request line", STR_INIT("GET / HTTP/1.1\nHost: a\r\n\r\n"), "!400"},
        {"bare LF behind a field", STR_INIT("GET / " L "Host: a\n\r\n"), "!400"},
        {"bare LF ends the head", STR_INIT(GET "\n"), "!400"},
        {"bare CR in a value", STR_INIT(GET "X: a\rb\r\n\r\n"), "!400"},
        {"bare CR in front of CRLF", STR_INIT(GET "X: a\r\r\n\r\n"), "!400"},
        {"bare CR ends a field", STR_INIT(GET "X: a\rTransfer-Encoding: chunked\r\n\r\n"), "!400"},
        {"NUL in a value", STR_INIT(GET "X: a\0b\r\n\r\n"), "!400"},
        {"NUL in a name", STR_INIT(GET "X\0: a\r\n\r\n"), "!400"},
        {"vertical tab in a value", STR_INIT(POST "Transfer-Encoding: \vchunked\r\n\r\n"), "!400"},
        {"delete in a value", STR_INIT(GET "X: \x7f\r\n\r\n"), "!400"},
        {"no colon", STR_INIT(GET "X\r\n\r\n"), "!400"},
        {"no name", STR_INIT(GET ": x\r\n\r\n"), "!400"},
        {"name with a bracket", STR_INIT(GET "X[1]: x\r\n\r\n"), "!400"},
        {"name with high octets", STR_INIT(GET "\xc3\xa5: x\r\n\r\n"), "!400"},
        {"no host", STR_INIT("GET / " L "\r\n"), "!400"},
        {"two hosts", STR_INIT(GET "Host: b\r\n\r\n"), "!400"},
        {"two equal hosts", STR_INIT(GET "Host: a\r\n\r\n"), "!400"},
        {"host empty", STR_INIT("GET / " L "Host:\r\n\r\n"), "!400"},
        {"host with a path", STR_INIT("GET / " L "Host: a/b\r\n\r\n"), "!400"},
        {"host with a user", STR_INIT("GET / " L "Host: a@b\r\n\r\n"), "!400"},
        {"host of IPv6 without its end", STR_INIT("GET / " L "Host: [::1\r\n\r\n"), "!400"},
        {"host of IPv6, empty", STR_INIT("GET / " L "Host: []\r\n\r\n"), "!400"},
        {"host of IPv6 without brackets", STR_INIT("GET / " L "Host: ::1\r\n\r\n"), "!400"},
        {"host, and words behind it", STR_INIT("GET / " L "Host: [::1]x:1\r\n\r\n"), "!400"},
        {"port too large", STR_INIT("GET / " L "Host: x:99999\r\n\r\n"), "!400"},
        {"port empty", STR_INIT("GET / " L "Host: x:\r\n\r\n"), "!400"},
        {"port no number", STR_INIT("GET / " L "Host: x:y\r\n\r\n"), "!400"},
        {"port without a host", STR_INIT("GET / " L "Host: :80\r\n\r\n"), "!400"},
        {"two ports", STR_INIT("GET / " L "Host: x:1:2\r\n\r\n"), "!400"},
        {"host list", STR_INIT("GET / " L "Host: a, b\r\n\r\n"), "!400"},
        {"host and target differ", STR_INIT("GET http://b/ " L H "\r\n"), "!400"},
        {"absolute without a path", STR_INIT("GET http://a " L H "\r\n"), "!400"},
        {"absolute with a user", STR_INIT("GET http://u@a/ " L "Host: u@a\r\n\r\n"), "!400"},
        {"absolute of another scheme", STR_INIT("GET ftp://a/ " L H "\r\n"), "!400"},
        {"no slash", STR_INIT("GET x " L H "\r\n"), "!400"},
        {"GET *", STR_INIT("GET * " L H "\r\n"), "!400"},
        {"CONNECT", STR_INIT("CONNECT a:443 " L H "\r\n"), "!501"},
        {"encoding identity", STR_INIT(POST "Transfer-Encoding: identity\r\n\r\n"), "!501"},
        {"encoding xchunked", STR_INIT(POST "Transfer-Encoding: xchunked\r\n\r\n"), "!501"},
        {"encoding identity, chunked",
         STR_INIT(POST "Transfer-Encoding: identity, chunked\r\n\r\n"), "!501"},
        {"encoding chunked, identity",
         STR_INIT(POST "Transfer-Encoding: chunked, identity\r\n\r\n"), "!501"},
        {"encoding chunked, chunked", STR_INIT(POST "Transfer-Encoding: chunked, chunked\r\n\r\n"),
         "!501"},
        {"encoding \"chunked\"", STR_INIT(POST "Transfer-Encoding: \"chunked\"\r\n\r\n"), "!501"},
        {"encoding empty", STR_INIT(POST "Transfer-Encoding:\r\n\r\n"), "!501"},
        {"two encodings",
         STR_INIT(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"),
         "!400"},
        {"encoding in HTTP/1.0",
         STR_INIT("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "!400"},
        {"HTTP/0.9", STR_INIT("GET /\r\n"), "!400"},
        {"HTTP/2 preface", STR_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "!505"},
        {"HTTP/1.2", STR_INIT("GET / HTTP/1.2\r\n" H "\r\n"), "!505"},
        {"HTTP/01.1", STR_INIT("GET / HTTP/01.1\r\n" H "\r\n"), "!400"},
        {"http in small letters", STR_INIT("GET / http/1.1\r\n" H "\r\n"), "!400"},
        {"blank behind the version", STR_INIT("GET / HTTP/1.1 \r\n" H "\r\n"), "!400"},
        {"two blanks", STR_INIT("GET  / " L H "\r\n"), "!400"},
        {"tab for a blank", STR_INIT("GET\t/ " L H "\r\n"), "!400"},
        {"blank in the target", STR_INIT("GET /a b " L H "\r\n"), "!400"},
        {"fragment in the target", STR_INIT("GET /a#b " L H "\r\n"), "!400"},
        {"backslash in the target", STR_INIT("GET /a\\b " L H "\r\n"), "!400"},
        {"high octets in the target", STR_INIT("GET /\xc3\xa5 " L H "\r\n"), "!400"},
        {"half an escape", STR_INIT("GET /%2 " L H "\r\n"), "!400"},
        {"no escape", STR_INIT("GET /%zz " L H "\r\n"), "!400"},
        {"method with a colon", STR_INIT("GE:T / " L H "\r\n"), "!400"},
        {"two empty lines in front", STR_INIT("\r\n\r\n" GET "\r\n"), "!400"},
        {"a TLS hello", STR_INIT("\x16\x03\x01\x02\n"), "!400"},
        {"expect of another kind", STR_INIT(POST "Expect: 200-ok\r\nContent-Length: 1\r\n\r\n"),
         "!417"},
        {"chunk +3", STR_INIT(CHUNKED "+3\r\nabc\r\n"), "[POST / a chunked]!400"},
        {"chunk 0x3", STR_INIT(CHUNKED "0x3\r\nabc\r\n"), "[POST / a chunked]!400"},
        {"chunk with a blank", STR_INIT(CHUNKED "3 \r\nabc\r\n"), "[POST / a chunked]!400"},
        {"chunk with a blank in front", STR_INIT(CHUNKED " 3\r\nabc\r\n"),
         "[POST / a chunked]!400"},
        {"chunk with words", STR_INIT(CHUNKED "3 zzz\r\nabc\r\n"), "[POST / a chunked]!400"},
        {"chunk without a size", STR_INIT(CHUNKED ";a\r\n"), "[POST / a chunked]!400"},
        {"chunk of nothing", STR_INIT(CHUNKED "\r\n"), "[POST / a chunked]!400"},
        {"chunk of 2^64 + 3", STR_INIT(CHUNKED "10000000000000003\r\nabc\r\n"),
         "[POST / a chunked]!400"},
        {"chunk of 2^63", STR_INIT(CHUNKED "8000000000000000\r\n"), "[POST / a chunked]!400"},
        {"chunk line with bare LF", STR_INIT(CHUNKED "3\nabc\r\n"), "[POST / a chunked]!400"},
        {"chunk line with bare CR", STR_INIT(CHUNKED "3;a\rb\r\nabc\r\n"),
         "[POST / a chunked]!400"},
        {"chunk too long", STR_INIT(CHUNKED "3\r\nabcd\r\n"), "[POST / a chunked]abc!400"},
        {"chunk with bare LF behind", STR_INIT(CHUNKED "3\r\nabc\n0\r\n\r\n"),
         "[POST / a chunked]abc!400"},
        {"chunk with bare CR behind", STR_INIT(CHUNKED "3\r\nabc\r0\r\n\r\n"),
         "[POST / a chunked]abc!400"},
        {"trailer with bare LF", STR_INIT(CHUNKED "0\r\nA: b\n\r\n"), "[POST / a chunked]!400"},
        {"trailer folded", STR_INIT(CHUNKED "0\r\nA: b\r\n c\r\n\r\n"), "[POST / a chunked]!400"},
        {"trailer without a colon", STR_INIT(CHUNKED "0\r\nGET / HTTP/1.1\r\n\r\n"),
         "[POST / a chunked]!400"},
        {"trailer too large",
         STR_INIT(CHUNKED
                  "0\r\nA: 0123456789012345678901234567890123456789\r\nB: 0123456789\r\n\r\n"),
         "[POST / a chunked]!431"},
        {"too many fields",
         STR_INIT(GET "a:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\n\r\n"), "!431"},
    };
    ROWS(rows);
}

static void add_many(struct buf *b, char c, size_t n)
{
    struct error e = {0};
    for (size_t i = 0; i < n; i++)
        CHECK_OK(buf_add_char(b, c, &e), e);
}

TEST(limits_are_held_to_the_octet)
{
    static const struct {
        const char *row, *before, *after;
        size_t fill; /* octets of 'x' between */
        const char *out;
    } rows[] = {
        /* request line of 200 octets with its CRLF: "GET /" + fill + " HTTP/1.1\r\n" */
        {"longest request line", "GET /", " HTTP/1.1\r\n", 200 - 5 - 11, ""},
        {"longer request line", "GET /", " HTTP/1.1\r\n", 200 - 5 - 10, "!414"},
        {"endless request line", "GET /", "", 201, "!414"},
        {"head too large", GET "X: ", "\r\n\r\n", 600, "!431"},
        {"endless head", GET "X: ", "", 600, "!431"},
        {"chunk line too long", CHUNKED "1;", "\r\nx\r\n0\r\n\r\n", 300, "[POST / a chunked]!400"},
    };
    AUTO_BUF in = BUF(4096);
    AUTO_BUF out = BUF(4096);
    struct error e = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_clear(&in);
        CHECK_OK(buf_add(&in, str_of(rows[i].before), &e), e);
        add_many(&in, 'x', rows[i].fill);
        CHECK_OK(buf_add(&in, str_of(rows[i].after), &e), e);
        struct row row = {rows[i].row, buf_str(&in), rows[i].out};
        check_rows(&row, 1);
    }
    /* many long chunk lines: octets that carry nothing */
    buf_clear(&in);
    in.limit = 1 << 20;
    CHECK_OK(buf_add(&in, STR(CHUNKED), &e), e);
    for (size_t i = 0; i < 200; i++) {
        CHECK_OK(buf_add(&in, STR("1;"), &e), e);
        add_many(&in, 'x', 200);
        CHECK_OK(buf_add(&in, STR("\r\ny\r\n"), &e), e);
    }
    play(buf_str(&in), in.len, 1, &out);
    CHECK(str_ends(buf_str(&out), STR("!400")));
}

TEST(a_refusal_stays)
{
    struct http1 *h = http1_new(&limits);
    AUTO_BUF out = BUF(4096);
    CHECK(!feed(h, STR("GET / HTTP/3.0\r\n"), &out));
    CHECK(!feed(h, STR(GET "\r\n"), &out));
    CHECK_STR(str_upto(buf_str(&out), 4), STR("!505"));
    CHECK(!http1_is_between(h));
    http1_free(h);
}

TEST(where_a_reader_stands_can_be_asked)
{
    struct http1 *h = http1_new(&limits);
    AUTO_BUF out = BUF(4096);
    CHECK(http1_is_between(h) && !http1_in_head(h));
    CHECK(feed(h, STR("G"), &out));
    CHECK(!http1_is_between(h) && http1_in_head(h));
    CHECK(feed(h, STR("ET / " L H "Content-Length: 2\r\n\r\n1"), &out));
    CHECK(!http1_is_between(h) && !http1_in_head(h));
    CHECK(feed(h, STR("2"), &out));
    CHECK(http1_is_between(h));
    http1_free(h);
}

TEST(queries_are_decoded_strictly)
{
    static const struct {
        const char *query, *name, *value; /* value NULL: refused */
    } rows[] = {
        {"a=1&b=x%20y+z", "b", "x y z"},
        {"a=%C3%A5", "a", "\xc3\xa5"},
        {"a", "a", ""},
        {"a=b=c", "a", "b=c"},
        {"a%26b=1", "a&b", "1"},
        {"a=1&a=2", "a", NULL},
        {"=1", "", NULL},
        {"a=%", "a", NULL},
        {"a=%0A", "a", NULL},
        {"a=%00", "a", NULL},
        {"a=%FF", "a", NULL},
        {"a=1&&b=2", "b", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_ARENA arena = {0};
        struct error e = {0};
        struct http1_query q = {0};
        bool ok = http1_query_read(&arena, str_of(rows[i].query), &q, &e);
        CHECK_ROW(rows[i].query, ok == (rows[i].value != NULL));
        CHECK_ROW(rows[i].query, ok || e.kind == ERROR_REJECT);
        bool found = !ok;
        for (size_t k = 0; k < q.count; k++)
            found = found ||
                    (str_is(q.at[k].name, rows[i].name) && str_is(q.at[k].value, rows[i].value));
        CHECK_ROW(rows[i].query, found);
    }
}

TEST(values_that_would_split_a_header_are_known)
{
    CHECK(http1_is_value(STR("")) && http1_is_value(STR("a b\tc")));
    CHECK(!http1_is_value(STR("a\r\nb")) && !http1_is_value(STR("a\nb")));
    CHECK(!http1_is_value(STR(" a")) && !http1_is_value(STR("a\0")));
    CHECK_STR(str_of(http1_reason(404)), STR("Not Found"));
}

CHECK_MAIN
