/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* inherited.h - listening sockets that whoever started this process opened for it, by systemd's
 * protocol (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS, sockets from descriptor 3). */
#pragma once

#include <stdbool.h>

#include "runtime/loop/address.h"

/* The inherited listening stream socket bound to `a`; it is the caller's now, and is not given a
 * second time. */
bool inherited_find(const struct address *a, int *fd);
