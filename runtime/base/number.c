/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/number.h"

#include <inttypes.h>

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse_base(struct str digits, uint64_t base, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        uint64_t digit = (uint64_t)hex_digit(digits.at[i]); /* -1 is beyond every base */
        if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return digits.len > 0;
}

bool parse_u64(struct str digits, uint64_t min, uint64_t max, uint64_t *out, struct error *e)
{
    uint64_t value;
    if (!parse_base(digits, 10, &value) || value < min || value > max)
        return error_set(e, ERROR_REJECT, "'%.*s' is not a number from %" PRIu64 " to %" PRIu64,
                         STR_ARG(str_upto(digits, 40)), min, max);
    *out = value;
    return true;
}

bool parse_hex_u64(struct str digits, uint64_t max, uint64_t *out, struct error *e)
{
    uint64_t value;
    if (!parse_base(digits, 16, &value) || value > max)
        return error_set(e, ERROR_REJECT, "'%.*s' is not a hexadecimal number up to %" PRIx64,
                         STR_ARG(str_upto(digits, 40)), max);
    *out = value;
    return true;
}
