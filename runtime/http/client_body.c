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
    while (b->piece < b->count && b->done == length_of(&b->pieces[b->piece])) {
        b->piece++;
        b->done = 0;
    }
    *got = 0;
    if (b->piece == b->count)
        return true;
    const struct http_piece *p = &b->pieces[b->piece];
    uint64_t left = length_of(p) - b->done;
    size_t n = left < size ? (size_t)left : size;
    if (!read_piece(p, b->done, at, n, e))
        return false;
    b->done += n;
    *got = n;
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
