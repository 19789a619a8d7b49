/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* siphash.h - SipHash-2-4 (Aumasson and Bernstein, 2012): a short keyed hash, so that the log can
 * say "the same person" without saying who. Not a MAC for anything else. */
#pragma once

#include <stdint.h>

#include "runtime/base/str.h"

enum { SIPHASH_KEY_SIZE = 16 };
uint64_t siphash(const unsigned char key[static SIPHASH_KEY_SIZE], struct str octets);
