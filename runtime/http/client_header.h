/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* client_header.h - of an answer's header lines, the fields that callers ask for. Within
 * runtime/http. */
#pragma once

#include "runtime/base/error.h"
#include "runtime/base/str.h"

enum { CLIENT_VALUE_SIZE = 1024 };
struct client_header {
    size_t size;   /* octets of all lines */
    bool is_whole; /* its end has come: libcurl takes half of one for an answer */
    char content_type[CLIENT_VALUE_SIZE], retry_after[CLIENT_VALUE_SIZE]; /* cut, with NUL */
    char last_modified[CLIENT_VALUE_SIZE], location[CLIENT_VALUE_SIZE];
};

/* One line, as it came; REJECT where the header grows too large. */
MUST_USE bool client_header_take(struct client_header *h, struct str line, struct error *e);
