/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/loop/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/crypto/tls_session.h"
#include "runtime/loop/address.h"
#include "runtime/loop/stream_input.h"
#include "runtime/loop/stream_private.h"
#include "runtime/loop/stream_queue.h"

enum {
    ROUNDS_MAX = 4,       /* reads or writes in a row before others get their turn */
    LINGER_MS = 1000,     /* for the peer to read our last words */
    CLOSE_MS = 30 * 1000, /* for unsent octets of a closed stream without a deadline */
    READ_MARK = 64 * 1024,
};

enum stream_state {
    STREAM_CONNECTING,
    STREAM_SHAKING, /* the TLS handshake is under way */
    STREAM_OPEN,
    STREAM_CLOSING,   /* the holder is gone; unsent octets go out */
    STREAM_LINGERING, /* all is sent; what the peer still says is thrown away */
    STREAM_ENDED,     /* on_end was called; waits for stream_free() */
    STREAM_FREED,     /* its memory goes at the end of the turn */
};

struct stream {
    struct loop *loop;
    int fd;
    enum stream_state state;
    struct loop_watch *watch;
    struct loop_timer *timer;
    struct loop_call *soon;   /* a run of on_soon() at the end of this turn */
    struct loop_call *at_end; /* while closing: nobody else frees it */
    const char *step;         /* what the deadline is for */
    struct tls_session *tls;
    const struct stream_events *events;
    void *ctx;
    struct stream_input input;
    struct stream_queue unsent;
    size_t low_mark;
    bool is_above; /* unsent octets were over the low mark: on_written is owed */
    bool is_paused;
    bool holds_more;    /* TLS may have octets that the socket will not announce */
    bool is_blocked;    /* the socket took no more */
    bool saw_end;       /* the peer sends nothing any more */
    unsigned tls_wants; /* LOOP_READ or LOOP_WRITE that a handshake step waits for */
    loop_fn *released;  /* the listener's */
    void *released_ctx;
    char peer[ADDRESS_TEXT_SIZE];
};

static void settle(struct stream *s);
static void on_ready(void *ctx, int fd, unsigned ready);
static void on_soon(void *ctx);

static bool may_read(const struct stream *s)
{
    if (s->saw_end)
        return false;
    if (s->state == STREAM_LINGERING)
        return true;
    return s->state == STREAM_OPEN && !s->is_paused && stream_input_has_room(&s->input);
}

static void run_soon(struct stream *s)
{
    if (s->soon == NULL)
        s->soon = loop_defer(s->loop, on_soon, s);
}

static void let_go(struct stream *s)
{
    loop_watch_free(s->watch);
    s->watch = NULL;
    loop_timer_clear(s->timer);
    loop_cancel(s->soon);
    loop_cancel(s->at_end);
    s->soon = s->at_end = NULL;
    sys_close(&s->fd);
    stream_queue_release(&s->unsent);
}

static void release(void *ctx)
{
    struct stream *s = ctx;
    tls_session_free(s->tls);
    loop_timer_free(s->timer);
    stream_input_release(&s->input);
    mem_free(s);
}

void stream_free(struct stream *s)
{
    if (s == NULL || s->state == STREAM_FREED)
        return;
    s->state = STREAM_FREED;
    s->events = NULL;
    let_go(s);
    loop_defer(s->loop, release, s);
    if (s->released != NULL)
        s->released(s->released_ctx);
}

/* The stream is over: nobody to tell once it is closing. */
static void end(struct stream *s, const struct error *e)
{
    if (s->state >= STREAM_CLOSING) {
        stream_free(s);
        return;
    }
    s->state = STREAM_ENDED;
    let_go(s);
    if (s->events != NULL)
        s->events->on_end(s->ctx, e);
}

static void on_deadline(void *ctx)
{
    struct stream *s = ctx;
    struct error e = {0};
    error_set(&e, ERROR_RETRY, "deadline: %s", s->step);
    end(s, &e);
}

static void opened(struct stream *s)
{
    s->state = STREAM_OPEN;
    s->holds_more = s->tls != NULL;
    s->tls_wants = 0;
    if (s->events != NULL && s->events->on_open != NULL)
        s->events->on_open(s->ctx);
}

static void shake(struct stream *s)
{
    struct error e = {0};
    switch (tls_session_handshake(s->tls, &e)) {
    case TLS_STEP_DONE:
        opened(s);
        break;
    case TLS_STEP_WANT_READ:
        s->tls_wants = LOOP_READ;
        break;
    case TLS_STEP_WANT_WRITE:
        s->tls_wants = LOOP_WRITE;
        break;
    case TLS_STEP_END:
    case TLS_STEP_FAILED:
        end(s, &e);
        break;
    }
}

static void connected(struct stream *s)
{
    int number = 0;
    socklen_t len = sizeof number;
    struct error e = {0};
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &number, &len) == -1 || number != 0) {
        errno = number;
        error_errno(&e, "connect: %s", s->peer);
        end(s, &e);
        return;
    }
    if (s->tls == NULL) {
        opened(s);
        return;
    }
    s->state = STREAM_SHAKING;
    shake(s);
}

enum taken { TAKEN_SOME, TAKEN_ALL, TAKEN_NONE, TAKEN_END, TAKEN_FAILED };

static enum taken take_plain(struct stream *s, char *at, size_t room, size_t *got, struct error *e)
{
    ssize_t n = recv(s->fd, at, room, 0);
    if (n == 0)
        return TAKEN_END;
    if (n > 0) {
        *got = (size_t)n;
        return *got == room ? TAKEN_SOME : TAKEN_ALL;
    }
    if (errno == EAGAIN || errno == EINTR)
        return TAKEN_NONE;
    error_errno(e, "reading");
    return TAKEN_FAILED;
}

/* All records that have come, one behind the other: the holder is told once. */
static enum taken take_tls(struct stream *s, char *at, size_t room, size_t *got, struct error *e)
{
    enum tls_step step;
    do {
        size_t n = 0;
        step = tls_session_read(s->tls, at + *got, room - *got, &n, e);
        *got += n;
    } while (step == TLS_STEP_DONE && *got < room && tls_session_holds(s->tls));
    switch (step) {
    case TLS_STEP_DONE:
        return tls_session_holds(s->tls) ? TAKEN_SOME : TAKEN_ALL;
    case TLS_STEP_END:
        return TAKEN_END;
    case TLS_STEP_FAILED:
        error_prefix(e, "reading");
        return TAKEN_FAILED;
    case TLS_STEP_WANT_READ:
    case TLS_STEP_WANT_WRITE: /* a key update's answer: goes out with our next octets */
        break;
    }
    return TAKEN_NONE;
}

/* One read into the input; tells the holder what came. */
static enum taken take(struct stream *s)
{
    struct error e = {0};
    size_t got = 0, room;
    char *at = stream_input_room(&s->input, &room);
    enum taken taken =
        s->tls == NULL ? take_plain(s, at, room, &got, &e) : take_tls(s, at, room, &got, &e);
    stream_input_grew(&s->input, got);
    s->saw_end = taken == TAKEN_END || taken == TAKEN_FAILED;
    if (s->state == STREAM_LINGERING)
        stream_input_drop(&s->input, got);
    else if (got > 0 && s->events != NULL)
        s->events->on_read(s->ctx); /* may close or free the stream */
    if (s->saw_end && (s->state == STREAM_OPEN || s->state == STREAM_LINGERING))
        end(s, taken == TAKEN_END ? NULL : &e);
    return taken;
}

static void pump_in(struct stream *s)
{
    s->holds_more = s->tls != NULL;
    for (unsigned round = 0; round < ROUNDS_MAX && may_read(s); round++) {
        enum taken taken = take(s);
        if (taken == TAKEN_NONE || taken == TAKEN_ALL)
            s->holds_more = false;
        if (taken != TAKEN_SOME)
            return;
    }
}

static bool send_tls(struct stream *s, size_t *sent, struct error *e)
{
    struct str octets;
    if (!stream_queue_peek(&s->unsent, &octets, e))
        return false;
    switch (tls_session_write(s->tls, octets, sent, e)) {
    case TLS_STEP_DONE:
        stream_queue_drop(&s->unsent, *sent);
        return true;
    case TLS_STEP_FAILED:
        return error_prefix(e, "writing");
    case TLS_STEP_END:
        return error_set(e, ERROR_RETRY, "writing: the peer closed");
    case TLS_STEP_WANT_READ:
    case TLS_STEP_WANT_WRITE:
        break;
    }
    *sent = 0;
    return true;
}

static void pump_out(struct stream *s)
{
    struct error e = {0};
    s->is_blocked = false;
    for (unsigned round = 0; s->unsent.unsent > 0 && !s->is_blocked; round++) {
        size_t sent = 0;
        bool ok = s->tls == NULL ? stream_queue_send(&s->unsent, s->fd, &sent, &e)
                                 : send_tls(s, &sent, &e);
        if (!ok) {
            end(s, &e);
            return;
        }
        /* A full round: not really blocked, but the others have waited long enough. */
        s->is_blocked = sent == 0 || round >= ROUNDS_MAX * 4;
    }
    if (s->is_above && s->unsent.unsent <= s->low_mark) {
        s->is_above = false;
        if (s->events != NULL && s->events->on_written != NULL)
            s->events->on_written(s->ctx);
    }
}

static void linger(struct stream *s)
{
    s->state = STREAM_LINGERING;
    if (s->saw_end) {
        stream_free(s);
        return;
    }
    if (s->tls != NULL)
        tls_session_end(s->tls);
    tls_session_free(s->tls); /* what comes now is not decrypted any more */
    s->tls = NULL;
    shutdown(s->fd, SHUT_WR);
    stream_input_drop(&s->input, stream_input_peek(&s->input).len);
    loop_timer_set(s->timer, loop_now_ms(s->loop) + LINGER_MS);
}

/* After whatever happened: which events the stream waits for now. */
static void settle(struct stream *s)
{
    if (s->state == STREAM_CLOSING && s->unsent.unsent == 0)
        linger(s);
    if (s->state >= STREAM_ENDED)
        return;
    unsigned what = 0;
    if (s->state == STREAM_CONNECTING)
        what = LOOP_WRITE;
    else if (s->state == STREAM_SHAKING)
        what = s->tls_wants;
    else
        what = (may_read(s) ? LOOP_READ : 0U) | (s->is_blocked ? LOOP_WRITE : 0U);
    loop_watch_set(s->watch, what);
    bool can_go_on = (s->unsent.unsent > 0 && !s->is_blocked) || (s->holds_more && may_read(s));
    if (s->state >= STREAM_OPEN && can_go_on)
        run_soon(s);
}

static void on_ready(void *ctx, int fd, unsigned ready)
{
    struct stream *s = ctx;
    (void)fd;
    if (s->state == STREAM_CONNECTING)
        connected(s);
    else if (s->state == STREAM_SHAKING)
        shake(s);
    else {
        if ((ready & LOOP_WRITE) && s->state < STREAM_ENDED)
            pump_out(s);
        if ((ready & LOOP_READ) && s->state < STREAM_ENDED)
            pump_in(s);
    }
    settle(s);
}

static void on_soon(void *ctx)
{
    struct stream *s = ctx;
    s->soon = NULL;
    if (s->unsent.unsent > 0 && !s->is_blocked &&
        (s->state == STREAM_OPEN || s->state == STREAM_CLOSING))
        pump_out(s);
    if (s->holds_more && may_read(s))
        pump_in(s);
    settle(s);
}

static struct stream *stream_new(struct loop *loop, int fd, const struct address *peer)
{
    struct stream *s = mem_new(sizeof *s);
    s->loop = loop;
    s->fd = fd;
    s->timer = loop_timer_new(loop, on_deadline, s);
    stream_input_init(&s->input, READ_MARK);
    address_text(peer, s->peer);
    return s;
}

bool stream_adopt(struct loop *loop, int fd, const struct address *peer, const struct tls *tls,
                  struct stream **out, struct error *e)
{
    struct stream *s = stream_new(loop, fd, peer);
    if (tls != NULL && !tls_session_new(tls, fd, NULL, &s->tls, e)) {
        s->fd = -1;
        stream_free(s);
        return false;
    }
    s->state = tls == NULL ? STREAM_OPEN : STREAM_SHAKING;
    s->tls_wants = LOOP_READ;
    s->watch = loop_watch_new(loop, fd, LOOP_READ, on_ready, s);
    *out = s;
    return true;
}

void stream_on_release(struct stream *s, loop_fn *released, void *ctx)
{
    s->released = released;
    s->released_ctx = ctx;
}

static bool open_socket(const struct address *to, int *fd, struct error *e)
{
    AUTO_FD int made = socket(to->at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;
    if (made == -1)
        return error_errno(e, "connect: no socket");
    if (!address_is_unix(to))
        setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    /* EAGAIN: a UNIX listener's queue is full, and the kernel will not tell when it has room. */
    if (connect(made, (const struct sockaddr *)&to->at, to->len) == -1 && errno != EINPROGRESS)
        return error_errno(e, "connect");
    *fd = sys_take_fd(&made);
    return true;
}

bool stream_connect(struct loop *loop, const struct stream_connect_config *config,
                    struct stream **out, struct error *e)
{
    struct address to;
    AUTO_FD int fd = -1;
    if (!address_parse(config->address, &to, e) || !open_socket(&to, &fd, e))
        return false;
    struct stream *s = stream_new(loop, sys_take_fd(&fd), &to);
    if (config->tls != NULL && !tls_session_new(config->tls, s->fd, config->host, &s->tls, e)) {
        stream_free(s);
        return false;
    }
    s->watch = loop_watch_new(loop, s->fd, LOOP_WRITE, on_ready, s);
    *out = s;
    return true;
}

void stream_listen(struct stream *s, const struct stream_events *events, void *ctx)
{
    s->events = events;
    s->ctx = ctx;
}

static void free_at_end(void *ctx)
{
    struct stream *s = ctx;
    s->at_end = NULL;
    stream_free(s);
}

void stream_close(struct stream *s)
{
    s->events = NULL;
    if (s->state != STREAM_OPEN) {
        stream_free(s);
        return;
    }
    s->state = STREAM_CLOSING;
    s->at_end = loop_at_end(s->loop, free_at_end, s);
    if (!loop_timer_is_set(s->timer))
        stream_set_deadline(s, loop_now_ms(s->loop) + CLOSE_MS, "closing");
    run_soon(s);
}

struct str stream_peek(struct stream *s)
{
    return stream_input_peek(&s->input);
}

void stream_consume(struct stream *s, size_t n)
{
    bool had_room = may_read(s);
    stream_input_drop(&s->input, n);
    if (!had_room && may_read(s))
        run_soon(s);
}

void stream_pause(struct stream *s, bool paused)
{
    if (s->is_paused == paused)
        return;
    s->is_paused = paused;
    if (s->state == STREAM_OPEN)
        run_soon(s);
}

static void note_above(struct stream *s)
{
    if (s->unsent.unsent > s->low_mark)
        s->is_above = true;
}

static void wrote(struct stream *s)
{
    note_above(s);
    if (s->state == STREAM_OPEN && !s->is_blocked)
        run_soon(s);
}

void stream_write(struct stream *s, struct str octets)
{
    if (s->state > STREAM_OPEN)
        return;
    stream_queue_add(&s->unsent, octets);
    wrote(s);
}

void stream_write_file(struct stream *s, int fd, uint64_t offset, uint64_t len)
{
    if (s->state > STREAM_OPEN) {
        sys_close(&fd);
        return;
    }
    stream_queue_add_file(&s->unsent, fd, offset, len);
    wrote(s);
}

uint64_t stream_unsent(const struct stream *s)
{
    return s->unsent.unsent;
}

void stream_set_low_mark(struct stream *s, size_t octets)
{
    s->low_mark = octets;
    note_above(s); /* what was not above the old one may be above this */
}

void stream_set_read_mark(struct stream *s, size_t octets)
{
    stream_input_set_mark(&s->input, octets);
}

void stream_set_deadline(struct stream *s, int64_t at_ms, const char *step)
{
    s->step = step;
    if (at_ms == 0)
        loop_timer_clear(s->timer);
    else
        loop_timer_set(s->timer, at_ms);
}

bool stream_is_open(const struct stream *s)
{
    return s->state == STREAM_OPEN;
}

const struct cert *stream_peer_cert(struct stream *s)
{
    return s->tls == NULL ? NULL : tls_session_peer(s->tls);
}

struct str stream_peer(const struct stream *s)
{
    return str_of(s->peer);
}
