/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* clock.h - wall time in milliseconds since 1970 UTC, and its RFC 3339 form. Engines do not call
 * clock_now_ms(): time is handed to them. */
#pragma once

#include <stdint.h>

#include "runtime/base/error.h"
#include "runtime/base/str.h"

int64_t clock_now_ms(void);
int64_t clock_monotonic_ms(void); /* for deadlines; never goes back */

enum { CLOCK_TEXT_SIZE = 32 };
/* "2026-11-20T12:00:00.123Z"; returns text. */
const char *clock_format(int64_t ms, char text[static CLOCK_TEXT_SIZE]);
/* xs:dateTime and RFC 3339: any number of fraction digits (cut to ms), Z, +hh:mm, or no zone
 * (taken as UTC; *zoned tells, may be NULL). Years 0001 to 9999, 24:00:00 is the next day, leap second 60 refused. */
MUST_USE bool clock_parse(struct str text, int64_t *ms, bool *zoned, struct error *e);
