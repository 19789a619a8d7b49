/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* client_body.h - the pieces of a request's body read as one, from any place. Within
 * runtime/http. */
#pragma once

#include "runtime/http/client.h"

struct client_body {
    struct http_piece *pieces; /* a copy */
    size_t count;
    uint64_t total;
    size_t piece;  /* read next */
    uint64_t done; /* octets of it read already */
    struct buf whole;
};

/* REJECT where the lengths together are no number. */
MUST_USE bool client_body_init(struct client_body *b, const struct http_piece *pieces, size_t count,
                               struct error *e);
void client_body_release(struct client_body *b);
/* The whole body as one: the only piece itself, or a copy that lives as long as b. */
MUST_USE bool client_body_gather(struct client_body *b, struct str *out, struct error *e);
/* Up to size octets, less only at the end. */
MUST_USE bool client_body_read(struct client_body *b, char *at, size_t size, size_t *got,
                               struct error *e);
MUST_USE bool client_body_seek(struct client_body *b, uint64_t offset, struct error *e);
