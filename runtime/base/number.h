/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* number.h - the only way foreign digits become numbers: digits alone, in a range. */
#pragma once

#include <stdint.h>

#include "runtime/base/error.h"
#include "runtime/base/str.h"

int hex_digit(char c); /* 0 to 15, either case; -1: none */
/* No sign, no blank, no "0x"; leading zeros are taken. REJECT says the range. */
MUST_USE bool parse_u64(struct str digits, uint64_t min, uint64_t max, uint64_t *out,
                        struct error *e);
MUST_USE bool parse_hex_u64(struct str digits, uint64_t max, uint64_t *out, struct error *e);
