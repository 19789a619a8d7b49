/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* family.h - a message and what belongs to it: its message receipt, or the message a receipt is for.
 * They share the SDK messageId. Found by any id that a person may have at hand. */
#pragma once

#include "accesspoint/attributes.h"
#include "runtime/store/store.h"

struct family_member {
    struct store_message message;
    struct attributes attributes;
};
struct family {
    struct family_member *members; /* oldest first; none where only events are left of it */
    size_t member_count;
    struct store_event *events; /* of all of them, in the order of the chain */
    size_t event_count;
};
enum { FAMILY_MAX = 64 };

/* id: ours, the SDK messageId (= XHE id), an AS4 MessageId, the XHE id of a receipt. Reads all
 * messages where it is not our own id. In the arena. Nothing known: REJECT. */
MUST_USE bool family_read(struct store_tx *tx, struct arena *a, struct str id, struct family *out,
                          struct error *e);
/* No program will take it further: it came to its end, or a person must act. */
bool family_is_final(struct str state);
/* ... and that end is a good one. */
bool family_is_good(struct str state);
