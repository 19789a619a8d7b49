/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* arrival.h - one AS4 message that was verified and decrypted, on its way into the store. */
#pragma once

#include "accesspoint/work/workplace.h"
#include "accesspoint/xhe/envelope.h"

struct arrival {
    const struct workplace *w;
    struct arena *arena;
    const struct as4_received *received;
    const struct as4_user_message *message;
    struct log_scope log;
    struct str as4_name;    /* "<From PartyId> <MessageId>" */
    struct str fingerprint; /* of the signed digests: tells a repetition from a forgery */
    struct attributes attributes;
    struct str kind;
    struct uuid id;
    struct buf receipt; /* the signed AS4 receipt to answer */
};

/* A copy that was taken before: *receipt is what was answered then (spec/sdk.md 2.4 #6). The same id
 * with other digests: REJECT EBMS:0003. */
MUST_USE bool arrival_find_duplicate(struct arrival *a, bool *found, struct buf *receipt,
                                     struct error *e);
/* Steps 7 to 9: served here, a well-formed envelope that says what the header says. A wrong recipient or
 * a mismatch is EBMS:0004 NOT_SERVICED; a malformed envelope is *malformed with a reason: it gets its
 * AS4 receipt and is kept for a person, never delivered (Q15). */
MUST_USE bool arrival_check(struct arrival *a, struct store_writer *xhe, bool *malformed,
                            char why[static 320], struct error *e);
/* The SOAP envelope as it came, for arrival_put_proof. */
MUST_USE bool arrival_evidence(struct arrival *a, struct store_writer **out, struct error *e);
/* Inside a transaction, after the message's row: name, evidence and receipt. *raced: RETRY, another copy
 * came first. */
MUST_USE bool arrival_put_proof(struct store_tx *tx, struct arrival *a,
                                struct store_writer *evidence, bool *raced, struct error *e);
/* One transaction: message, name, envelope, evidence, receipt. *raced: another copy came first. */
MUST_USE bool arrival_store(struct arrival *a, struct store_writer *xhe, const char *malformed,
                            bool *raced, struct error *e);
