/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* view.h - how a message of the store looks from outside: a few words for many states, links for
 * what may be done. */
#pragma once

#include "accesspoint/api/call.h"
#include "accesspoint/attributes.h"

enum { VIEW_STATES_MAX = 4 };

/* The word callers see; "" for a state they do not. */
const char *view_status(struct str state, bool inbound);
/* The states behind a status; 0: no such status. */
size_t view_states(struct str status, bool inbound, const char *out[static VIEW_STATES_MAX]);
/* "REJECTED BV/not-found text; ..." (flow.h ATTR_OUTCOME) as member "outcome". */
void view_put_outcome(struct json_writer *w, struct str outcome);

/* Is it a sent, or an inbox message of this client? The mailbox, or NULL. */
const struct client_mailbox *view_sent_from(const struct call *c, const struct store_message *m);
const struct client_mailbox *view_came_to(const struct call *c, const struct store_message *m);

/* name NULL: inside a list or the root. False: e says why (BUG). */
MUST_USE bool view_put_message(struct call *c, struct json_writer *w, const struct store_message *m,
                               struct error *e);
MUST_USE bool view_put_inbox_item(struct call *c, struct json_writer *w,
                                  const struct store_message *m, struct error *e);
void view_put_message_links(struct call *c, struct json_writer *w, struct str id);
void view_put_inbox_links(struct call *c, struct json_writer *w, const struct store_message *m);
