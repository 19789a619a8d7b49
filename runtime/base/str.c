/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/str.h"

#include <string.h>

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool str_equal_nocase(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower((unsigned char)a.at[i]) != lower((unsigned char)b.at[i]))
            return false;
    return true;
}

bool str_starts(struct str s, struct str with)
{
    return s.len >= with.len && str_equal(str_upto(s, with.len), with);
}

bool str_ends(struct str s, struct str with)
{
    return s.len >= with.len && str_equal(str_from(s, s.len - with.len), with);
}

int str_compare(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.at, b.at, shorter);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

size_t str_find(struct str s, struct str needle)
{
    if (needle.len == 0)
        return 0;
    const char *hit = s.len == 0 ? NULL : memmem(s.at, s.len, needle.at, needle.len);
    return hit == NULL ? s.len : (size_t)(hit - s.at);
}

size_t str_find_char(struct str s, char c)
{
    const char *hit = s.len == 0 ? NULL : memchr(s.at, c, s.len);
    return hit == NULL ? s.len : (size_t)(hit - s.at);
}

struct str str_trim_start(struct str s)
{
    size_t n = 0;
    while (n < s.len && is_blank_char(s.at[n]))
        n++;
    return str_from(s, n);
}

struct str str_trim(struct str s)
{
    s = str_trim_start(s);
    while (s.len > 0 && is_blank_char(s.at[s.len - 1]))
        s.len--;
    return s;
}

bool str_next(struct str *rest, char c, struct str *part)
{
    if (rest->at == NULL)
        return false;
    size_t at = str_find_char(*rest, c);
    *part = str_upto(*rest, at);
    *rest = at < rest->len ? (struct str){rest->at + at + 1, rest->len - at - 1} : STR_NONE;
    return true;
}

size_t str_utf8_length(struct str s)
{
    if (s.len == 0)
        return 0;
    const unsigned char *at = (const unsigned char *)s.at;
    unsigned char c = at[0];
    if (c < 0x80)
        return 1;
    size_t n = c >= 0xc2 && c <= 0xdf ? 2 : (c & 0xf0) == 0xe0 ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;
    if (n == 0 || n > s.len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (c == 0xe0 && at[1] < 0xa0) || (c == 0xf0 && at[1] < 0x90);
    bool surrogate = c == 0xed && at[1] > 0x9f;
    bool beyond = c == 0xf4 && at[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : n;
}

struct str str_upto_utf8(struct str s, size_t len)
{
    struct str text = str_upto(s, len);
    size_t last = 1; /* octets of the last character */
    while (last < 4 && last < text.len && ((unsigned char)text.at[text.len - last] & 0xc0) == 0x80)
        last++;
    if (text.len > 0 && str_utf8_length(str_from(text, text.len - last)) == 0)
        text.len -= last;
    return text;
}

size_t str_put_utf8(char *at, uint32_t character)
{
    size_t more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    at[0] = (char)(lead[more] | character >> 6 * more);
    for (size_t i = 1; i <= more; i++)
        at[i] = (char)(0x80 | (character >> 6 * (more - i) & 0x3f));
    return more + 1;
}

/* Most text is: eight octets are looked at together. */
static bool are_ascii(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

bool str_is_utf8(struct str s)
{
    for (size_t i = 0; i < s.len;) {
        bool skips = s.len - i >= sizeof(uint64_t) && are_ascii(s.at + i);
        size_t n = skips ? sizeof(uint64_t) : str_utf8_length(str_from(s, i));
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

unsigned long long str_hash(struct str s)
{
    uint64_t hash = 14695981039346656037ULL;
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.at[i]) * 1099511628211ULL;
    return hash;
}
