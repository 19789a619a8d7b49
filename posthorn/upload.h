/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* upload.h - files to the API and from it, streamed: a file is never whole in memory. */
#pragma once

#include "posthorn/api_client.h"

/* Type by the name's ending, digest by reading it once before. *attachment_id in the arena. */
MUST_USE bool upload_file(struct api_client *c, const char *path, struct arena *a,
                          struct str *attachment_id, struct error *e);
/* The type of a file by its name; "application/octet-stream" where nothing is known. */
const char *upload_type(struct str path);
/* The header that names a file: for other letters than ASCII by filename* (RFC 8187). */
MUST_USE bool upload_disposition(struct str path, struct buf *out, struct error *e);

struct download {
    struct str path;   /* of the API, behind its base */
    struct str name;   /* as the sender gave it: cleaned here */
    struct str sha256; /* hexadecimal; another one is DENY and leaves no file */
};
/* Into the folder dir, never over a file that is there. *saved_as (its name) in the arena. */
MUST_USE bool download_file(struct api_client *c, const struct download *d, const char *dir,
                            struct arena *a, struct str *saved_as, struct error *e);
/* A sender's file name as one that can do no harm: no folder, no leading dot, no control character,
 * at most 200 octets, never empty. In the arena. */
struct str download_name(struct arena *a, struct str name);
