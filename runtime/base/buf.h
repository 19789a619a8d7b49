/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* buf.h - owned text or octets that grow up to a limit given at birth and say REJECT beyond it.
 * Wiped on release, so it may hold what must not stay in memory. */
#pragma once

#include <stdarg.h>

#include "runtime/base/error.h"
#include "runtime/base/str.h"

struct buf {
    char *at; /* NUL behind the last octet once anything was added */
    size_t len;
    size_t size;  /* allocated */
    size_t limit; /* most octets it may hold */
};

/* AUTO_BUF b = BUF(64 * 1024); */
#define BUF(most) ((struct buf){.limit = (most)})
#define AUTO_BUF  __attribute__((cleanup(buf_release))) struct buf

void buf_release(struct buf *b); /* wipes its octets; b is usable again, same limit */
void buf_clear(struct buf *b);   /* keeps the memory; content wiped */
static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->len == 0 ? "" : b->at, b->len};
}
const char *buf_text(struct buf *b); /* with a NUL at the end; "" when empty */
MUST_USE bool buf_add(struct buf *b, struct str s, struct error *e);
MUST_USE bool buf_add_before(struct buf *b, struct str s, struct error *e); /* all that is there */
MUST_USE bool buf_add_char(struct buf *b, char c, struct error *e);
MUST_USE bool buf_addf(struct buf *b, struct error *e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Room for n more octets at *room; then buf_grew(b, used <= n). What was written there and is not
 * counted is not wiped. */
MUST_USE bool buf_room(struct buf *b, size_t n, char **room, struct error *e);
static inline void buf_grew(struct buf *b, size_t used)
{
    b->len += used;
    b->at[b->len] = '\0';
}
void buf_cut(struct buf *b, size_t len); /* forget what stands behind len */
