/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/http/test_http1.c */
#include "runtime/base/buf.h"
#include "runtime/base/text.h"
#include "runtime/http/http1.h"

enum { QUERY_MAX = 64, VALUE_MAX = 8 * 1024 };

static bool has_controls(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f)
            return true;
    return false;
}

static bool decode(struct arena *arena, struct str text, struct str *out, struct error *e)
{
    AUTO_BUF plain = BUF(VALUE_MAX);
    if (!percent_decode(&plain, text, e))
        return false;
    if (has_controls(buf_str(&plain)) || !str_is_utf8(buf_str(&plain)))
        return error_set(e, ERROR_REJECT, "control characters or octets that are not UTF-8");
    *out = arena_copy(arena, buf_str(&plain));
    return true;
}

/* '+' is a blank in queries (HTML's application/x-www-form-urlencoded). */
static bool decode_plus(struct arena *arena, struct str text, struct str *out, struct error *e)
{
    char *at = arena_new(arena, text.len);
    for (size_t i = 0; i < text.len; i++)
        at[i] = (char)(text.at[i] == '+' ? ' ' : text.at[i]);
    return decode(arena, str_bytes(at, text.len), out, e);
}

static bool is_there(const struct http1_query *q, struct str name)
{
    for (size_t i = 0; i < q->count; i++)
        if (str_equal(q->at[i].name, name))
            return true;
    return false;
}

static bool add_pair(struct arena *arena, struct str pair, struct http1_query *q, struct error *e)
{
    struct http1_field f = {0};
    size_t end = str_find_char(pair, '=');
    if (!decode_plus(arena, str_upto(pair, end), &f.name, e) ||
        !decode_plus(arena, str_from(pair, end + 1), &f.value, e))
        return error_prefix(e, "the query");
    if (f.name.len == 0)
        return error_set(e, ERROR_REJECT, "the query has a value without a name");
    if (q->count == QUERY_MAX)
        return error_set(e, ERROR_REJECT, "the query has more than %d values", QUERY_MAX);
    if (is_there(q, f.name))
        return error_set(e, ERROR_REJECT, "the query gives '%.*s' twice",
                         STR_ARG(str_upto(f.name, 100)));
    q->at[q->count++] = f;
    return true;
}

bool http1_query_read(struct arena *arena, struct str query, struct http1_query *out,
                      struct error *e)
{
    struct http1_query q = {arena_array(arena, QUERY_MAX, sizeof *q.at), 0};
    struct str rest = query, pair;
    while (rest.len > 0 && str_next(&rest, '&', &pair))
        if (!add_pair(arena, pair, &q, e))
            return false;
    *out = q;
    return true;
}

bool http1_segment_read(struct arena *arena, struct str segment, struct str *out, struct error *e)
{
    struct str plain = STR_NONE;
    if (!decode(arena, segment, &plain, e))
        return error_prefix(e, "the path");
    if (plain.len == 0 || str_is(plain, ".") || str_is(plain, "..") ||
        str_find_char(plain, '/') != plain.len)
        return error_set(e, ERROR_REJECT, "the path has a part that is empty, dots, or holds '/'");
    *out = plain;
    return true;
}

bool http1_is_value(struct str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (((unsigned char)value.at[i] < 0x20 && value.at[i] != '\t') || value.at[i] == 0x7f)
            return false;
    return str_equal(value, str_trim(value));
}

const char *http1_reason(unsigned status)
{
    static const struct {
        unsigned status;
        const char *reason;
    } reasons[] = {
        {100, "Continue"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Status";
}
