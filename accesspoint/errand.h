/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* errand.h - what accesspoint-work asks accesspoint-send to do: the head of a hand-over, as lines.
 *     GET <url>                              ask the directory
 *     POST <url>                             push a body to another access point
 *     <its content type>
 *     <before> <octets> <SHA-256, hex>       only where its part is the file that goes with it
 * The body stands in the hand-over's; the file's octets belong between the first `before` octets of it
 * and the rest. The answer is the HTTP answer, or one of the statuses below. */
#pragma once

#include <stdint.h>

#include "runtime/base/buf.h"

enum {
    ERRAND_FAILED = 0,  /* no HTTP answer; the reason is the body */
    ERRAND_UNTRIED = 1, /* nothing was tried: ask again soon */
    ERRAND_HEAD_MAX = 8 * 1024,
    ERRAND_ANSWER_MAX = 256 * 1024, /* octets of what a directory says */
    ERRAND_REPLY_MAX = 60 * 1024,   /* octets of what a push brings: a receipt is some KiB */
};

struct errand {
    struct str url;
    struct str content_type;  /* of what is pushed; empty: a directory is asked */
    uint64_t before, octets;  /* octets 0: no file */
    unsigned char sha256[32]; /* of the file's octets */
};
/* REJECT: a text that does not fit on a line. */
MUST_USE bool errand_write(const struct errand *errand, struct buf *out, struct error *e);
/* Views into head. */
MUST_USE bool errand_read(struct str head, struct errand *out, struct error *e);
