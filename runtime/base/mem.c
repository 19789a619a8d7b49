/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/mem.h"

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *there(void *at)
{
    if (at == NULL)
        abort(); /* systemd restarts; the store still has the message */
    return at;
}

void mem_setup(void)
{
    enum { TRIM = 8 * 1024 * 1024, PAD = 256 * 1024, MAPPED = 2 * 1024 * 1024 };
    mallopt(M_TRIM_THRESHOLD, TRIM);
    mallopt(M_TOP_PAD, PAD);
    mallopt(M_MMAP_THRESHOLD, MAPPED);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (processors > 0 && processors <= INT_MAX)
        mallopt(M_ARENA_MAX, (int)processors);
}

void *mem_new(size_t size)
{
    return there(calloc(1, size == 0 ? 1 : size));
}

void *mem_room(size_t size)
{
    return there(malloc(size == 0 ? 1 : size));
}

void *mem_new_array(size_t count, size_t size)
{
    return there(calloc(count == 0 ? 1 : count, size));
}

void *mem_grow(void *at, size_t old_size, size_t new_size)
{
    unsigned char *grown = there(realloc(at, new_size == 0 ? 1 : new_size));
    if (new_size > old_size)
        memset(grown + old_size, 0, new_size - old_size);
    return grown;
}

void *mem_copy(const void *at, size_t size)
{
    void *copy = mem_room(size);
    if (size > 0)
        memcpy(copy, at, size);
    return copy;
}

char *mem_text(const char *text)
{
    return text == NULL ? NULL : mem_copy(text, strlen(text) + 1);
}

void mem_free(void *at)
{
    free(at);
}

void mem_free_at(void *pointer_to_pointer)
{
    void *at;
    memcpy(&at, pointer_to_pointer, sizeof(at));
    free(at);
}

void mem_wipe(void *at, size_t size)
{
    if (size > 0)
        explicit_bzero(at, size);
}
