/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* http1_head.h - one whole head, and single lines of it, read strictly. Within runtime/http
 * only. */
#pragma once

#include "runtime/http/http1.h"

/* Lines are without their CRLF and hold no CR, LF or other control characters but HTAB. On failure
 * *status is what to answer. */
MUST_USE bool http1_read_request_line(struct str line, struct http1_head *head, unsigned *status,
                                      struct error *e);
MUST_USE bool http1_read_field(struct str line, struct http1_field *out, struct error *e);
/* After the request line and all fields are there: framing, Host, Expect, Connection. */
MUST_USE bool http1_settle_head(struct http1_head *head, unsigned *status, struct error *e);
/* "1a;x=y" to 26. */
MUST_USE bool http1_read_chunk_line(struct str line, uint64_t *size, struct error *e);
