/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_payloads.c */
#include "runtime/store/segment.h"

#include <endian.h>
#include <string.h>

#include "runtime/crypto/cipher.h"

enum { ID_MAX = 36 };

struct associated {
    char octets[ID_MAX + sizeof(uint64_t) + 1];
    size_t len;
};

static bool associate(const struct segment *s, struct associated *out, struct error *e)
{
    uint64_t place = htobe64(s->place);
    if (s->payload_id.len > ID_MAX)
        return error_set(e, ERROR_BUG, "the id of a payload is too long");
    memcpy(out->octets, s->payload_id.at, s->payload_id.len);
    memcpy(out->octets + s->payload_id.len, &place, sizeof(place));
    out->len = s->payload_id.len + sizeof(place) + 1;
    out->octets[out->len - 1] = s->last ? 1 : 0;
    return true;
}

bool segment_seal(const struct segment *s, struct str plain, struct buf *out, struct error *e)
{
    struct associated data;
    return associate(s, &data, e) &&
           cipher_seal(s->key, str_bytes(data.octets, data.len), plain, out, e);
}

bool segment_open(const struct segment *s, struct str sealed, struct buf *out, struct error *e)
{
    struct associated data;
    return associate(s, &data, e) &&
           cipher_open(s->key, str_bytes(data.octets, data.len), sealed, out, e);
}

uint64_t segment_count(uint64_t octets)
{
    return octets == 0 ? 1 : (octets - 1) / SEGMENT_PLAIN + 1;
}
