/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/log/siphash.h"

#include "tests/check.h"

/* The reference implementation's vectors_sip64: key 00..0f, message 00..len-1. */
TEST(siphash_gives_the_reference_vectors)
{
    static const struct {
        size_t len;
        uint64_t hash;
    } rows[] = {
        {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {2, 0x0d6c8009d9a94f5a},
        {3, 0x85676696d7fb7e2d},  {7, 0xab0200f58b01d137},  {8, 0x93f5f5799a932462},
        {9, 0x9e0082df0ba9e4b0},  {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb},
        {63, 0x958a324ceb064572},
    };
    unsigned char octets[64];
    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = (unsigned char)i;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (siphash(octets, str_bytes(octets, rows[i].len)) != rows[i].hash)
            fail_msg("length %zu", rows[i].len);
}

CHECK_MAIN
