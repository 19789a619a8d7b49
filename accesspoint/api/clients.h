/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* clients.h - which system client may use which mailbox: a copy of the settings' [client] and
 * [mailbox] that requests hold on to, so that a reload never pulls it away from under them. Loop
 * thread only, but for reading. */
#pragma once

#include "accesspoint/settings.h"

struct client_mailbox {
    struct str id;      /* a UUID made from the address: the same for ever, in every installation */
    struct str address; /* function address */
    struct str participant;
    struct str participant_name;
    struct str name;
};
struct client {
    struct str name;
    unsigned char token_sha256[32];
    const struct client_mailbox **mailboxes;
    size_t mailbox_count;
};
struct clients;

/* REJECT: a token-sha256 that is not hexadecimal, a client without a mailbox. Held once. */
MUST_USE bool clients_new(const struct accesspoint_settings *s, struct clients **out,
                          struct error *e);
struct clients *clients_hold(struct clients *c);
void clients_release(struct clients *c); /* NULL is fine */
/* NULL: no such token. All tokens are compared, each in constant time. */
const struct client *clients_find(const struct clients *c, struct str token);
/* NULL: not there, or not this client's. */
const struct client_mailbox *client_mailbox_by_id(const struct client *c, struct str id);
const struct client_mailbox *client_mailbox_by_address(const struct client *c, struct str address);
