/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/mime/part_header.h"

#include <stddef.h>
#include <string.h>

#include "runtime/base/cursor.h"
#include "runtime/base/number.h"
#include "runtime/base/text.h"

static const struct {
    const char *name;
    size_t at;
} fields[] = {
    {"content-type", offsetof(struct part_header, content_type)},
    {"content-id", offsetof(struct part_header, content_id)},
    {"content-transfer-encoding", offsetof(struct part_header, transfer_encoding)},
    {"content-disposition", offsetof(struct part_header, disposition)},
};

static bool keep_field(struct part_header *out, struct str name, struct str value, struct error *e)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct str *at = (struct str *)(void *)((char *)out + fields[i].at);
        if (!str_equal_nocase(name, str_of(fields[i].name)))
            continue;
        if (at->at != NULL)
            return error_set(e, ERROR_REJECT, "multipart: %s stands twice in one part",
                             fields[i].name);
        *at = value;
    }
    return true;
}

static bool is_field_text(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool read_field(struct str line, struct part_header *out, struct error *e)
{
    struct cursor c = cursor_of(line);
    struct str name;
    if (!cursor_token(&c, &name) || !cursor_char(&c, ':'))
        return error_set(e, ERROR_REJECT, "multipart: a header line is not 'Name: value'");
    if (!is_field_text(c.left))
        return error_set(e, ERROR_REJECT, "multipart: control characters in a header");
    return keep_field(out, name, str_trim(c.left), e);
}

static bool is_folded(struct str rest)
{
    return rest.len > 0 && (rest.at[0] == ' ' || rest.at[0] == '\t');
}

static struct str join(struct arena *a, struct str one, struct str two)
{
    char *at = arena_new(a, one.len + two.len + 1);
    memcpy(at, one.at, one.len);
    memcpy(at + one.len, two.at, two.len);
    return str_bytes(at, one.len + two.len);
}

/* One field: its line and the folded ones behind it, line ends left out. */
static struct str take_field(struct cursor *c, struct arena *a)
{
    struct str field = STR_NONE, line;
    while (cursor_until(c, STR("\n"), &line)) {
        if (str_ends(line, STR("\r")))
            line.len--;
        field = field.at == NULL ? line : join(a, field, line);
        if (!is_folded(c->left))
            break;
    }
    return field;
}

static struct str bare_id(struct str id)
{
    bool has = id.len >= 2 && id.at[0] == '<' && id.at[id.len - 1] == '>';
    return has ? str_trim(str_bytes(id.at + 1, id.len - 2)) : id;
}

bool part_header_read(struct str block, struct arena *a, struct part_header *out, struct error *e)
{
    struct part_header got = {0};
    struct cursor c = cursor_of(block);
    if (is_folded(block))
        return error_set(e, ERROR_REJECT, "multipart: a part begins with a folded line");
    while (!cursor_done(&c)) {
        if (!read_field(take_field(&c, a), &got, e))
            return false;
    }
    got.content_id = bare_id(got.content_id);
    *out = got;
    return true;
}

/* held is "=", "=\r" or "=X"; c is the next octet. */
static bool quoted_escape(struct quoted_sink *q, char c, struct error *e)
{
    char first = q->held_len > 1 ? q->held[1] : c;
    q->held[q->held_len++] = c;
    if (c == '\n' && (q->held_len == 2 || q->held[1] == '\r')) {
        q->held_len = 0; /* soft line end */
        return true;
    }
    if (hex_digit(first) < 0 && !(first == '\r' && q->held_len == 2))
        return error_set(e, ERROR_REJECT, "multipart: broken quoted-printable");
    if (q->held_len < 3)
        return true;
    AUTO_BUF octet = BUF(1);
    if (!hex_decode(&octet, str_bytes(q->held + 1, 2), e))
        return error_set(e, ERROR_REJECT, "multipart: broken quoted-printable");
    q->held_len = 0;
    return sink_write(q->next, buf_str(&octet), e);
}

static bool quoted_write(struct sink *s, struct str octets, struct error *e)
{
    struct quoted_sink *q = (struct quoted_sink *)s;
    while (octets.len > 0) {
        if (q->held_len > 0) {
            if (!quoted_escape(q, octets.at[0], e))
                return false;
            octets = str_from(octets, 1);
            continue;
        }
        size_t plain = str_find_char(octets, '=');
        if (!sink_write(q->next, str_upto(octets, plain), e))
            return false;
        octets = str_from(octets, plain);
        if (octets.len > 0) {
            q->held[q->held_len++] = '=';
            octets = str_from(octets, 1);
        }
    }
    return true;
}

static bool quoted_finish(struct sink *s, struct error *e)
{
    struct quoted_sink *q = (struct quoted_sink *)s;
    /* "=" as the very last octet is a soft line end whose CRLF went to the delimiter */
    if (q->held_len > 1)
        return error_set(e, ERROR_REJECT, "multipart: broken quoted-printable");
    return sink_finish(q->next, e);
}

void quoted_sink_init(struct quoted_sink *s, struct sink *next)
{
    *s = (struct quoted_sink){.sink = {quoted_write, quoted_finish}, .next = next};
}

bool part_decoder_start(struct part_decoder *d, struct str encoding, struct sink *next,
                        struct sink **first, struct error *e)
{
    static const char *const plain[] = {"binary", "7bit", "8bit"};
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (encoding.at == NULL || str_equal_nocase(encoding, str_of(plain[i]))) {
            *first = next;
            return true;
        }
    }
    if (str_equal_nocase(encoding, STR("base64"))) {
        base64_decode_sink_init(&d->base64, true, next);
        *first = &d->base64.sink;
        return true;
    }
    if (str_equal_nocase(encoding, STR("quoted-printable"))) {
        quoted_sink_init(&d->quoted, next);
        *first = &d->quoted.sink;
        return true;
    }
    return error_set(e, ERROR_REJECT,
                     "multipart: unknown Content-Transfer-Encoding; binary is best");
}
