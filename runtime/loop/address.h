/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* address.h - where a socket is: "192.0.2.7:443", "[2001:db8::7]:443", "unix:/run/x". */
#pragma once

#include <sys/socket.h>

#include "runtime/base/error.h"
#include "runtime/base/str.h"

enum { ADDRESS_TEXT_SIZE = 128 };

struct address {
    struct sockaddr_storage at;
    socklen_t len;
};

/* REJECT says the forms. Names are not looked up. */
MUST_USE bool address_parse(struct str text, struct address *out, struct error *e);
/* "unix" where a UNIX socket has no name. Returns text. */
const char *address_text(const struct address *a, char text[static ADDRESS_TEXT_SIZE]);
bool address_is_unix(const struct address *a);
/* Same family, host and port; a port of 0 on either side fits any. */
bool address_fits(const struct address *a, const struct address *b);
