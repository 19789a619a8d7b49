/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* sink.h - where octets flow to. Filters (digest, cipher, gzip, base64, ...) embed a struct sink as
 * their first member and pass on to the next one, so a payload goes through all its stages in one
 * pass with constant memory:
 *     gzip -> digest -> cipher -> file
 * A sink that failed stays failed; finish() is called once, at the end of the octets, and passes
 * the end on to the next sink. */
#pragma once

#include <stdint.h>

#include "runtime/base/buf.h"

struct sink {
    bool (*write)(struct sink *s, struct str octets, struct error *e);
    bool (*finish)(struct sink *s, struct error *e); /* NULL: nothing to do at the end */
};

MUST_USE static inline bool sink_write(struct sink *s, struct str octets, struct error *e)
{
    return octets.len == 0 || s->write(s, octets, e);
}
MUST_USE bool sink_finish(struct sink *s, struct error *e);

struct sink_buf { /* into a buf, up to its limit */
    struct sink sink;
    struct buf *out;
};
void sink_buf_init(struct sink_buf *s, struct buf *out);

struct sink_file { /* into a file at its position; counts; refuses more than `limit` octets */
    struct sink sink;
    int fd; /* borrowed */
    uint64_t written;
    uint64_t limit;
};
void sink_file_init(struct sink_file *s, int fd, uint64_t limit);

struct sink_tee { /* the same octets into two sinks; finish reaches both */
    struct sink sink;
    struct sink *one;
    struct sink *two;
};
void sink_tee_init(struct sink_tee *s, struct sink *one, struct sink *two);

struct sink_count { /* counts and refuses more than `limit`, then passes on (next may be NULL) */
    struct sink sink;
    struct sink *next;
    uint64_t octets;
    uint64_t limit;
};
void sink_count_init(struct sink_count *s, uint64_t limit, struct sink *next);

struct sink_guard { /* passes on, and tells a fault of what is behind it from one before it */
    struct sink sink;
    struct sink *next;
    bool has_failed;
};
void sink_guard_init(struct sink_guard *s, struct sink *next);

/* Octets [offset, offset + len) of a file into a sink, 256 KiB at a time; does not finish it. */
MUST_USE bool sink_from_file(struct sink *s, int fd, uint64_t offset, uint64_t len,
                             struct error *e);
