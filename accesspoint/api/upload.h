/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* upload.h - a file that waits for its message: a message of kind "upload" with one file and, sealed
 * beside it, its name. For functions that run in the store, and what they found. */
#pragma once

#include "accesspoint/api/call.h"

#define UPLOAD_SLOT      "file-1"
#define UPLOAD_NAME_SLOT "name"
enum { UPLOAD_LIFE_MS = 24 * 60 * 60 * 1000, UPLOAD_SWEEP_MAX = 100 };

struct upload {
    struct str id;
    bool found; /* there, and this client's */
    int64_t created_ms;
    struct str type;
    struct str name; /* after upload_read_name() */
    bool has_name;
    uint64_t octets;
    struct str sha256; /* hexadecimal */
};

/* u->id is given; a missing one is no failure. */
MUST_USE bool upload_get(struct store_tx *tx, struct call *c, struct upload *u, struct error *e);
/* Outside of the store's functions. */
MUST_USE bool upload_read_name(struct call *c, struct upload *u, struct error *e);
/* Removes what nobody has referred to for a day, UPLOAD_SWEEP_MAX at most. */
MUST_USE bool upload_sweep(struct store_tx *tx, const struct api *api, size_t *swept,
                           struct error *e);
