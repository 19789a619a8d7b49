/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_handover.c */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/loop/handover.h"
#include "runtime/loop/handover_wire.h"

enum { ANSWERS_MAX = 32, RECONNECT_MS = 200, ROOM = HANDOVER_BODY_MAX + HANDOVER_TYPE_MAX };

enum call_state {
    CALL_QUEUED, /* the socket had no room yet */
    CALL_ASKED,
    CALL_FAILED, /* done() is called at the end of the turn */
};

struct handover_call {
    struct handover_client *client;
    uint64_t id;
    enum call_state state;
    handover_done *done;
    void *ctx;
    struct loop_timer *deadline;
    struct loop_call *failing;
    struct error why;
    char *octets; /* while queued: the head, then the body */
    size_t head_len, body_len;
    int fd; /* while queued; -1: none */
    struct handover_call *before, *after;
};

struct handover_client {
    struct loop *loop;
    char *path;
    unsigned in_flight_max, in_flight;
    int64_t reconnect_ms;
    int fd; /* -1: not connected */
    struct loop_watch *watch;
    struct loop_timer *reconnect;
    uint64_t last_id;
    struct handover_call *first, *last; /* in the order of asking */
    char *room;
};

static void let_go(struct handover_call *call)
{
    struct handover_client *c = call->client;
    if (call->before == NULL)
        c->first = call->after;
    else
        call->before->after = call->after;
    if (call->after == NULL)
        c->last = call->before;
    else
        call->after->before = call->before;
    c->in_flight--;
    loop_timer_free(call->deadline);
    loop_cancel(call->failing);
    sys_close(&call->fd);
    mem_free(call->octets);
    mem_free(call);
}

static void fail_now(void *ctx)
{
    struct handover_call *call = ctx;
    call->failing = NULL;
    handover_done *done = call->done;
    void *done_ctx = call->ctx;
    struct error why = call->why;
    let_go(call);
    done(done_ctx, NULL, &why);
}

static void fail_soon(struct handover_call *call, const char *why)
{
    if (call->state == CALL_FAILED)
        return;
    call->state = CALL_FAILED;
    error_set(&call->why, ERROR_RETRY, "the worker: %s", why);
    call->failing = loop_defer(call->client->loop, fail_now, call);
}

static void on_deadline(void *ctx)
{
    fail_soon(ctx, "no answer in time");
}

static void broken(struct handover_client *c)
{
    loop_watch_free(c->watch);
    c->watch = NULL;
    sys_close(&c->fd);
    for (struct handover_call *call = c->first; call != NULL; call = call->after)
        fail_soon(call, "the connection broke");
    loop_timer_set(c->reconnect, loop_now_ms(c->loop) + c->reconnect_ms);
}

static enum handover_io send_call(struct handover_call *call, struct str head, struct str body,
                                  int fd)
{
    struct handover_frame frame = {.id = call->id, .text_len = (uint32_t)head.len};
    return handover_send(call->client->fd, &frame, head, body, fd, MSG_DONTWAIT);
}

static enum handover_io send_kept(struct handover_call *call)
{
    struct str head = str_bytes(call->octets, call->head_len);
    struct str body = str_bytes(call->octets + call->head_len, call->body_len);
    return send_call(call, head, body, call->fd);
}

/* False: the connection broke. */
static bool send_queued(struct handover_client *c)
{
    for (struct handover_call *call = c->first; call != NULL; call = call->after) {
        if (call->state != CALL_QUEUED)
            continue;
        enum handover_io io = send_kept(call);
        if (io != HANDOVER_DONE)
            return io == HANDOVER_WAIT;
        call->state = CALL_ASKED;
        sys_close(&call->fd);
    }
    loop_watch_set(c->watch, LOOP_READ);
    return true;
}

static void give_answer(struct handover_client *c, const struct handover_frame *frame,
                        struct str rest, int fd)
{
    struct handover_call *call = c->first;
    while (call != NULL && call->id != frame->id)
        call = call->after;
    if (call == NULL || call->state == CALL_FAILED) /* cancelled or too late */
        return;
    struct handover_answer answer = {
        .status = frame->status,
        .content_type = str_upto(rest, frame->text_len),
        .body = str_from(rest, frame->text_len),
        .fd = frame->has_file ? fd : -1,
        .size = frame->size,
    };
    handover_done *done = call->done;
    void *ctx = call->ctx;
    let_go(call);
    done(ctx, &answer, NULL);
}

static void on_ready(void *ctx, int from, unsigned ready)
{
    struct handover_client *c = ctx;
    if ((ready & LOOP_WRITE) && !send_queued(c)) {
        broken(c);
        return;
    }
    /* Once, for the end of the connection, even where no answer is owed. */
    for (unsigned i = 0; i == 0 || (i < ANSWERS_MAX && c->fd == from && c->in_flight > 0); i++) {
        struct handover_frame frame;
        struct str rest;
        AUTO_FD int fd = -1;
        enum handover_io io = handover_receive(from, &frame, c->room, ROOM, &rest, &fd);
        if (io == HANDOVER_BROKEN)
            broken(c);
        if (io != HANDOVER_DONE)
            return;
        give_answer(c, &frame, rest, fd);
    }
}

static void knock(void *ctx)
{
    struct handover_client *c = ctx;
    c->fd = handover_knock(c->path);
    if (c->fd == -1) {
        loop_timer_set(c->reconnect, loop_now_ms(c->loop) + c->reconnect_ms);
        return;
    }
    handover_widen(c->fd);
    c->watch = loop_watch_new(c->loop, c->fd, LOOP_READ, on_ready, c);
}

struct handover_client *handover_client_new(struct loop *loop,
                                            const struct handover_client_config *config)
{
    struct handover_client *c = mem_new(sizeof *c);
    c->loop = loop;
    c->path = mem_text(config->path);
    c->in_flight_max = config->in_flight_max;
    c->reconnect_ms = config->reconnect_ms ? config->reconnect_ms : RECONNECT_MS;
    c->fd = -1;
    c->room = mem_new(ROOM);
    c->reconnect = loop_timer_new(loop, knock, c);
    knock(c);
    return c;
}

void handover_client_free(struct handover_client *c)
{
    if (c == NULL)
        return;
    while (c->first != NULL)
        let_go(c->first);
    loop_watch_free(c->watch);
    loop_timer_free(c->reconnect);
    sys_close(&c->fd);
    mem_free(c->room);
    mem_free(c->path);
    mem_free(c);
}

bool handover_client_is_connected(const struct handover_client *c)
{
    return c->fd != -1;
}

static struct handover_call *add_call(struct handover_client *c, handover_done *done, void *ctx)
{
    struct handover_call *call = mem_new(sizeof *call);
    *call = (struct handover_call){.client = c,
                                   .id = ++c->last_id,
                                   .state = CALL_ASKED,
                                   .done = done,
                                   .ctx = ctx,
                                   .fd = -1,
                                   .before = c->last};
    if (c->last == NULL)
        c->first = call;
    else
        c->last->after = call;
    c->last = call;
    c->in_flight++;
    return call;
}

static size_t copy_to(char *at, struct str s)
{
    if (s.len > 0)
        memcpy(at, s.at, s.len);
    return s.len;
}

/* The socket is full: kept until it has room. False: no descriptor left. */
static bool queue(struct handover_call *call, struct str head, struct str body, int fd)
{
    call->fd = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (fd != -1 && call->fd == -1)
        return false;
    call->octets = mem_room(head.len + body.len);
    call->head_len = copy_to(call->octets, head);
    call->body_len = copy_to(call->octets + head.len, body);
    call->state = CALL_QUEUED;
    loop_watch_set(call->client->watch, LOOP_READ | LOOP_WRITE);
    return true;
}

static bool may_ask(const struct handover_client *c, const struct handover_question *q,
                    struct error *e)
{
    if (q->head.len > HANDOVER_HEAD_MAX)
        return error_set(e, ERROR_REJECT, "%zu octets for the worker, not more than %d",
                         q->head.len, HANDOVER_HEAD_MAX);
    if (q->fd != -1 && q->body.len > HANDOVER_BODY_MAX)
        return error_set(e, ERROR_REJECT, "%zu octets beside a file, not more than %d", q->body.len,
                         HANDOVER_BODY_MAX);
    if (c->fd == -1)
        return error_set(e, ERROR_RETRY, "the worker is away");
    return c->in_flight < c->in_flight_max || error_set(e, ERROR_RETRY, "the worker is busy");
}

struct handover_call *handover_ask(struct handover_client *c, const struct handover_question *q,
                                   handover_done *done, void *ctx, struct error *e)
{
    AUTO_FD int file = -1;
    struct str body = q->body;
    if (!may_ask(c, q, e))
        return NULL;
    if (body.len > HANDOVER_BODY_MAX) {
        if (!handover_memory_file(body, &file, e))
            return NULL;
        body = STR_NONE;
    }
    int fd = q->fd == -1 ? file : q->fd;
    bool must_wait = c->last != NULL && c->last->state == CALL_QUEUED;
    struct handover_call *call = add_call(c, done, ctx);
    enum handover_io io = must_wait ? HANDOVER_WAIT : send_call(call, q->head, body, fd);
    if (io == HANDOVER_BROKEN || (io == HANDOVER_WAIT && !queue(call, q->head, body, fd))) {
        let_go(call);
        error_set(e, ERROR_RETRY, "the worker is away");
        return NULL;
    }
    call->deadline = loop_timer_new(c->loop, on_deadline, call);
    loop_timer_set(call->deadline, q->deadline_ms);
    return call;
}

void handover_cancel(struct handover_call *call)
{
    let_go(call);
}
