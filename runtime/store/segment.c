/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c, suite_payloads.c, suite_crashes.c */
#include "runtime/store/segment.h"

#include <endian.h>

#include "runtime/crypto/cipher.h"

static bool associated_data(const struct segment *s, struct buf *out, struct error *e)
{
    uint64_t place = htobe64(s->place);
    return buf_add(out, s->payload_id, e) && buf_add(out, str_bytes(&place, sizeof(place)), e) &&
           buf_add_char(out, s->last ? 1 : 0, e);
}

bool segment_seal(const struct segment *s, struct str plain, struct buf *out, struct error *e)
{
    AUTO_BUF data = BUF(64);
    return associated_data(s, &data, e) && cipher_seal(s->key, buf_str(&data), plain, out, e);
}

bool segment_open(const struct segment *s, struct str sealed, struct buf *out, struct error *e)
{
    AUTO_BUF data = BUF(64);
    return associated_data(s, &data, e) && cipher_open(s->key, buf_str(&data), sealed, out, e);
}

uint64_t segment_count(uint64_t octets)
{
    return octets == 0 ? 1 : (octets - 1) / SEGMENT_PLAIN + 1;
}
