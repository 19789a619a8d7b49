/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* str.h - borrowed text or octets: a place and a length, passed by value, never freed. May hold
 * NUL; char * is for the wall to a library only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *at;
    size_t len;
};

#define STR_INIT(literal)               \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
#define STR(literal) ((struct str)STR_INIT(literal))
#define STR_NONE     ((struct str){NULL, 0})
/* For printf's "%.*s": printf("%.*s", STR_ARG(s)); at most 4 KiB are shown */
#define STR_ARG(s) (int)((s).len > 4096 ? 4096 : (s).len), ((s).len == 0 ? "" : (s).at)

/* NULL gives STR_NONE. */
static inline struct str str_of(const char *text)
{
    return text == NULL ? STR_NONE : (struct str){text, strlen(text)};
}
static inline struct str str_bytes(const void *at, size_t len)
{
    return (struct str){(const char *)at, len};
}
static inline bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}
bool str_equal_nocase(struct str a, struct str b); /* ASCII letters only */
static inline bool str_is(struct str a, const char *text)
{
    return str_equal(a, str_of(text));
}
bool str_starts(struct str s, struct str with);
bool str_ends(struct str s, struct str with);
int str_compare(struct str a, struct str b); /* as memcmp, then the shorter first */
/* Place of the first hit, or s.len. */
size_t str_find(struct str s, struct str needle);
size_t str_find_char(struct str s, char c);
/* Empty when the offset is past the end. */
static inline struct str str_from(struct str s, size_t offset)
{
    if (offset >= s.len)
        return (struct str){s.len == 0 ? s.at : s.at + s.len, 0};
    return (struct str){s.at + offset, s.len - offset};
}
static inline struct str str_upto(struct str s, size_t len)
{
    return (struct str){s.at, len < s.len ? len : s.len};
}
/* XML's white space, JSON's too. */
static inline bool is_blank_char(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
struct str str_trim_start(struct str s);
struct str str_trim(struct str s); /* at both ends */
/* Takes the part before the first `c` off *rest (all of it where there is none). False at the end:
 * *rest.at is NULL then. "a,,b" gives "a", "", "b". */
bool str_next(struct str *rest, char c, struct str *part);
/* Octets as text: ASCII and well-formed UTF-8 only? */
bool str_is_utf8(struct str s);
/* Octets of the UTF-8 character at the front, 0 where it is not well-formed (RFC 3629 §4). */
size_t str_utf8_length(struct str s);
/* At most len octets, and at the end no character that was cut, here or before. */
struct str str_upto_utf8(struct str s, size_t len);
/* Writes the character, at most four octets, and says how many; up to U+10FFFF. */
size_t str_put_utf8(char *at, uint32_t character);
/* 64-bit hash for tables (FNV-1a): not for secrets, not against chosen input. */
unsigned long long str_hash(struct str s);
