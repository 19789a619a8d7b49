/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/str.h"

/* A text that came from outside may carry anything, and may be cut within a character: an error is one
 * printable line of UTF-8, or the store and XML would not take it. */
static void make_one_line(char *text)
{
    struct str rest = str_of(text);
    for (char *at = text; rest.len > 0;) {
        unsigned char c = (unsigned char)*at;
        size_t octets = str_utf8_length(rest);
        bool is_c1 = octets == 2 && c == 0xc2 && (unsigned char)at[1] < 0xa0;
        if (c < 0x20 || c == 0x7f || is_c1)
            *at = ' ';
        if (is_c1)
            at[1] = ' ';
        if (octets == 0)
            *at = '?';
        octets += octets == 0;
        rest = str_from(rest, octets);
        at += octets;
    }
}

bool error_fill(struct error *e, enum error_kind kind, const char *where, const char *code,
                const char *format, ...)
{
    va_list args;
    e->kind = kind;
    e->where = where;
    e->code = code;
    va_start(args, format);
    vsnprintf(e->text, sizeof(e->text), format, args);
    va_end(args);
    make_one_line(e->text);
    return false;
}

bool error_fill_errno(struct error *e, const char *where, const char *format, ...)
{
    int saved = errno;
    char words[sizeof(e->text)];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof(words), format, args);
    va_end(args);
    char reason[128];
    return error_fill(e, ERROR_RETRY, where, NULL, "%.180s: %s", words,
                      strerror_r(saved, reason, sizeof(reason)));
}

bool error_prefix(struct error *e, const char *format, ...)
{
    char old[sizeof(e->text)];
    memcpy(old, e->text, sizeof(old));
    va_list args;
    va_start(args, format);
    int n = vsnprintf(e->text, sizeof(e->text), format, args);
    va_end(args);
    size_t used = n < 0 ? 0 : (size_t)n < sizeof(e->text) ? (size_t)n : sizeof(e->text) - 1;
    snprintf(e->text + used, sizeof(e->text) - used, ": %s", old);
    make_one_line(e->text);
    return false;
}

void error_clear(struct error *e)
{
    *e = (struct error){0};
}

const char *error_kind_name(enum error_kind kind)
{
    static const char *const names[] = {"none", "retry", "reject", "deny", "bug"};
    return kind <= ERROR_BUG ? names[kind] : "unknown";
}
