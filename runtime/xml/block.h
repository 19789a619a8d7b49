/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* block.h - sixteen octets looked at together, for texts of which most need no step of their own.
 * A question gives 0xff where it holds, else 0. Inside of runtime/xml only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK_OCTETS = 16 };
typedef uint8_t octet_block __attribute__((vector_size(BLOCK_OCTETS)));

static inline octet_block block_at(const char *at)
{
    octet_block b;
    memcpy(&b, at, sizeof(b));
    return b;
}

static inline octet_block block_is(octet_block b, uint8_t c)
{
    return (octet_block)(b == (octet_block){0} + c);
}

static inline octet_block block_between(octet_block b, uint8_t least, uint8_t most)
{
    return (octet_block)(b - least <= (octet_block){0} + (uint8_t)(most - least));
}

static inline bool block_has(octet_block answer)
{
    uint64_t halves[2];
    memcpy(halves, &answer, sizeof(halves));
    return (halves[0] | halves[1]) != 0;
}
