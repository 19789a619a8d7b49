/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* networks.h - which addresses belong to the internet at large, and lists of networks: so that an address
 * somebody else gives us cannot lead into our own network (server-side request forgery). */
#pragma once

#include <sys/socket.h>

#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "runtime/base/str.h"

/* Not loopback, private, link-local, shared, reserved, multicast, or one of those in IPv6 clothes. */
bool address_is_public(const struct sockaddr *a);

struct network { /* every address as IPv6: IPv4 is ::ffff:a.b.c.d */
    unsigned char prefix[16];
    unsigned bits;
};
struct networks {
    const struct network *at;
    size_t count;
};
/* "10.1.0.0/16", "192.0.2.7", "fd00:1::/48"; REJECT says the form. In the arena. */
MUST_USE bool networks_parse(const struct str *texts, size_t count, struct arena *a,
                             struct networks *out, struct error *e);
bool networks_hold(const struct networks *n, const struct sockaddr *a);
struct networks networks_copy(const struct networks *n, struct arena *a);
/* DENY, code "connect:inside", where `a` is neither of the internet nor in n. */
MUST_USE bool networks_may_reach(const struct networks *n, const struct sockaddr *a,
                                 struct error *e);
