/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include <stdio.h>

#include "accesspoint/send/send.h"
#include "runtime/base/sys.h"

enum {
    PART_IN_MEMORY = 256 * 1024,
    WIRE_HEAD_MAX = 1024 * 1024,
    REPLY_MAX = 60 * 1024, /* a receipt is some KiB; it must fit a row */
    TOTAL_MS = 3600 * 1000,
};

/* The three pieces of the HTTP body: small ends in memory, the part as a file. */
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
    struct sink_file file;
    if (!sys_temp_file(s->sender->settings.store->path.at, &s->part_fd, e))
        return false;
    sink_file_init(&file, s->part_fd, s->part_octets);
    return store_reader_read(s->part_reader, 0, s->part_octets, &file.sink, e);
}

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
        {.memory = s->part_fd == -1 ? buf_str(&s->part) : STR_NONE,
         .fd = s->part_fd,
         .length = s->part_octets},
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
    http_client_ask(s->sender->push_peer, &ask, on_reply, s);
}
