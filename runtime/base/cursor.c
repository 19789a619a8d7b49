/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/cursor.h"

struct cursor cursor_of(struct str s)
{
    return (struct cursor){s};
}

bool cursor_done(const struct cursor *c)
{
    return c->left.len == 0;
}

bool cursor_take(struct cursor *c, size_t n, struct str *out)
{
    if (c->left.len < n)
        return false;
    *out = str_upto(c->left, n);
    c->left = str_from(c->left, n);
    return true;
}

bool cursor_char(struct cursor *c, char expected)
{
    if (c->left.len == 0 || c->left.at[0] != expected)
        return false;
    c->left = str_from(c->left, 1);
    return true;
}

bool cursor_skip(struct cursor *c, struct str expected)
{
    if (!str_starts(c->left, expected))
        return false;
    c->left = str_from(c->left, expected.len);
    return true;
}

bool cursor_until(struct cursor *c, struct str stop, struct str *out)
{
    size_t at = str_find(c->left, stop);
    if (at == c->left.len)
        return false;
    *out = str_upto(c->left, at);
    c->left = str_from(c->left, at + stop.len);
    return true;
}

bool is_token_char(char c)
{
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return true;
    return c != '\0' && str_find_char(STR("!#$%&'*+-.^_`|~"), c) < 15;
}

bool cursor_token(struct cursor *c, struct str *out)
{
    size_t n = 0;
    while (n < c->left.len && is_token_char(c->left.at[n]))
        n++;
    return n > 0 && cursor_take(c, n, out);
}

void cursor_blanks(struct cursor *c)
{
    while (cursor_char(c, ' ') || cursor_char(c, '\t'))
        ;
}

static bool cursor_number(struct cursor *c, size_t octets, uint64_t *out)
{
    struct str taken;
    if (!cursor_take(c, octets, &taken))
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < octets; i++)
        value = value << 8 | (unsigned char)taken.at[i];
    *out = value;
    return true;
}

bool cursor_u8(struct cursor *c, uint8_t *out)
{
    uint64_t value = 0;
    bool ok = cursor_number(c, 1, &value);
    *out = ok ? (uint8_t)value : *out;
    return ok;
}

bool cursor_u16(struct cursor *c, uint16_t *out)
{
    uint64_t value = 0;
    bool ok = cursor_number(c, 2, &value);
    *out = ok ? (uint16_t)value : *out;
    return ok;
}

bool cursor_u32(struct cursor *c, uint32_t *out)
{
    uint64_t value = 0;
    bool ok = cursor_number(c, 4, &value);
    *out = ok ? (uint32_t)value : *out;
    return ok;
}

bool cursor_u64(struct cursor *c, uint64_t *out)
{
    return cursor_number(c, 8, out);
}
