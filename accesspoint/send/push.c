/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include <stdio.h>
#include <string.h>

#include "accesspoint/send/send.h"
#include "runtime/base/mem.h"

enum {
    PART_IN_MEMORY = 256 * 1024,
    WIRE_HEAD_MAX = 1024 * 1024,
    REPLY_MAX = 60 * 1024, /* a receipt is some KiB; it must fit a row */
    TOTAL_MS = 3600 * 1000,
};

/* The three pieces of the HTTP body: small ends in memory, the part through a window when it is large. */
static bool read_small(struct step *s, const char *slot, struct buf *out, struct error *e)
{
    *out = BUF(WIRE_HEAD_MAX);
    struct sink_buf into;
    sink_buf_init(&into, out);
    return store_payload_read(s->sender->store, s->message.id, str_of(slot), &into.sink, e);
}

static bool read_part(struct step *s, struct error *e)
{
    struct error none = {0};
    if (!store_reader_open(s->sender->store, s->message.id, STR(SLOT_WIRE_PART), &s->part_reader,
                           &none))
        return none.kind == ERROR_REJECT /* no part: a message without payload */
                   ? true
                   : error_set(e, none.kind, "%s", none.text);
    s->part_octets = store_reader_payload(s->part_reader)->octets;
    if (s->part_octets <= PART_IN_MEMORY) {
        struct sink_buf into;
        s->part = BUF(PART_IN_MEMORY);
        sink_buf_init(&into, &s->part);
        return store_reader_read(s->part_reader, 0, s->part_octets, &into.sink, e);
    }
    s->part = BUF(PART_IN_MEMORY);
    return true;
}

/* --- the window: libcurl asks for some KiB at a time, the store is read in larger pieces */

static bool is_intact(struct step *s, struct error *e)
{
    struct digest_value value;
    const struct store_payload *p = store_reader_payload(s->part_reader);
    if (!sink_finish(&s->part_digest.sink, e))
        return false;
    digest_sink_value(&s->part_digest, &value);
    return digest_equal(&value, str_bytes(p->sha256, sizeof(p->sha256))) ||
           error_code(e, ERROR_DENY, "store:altered", "the sealed part was altered on disk");
}

/* A part that was altered on disk fails before its last octets leave: nobody gets it whole. */
static bool next_window(struct step *s, struct error *e)
{
    uint64_t left = s->part_octets - s->part_at;
    uint64_t n = left < PART_IN_MEMORY ? left : PART_IN_MEMORY;
    struct sink_buf into;
    struct sink_tee tee;
    buf_clear(&s->part);
    sink_buf_init(&into, &s->part);
    sink_tee_init(&tee, &s->part_digest.sink, &into.sink);
    return store_reader_read(s->part_reader, s->part_at, n, &tee.sink, e) &&
           (n < left || is_intact(s, e));
}

static bool move_window(struct step *s, uint64_t offset, struct error *e)
{
    if (offset == 0) { /* the first octets, or all again on another connection */
        digest_sink_release(&s->part_digest);
        digest_sink_init(&s->part_digest, DIGEST_SHA256, NULL);
        s->part_at = 0;
    } else if (offset != s->part_at + s->part.len || offset >= s->part_octets) {
        return error_set(e, ERROR_BUG, "a place of the sealed part out of turn");
    } else {
        s->part_at = offset;
    }
    return next_window(s, e);
}

static bool read_window(void *ctx, uint64_t offset, char *at, size_t len, struct error *e)
{
    struct step *s = ctx;
    while (len > 0) {
        bool is_inside = offset > s->part_at && offset - s->part_at < s->part.len;
        if (!is_inside && !move_window(s, offset, e))
            return false;
        struct str octets = str_from(buf_str(&s->part), (size_t)(offset - s->part_at));
        octets = str_upto(octets, len);
        memcpy(at, octets.at, octets.len);
        at += octets.len;
        len -= octets.len;
        offset += octets.len;
    }
    return true;
}

/* --- the lease: nobody else may push what is still on its way */

struct extension {
    struct arena arena;
    struct store_message message;
};

static bool write_extension(struct store_tx *tx, void *ctx, struct error *e)
{
    struct extension *x = ctx;
    return store_message_extend(tx, &x->message, SEND_LEASE_MS, e);
}

/* The step may be settled meanwhile: then the lease is over, and that is as it should be. */
static void extended(void *ctx, bool ok, const struct error *e)
{
    struct extension *x = ctx;
    if (!ok)
        log_debug(NULL, "send.lease_not_extended", KV_STR("msg", x->message.id), KV_ERROR(e));
    arena_release(&x->arena);
    mem_free(x);
}

static void on_lease_time(void *ctx)
{
    struct step *s = ctx;
    struct extension *x = mem_new(sizeof(*x));
    x->message = (struct store_message){
        .id = arena_copy(&x->arena, s->message.id),
        .state = arena_copy(&x->arena, s->message.state),
        .lease = arena_copy(&x->arena, s->message.lease),
    };
    store_submit(s->sender->store, write_extension, x, extended);
    loop_timer_set(s->lease_timer, loop_now_ms(s->sender->env->loop) + SEND_LEASE_MS / 3);
}

static void keep_lease(struct step *s)
{
    s->lease_timer = loop_timer_new(s->sender->env->loop, on_lease_time, s);
    loop_timer_set(s->lease_timer, loop_now_ms(s->sender->env->loop) + SEND_LEASE_MS / 3);
}

/* --- the answer */

static bool is_signal(struct str content_type)
{
    return str_starts(content_type, STR("application/soap+xml")) ||
           str_starts(content_type, STR("multipart/related")) ||
           str_starts(content_type, STR("text/xml"));
}

/* An answer that may hold a receipt or an ebMS error is for accesspoint-work to read, whatever its
 * status (spec/as4.md 4); what cannot hold one is a failed attempt. */
static void on_reply(void *ctx, const struct http_answer *answer, const struct error *e)
{
    struct step *s = ctx;
    loop_timer_clear(s->lease_timer);
    s->attributes.pushes++;
    if (e != NULL) {
        step_retry(s, e);
        return;
    }
    struct error why = {0};
    if (answer->body.len == 0 || !is_signal(answer->content_type)) {
        error_set(&why, ERROR_RETRY, "HTTP %u without a receipt from %.*s", answer->status,
                  STR_ARG(s->attributes.endpoint));
        step_retry(s, &why);
        return;
    }
    s->attributes.http_status = answer->status;
    s->attributes.reply_type = arena_copy(&s->arena, answer->content_type);
    s->reply = BUF(REPLY_MAX);
    if (!buf_add(&s->reply, answer->body, &why)) {
        step_retry(s, &why);
        return;
    }
    char words[64];
    snprintf(words, sizeof(words), "HTTP %u, %zu octets", answer->status, answer->body.len);
    step_move(s, STATE_ANSWERED, words);
}

void push_start(struct step *s)
{
    struct error e = {0};
    if (!read_small(s, SLOT_WIRE_HEAD, &s->head, &e) || !read_part(s, &e) ||
        !read_small(s, SLOT_WIRE_TAIL, &s->tail, &e)) {
        step_retry(s, &e);
        return;
    }
    struct http_piece pieces[] = {
        {.memory = buf_str(&s->head), .fd = -1},
        {.memory = s->part_octets <= PART_IN_MEMORY ? buf_str(&s->part) : STR_NONE,
         .length = s->part_octets,
         .read = read_window,
         .ctx = s},
        {.memory = buf_str(&s->tail), .fd = -1},
    };
    struct http1_field fields[] = {{STR("Content-Type"), s->attributes.content_type}};
    struct http_ask ask = {
        .method = "POST",
        .url = arena_text(&s->arena, s->attributes.endpoint),
        .fields = fields,
        .field_count = 1,
        .pieces = pieces,
        .piece_count = 3,
        .answer_max = REPLY_MAX,
        .total_ms = TOTAL_MS,
    };
    keep_lease(s);
    http_client_ask(s->sender->push_peer, &ask, on_reply, s);
}
