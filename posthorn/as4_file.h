/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* as4_file.h - a stored AS4 message: HTTP-style headers, an empty line and the body; or a bare SOAP
 * envelope; or a body that begins with its boundary. */
#pragma once

#include "accesspoint/as4/out.h"

struct as4_file {
    int fd;                  /* owned */
    struct str content_type; /* in the arena */
    struct as4_octets body;
};
void as4_file_release(struct as4_file *f);
#define AUTO_AS4_FILE __attribute__((cleanup(as4_file_release))) struct as4_file

MUST_USE bool as4_file_open(const char *path, struct arena *a, struct as4_file *out,
                            struct error *e);
/* What the first octets of a file say: its Content-Type and where the body begins. */
MUST_USE bool as4_file_head(struct str head, struct arena *a, struct str *content_type,
                            size_t *body_at, struct error *e);
