/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/http/test_client.c */
#include "runtime/http/client_header.h"

#include <string.h>

enum { HEADER_MAX = 64 * 1024 };

static void keep(char to[static CLIENT_VALUE_SIZE], struct str value)
{
    value = str_upto(value, CLIENT_VALUE_SIZE - 1);
    memcpy(to, value.at, value.len);
    to[value.len] = '\0';
}

static void forget_fields(struct client_header *h)
{
    h->content_type[0] = h->retry_after[0] = h->last_modified[0] = h->location[0] = '\0';
}

bool client_header_take(struct client_header *h, struct str line, struct error *e)
{
    const struct {
        struct str name;
        char *kept;
    } wanted[] = {{STR("content-type"), h->content_type},
                  {STR("retry-after"), h->retry_after},
                  {STR("last-modified"), h->last_modified},
                  {STR("location"), h->location}};
    h->size += line.len;
    if (h->size > HEADER_MAX)
        return error_set(e, ERROR_REJECT, "reading: the answer's header is too large");
    h->is_whole = str_trim(line).len == 0;
    if (str_starts(line, STR("HTTP/"))) /* the one before was 100 Continue */
        forget_fields(h);
    struct str name = str_upto(line, str_find_char(line, ':'));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (str_equal_nocase(name, wanted[i].name))
            keep(wanted[i].kept, str_trim(str_from(line, name.len + 1)));
    return true;
}
