/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* wire.h - the wire form of an outgoing message, the HTTP body of its push: sealed, kept, and pushed with
 * the same octets until its receipt is there. Small, it is one payload and stays in memory from sealing to
 * push; with a large part it is three, and the part goes to accesspoint-send as an open file. */
#pragma once

#include "accesspoint/as4/out.h"
#include "accesspoint/work/errands.h"
#include "accesspoint/work/workplace.h"

struct wire { /* in place; zero before wire_open or wire_load */
    struct sink sink;
    struct store *store;
    struct buf body; /* all; or, of a large one, what stands before and behind the part */
    uint64_t before; /* so many octets of body before the part */
    uint64_t octets; /* of the part */
    struct store_writer *writer; /* of a large part, until it is attached */
    struct store_reader *reader; /* of a large part, for the push */
    int fd;                      /* its own where the reader has none; -1 */
};
void wire_release(struct wire *w);

/* Where the part flows; finished with it. */
struct sink *wire_open(struct wire *w, struct store *store);
/* After it, or where there is no part: what stands around it. */
MUST_USE bool wire_close(struct wire *w, const struct as4_wire *around, struct error *e);
MUST_USE bool wire_put(struct store_tx *tx, const struct wire *w, struct str message,
                       struct str content_type, struct error *e);
/* Is it all in memory, so that it can be pushed without wire_load? */
bool wire_is_small(const struct wire *w);
/* On a worker thread. */
MUST_USE bool wire_load(struct wire *w, const struct workplace *place, struct str message,
                        struct error *e);
/* Borrows from w. */
struct errand_ask wire_push(const struct wire *w, struct str url, struct str content_type);
