/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* until.h - turns a loop until something is so, or until it has taken too long. */
#pragma once

#include "runtime/base/clock.h"
#include "runtime/loop/loop.h"

enum { UNTIL_MS = 10 * 1000 };

#define UNTIL(loop, condition)                                      \
    do {                                                            \
        int64_t until_ms = clock_monotonic_ms() + UNTIL_MS;         \
        while (!(condition) && clock_monotonic_ms() < until_ms)     \
            loop_turn((loop), 50);                                  \
        if (!(condition))                                           \
            fail_msg("not within %d ms: %s", UNTIL_MS, #condition); \
    } while (0)
