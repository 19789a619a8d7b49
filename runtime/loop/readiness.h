/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* readiness.h - tells whoever started the process how far it is: sd_notify(3)'s protocol by hand,
 * and a line on a descriptor. */
#pragma once

#include "runtime/base/error.h"
#include "runtime/base/str.h"

/* "READY=1" and the like to $NOTIFY_SOCKET, where it is set. Nobody listening is no error. */
void readiness_tell(const char *state);
/* "READY addr addr\n"; addresses begin with a blank or are empty. The descriptor is closed. */
MUST_USE bool readiness_write(int fd, struct str addresses, struct error *e);
