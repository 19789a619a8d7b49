/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* gzip.h - RFC 1952 streams (ISA-L). Inflating has a bomb guard: an absolute size and a ratio. */
#pragma once

#include "runtime/base/sink.h"

struct gzip_sink {
    struct sink sink;
    struct sink *next;
    void *state;
};
#define AUTO_GZIP_SINK __attribute__((cleanup(gzip_sink_release))) struct gzip_sink
void gzip_sink_init(struct gzip_sink *s, struct sink *next); /* level 1, mtime 0, no name */
/* All members; FNAME etc. accepted; trailing zero padding tolerated, other trailing octets refused.
 * Refuses more than `limit` octets out, and a ratio above 1000:1 beyond 10 MiB. REJECT; code
 * "EBMS:0303" is the caller's to add. */
void gunzip_sink_init(struct gzip_sink *s, uint64_t limit, struct sink *next);
void gzip_sink_release(struct gzip_sink *s);
