/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_handover.c */
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/loop/handover.h"
#include "runtime/loop/handover_wire.h"

enum { QUESTIONS_MAX = 32, SEND_SECONDS = 10 };
enum { ROOM = HANDOVER_HEAD_MAX + HANDOVER_BODY_MAX };

/* One asking process. Lives until the loop has let go of it and its last request is answered. */
struct asker {
    struct handover_server *server;
    int fd;
    struct loop_watch *watch; /* loop thread */
    struct asker *after;      /* loop thread */
    atomic_uint holders;
};

struct handover_server {
    struct loop *loop;
    int fd;
    struct loop_watch *watch;
    handover_asked *asked;
    void *ctx;
    struct asker *askers;
    char *room;
    atomic_uint open;    /* requests not yet answered */
    atomic_uint holders; /* the holder, and each asker */
};

struct handover_request {
    struct asker *asker;
    uint64_t id;
    int fd;
    size_t head_len, body_len;
    char octets[]; /* the head, then the body */
};

static void server_let_go(struct handover_server *s)
{
    if (atomic_fetch_sub(&s->holders, 1) != 1)
        return;
    mem_free(s->room);
    mem_free(s);
}

static void asker_let_go(struct asker *a)
{
    if (atomic_fetch_sub(&a->holders, 1) != 1)
        return;
    sys_close(&a->fd);
    server_let_go(a->server);
    mem_free(a);
}

/* Threads may still be answering: their sends fail, the descriptor stays until the last is done. */
static void hang_up(struct asker *a)
{
    struct asker **at = &a->server->askers;
    while (*at != a)
        at = &(*at)->after;
    *at = a->after;
    loop_watch_free(a->watch);
    shutdown(a->fd, SHUT_RDWR);
    asker_let_go(a);
}

static void take_question(struct asker *a, const struct handover_frame *frame, struct str octets,
                          int fd)
{
    struct handover_request *r = mem_room(sizeof *r + octets.len);
    size_t head_len = str_upto(octets, frame->text_len).len;
    *r = (struct handover_request){.asker = a,
                                   .id = frame->id,
                                   .fd = fd,
                                   .head_len = head_len,
                                   .body_len = octets.len - head_len};
    memcpy(r->octets, octets.at, octets.len);
    atomic_fetch_add(&a->holders, 1);
    atomic_fetch_add(&a->server->open, 1);
    a->server->asked(a->server->ctx, r);
}

static void on_question(void *ctx, int from, unsigned ready)
{
    struct asker *a = ctx;
    (void)ready;
    atomic_fetch_add(&a->holders, 1);
    for (unsigned i = 0; i < QUESTIONS_MAX && a->server->fd != -1; i++) {
        struct handover_frame frame;
        struct str octets;
        int fd = -1;
        enum handover_io io =
            handover_receive(from, &frame, a->server->room, ROOM, &octets, &fd);
        if (io == HANDOVER_DONE && frame.text_len > HANDOVER_HEAD_MAX) {
            sys_close(&fd);
            io = HANDOVER_BROKEN;
        }
        if (io == HANDOVER_BROKEN)
            hang_up(a);
        if (io != HANDOVER_DONE)
            break;
        take_question(a, &frame, octets, fd);
    }
    asker_let_go(a);
}

static void on_knock(void *ctx, int fd, unsigned ready)
{
    struct handover_server *s = ctx;
    (void)ready;
    /* Blocking for answers by threads; the loop's own reads say MSG_DONTWAIT. */
    int made = handover_admit(fd);
    if (made == -1)
        return;
    struct timeval limit = {.tv_sec = SEND_SECONDS};
    setsockopt(made, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    handover_widen(made);
    struct asker *a = mem_new(sizeof *a);
    a->server = s;
    a->fd = made;
    a->after = s->askers;
    a->holders = 1;
    s->askers = a;
    atomic_fetch_add(&s->holders, 1);
    a->watch = loop_watch_new(s->loop, made, LOOP_READ, on_question, a);
}

bool handover_server_new(struct loop *loop, const struct handover_server_config *config,
                         struct handover_server **out, struct error *e)
{
    int fd = -1;
    if (!handover_door_open(config->path, config->mode, &fd, e))
        return false;
    struct handover_server *s = mem_new(sizeof *s);
    s->loop = loop;
    s->fd = fd;
    s->asked = config->asked;
    s->ctx = config->ctx;
    s->room = mem_new(ROOM);
    s->holders = 1;
    s->watch = loop_watch_new(loop, fd, LOOP_READ, on_knock, s);
    *out = s;
    return true;
}

void handover_server_free(struct handover_server *s)
{
    if (s == NULL)
        return;
    while (s->askers != NULL)
        hang_up(s->askers);
    loop_watch_free(s->watch);
    sys_close(&s->fd);
    server_let_go(s);
}

unsigned handover_server_open(const struct handover_server *s)
{
    return s->open;
}

struct str handover_request_head(const struct handover_request *r)
{
    return str_bytes(r->octets, r->head_len);
}

struct str handover_request_body(const struct handover_request *r)
{
    return str_bytes(r->octets + r->head_len, r->body_len);
}

int handover_request_fd(const struct handover_request *r)
{
    return r->fd;
}

static void request_free(struct handover_request *r)
{
    atomic_fetch_sub(&r->asker->server->open, 1);
    sys_close(&r->fd);
    asker_let_go(r->asker);
    mem_free(r);
}

void handover_answer(struct handover_request *r, unsigned status, struct str content_type,
                     struct str body, int fd)
{
    AUTO_FD int file = -1;
    struct error e = {0};
    struct handover_frame frame = {.id = r->id, .status = status};
    content_type = str_upto(content_type, HANDOVER_TYPE_MAX);
    frame.text_len = (uint32_t)content_type.len;
    bool ok = true;
    if (fd == -1 && body.len > HANDOVER_BODY_MAX)
        ok = handover_memory_file(body, &file, &e);
    int pass = fd == -1 ? file : fd;
    if (pass != -1) {
        ok = ok && sys_file_size(pass, &frame.size, &e);
        frame.has_file = 1;
        body = STR_NONE;
    }
    /* What cannot be answered breaks the connection: the asker then tries again. */
    if (!ok || handover_send(r->asker->fd, &frame, content_type, body, pass, 0) != HANDOVER_DONE)
        shutdown(r->asker->fd, SHUT_RDWR);
    request_free(r);
}
