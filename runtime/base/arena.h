/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* arena.h - memory that lives as long as one message: parsed values are views into it, and all of
 * it is freed once. Allocation never fails (the process ends), so limits come before. */
#pragma once

#include <stdarg.h>

#include "runtime/base/str.h"

struct arena {
    struct arena_block *blocks;
    size_t used; /* octets handed out, for tests and limits */
};

#define AUTO_ARENA __attribute__((cleanup(arena_release))) struct arena

void arena_release(struct arena *a);
void *arena_new(struct arena *a, size_t size); /* zeroed, aligned for anything */
void *arena_array(struct arena *a, size_t count, size_t size);
struct str arena_copy(struct arena *a, struct str s);
const char *arena_text(struct arena *a, struct str s); /* a copy with a NUL behind it */
struct str arena_format(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct str arena_vformat(struct arena *a, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
