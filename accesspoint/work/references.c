/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/work/references.h"

#include <string.h>

#include "runtime/base/buf.h"
#include "runtime/base/text.h"

enum { TEXT_MAX = 24 * 1024 };

bool references_write(const struct as4_references *r, struct arena *a, struct str *text,
                      struct error *e)
{
    AUTO_BUF out = BUF(TEXT_MAX);
    for (size_t i = 0; i < r->count; i++)
        if (!buf_add(&out, r->at[i].uri, e) || !buf_add_char(&out, ' ', e) ||
            !hex_encode(&out, digest_str(&r->at[i].digest), e) || !buf_add_char(&out, '\n', e))
            return false;
    *text = arena_copy(a, buf_str(&out));
    return true;
}

static bool read_line(struct str line, struct arena *a, struct as4_reference *out, struct error *e)
{
    size_t space = str_find_char(line, ' ');
    AUTO_BUF octets = BUF(DIGEST_SIZE_MAX);
    if (!hex_decode(&octets, str_from(line, space + 1), e))
        return false;
    out->uri = arena_copy(a, str_upto(line, space));
    out->digest_type = DIGEST_SHA256;
    out->digest.len = octets.len;
    if (octets.len > 0)
        memcpy(out->digest.octets, octets.at, octets.len);
    return true;
}

bool references_read(struct str text, struct arena *a, struct as4_references *out, struct error *e)
{
    struct as4_references r = {.at = arena_array(a, AS4_REFERENCES_MAX, sizeof(*r.at))};
    struct str line;
    while (text.len > 0 && str_next(&text, '\n', &line)) {
        if (line.len == 0)
            continue;
        if (r.count == AS4_REFERENCES_MAX)
            return error_set(e, ERROR_BUG, "more than %d references", AS4_REFERENCES_MAX);
        if (!read_line(line, a, &r.at[r.count++], e))
            return false;
    }
    *out = r;
    return true;
}
