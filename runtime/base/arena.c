/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/mem.h"

enum { BLOCK_FIRST = 1024, BLOCK_SIZE = 16 * 1024 }; /* small ones stay small, as most are */

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char room[];
};

void arena_release(struct arena *a)
{
    while (a->blocks != NULL) {
        struct arena_block *block = a->blocks;
        a->blocks = block->next;
        mem_wipe(block->room, block->used);
        mem_free(block);
    }
    a->used = 0;
}

static struct arena_block *block_with(struct arena *a, size_t size)
{
    struct arena_block *first = a->blocks;
    if (first != NULL && first->size - first->used >= size)
        return first;
    size_t usual = first == NULL ? BLOCK_FIRST : first->size * 4;
    usual = usual > BLOCK_SIZE ? BLOCK_SIZE : usual;
    size_t room = size > usual ? size : usual;
    struct arena_block *block = mem_room(sizeof(*block) + room);
    block->size = room;
    block->used = 0;
    bool keep_first = first != NULL && size > BLOCK_SIZE / 4;
    block->next = keep_first ? first->next : first;
    if (keep_first)
        first->next = block; /* a big one must not hide the room left in the first */
    else
        a->blocks = block;
    return block;
}

static void *take(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        abort();
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *block = block_with(a, rounded);
    void *at = block->room + block->used;
    block->used += rounded;
    a->used += rounded;
    return at;
}

void *arena_new(struct arena *a, size_t size)
{
    void *at = take(a, size);
    return size == 0 ? at : memset(at, 0, size);
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        abort();
    return arena_new(a, total);
}

struct str arena_copy(struct arena *a, struct str s)
{
    return (struct str){arena_text(a, s), s.len};
}

const char *arena_text(struct arena *a, struct str s)
{
    char *copy = take(a, s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.at, s.len);
    copy[s.len] = '\0';
    return copy;
}

struct str arena_vformat(struct arena *a, const char *format, va_list args)
{
    enum { USUAL = 256 };
    char first[USUAL];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(first, sizeof(first), format, args);
    if (n < 0)
        abort();
    char *at = take(a, (size_t)n + 1);
    if (n < USUAL)
        memcpy(at, first, (size_t)n + 1);
    else
        vsnprintf(at, (size_t)n + 1, format, again);
    va_end(again);
    return (struct str){at, (size_t)n};
}

struct str arena_format(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str text = arena_vformat(a, format, args);
    va_end(args);
    return text;
}
