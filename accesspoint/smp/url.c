/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/smp/url.h"

#include "runtime/base/text.h"

static bool add_identifier(struct buf *out, struct str scheme, struct str id, struct error *e)
{
    return percent_encode(out, scheme, e) && buf_add(out, STR("%3A%3A"), e) &&
           percent_encode(out, id, e);
}

static bool add_lower(struct buf *out, struct str text, struct error *e)
{
    char *room;
    if (!buf_room(out, text.len, &room, e))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        room[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    buf_grew(out, text.len);
    return true;
}

bool smp_service_url(struct str base, const struct smp_service *service, struct buf *out,
                     struct error *e)
{
    AUTO_BUF participant = BUF(512);
    if (!add_lower(&participant, service->participant, e))
        return false;
    bool has_slash = str_ends(base, STR("/"));
    return buf_add(out, base, e) && (has_slash || buf_add_char(out, '/', e)) &&
           add_identifier(out, service->participant_scheme, buf_str(&participant), e) &&
           buf_add(out, STR("/services/"), e) &&
           add_identifier(out, service->document_scheme, service->document, e);
}
