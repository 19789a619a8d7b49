/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/sys.h"
#include "runtime/loop/stream.h"
#include "tests/check.h"
#include "tests/unit/runtime/loop/until.h"

/* Two ends of one connection, and what happened to each. */
struct side {
    struct stream *stream;
    struct buf got;
    size_t got_total;
    bool is_open, has_ended, keeps, is_lazy; /* lazy: does not consume */
    unsigned written;
    struct error why;
};
struct pair {
    struct loop *loop;
    struct stream_listener *listener;
    struct side near, far;
};

static void on_open(void *ctx)
{
    struct side *s = ctx;
    s->is_open = true;
}

static void consume_all(struct side *s)
{
    struct str octets;
    struct error e = {0};
    while ((octets = stream_peek(s->stream)).len > 0) {
        s->got_total += octets.len;
        if (s->keeps)
            CHECK_OK(buf_add(&s->got, octets, &e), e);
        stream_consume(s->stream, octets.len);
    }
}

static void on_read(void *ctx)
{
    struct side *s = ctx;
    if (!s->is_lazy)
        consume_all(s);
}

static void on_written(void *ctx)
{
    struct side *s = ctx;
    s->written++;
}

static void on_end(void *ctx, const struct error *e)
{
    struct side *s = ctx;
    s->has_ended = true;
    if (e != NULL)
        s->why = *e;
}

static const struct stream_events events = {on_open, on_read, on_written, on_end};

static void on_accepted(void *ctx, struct stream *stream)
{
    struct pair *p = ctx;
    p->far.stream = stream;
    stream_listen(stream, &events, &p->far);
}

static void connect_pair(struct pair *p, const char *address)
{
    struct error e = {0};
    *p = (struct pair){.loop = loop_new()};
    p->near.got = p->far.got = BUF(1 << 20);
    p->near.keeps = p->far.keeps = true;
    struct stream_listen_config config = {.address = str_of(address)};
    CHECK_OK(stream_listener_new(p->loop, &config, on_accepted, p, &p->listener, &e), e);
    struct stream_connect_config to = {.address = stream_listener_address(p->listener)};
    CHECK_OK(stream_connect(p->loop, &to, &p->near.stream, &e), e);
    stream_listen(p->near.stream, &events, &p->near);
    UNTIL(p->loop, p->near.is_open && p->far.stream != NULL);
}

static void release_pair(struct pair *p)
{
    stream_free(p->near.stream);
    stream_free(p->far.stream);
    stream_listener_free(p->listener);
    loop_free(p->loop);
    buf_release(&p->near.got);
    buf_release(&p->far.got);
}

static void octets_go_both_ways(const char *address)
{
    struct pair p;
    connect_pair(&p, address);
    stream_write(p.near.stream, STR("question"));
    UNTIL(p.loop, p.far.got.len == 8);
    stream_write(p.far.stream, STR("ans"));
    stream_write(p.far.stream, STR("wer"));
    UNTIL(p.loop, p.near.got.len == 6);
    CHECK_STR(buf_str(&p.far.got), STR("question"));
    CHECK_STR(buf_str(&p.near.got), STR("answer"));
    CHECK(p.far.written == 1);
    stream_close(p.near.stream);
    p.near.stream = NULL;
    UNTIL(p.loop, p.far.has_ended);
    CHECK(p.far.why.kind == ERROR_NONE);
    release_pair(&p);
}

TEST(octets_go_both_ways_over_tcp)
{
    octets_go_both_ways("127.0.0.1:0");
}

TEST(octets_go_both_ways_over_ipv6)
{
    octets_go_both_ways("[::1]:0");
}

TEST(octets_go_both_ways_over_a_unix_socket_and_a_left_over_file_is_replaced)
{
    char dir[] = "/tmp/posthorn-stream-XXXXXX", address[64];
    CHECK(mkdtemp(dir) != NULL);
    snprintf(address, sizeof address, "unix:%s/s", dir);
    octets_go_both_ways(address);
    octets_go_both_ways(address);
    unlink(address + 5);
    rmdir(dir);
}

TEST(a_reader_that_does_not_consume_stops_the_writer)
{
    struct pair p;
    connect_pair(&p, "127.0.0.1:0");
    enum { TOTAL = 32 << 20 };
    p.far.is_lazy = true;
    p.far.keeps = false;
    AUTO_BUF block = BUF(1 << 20);
    struct error e = {0};
    char *room;
    CHECK_OK(buf_room(&block, 1 << 20, &room, &e), e);
    buf_grew(&block, 1 << 20);
    for (size_t i = 0; i < TOTAL; i += 1 << 20)
        stream_write(p.near.stream, buf_str(&block));
    for (unsigned i = 0; i < 200; i++)
        loop_turn(p.loop, 1);
    CHECK(stream_peek(p.far.stream).len <= 64 * 1024);
    CHECK(stream_unsent(p.near.stream) > TOTAL / 2);
    CHECK(p.near.written == 0);
    p.far.is_lazy = false;
    consume_all(&p.far);
    UNTIL(p.loop, p.far.got_total == TOTAL);
    UNTIL(p.loop, p.near.written == 1);
    CHECK(stream_unsent(p.near.stream) == 0);
    release_pair(&p);
}

TEST(a_paused_stream_reads_nothing_until_it_is_let_on)
{
    struct pair p;
    connect_pair(&p, "127.0.0.1:0");
    stream_pause(p.far.stream, true);
    loop_turn(p.loop, 0);
    stream_write(p.near.stream, STR("wait"));
    for (unsigned i = 0; i < 20; i++)
        loop_turn(p.loop, 1);
    CHECK(p.far.got.len == 0);
    stream_pause(p.far.stream, false);
    UNTIL(p.loop, p.far.got.len == 4);
    release_pair(&p);
}

TEST(a_range_of_a_file_goes_between_what_is_written_before_and_behind)
{
    struct pair p;
    struct error e = {0};
    int fd = -1;
    connect_pair(&p, "127.0.0.1:0");
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    CHECK_OK(sys_write_all(fd, STR("0123456789"), &e), e);
    stream_write(p.near.stream, STR("<"));
    stream_write_file(p.near.stream, fd, 2, 5);
    stream_write(p.near.stream, STR(">"));
    CHECK(stream_unsent(p.near.stream) == 7);
    UNTIL(p.loop, p.far.got.len == 7);
    CHECK_STR(buf_str(&p.far.got), STR("<23456>"));
    release_pair(&p);
}

TEST(a_file_that_is_short_ends_the_stream)
{
    struct pair p;
    struct error e = {0};
    int fd = -1;
    connect_pair(&p, "127.0.0.1:0");
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    CHECK_OK(sys_write_all(fd, STR("0123456789"), &e), e);
    stream_write_file(p.near.stream, fd, 2, 50);
    UNTIL(p.loop, p.near.has_ended && p.far.has_ended);
    CHECK(p.near.why.kind == ERROR_BUG);
    CHECK(p.far.got.len == 8);
    release_pair(&p);
}

TEST(a_deadline_ends_the_stream_and_names_the_step)
{
    struct pair p;
    connect_pair(&p, "127.0.0.1:0");
    stream_set_deadline(p.near.stream, loop_now_ms(p.loop) + 10, "waiting for cake");
    UNTIL(p.loop, p.near.has_ended);
    CHECK(p.near.why.kind == ERROR_RETRY);
    CHECK_STR(str_of(p.near.why.text), STR("deadline: waiting for cake"));
    release_pair(&p);
}

TEST(a_refused_connection_says_so)
{
    struct error e = {0};
    struct loop *loop = loop_new();
    struct side side = {0};
    /* A port that was just free. */
    struct stream_listener *l;
    struct stream_listen_config config = {.address = STR("127.0.0.1:0")};
    CHECK_OK(stream_listener_new(loop, &config, NULL, NULL, &l, &e), e);
    char address[64];
    snprintf(address, sizeof address, "%.*s", STR_ARG(stream_listener_address(l)));
    stream_listener_free(l);
    struct stream_connect_config to = {.address = str_of(address)};
    CHECK_OK(stream_connect(loop, &to, &side.stream, &e), e);
    stream_listen(side.stream, &events, &side);
    UNTIL(loop, side.has_ended);
    CHECK(side.why.kind == ERROR_RETRY);
    CHECK(str_starts(str_of(side.why.text), STR("connect: ")));
    stream_free(side.stream);
    loop_free(loop);
}

TEST(a_closed_stream_sends_all_that_was_written)
{
    struct pair p;
    struct error e = {0};
    connect_pair(&p, "127.0.0.1:0");
    p.far.keeps = false;
    AUTO_BUF block = BUF(8 << 20);
    char *room;
    CHECK_OK(buf_room(&block, 8 << 20, &room, &e), e);
    buf_grew(&block, 8 << 20);
    stream_write(p.near.stream, buf_str(&block));
    stream_close(p.near.stream);
    p.near.stream = NULL;
    UNTIL(p.loop, p.far.has_ended);
    CHECK(p.far.got_total == 8 << 20);
    CHECK(p.far.why.kind == ERROR_NONE);
    release_pair(&p);
}

/* A server that refuses early: its last words must arrive though the client is still sending. */
TEST(last_words_reach_a_peer_that_is_still_sending)
{
    struct pair p;
    struct error e = {0};
    connect_pair(&p, "127.0.0.1:0");
    p.far.is_lazy = true;
    AUTO_BUF block = BUF(256 * 1024);
    char *room;
    CHECK_OK(buf_room(&block, 256 * 1024, &room, &e), e);
    buf_grew(&block, 256 * 1024);
    stream_write(p.near.stream, buf_str(&block));
    UNTIL(p.loop, stream_peek(p.far.stream).len > 0);
    stream_write(p.far.stream, STR("no"));
    stream_close(p.far.stream);
    p.far.stream = NULL;
    UNTIL(p.loop, p.near.has_ended);
    CHECK_STR(buf_str(&p.near.got), STR("no"));
    CHECK(p.near.why.kind == ERROR_NONE);
    release_pair(&p);
}

static void free_on_read(void *ctx)
{
    struct side *s = ctx;
    stream_free(s->stream);
    s->stream = NULL;
    s->has_ended = true;
}

TEST(a_stream_may_be_freed_inside_its_own_callback)
{
    static const struct stream_events freeing = {NULL, free_on_read, NULL, on_end};
    struct pair p;
    connect_pair(&p, "127.0.0.1:0");
    stream_listen(p.far.stream, &freeing, &p.far);
    stream_write(p.near.stream, STR("bye"));
    UNTIL(p.loop, p.far.has_ended && p.near.has_ended);
    release_pair(&p);
}

TEST(several_processes_may_share_a_port_and_others_may_not)
{
    struct loop *loop = loop_new();
    struct error e = {0};
    struct stream_listener *l[3];
    char address[64];
    struct stream_listen_config config = {.address = STR("127.0.0.1:0"), .reuse_port = true};
    CHECK_OK(stream_listener_new(loop, &config, NULL, NULL, &l[0], &e), e);
    (void)snprintf(address, sizeof address, "%.*s", STR_ARG(stream_listener_address(l[0])));
    config.address = str_of(address);
    CHECK_OK(stream_listener_new(loop, &config, NULL, NULL, &l[1], &e), e);
    config.reuse_port = false;
    CHECK(!stream_listener_new(loop, &config, NULL, NULL, &l[2], &e));
    CHECK(e.kind == ERROR_RETRY);
    stream_listener_free(l[0]);
    stream_listener_free(l[1]);
    loop_free(loop);
}

struct gate {
    struct stream *streams[4];
    unsigned count;
};

static void count_in(void *ctx, struct stream *s)
{
    struct gate *g = ctx;
    stream_listen(s, &events, NULL);
    g->streams[g->count++] = s;
}

TEST(beyond_streams_max_new_ones_wait_until_one_is_freed)
{
    struct loop *loop = loop_new();
    struct error e = {0};
    struct gate gate = {0};
    struct side sides[3] = {0};
    struct stream_listener *l;
    struct stream_listen_config config = {.address = STR("127.0.0.1:0"), .streams_max = 2};
    CHECK_OK(stream_listener_new(loop, &config, count_in, &gate, &l, &e), e);
    struct stream_connect_config to = {.address = stream_listener_address(l)};
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(stream_connect(loop, &to, &sides[i].stream, &e), e);
        stream_listen(sides[i].stream, &events, &sides[i]);
    }
    UNTIL(loop, sides[0].is_open && sides[1].is_open && sides[2].is_open);
    for (unsigned i = 0; i < 20; i++)
        loop_turn(loop, 1);
    CHECK(gate.count == 2);
    stream_free(gate.streams[0]);
    UNTIL(loop, gate.count == 3);
    stream_listener_free(l); /* its streams live on */
    for (size_t i = 1; i < 3; i++)
        stream_free(gate.streams[i]);
    for (size_t i = 0; i < 3; i++)
        stream_free(sides[i].stream);
    loop_free(loop);
}

CHECK_MAIN
