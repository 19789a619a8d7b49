/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* segment.h - how a payload is sealed at rest: AES-256-GCM in segments of 64 KiB, each its own
 * sealed value (nonce 12, data, tag 16), so that any place can be read without what is before it.
 * The associated data is the payload's id, the segment's place and whether it is the last: segments
 * cannot be swapped, moved to another payload, or cut off. An engine: no file, no database. */
#pragma once

#include <stdint.h>

#include "runtime/base/buf.h"

enum { SEGMENT_PLAIN = 64 * 1024, SEGMENT_SEALED = SEGMENT_PLAIN + 28 };

/* What one segment is, for both directions. */
struct segment {
    struct str key;        /* 32 octets, of this payload alone */
    struct str payload_id; /* at most 36 octets */
    uint64_t place;        /* 0, 1, ... */
    bool last;
};
MUST_USE bool segment_seal(const struct segment *s, struct str plain, struct buf *out,
                           struct error *e);
MUST_USE bool segment_open(const struct segment *s, struct str sealed, struct buf *out,
                           struct error *e); /* DENY: altered */
/* Segments of a payload of so many plain octets: at least one. */
uint64_t segment_count(uint64_t octets);
