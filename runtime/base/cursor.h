/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* cursor.h - a reader that cannot run past the end. Parsers pull from it; no pointer arithmetic in
 * protocol files. On failure the cursor stays where it was. */
#pragma once

#include <stdint.h>

#include "runtime/base/str.h"

struct cursor {
    struct str left;
};

struct cursor cursor_of(struct str s);
bool cursor_done(const struct cursor *c);
bool cursor_take(struct cursor *c, size_t n, struct str *out);
bool cursor_char(struct cursor *c, char expected);
bool cursor_skip(struct cursor *c, struct str expected); /* exactly these octets */
/* Everything before `stop`; the stop itself is consumed but not given. */
bool cursor_until(struct cursor *c, struct str stop, struct str *out);
bool cursor_token(struct cursor *c, struct str *out); /* RFC 9110 §5.6.2, one or more tchar */
void cursor_blanks(struct cursor *c);                 /* skips SP and HTAB */
bool cursor_u8(struct cursor *c, uint8_t *out);
bool cursor_u16(struct cursor *c, uint16_t *out); /* big-endian, as all of these */
bool cursor_u32(struct cursor *c, uint32_t *out);
bool cursor_u64(struct cursor *c, uint64_t *out);
bool is_token_char(char c); /* tchar of RFC 9110 */
