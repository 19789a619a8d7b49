/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* Streams over TLS with the certificates of the test world, and inherited sockets. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/sys.h"
#include "runtime/loop/inherited.h"
#include "runtime/loop/stream.h"
#include "tests/check.h"
#include "tests/unit/runtime/loop/until.h"
#include "tests/unit/runtime/loop/world.h"

enum { LARGE = 8 << 20 };

struct side {
    struct stream *stream;
    size_t got, wrong;
    size_t pause_at; /* pauses itself once so much has come */
    bool is_open, has_ended, is_paused;
    struct error why;
};
struct pair {
    struct loop *loop;
    struct tls *server, *client;
    struct stream_listener *listener;
    struct side near, far;
};

static char octet_at(size_t place)
{
    return (char)(place * 31 + place / 251);
}

static void on_open(void *ctx)
{
    struct side *s = ctx;
    s->is_open = true;
}

static void on_read(void *ctx)
{
    struct side *s = ctx;
    struct str octets;
    while ((octets = stream_peek(s->stream)).len > 0) {
        for (size_t i = 0; i < octets.len; i++)
            s->wrong += octets.at[i] != octet_at(s->got + i);
        s->got += octets.len;
        stream_consume(s->stream, octets.len);
    }
    if (s->pause_at != 0 && s->got >= s->pause_at) {
        s->pause_at = 0;
        s->is_paused = true;
        stream_pause(s->stream, true);
    }
}

static void on_end(void *ctx, const struct error *e)
{
    struct side *s = ctx;
    s->has_ended = true;
    if (e != NULL)
        s->why = *e;
}

static const struct stream_events events = {on_open, on_read, NULL, on_end};

static void on_accepted(void *ctx, struct stream *stream)
{
    struct pair *p = ctx;
    p->far.stream = stream;
    stream_listen(stream, &events, &p->far);
}

static void pair_begin(struct pair *p, const char *server, const char *client, const char *host)
{
    struct error e = {0};
    *p = (struct pair){.loop = loop_new()};
    p->server = world_tls(server, true, true);
    p->client = world_tls(client, false, true);
    struct stream_listen_config config = {.address = STR("127.0.0.1:0"), .tls = p->server};
    CHECK_OK(stream_listener_new(p->loop, &config, on_accepted, p, &p->listener, &e), e);
    struct stream_connect_config to = {
        .address = stream_listener_address(p->listener), .tls = p->client, .host = host};
    CHECK_OK(stream_connect(p->loop, &to, &p->near.stream, &e), e);
    stream_listen(p->near.stream, &events, &p->near);
}

static void pair_end(struct pair *p)
{
    stream_free(p->near.stream);
    stream_free(p->far.stream);
    stream_listener_free(p->listener);
    loop_free(p->loop);
    tls_free(p->server);
    tls_free(p->client);
}

static void fill(struct buf *b, size_t from, size_t to)
{
    struct error e = {0};
    char *room;
    CHECK_OK(buf_room(b, to - from, &room, &e), e);
    for (size_t i = from; i < to; i++)
        room[i - from] = octet_at(i);
    buf_grew(b, to - from);
}

TEST(both_sides_know_the_others_certificate_and_large_pieces_stay_in_order)
{
    struct pair p;
    struct error e = {0};
    AUTO_BUF whole = BUF(LARGE);
    fill(&whole, 0, LARGE);
    pair_begin(&p, "kommun/tls", "myndighet/tls", "localhost");
    UNTIL(p.loop, p.near.is_open && p.far.stream != NULL);
    CHECK(stream_peer_cert(p.near.stream) != NULL && stream_peer_cert(p.far.stream) != NULL);
    int fd = -1;
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    CHECK_OK(sys_write_all(fd, buf_str(&whole), &e), e);
    /* memory, file, memory: one after the other, whatever the socket takes at a time */
    stream_write(p.near.stream, str_upto(buf_str(&whole), 100000));
    stream_write_file(p.near.stream, fd, 100000, LARGE - 200000);
    stream_write(p.near.stream, str_from(buf_str(&whole), LARGE - 100000));
    stream_close(p.near.stream);
    p.near.stream = NULL;
    UNTIL(p.loop, p.far.has_ended);
    CHECK(p.far.got == LARGE && p.far.wrong == 0);
    CHECK(p.far.why.kind == ERROR_NONE);
    pair_end(&p);
}

/* What TLS has decrypted already is not announced by the socket: it must not be forgotten. */
TEST(a_pause_in_the_middle_of_a_record_loses_nothing)
{
    static const size_t marks[] = {1, 100, 1000, 5000, 16384, 20000};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct pair p;
        AUTO_BUF whole = BUF(40000);
        fill(&whole, 0, 40000);
        pair_begin(&p, "kommun/tls", "myndighet/tls", "localhost");
        UNTIL(p.loop, p.near.is_open && p.far.stream != NULL);
        stream_set_read_mark(p.far.stream, marks[i]);
        p.far.pause_at = 300;
        stream_write(p.near.stream, buf_str(&whole));
        UNTIL(p.loop, p.far.is_paused);
        size_t got = p.far.got;
        for (unsigned turns = 0; turns < 5; turns++)
            loop_turn(p.loop, 1);
        CHECK(p.far.got == got);
        stream_pause(p.far.stream, false);
        UNTIL(p.loop, p.far.got == 40000);
        CHECK(p.far.wrong == 0);
        pair_end(&p);
    }
}

TEST(a_peer_whose_certificate_does_not_hold_is_denied)
{
    static const struct {
        const char *row, *server, *client, *host;
        bool near_says_deny; /* the server is wrong; else the client is, and is only cut */
    } rows[] = {
        {"expired server", "bad/tls-expired", "myndighet/tls", "localhost", true},
        {"revoked server", "bad/tls-revoked", "myndighet/tls", "localhost", true},
        {"server of another name", "kommun/tls", "myndighet/tls", "elsewhere.example", true},
        {"expired client", "kommun/tls", "bad/tls-expired", "localhost", false},
        {"client of an unknown authority", "kommun/tls", "bad/tls-unknown-ca", "localhost", false},
        {"client without a certificate", "kommun/tls", NULL, "localhost", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair p;
        pair_begin(&p, rows[i].server, rows[i].client, rows[i].host);
        UNTIL(p.loop, p.near.has_ended);
        CHECK_ROW(rows[i].row, p.far.stream == NULL);
        CHECK_ROW(rows[i].row, (p.near.why.kind == ERROR_DENY) == rows[i].near_says_deny);
        pair_end(&p);
    }
}

TEST(a_handshake_that_never_comes_is_cut_at_its_deadline)
{
    struct pair p = {.loop = loop_new(), .server = world_tls("kommun/tls", true, true)};
    struct error e = {0};
    struct stream_listen_config config = {
        .address = STR("127.0.0.1:0"), .tls = p.server, .handshake_ms = 30};
    CHECK_OK(stream_listener_new(p.loop, &config, on_accepted, &p, &p.listener, &e), e);
    struct stream_connect_config to = {.address = stream_listener_address(p.listener)};
    CHECK_OK(stream_connect(p.loop, &to, &p.near.stream, &e), e); /* plain, and silent */
    stream_listen(p.near.stream, &events, &p.near);
    UNTIL(p.loop, p.near.has_ended);
    CHECK(p.far.stream == NULL);
    pair_end(&p);
}

TEST(an_inherited_listener_is_taken_once)
{
    struct address a;
    struct error e = {0};
    int fd = -1, taken = -1;
    char pid[16];
    CHECK_OK(address_parse(STR("127.0.0.1:0"), &a, &e), e);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(fd, (struct sockaddr *)&a.at, a.len) == 0 && listen(fd, 1) == 0);
    CHECK(dup2(fd, 3) == 3);
    if (fd != 3)
        sys_close(&fd);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("LISTEN_PID", "1", 1);
    setenv("LISTEN_FDS", "1", 1);
    CHECK(!inherited_find(&a, &taken));
    setenv("LISTEN_PID", pid, 1);
    CHECK(inherited_find(&a, &taken) && taken == 3);
    CHECK(!inherited_find(&a, &taken));
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    sys_close(&taken);
}

CHECK_MAIN
