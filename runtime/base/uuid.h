/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* uuid.h - RFC 9562 identifiers as 36 lower-case characters. */
#pragma once

#include <stdint.h>

#include "runtime/base/str.h"

enum { UUID_TEXT_SIZE = 37 };

struct uuid {
    char text[UUID_TEXT_SIZE];
};

struct uuid uuid_random(void);          /* version 4: where guessing must not help */
struct uuid uuid_timed(int64_t now_ms); /* version 7: sorts by time */
bool uuid_is(struct str text);          /* any version, either case (SDK rule M4) */
struct str uuid_str(const struct uuid *u);
void random_octets(void *at, size_t len); /* getrandom(2); ends the process where it fails */
