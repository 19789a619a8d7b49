/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
/* An attachment of the inbox, whole or one range of it, decrypted while it is sent. */
#include "accesspoint/api/api.h"
#include "accesspoint/api/fields.h"
#include "accesspoint/api/view.h"
#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/log/log.h"

struct download {
    struct str id, slot;
    struct store_message message;
    struct store_reader *reader; /* until the octets are on their way */
};

static void release(struct call *c)
{
    struct download *d = c->own;
    store_reader_free(d->reader);
}

/* --- octets on their way: a thread of the pool reads and decrypts a piece (with PostgreSQL that asks the
 * database), the loop sends it, and so on. */

enum { PIECE_MAX = 4 * STORE_SEGMENT }; /* whole segments: none is opened twice */

struct flow { /* lives as long as its octets are sent, or read */
    struct api *api;
    struct store_reader *reader;
    uint64_t at, end; /* what is still to be read */
    struct buf piece; /* what was read; */
    size_t given;     /* so much of it was sent */
    bool is_reading;  /* then the rest but to and is_over is the thread's */
    bool is_over;     /* nobody wants more */
    struct error fault;
    struct http_pulling *to;
};

static void flow_free(struct flow *f)
{
    store_reader_free(f->reader);
    buf_release(&f->piece);
    mem_free(f);
}

static void was_read(void *ctx)
{
    struct flow *f = ctx;
    f->is_reading = false;
    if (f->is_over)
        flow_free(f);
    else
        http_pull_resume(f->to);
}

static void read_piece(void *ctx) /* on a thread of the pool */
{
    struct flow *f = ctx;
    struct sink_buf into;
    uint64_t left = f->end - f->at;
    uint64_t length = PIECE_MAX - f->at % STORE_SEGMENT;
    length = left < length ? left : length;
    buf_clear(&f->piece);
    f->given = 0;
    sink_buf_init(&into, &f->piece);
    if (store_reader_read(f->reader, f->at, length, &into.sink, &f->fault))
        f->at += length;
    loop_post(f->api->env->loop, was_read, f);
}

static bool pull(void *ctx, struct buf *out, bool *more, struct error *e)
{
    struct flow *f = ctx;
    *more = true;
    if (f->is_reading)
        return true;
    struct str rest = str_upto(str_from(buf_str(&f->piece), f->given), out->limit - out->len);
    if (f->fault.kind == ERROR_NONE && rest.len == 0 && f->at < f->end) {
        f->is_reading = pool_submit(f->api->pool, read_piece, f, &f->fault);
        if (f->is_reading)
            return true;
    }
    if (f->fault.kind != ERROR_NONE) {
        log_error(NULL, "api.download_cut", KV_ERROR(&f->fault));
        *e = f->fault;
        return false;
    }
    f->given += rest.len;
    *more = f->given < f->piece.len || f->at < f->end;
    return buf_add(out, rest, e);
}

static void pull_begin(void *ctx, struct http_pulling *p)
{
    struct flow *f = ctx;
    f->to = p;
}

static void pull_end(void *ctx)
{
    struct flow *f = ctx;
    f->is_over = true;
    if (!f->is_reading)
        flow_free(f);
}

static struct str etag_of(struct call *c, const struct store_payload *p)
{
    AUTO_BUF hex = BUF(64);
    struct error e = {0};
    if (!hex_encode(&hex, str_bytes(p->sha256, 32), &e))
        return STR_NONE;
    return arena_format(&c->arena, "\"%.*s\"", STR_ARG(buf_str(&hex)));
}

static struct str type_of(struct call *c, const struct store_payload *p)
{
    return letter_media_type_is_sane(p->media_type) ? arena_copy(&c->arena, p->media_type)
                                                    : STR("application/octet-stream");
}

static enum range_verdict range_of(struct call *c, struct str etag, uint64_t size, uint64_t *offset,
                                   uint64_t *length)
{
    struct str condition = http_field(c->request, "if-range");
    *offset = 0;
    *length = size;
    if (condition.len > 0 && !str_equal(condition, etag))
        return RANGE_WHOLE;
    return field_range(http_field(c->request, "range"), size, offset, length);
}

static void send_octets(struct call *c, struct str etag)
{
    struct download *d = c->own;
    const struct store_payload *p = store_reader_payload(d->reader);
    struct flow *f = mem_new(sizeof(*f));
    uint64_t length;
    enum range_verdict verdict = range_of(c, etag, p->octets, &f->at, &length);
    f->end = f->at + length;
    if (verdict == RANGE_OUTSIDE) {
        call_add_field(c, "Content-Range",
                       arena_format(&c->arena, "bytes */%llu", (unsigned long long)p->octets));
        mem_free(f);
        call_problem(c, PROBLEM_RANGE, STR_NONE);
        return;
    }
    if (verdict == RANGE_PART)
        call_add_field(c, "Content-Range",
                       arena_format(&c->arena, "bytes %llu-%llu/%llu", (unsigned long long)f->at,
                                    (unsigned long long)f->end - 1, (unsigned long long)p->octets));
    f->api = c->api;
    f->piece = BUF(PIECE_MAX);
    f->reader = d->reader;
    d->reader = NULL;
    call_add_field(c, "Accept-Ranges", STR("bytes"));
    call_add_field(c, "Content-Disposition", STR("attachment"));
    struct http_reply reply = {
        .status = verdict == RANGE_PART ? 206 : 200,
        .content_type = type_of(c, p),
        .pull = pull,
        .pull_begin = pull_begin,
        .pull_end = pull_end,
        .pull_ctx = f,
        .pull_has_length = true,
        .pull_length = length,
    };
    call_reply(c, &reply);
}

static bool open_file(struct call *c, struct error *e)
{
    struct download *d = c->own;
    return store_reader_open(c->api->store, d->id, d->slot, &d->reader, e);
}

static void answer_file(struct call *c, const struct error *fault)
{
    const struct download *d = c->own;
    if (fault != NULL) {
        call_error(c, fault);
        return;
    }
    struct str etag = etag_of(c, store_reader_payload(d->reader));
    call_add_field(c, "ETag", etag);
    call_add_field(c, "Cache-Control", STR("private, no-cache"));
    if (field_holds_etag(http_field(c->request, "if-none-match"), etag)) {
        struct http_reply unchanged = {.status = 304};
        call_reply(c, &unchanged);
        return;
    }
    send_octets(c, etag);
}

static void on_found(struct call *c, const struct error *fault)
{
    const struct download *d = c->own;
    if (fault != NULL)
        call_error(c, fault);
    else if (view_came_to(c, &d->message) == NULL)
        call_problem(c, PROBLEM_NOT_FOUND, STR_NONE);
    else
        call_block(c, open_file, answer_file);
}

static bool fetch(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct download *d = c->own;
    return store_message_get(tx, &c->arena, d->id, &d->message, e);
}

/* "file-1" to "file-9999": no other slot of a message is for download. */
static bool is_file_slot(struct str s)
{
    struct str digits = str_from(s, 5);
    if (!str_starts(s, STR("file-")) || digits.len == 0 || digits.len > 4 || digits.at[0] == '0')
        return false;
    for (size_t i = 0; i < digits.len; i++)
        if (digits.at[i] < '0' || digits.at[i] > '9')
            return false;
    return true;
}

void api_get_file(void *ctx, struct http_request *r)
{
    struct call *c = call_begin_file(ctx, r);
    if (c == NULL)
        return;
    struct download *d = arena_new(&c->arena, sizeof(*d));
    c->own = d;
    c->release = release;
    d->slot = arena_copy(&c->arena, http_param(r, "fileId"));
    if (!is_file_slot(d->slot)) {
        call_problem(c, PROBLEM_NOT_FOUND, STR_NONE);
        return;
    }
    d->id = call_id(c, "inboxMessageId");
    if (d->id.len > 0)
        call_read(c, fetch, on_found);
}
