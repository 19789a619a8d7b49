/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_stream.c */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/number.h"
#include "runtime/base/sys.h"
#include "runtime/loop/address.h"
#include "runtime/loop/inherited.h"
#include "runtime/loop/stream.h"
#include "runtime/loop/stream_private.h"

enum {
    BACKLOG = 512,
    ACCEPTS_MAX = 64, /* in one turn */
    REST_MS = 100,    /* after an accept that failed for lack of descriptors */
    HANDSHAKE_MS = 10 * 1000,
    STREAMS_MAX = 10000,
};

struct stream_listener {
    struct loop *loop;
    int fd; /* -1: freed by its holder, waits for its last stream */
    struct loop_watch *watch;
    struct loop_timer *rest;
    const struct tls *tls;
    stream_accepted *accepted;
    void *ctx;
    unsigned streams, streams_max;
    int64_t handshake_ms;
    struct handshake *first;
    char address[ADDRESS_TEXT_SIZE];
};

struct handshake { /* a TLS stream that is not yet the holder's */
    struct stream_listener *listener;
    struct stream *stream;
    struct handshake *before, *after;
};

static void handshake_free(struct handshake *h)
{
    if (h->before == NULL)
        h->listener->first = h->after;
    else
        h->before->after = h->after;
    if (h->after != NULL)
        h->after->before = h->before;
    mem_free(h);
}

static void let_in_or_wait(struct stream_listener *l)
{
    if (l->fd != -1)
        loop_watch_set(l->watch, l->streams < l->streams_max ? LOOP_READ : 0);
}

static void on_released(void *ctx)
{
    struct stream_listener *l = ctx;
    l->streams--;
    if (l->fd == -1 && l->streams == 0)
        mem_free(l);
    else
        let_in_or_wait(l);
}

static void on_shaken(void *ctx)
{
    struct handshake *h = ctx;
    struct stream_listener *l = h->listener;
    struct stream *s = h->stream;
    stream_set_deadline(s, 0, NULL);
    stream_listen(s, NULL, NULL);
    handshake_free(h);
    l->accepted(l->ctx, s);
}

static void on_not_shaken(void *ctx, const struct error *e)
{
    struct handshake *h = ctx;
    (void)e;
    struct stream *s = h->stream;
    handshake_free(h);
    stream_free(s);
}

static void on_nothing(void *ctx)
{
    (void)ctx;
}

static void shake_first(struct stream_listener *l, struct stream *s)
{
    static const struct stream_events events = {
        .on_open = on_shaken, .on_read = on_nothing, .on_end = on_not_shaken};
    struct handshake *h = mem_new(sizeof *h);
    *h = (struct handshake){l, s, NULL, l->first};
    if (l->first != NULL)
        l->first->before = h;
    l->first = h;
    stream_listen(s, &events, h);
    stream_set_deadline(s, loop_now_ms(l->loop) + l->handshake_ms, "TLS handshake");
}

static void let_in(struct stream_listener *l, int fd, const struct address *peer)
{
    struct error e = {0};
    struct stream *s;
    if (!stream_adopt(l->loop, fd, peer, l->tls, &s, &e)) {
        close(fd);
        return;
    }
    l->streams++;
    stream_on_release(s, on_released, l);
    if (l->tls == NULL)
        l->accepted(l->ctx, s);
    else
        shake_first(l, s);
}

static bool is_short_of_something(int number)
{
    return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

static void on_knock(void *ctx, int fd, unsigned ready)
{
    struct stream_listener *l = ctx;
    (void)ready;
    for (unsigned i = 0; i < ACCEPTS_MAX && l->fd != -1 && l->streams < l->streams_max; i++) {
        struct address peer = {.len = sizeof peer.at};
        int made =
            accept4(fd, (struct sockaddr *)&peer.at, &peer.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (made == -1 && is_short_of_something(errno)) {
            loop_watch_set(l->watch, 0);
            loop_timer_set(l->rest, loop_now_ms(l->loop) + REST_MS);
            return;
        }
        if (made == -1)
            break;
        let_in(l, made, &peer);
    }
    let_in_or_wait(l);
}

static void on_rested(void *ctx)
{
    let_in_or_wait(ctx);
}

/* A socket file that nobody listens on any more is in the way of bind(). */
static void remove_left_over(const struct address *a)
{
    const struct sockaddr_un *un = (const void *)&a->at;
    struct stat st;
    if (address_is_unix(a) && lstat(un->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(un->sun_path);
}

static bool bind_here(int fd, const struct address *a, const struct stream_listen_config *config,
                      struct error *e)
{
    int one = 1;
    if (!address_is_unix(a))
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (config->reuse_port)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    remove_left_over(a);
    mode_t mask =
        umask(address_is_unix(a) ? 0777 & ~(config->unix_mode ? config->unix_mode : 0600) : 0077);
    int bound = bind(fd, (const struct sockaddr *)&a->at, a->len);
    umask(mask);
    if (bound == -1 || listen(fd, BACKLOG) == -1)
        return error_errno(e, "cannot listen on %.*s", STR_ARG(config->address));
    return true;
}

static bool open_listener(const struct stream_listen_config *config, int *fd, struct error *e)
{
    struct address a;
    if (!address_parse(config->address, &a, e) || inherited_find(&a, fd))
        return *fd != -1;
    AUTO_FD int made = socket(a.at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made == -1)
        return error_errno(e, "cannot listen on %.*s", STR_ARG(config->address));
    if (!bind_here(made, &a, config, e))
        return false;
    *fd = sys_take_fd(&made);
    return true;
}

bool stream_listener_new(struct loop *loop, const struct stream_listen_config *config,
                         stream_accepted *accepted, void *ctx, struct stream_listener **out,
                         struct error *e)
{
    int fd = -1;
    if (!open_listener(config, &fd, e))
        return false;
    struct stream_listener *l = mem_new(sizeof *l);
    *l = (struct stream_listener){
        .loop = loop,
        .fd = fd,
        .tls = config->tls,
        .accepted = accepted,
        .ctx = ctx,
        .streams_max = config->streams_max ? config->streams_max : STREAMS_MAX,
        .handshake_ms = config->handshake_ms ? config->handshake_ms : HANDSHAKE_MS,
    };
    struct address bound = {.len = sizeof bound.at};
    getsockname(fd, (struct sockaddr *)&bound.at, &bound.len);
    address_text(&bound, l->address);
    l->rest = loop_timer_new(loop, on_rested, l);
    l->watch = loop_watch_new(loop, fd, LOOP_READ, on_knock, l);
    *out = l;
    return true;
}

void stream_listener_set_tls(struct stream_listener *l, const struct tls *tls)
{
    l->tls = tls;
}

struct str stream_listener_address(const struct stream_listener *l)
{
    return str_of(l->address);
}

void stream_listener_free(struct stream_listener *l)
{
    if (l == NULL)
        return;
    while (l->first != NULL)
        on_not_shaken(l->first, NULL);
    loop_watch_free(l->watch);
    l->watch = NULL;
    loop_timer_free(l->rest);
    sys_close(&l->fd);
    if (l->streams == 0)
        mem_free(l);
}
