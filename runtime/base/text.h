/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* text.h - octets written as text: hexadecimal and percent-encoding. (Base64 is in crypto.) */
#pragma once

#include "runtime/base/buf.h"

MUST_USE bool hex_encode(struct buf *out, struct str octets, struct error *e); /* lower case */
MUST_USE bool hex_decode(struct buf *out, struct str text, struct error *e);
/* RFC 3986: everything but unreserved characters becomes %XX, so a value is one path segment. */
MUST_USE bool percent_encode(struct buf *out, struct str text, struct error *e);
MUST_USE bool percent_decode(struct buf *out, struct str text, struct error *e);
