/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/trace.h"

#include <stdio.h>

#include "runtime/base/uuid.h"

static bool is_hex(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!(s.at[i] >= '0' && s.at[i] <= '9') && !(s.at[i] >= 'a' && s.at[i] <= 'f'))
            return false;
    return true;
}

static bool is_zero(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != '0')
            return false;
    return true;
}

static struct str piece(struct str s, size_t from, size_t len)
{
    return str_upto(str_from(s, from), len);
}

static bool is_sane(struct str t)
{
    if (t.len != TRACE_PARENT_LEN || t.at[2] != '-' || t.at[35] != '-' || t.at[52] != '-')
        return false;
    return str_is(piece(t, 0, 2), "00") && is_hex(piece(t, 3, 32)) && !is_zero(piece(t, 3, 32)) &&
           is_hex(piece(t, 36, 16)) && !is_zero(piece(t, 36, 16)) && is_hex(piece(t, 53, 2));
}

static void random_hex(char *at, size_t digits)
{
    static const char alphabet[] = "0123456789abcdef";
    unsigned char octets[TRACE_ID_LEN];
    random_octets(octets, digits);
    for (size_t i = 0; i < digits; i++)
        at[i] = alphabet[octets[i] & 15];
    if (at[0] == '0')
        at[0] = '1'; /* all zeros are not valid */
}

struct trace trace_continue(struct str traceparent)
{
    struct trace t = {0};
    char id[TRACE_ID_LEN + 1] = {0};
    char span[17] = {0};
    char flags[3] = "01";
    random_hex(id, TRACE_ID_LEN);
    random_hex(span, 16);
    if (is_sane(traceparent)) {
        (void)snprintf(id, sizeof(id), "%.*s", STR_ARG(piece(traceparent, 3, TRACE_ID_LEN)));
        (void)snprintf(flags, sizeof(flags), "%.*s", STR_ARG(piece(traceparent, 53, 2)));
    }
    (void)snprintf(t.parent, sizeof(t.parent), "00-%s-%s-%s", id, span, flags);
    return t;
}

struct str trace_id(const struct trace *t)
{
    return piece(str_bytes(t->parent, TRACE_PARENT_LEN), 3, TRACE_ID_LEN);
}
