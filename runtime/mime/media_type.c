/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <stddef.h>

#include "runtime/base/buf.h"
#include "runtime/base/cursor.h"
#include "runtime/mime/multipart.h"

enum { VALUE_MAX = 4096, PARAMETERS_MAX = 16 };

static const struct {
    const char *name;
    size_t at;
} parameters[] = {
    {"boundary", offsetof(struct media_type, boundary)},
    {"start", offsetof(struct media_type, start)},
    {"type", offsetof(struct media_type, start_type)},
    {"charset", offsetof(struct media_type, charset)},
    {"name", offsetof(struct media_type, name)},
    {"filename", offsetof(struct media_type, filename)},
};

static struct str lower(struct arena *a, struct str s)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = s.at[i] >= 'A' && s.at[i] <= 'Z' ? (char)(s.at[i] + 32) : s.at[i];
    return str_bytes(at, s.len);
}

static bool read_type(struct cursor *c, struct arena *a, struct media_type *out, struct error *e)
{
    struct str major, minor;
    struct cursor start = *c;
    if (!cursor_token(c, &major))
        return error_set(e, ERROR_REJECT, "media type: no type");
    if (cursor_char(c, '/') && !cursor_token(c, &minor))
        return error_set(e, ERROR_REJECT, "media type: no subtype");
    out->type = lower(a, str_upto(start.left, start.left.len - c->left.len));
    return true;
}

static bool read_quoted(struct cursor *c, struct arena *a, struct str *out, struct error *e)
{
    char *at = arena_new(a, c->left.len + 1);
    size_t n = 0;
    bool is_closed = false;
    struct str one;
    while (!is_closed && cursor_take(c, 1, &one)) {
        is_closed = one.at[0] == '"';
        if (one.at[0] == '\\' && !cursor_take(c, 1, &one))
            break;
        if (!is_closed)
            at[n++] = one.at[0];
    }
    if (!is_closed)
        return error_set(e, ERROR_REJECT, "media type: a quoted value does not end");
    *out = str_bytes(at, n);
    return true;
}

/* Senders leave type=application/soap+xml and boundaries with '=' unquoted: so anything visible that
 * cannot be mistaken for a separator. */
static bool read_bare(struct cursor *c, struct arena *a, struct str *out, struct error *e)
{
    static const char separators[] = "\";,\\ \t";
    size_t n = 0;
    while (n < c->left.len && str_find_char(str_bytes(separators, sizeof(separators) - 1),
                                            c->left.at[n]) == sizeof(separators) - 1)
        n++;
    struct str value;
    if (n == 0 || !cursor_take(c, n, &value))
        return error_set(e, ERROR_REJECT, "media type: a parameter without a value");
    *out = arena_copy(a, value);
    return true;
}

static bool keep(struct media_type *out, struct str name, struct str value, struct error *e)
{
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        struct str *at = (struct str *)(void *)((char *)out + parameters[i].at);
        if (!str_equal_nocase(name, str_of(parameters[i].name)))
            continue;
        if (at->at != NULL)
            return error_set(e, ERROR_REJECT, "media type: %s stands twice", parameters[i].name);
        *at = value;
    }
    return true;
}

static bool read_parameter(struct cursor *c, struct arena *a, struct media_type *out,
                           struct error *e)
{
    struct str name, value = STR_NONE;
    if (!cursor_token(c, &name) || !cursor_char(c, '='))
        return error_set(e, ERROR_REJECT, "media type: expected name=value");
    bool ok = cursor_char(c, '"') ? read_quoted(c, a, &value, e) : read_bare(c, a, &value, e);
    return ok && keep(out, name, value, e);
}

static bool is_plain(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static struct str without_brackets(struct str s)
{
    bool has = s.len >= 2 && s.at[0] == '<' && s.at[s.len - 1] == '>';
    return has ? str_bytes(s.at + 1, s.len - 2) : s;
}

bool media_type_read(struct str value, struct arena *a, struct media_type *out, struct error *e)
{
    struct media_type got = {0};
    if (value.len > VALUE_MAX || !is_plain(value))
        return error_set(e, ERROR_REJECT, "media type: too long or holds control characters");
    struct cursor c = cursor_of(str_trim(value));
    if (!read_type(&c, a, &got, e))
        return false;
    for (unsigned n = 0; (void)cursor_blanks(&c), !cursor_done(&c); n++) {
        if (n == PARAMETERS_MAX || !cursor_char(&c, ';'))
            return error_set(e, ERROR_REJECT, "media type: expected ';' and a parameter");
        cursor_blanks(&c);
        if (!cursor_done(&c) && !read_parameter(&c, a, &got, e))
            return false;
    }
    got.start = without_brackets(got.start);
    *out = got;
    return true;
}
