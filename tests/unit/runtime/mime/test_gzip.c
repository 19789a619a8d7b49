/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/text.h"
#include "runtime/mime/gzip.h"
#include "tests/check.h"

/* 'hello, hello, hello' by zlib: a foreign stream */
#define HELLO_HEX "1f8b0800000000000203cb48cdc9c9d751c840a2009fa1ca0913000000"
static bool inflate(struct str in, size_t step, uint64_t limit, struct buf *out, struct error *e)
{
    struct sink_buf end;
    sink_buf_init(&end, out);
    AUTO_GZIP_SINK g = {0};
    gunzip_sink_init(&g, limit, &end.sink);
    for (size_t at = 0; at < in.len; at += step) {
        if (!sink_write(&g.sink, str_upto(str_from(in, at), step), e))
            return false;
    }
    return sink_finish(&g.sink, e);
}

static bool deflate(struct str in, struct buf *out, struct error *e)
{
    struct sink_buf end;
    sink_buf_init(&end, out);
    AUTO_GZIP_SINK g = {0};
    gzip_sink_init(&g, &end.sink);
    return sink_write(&g.sink, in, e) && sink_finish(&g.sink, e);
}

TEST(what_goes_in_comes_out_whatever_the_split)
{
    struct error e = {0};
    AUTO_BUF plain = BUF(300000);
    for (unsigned i = 0; i < 20000; i++)
        CHECK_OK(buf_addf(&plain, &e, "%u;", i * 7919u), e);
    AUTO_BUF packed = BUF(300000);
    CHECK_OK(deflate(buf_str(&plain), &packed, &e), e);
    CHECK(packed.len < plain.len);
    static const size_t steps[] = {1, 2, 3, 7, 1000, 65536, 300000};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        AUTO_BUF back = BUF(300000);
        CHECK_OK(inflate(buf_str(&packed), steps[i], 300000, &back, &e), e);
        CHECK(str_equal(buf_str(&back), buf_str(&plain)));
    }
}

TEST(nothing_at_all_is_a_stream_too)
{
    struct error e = {0};
    AUTO_BUF packed = BUF(1000), back = BUF(10);
    CHECK_OK(deflate(STR(""), &packed, &e), e);
    CHECK_OK(inflate(buf_str(&packed), 1, 0, &back, &e), e);
    CHECK(back.len == 0);
    CHECK(!inflate(STR(""), 1, 10, &back, &e) && e.kind == ERROR_REJECT);
}

TEST(what_may_follow_a_member)
{
    static const struct {
        const char *row;
        const char *tail;
        bool ok;
        const char *plain;
    } rows[] = {
        {"nothing", "", true, "hello, hello, hello"},
        {"another member", HELLO_HEX, true, "hello, hello, hellohello, hello, hello"},
        {"zeros", "000000000000", true, "hello, hello, hello"},
        {"other octets", "61", false, NULL},
        {"a member after zeros", "0000" HELLO_HEX, false, NULL},
        {"half a member", "1f8b08000000", false, NULL},
        {"zeros and other octets", "000061", false, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t step = 1; step < 100; step++) {
            struct error e = {0};
            AUTO_BUF in = BUF(1000), out = BUF(1000);
            CHECK_OK(hex_decode(&in, STR(HELLO_HEX), &e) &&
                         (rows[i].tail[0] == '\0' || hex_decode(&in, str_of(rows[i].tail), &e)),
                     e);
            CHECK_ROW(rows[i].row, inflate(buf_str(&in), step, 1000, &out, &e) == rows[i].ok);
            CHECK_ROW(rows[i].row, rows[i].ok || e.kind == ERROR_REJECT);
            CHECK_ROW(rows[i].row, !rows[i].ok || str_is(buf_str(&out), rows[i].plain));
        }
    }
}

TEST(every_header_field_is_taken)
{
    /* flags FHCRC FEXTRA FNAME FCOMMENT; "hi" as a stored block */
    static const char hex[] = "1f8b081e000000000003"
                              "02006162"
                              "6e00"
                              "6300"
                              "0000"
                              "010200fdff6869"
                              "ac2a93d8"
                              "02000000";
    for (size_t step = 1; step < 50; step++) {
        struct error e = {0};
        AUTO_BUF in = BUF(200), out = BUF(10);
        CHECK_OK(hex_decode(&in, str_of(hex), &e), e);
        CHECK_OK(inflate(buf_str(&in), step, 10, &out, &e), e);
        CHECK_STR(buf_str(&out), STR("hi"));
    }
}

TEST(any_broken_octet_is_noticed)
{
    struct error e = {0};
    AUTO_BUF good = BUF(200);
    CHECK_OK(hex_decode(&good, STR(HELLO_HEX), &e), e);
    /* mtime, XFL and OS (4 to 9) carry nothing */
    for (size_t i = 0; i < good.len; i++) {
        if (i >= 4 && i < 10)
            continue;
        AUTO_BUF in = BUF(200), out = BUF(1000);
        CHECK_OK(buf_add(&in, buf_str(&good), &e), e);
        in.at[i] ^= 0x20;
        CHECK(!inflate(buf_str(&in), 1, 1000, &out, &e) && e.kind == ERROR_REJECT);
    }
    for (size_t cut = 0; cut < good.len; cut++) {
        AUTO_BUF out = BUF(1000);
        CHECK(!inflate(str_upto(buf_str(&good), cut), 5, 1000, &out, &e));
    }
}

static bool swallow(struct sink *s, struct str octets, struct error *e)
{
    (void)s, (void)octets, (void)e;
    return true;
}

TEST(a_bomb_is_refused_by_size_and_by_growth)
{
    struct error e = {0};
    AUTO_BUF plain = BUF(1 << 20), packed = BUF(1 << 20), small = BUF(1 << 21);
    char *room;
    CHECK_OK(buf_room(&plain, 1 << 20, &room, &e), e);
    for (size_t i = 0; i < 1 << 20; i++)
        room[i] = 0;
    buf_grew(&plain, 1 << 20);
    CHECK_OK(deflate(buf_str(&plain), &packed, &e), e);
    CHECK(!inflate(buf_str(&packed), 1000, (1 << 20) - 1, &small, &e) && e.kind == ERROR_REJECT);
    CHECK_OK(inflate(buf_str(&packed), 1000, 1 << 20, &small, &e), e);

    /* 1032:1 is the most deflate can do; this is how zlib -9 begins what it makes of zeros */
    struct sink nowhere = {swallow, NULL};
    AUTO_GZIP_SINK g = {0};
    gunzip_sink_init(&g, UINT64_MAX, &nowhere);
    AUTO_BUF bomb = BUF(1000);
    CHECK_OK(hex_decode(&bomb, STR("1f8b0800000000000203ecc101010000008090feafee080a"), &e), e);
    CHECK_OK(sink_write(&g.sink, buf_str(&bomb), &e), e);
    static const char zeros[4096];
    bool ok = true;
    for (unsigned i = 0; ok && i < 100; i++)
        ok = sink_write(&g.sink, str_bytes(zeros, sizeof(zeros)), &e);
    CHECK(!ok && e.kind == ERROR_REJECT);
    CHECK(str_find(str_of(e.text), STR("1000 times")) < str_of(e.text).len);
}

CHECK_MAIN
