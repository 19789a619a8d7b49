/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* input.h - a file that is named on the command line, or a pipe that stands for one. */
#pragma once

#include <stdint.h>

#include "runtime/base/error.h"

#define INPUT_OCTETS_MAX (UINT64_C(4) << 30) /* as accesspoint-receive, unless told */

/* *fd is the caller's, read from offset 0 to size. A pipe (/dev/stdin, <(...)) is first copied to an
 * unnamed file; one that nobody writes to is waited for. RETRY: it is not there, may not be read, is
 * a folder or a device, or a pipe with more than `limit` octets: of what it holds nothing is said. */
MUST_USE bool input_open(const char *path, uint64_t limit, int *fd, uint64_t *size,
                         struct error *e);
