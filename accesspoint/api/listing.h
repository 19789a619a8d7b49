/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* listing.h - a page of messages of one kind, from some of the client's mailboxes. */
#pragma once

#include "accesspoint/api/page.h"

struct listing_config {
    struct str kind;
    const struct client_mailbox *mailbox; /* NULL: all of the client's */
    bool inbound;
    bool newest_first; /* where the caller does not say */
    struct str path;   /* of the list itself: "/messages" */
    bool (*put)(struct call *c, struct json_writer *w, const struct store_message *m,
                struct error *e);
};
/* Reads the query, the store, and answers. */
void listing_start(struct call *c, const struct listing_config *config);
