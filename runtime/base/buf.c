/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/buf.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/mem.h"

enum { FIRST = 256, SMALL = 64 * 1024 }; /* octets: small ones grow faster */

void buf_release(struct buf *b)
{
    mem_wipe(b->at, b->len);
    mem_free(b->at);
    *b = BUF(b->limit);
}

void buf_clear(struct buf *b)
{
    buf_cut(b, 0);
}

const char *buf_text(struct buf *b)
{
    return b->at == NULL ? "" : b->at;
}

/* A move, not realloc: the old place is wiped, or a secret would stay in freed memory. */
static void buf_move(struct buf *b, size_t size)
{
    char *moved = mem_room(size);
    if (b->len > 0)
        memcpy(moved, b->at, b->len);
    moved[b->len] = '\0';
    mem_wipe(b->at, b->len);
    mem_free(b->at);
    b->at = moved;
    b->size = size;
}

bool buf_room(struct buf *b, size_t n, char **room, struct error *e)
{
    if (n > b->limit - b->len)
        return error_set(e, ERROR_REJECT, "more than %zu octets", b->limit);
    size_t need = b->len + n + 1;
    if (need > b->size) {
        size_t times = b->size < SMALL ? 4 : 2;
        size_t grown = b->size < FIRST ? FIRST : b->size * times;
        grown = grown > b->limit ? b->limit + 1 : grown;
        buf_move(b, need > grown ? need : grown);
    }
    *room = b->at + b->len;
    return true;
}

bool buf_add(struct buf *b, struct str s, struct error *e)
{
    char *room;
    if (!buf_room(b, s.len, &room, e))
        return false;
    if (s.len > 0)
        memcpy(room, s.at, s.len);
    buf_grew(b, s.len);
    return true;
}

bool buf_add_before(struct buf *b, struct str s, struct error *e)
{
    char *room;
    if (!buf_room(b, s.len, &room, e))
        return false;
    if (s.len > 0) {
        memmove(b->at + s.len, b->at, b->len);
        memcpy(b->at, s.at, s.len);
    }
    buf_grew(b, s.len);
    return true;
}

bool buf_add_char(struct buf *b, char c, struct error *e)
{
    return buf_add(b, (struct str){&c, 1}, e);
}

/* As vsnprintf() into what is free already, which is enough most times; else nothing stays there. */
__attribute__((format(printf, 2, 0))) static int format_here(struct buf *b, const char *format,
                                                             va_list args)
{
    size_t left = b->limit - b->len;
    size_t room = b->size - b->len > left ? left + 1 : b->size - b->len;
    if (b->at == NULL)
        room = 0;
    int n = vsnprintf(room == 0 ? NULL : b->at + b->len, room, format, args);
    if (n >= 0 && (size_t)n < room)
        buf_grew(b, (size_t)n);
    else if (room > 0)
        mem_wipe(b->at + b->len, room);
    return n;
}

bool buf_addf(struct buf *b, struct error *e, const char *format, ...)
{
    va_list args, again;
    char *room;
    size_t before = b->len;
    va_start(args, format);
    va_copy(again, args);
    int n = format_here(b, format, args);
    va_end(args);
    bool ok = n >= 0 && (b->len > before || buf_room(b, (size_t)n, &room, e));
    if (ok && b->len == before) {
        vsnprintf(room, (size_t)n + 1, format, again);
        buf_grew(b, (size_t)n);
    }
    va_end(again);
    return ok;
}

void buf_cut(struct buf *b, size_t len)
{
    if (len >= b->len)
        return;
    mem_wipe(b->at + len, b->len - len);
    b->len = len;
    b->at[len] = '\0';
}
