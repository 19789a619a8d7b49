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
    uint64_t value;
    if (two.len != 2 || !parse_hex_u64(two, 255, &value, e))
        return error_set(e, ERROR_REJECT, "two hexadecimal digits are expected, not '%.*s'",
                         STR_ARG(two));
    return buf_add_char(out, (char)(unsigned char)value, e);
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
    size_t start = out->len;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool ok = is_unreserved(c) ? buf_add_char(out, c, e)
                                   : buf_addf(out, e, "%%%02X", (unsigned)(unsigned char)c);
        if (!ok) {
            buf_cut(out, start);
            return false;
        }
    }
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
