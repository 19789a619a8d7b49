/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/http/test_client.c */
#include "runtime/http/client_body.h"

#include <string.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"

static uint64_t length_of(const struct http_piece *p)
{
    return p->memory.at != NULL ? p->memory.len : p->length;
}

bool client_body_init(struct client_body *b, const struct http_piece *pieces, size_t count,
                      struct error *e)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        if (__builtin_add_overflow(total, length_of(&pieces[i]), &total) || total > INT64_MAX)
            return error_set(e, ERROR_REJECT, "the body is too large");
    *b = (struct client_body){.count = count, .total = total};
    if (count > 0)
        b->pieces = mem_copy(pieces, count * sizeof *pieces);
    return true;
}

void client_body_release(struct client_body *b)
{
    mem_free(b->pieces);
    buf_release(&b->whole);
    *b = (struct client_body){0};
}

static bool read_piece(const struct http_piece *p, uint64_t done, char *at, size_t len,
                       struct error *e)
{
    if (p->memory.at != NULL)
        memcpy(at, p->memory.at + done, len);
    else if (p->read != NULL)
        return p->read(p->ctx, p->offset + done, at, len, e);
    else
        return sys_pread_all(p->fd, at, len, p->offset + done, e);
    return true;
}

bool client_body_read(struct client_body *b, char *at, size_t size, size_t *got, struct error *e)
{
    *got = 0;
    while (b->piece < b->count && *got < size) {
        const struct http_piece *p = &b->pieces[b->piece];
        uint64_t left = length_of(p) - b->done;
        size_t n = left < size - *got ? (size_t)left : size - *got;
        if (n > 0 && !read_piece(p, b->done, at + *got, n, e))
            return false;
        *got += n;
        b->done += n;
        if (n == left) {
            b->piece++;
            b->done = 0;
        }
    }
    return true;
}

bool client_body_gather(struct client_body *b, struct str *out, struct error *e)
{
    char *room;
    size_t got;
    if (b->count == 1 && b->pieces[0].memory.at != NULL) {
        *out = b->pieces[0].memory;
        return true;
    }
    b->whole = BUF(b->total);
    if (!buf_room(&b->whole, b->total, &room, e) || !client_body_read(b, room, b->total, &got, e))
        return false;
    buf_grew(&b->whole, got);
    *out = buf_str(&b->whole);
    return true;
}

bool client_body_seek(struct client_body *b, uint64_t offset, struct error *e)
{
    if (offset > b->total)
        return error_set(e, ERROR_BUG, "a place behind the body's end");
    b->piece = 0;
    while (b->piece < b->count && offset >= length_of(&b->pieces[b->piece]))
        offset -= length_of(&b->pieces[b->piece++]);
    b->done = offset;
    return true;
}
