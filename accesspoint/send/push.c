/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include <string.h>

#include "accesspoint/send/send.h"
#include "runtime/base/sys.h"

enum { WINDOW = 256 * 1024, TOTAL_MS = 3600 * 1000 };

/* --- a large part: libcurl asks for some KiB at a time, its file is read in larger pieces */

static bool is_intact(struct task *t, struct error *e)
{
    struct digest_value value;
    if (!sink_finish(&t->digest.sink, e))
        return false;
    digest_sink_value(&t->digest, &value);
    return digest_equal(&value, str_bytes(t->errand.sha256, sizeof(t->errand.sha256))) ||
           error_code(e, ERROR_DENY, "store:altered", "the sealed part was altered on disk");
}

/* A part that was altered on disk fails before its last octets leave: nobody gets it whole. */
static bool next_window(struct task *t, struct error *e)
{
    uint64_t left = t->errand.octets - t->window_at;
    size_t n = left < WINDOW ? (size_t)left : WINDOW;
    char *room;
    buf_clear(&t->window);
    if (!buf_room(&t->window, n, &room, e) ||
        !sys_pread_all(handover_request_fd(t->request), room, n, t->window_at, e))
        return false;
    buf_grew(&t->window, n);
    return sink_write(&t->digest.sink, buf_str(&t->window), e) && (n < left || is_intact(t, e));
}

static bool move_window(struct task *t, uint64_t offset, struct error *e)
{
    if (offset == 0) { /* the first octets, or all again on another connection */
        digest_sink_release(&t->digest);
        digest_sink_init(&t->digest, DIGEST_SHA256, NULL);
        t->window_at = 0;
    } else if (offset != t->window_at + t->window.len || offset >= t->errand.octets) {
        return error_set(e, ERROR_BUG, "a place of the sealed part out of turn");
    } else {
        t->window_at = offset;
    }
    return next_window(t, e);
}

static bool read_window(void *ctx, uint64_t offset, char *at, size_t len, struct error *e)
{
    struct task *t = ctx;
    while (len > 0) {
        bool is_inside = offset > t->window_at && offset - t->window_at < t->window.len;
        if (!is_inside && !move_window(t, offset, e))
            return false;
        struct str octets = str_from(buf_str(&t->window), (size_t)(offset - t->window_at));
        octets = str_upto(octets, len);
        memcpy(at, octets.at, octets.len);
        at += octets.len;
        len -= octets.len;
        offset += octets.len;
    }
    return true;
}

/* --- the body: inline, inline around a file, or a file alone where inline was too much */

static bool find_pieces(struct task *t, struct http_piece *pieces, size_t *count, struct error *e)
{
    int fd = handover_request_fd(t->request);
    struct str body = handover_request_body(t->request);
    uint64_t size = 0;
    if (fd != -1 && !sys_file_size(fd, &size, e))
        return false;
    if (t->errand.octets == 0) {
        pieces[0] = fd == -1 ? (struct http_piece){.memory = body, .fd = -1}
                             : (struct http_piece){.fd = fd, .length = size};
        *count = 1;
        return true;
    }
    if (size != t->errand.octets || t->errand.before > body.len)
        return error_set(e, ERROR_REJECT, "errand: the file is not as its line says");
    t->window = BUF(WINDOW);
    size_t before = (size_t)t->errand.before;
    pieces[0] = (struct http_piece){.memory = str_upto(body, before), .fd = -1};
    pieces[1] = (struct http_piece){.length = size, .fd = -1, .read = read_window, .ctx = t};
    pieces[2] = (struct http_piece){.memory = str_from(body, before), .fd = -1};
    *count = 3;
    return true;
}

void push_start(struct task *t)
{
    struct error e = {0};
    struct http_piece pieces[3];
    struct http1_field fields[] = {{STR("Content-Type"), t->errand.content_type}};
    struct http_ask ask = {
        .method = "POST",
        .url = t->url,
        .fields = fields,
        .field_count = 1,
        .pieces = pieces,
        .answer_max = ERRAND_REPLY_MAX,
        .total_ms = TOTAL_MS,
    };
    if (find_pieces(t, pieces, &ask.piece_count, &e))
        http_client_ask(t->sender->outlet->push, &ask, task_answered, t);
    else
        task_fail(t, &e);
}
