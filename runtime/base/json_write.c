/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/base/test_json.c */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/json.h"

struct json_writer json_writer_on(struct buf *out, struct error *e)
{
    return (struct json_writer){.out = out, .e = e};
}

static void put(struct json_writer *w, struct str s)
{
    if (!w->failed && !buf_add(w->out, s, w->e))
        w->failed = true;
}

/* Eight octets of which none is a control, DEL, a quote, a backslash or beyond ASCII. Subtracting sets
 * an octet's top bit where it was smaller. */
static bool are_plain(const char *at)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    uint64_t special = word | (word - each * ' ') | ((word ^ each * '"') - each) |
                       ((word ^ each * '\\') - each) | ((word ^ each * 0x7f) - each);
    return (special & each * 0x80) == 0;
}

/* The length of a run that needs no escape. */
static size_t plain_run(struct str s)
{
    size_t n = 0, more = 0;
    for (; n < s.len; n += more) {
        unsigned char c = (unsigned char)s.at[n];
        if (s.len - n >= sizeof(uint64_t) && are_plain(s.at + n))
            more = sizeof(uint64_t);
        else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
            break;
        else
            more = str_utf8_length(str_from(s, n));
        if (more == 0)
            break;
    }
    return n;
}

static void put_special(struct json_writer *w, char special)
{
    unsigned char c = (unsigned char)special;
    if (c >= 0x80) {
        put(w, STR("\xef\xbf\xbd"));
    } else if (c == '"' || c == '\\') {
        put(w, STR("\\"));
        put(w, str_bytes(&special, 1));
    } else if (c == '\n') {
        put(w, STR("\\n"));
    } else if (!w->failed && !buf_addf(w->out, w->e, "\\u%04x", (unsigned)c)) {
        w->failed = true;
    }
}

static void put_quoted(struct json_writer *w, struct str s)
{
    put(w, STR("\""));
    while (s.len > 0) {
        size_t n = plain_run(s);
        put(w, str_upto(s, n));
        s = str_from(s, n);
        if (s.len > 0)
            put_special(w, s.at[0]);
        s = str_from(s, 1);
    }
    put(w, STR("\""));
}

static void put_name(struct json_writer *w, const char *name)
{
    if (w->depth > 0 && w->has_items[w->depth - 1])
        put(w, STR(","));
    if (w->depth > 0)
        w->has_items[w->depth - 1] = true;
    if (name != NULL) {
        put_quoted(w, str_of(name));
        put(w, STR(":"));
    }
}

static void json_open(struct json_writer *w, const char *name, struct str opener, char closer)
{
    if (w->depth == JSON_DEPTH_MAX)
        abort(); /* our own nesting, never a peer's */
    put_name(w, name);
    put(w, opener);
    w->has_items[w->depth] = false;
    w->closer[w->depth++] = closer;
}

void json_open_object(struct json_writer *w, const char *name)
{
    json_open(w, name, STR("{"), '}');
}

void json_open_array(struct json_writer *w, const char *name)
{
    json_open(w, name, STR("["), ']');
}

void json_close(struct json_writer *w)
{
    if (w->depth == 0)
        abort();
    w->depth--;
    put(w, str_bytes(&w->closer[w->depth], 1));
}

void json_put_text(struct json_writer *w, const char *name, struct str text)
{
    put_name(w, name);
    put_quoted(w, text);
}

void json_put_integer(struct json_writer *w, const char *name, int64_t value)
{
    put_name(w, name);
    if (!w->failed && !buf_addf(w->out, w->e, "%" PRId64, value))
        w->failed = true;
}

void json_put_boolean(struct json_writer *w, const char *name, bool value)
{
    put_name(w, name);
    put(w, value ? STR("true") : STR("false"));
}

void json_put_null(struct json_writer *w, const char *name)
{
    put_name(w, name);
    put(w, STR("null"));
}

void json_put_raw(struct json_writer *w, const char *name, struct str json)
{
    put_name(w, name);
    put(w, json);
}

bool json_done(struct json_writer *w)
{
    if (w->depth != 0)
        abort();
    return !w->failed;
}
