/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/text.h"

#include "runtime/base/number.h"

bool hex_encode(struct buf *out, struct str octets, struct error *e)
{
    static const char digits[] = "0123456789abcdef";
    char *room;
    if (octets.len > out->limit || !buf_room(out, octets.len * 2, &room, e))
        return octets.len <= out->limit
                   ? false
                   : error_set(e, ERROR_REJECT, "more than %zu octets", out->limit);
    for (size_t i = 0; i < octets.len; i++) {
        unsigned char c = (unsigned char)octets.at[i];
        room[2 * i] = digits[c >> 4];
        room[2 * i + 1] = digits[c & 15];
    }
    buf_grew(out, octets.len * 2);
    return true;
}

static bool add_hex_octet(struct buf *out, struct str two, struct error *e)
{
    int high = two.len == 2 ? hex_digit(two.at[0]) : -1;
    int low = two.len == 2 ? hex_digit(two.at[1]) : -1;
    if (high < 0 || low < 0)
        return error_set(e, ERROR_REJECT, "two hexadecimal digits are expected, not '%.*s'",
                         STR_ARG(two));
    return buf_add_char(out, (char)(unsigned char)(high << 4 | low), e);
}

bool hex_decode(struct buf *out, struct str text, struct error *e)
{
    size_t start = out->len;
    for (size_t i = 0; i < text.len; i += 2)
        if (!add_hex_octet(out, str_upto(str_from(text, i), 2), e)) {
            buf_cut(out, start);
            return false;
        }
    return true;
}

static bool is_unreserved(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

bool percent_encode(struct buf *out, struct str text, struct error *e)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t octets = 0;
    char *room;
    for (size_t i = 0; i < text.len; i++)
        octets += is_unreserved(text.at[i]) ? 1 : 3;
    if (!buf_room(out, octets, &room, e))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (is_unreserved(text.at[i])) {
            *room++ = text.at[i];
            continue;
        }
        *room++ = '%';
        *room++ = digits[c >> 4];
        *room++ = digits[c & 15];
    }
    buf_grew(out, octets);
    return true;
}

bool percent_decode(struct buf *out, struct str text, struct error *e)
{
    size_t start = out->len;
    for (size_t i = 0; i < text.len; i++) {
        bool escaped = text.at[i] == '%';
        bool ok = escaped ? add_hex_octet(out, str_upto(str_from(text, i + 1), 2), e)
                          : buf_add_char(out, text.at[i], e);
        if (!ok) {
            buf_cut(out, start);
            return false;
        }
        i += escaped ? 2 : 0;
    }
    return true;
}
