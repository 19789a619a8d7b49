/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* stream_queue.h - what a stream has still to send, in order: memory and ranges of files. Within
 * runtime/loop only. */
#pragma once

#include <stdint.h>

#include "runtime/base/error.h"
#include "runtime/base/str.h"

struct stream_part;
struct stream_queue {
    struct stream_part *first, *last;
    uint64_t unsent; /* octets of all parts */
    char *chunk;     /* octets of the first part's file, for TLS */
    size_t chunk_len, chunk_used;
};

void stream_queue_release(struct stream_queue *q);
void stream_queue_add(struct stream_queue *q, struct str octets);
void stream_queue_add_file(struct stream_queue *q, int fd, uint64_t offset, uint64_t len);
/* One write of the front to a socket (send, sendfile): *sent is 0 where it would block. */
MUST_USE bool stream_queue_send(struct stream_queue *q, int fd, size_t *sent, struct error *e);
/* For TLS: the front as memory, then how much of it is on its way. */
MUST_USE bool stream_queue_peek(struct stream_queue *q, struct str *octets, struct error *e);
void stream_queue_drop(struct stream_queue *q, size_t n);
