/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* signal.h - receipts and errors: written, signed, as whole SOAP envelopes; and the check of a
 * receipt against what was sent (spec/as4.md 3, 13). */
#pragma once

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/in.h"

#define AS4_SIGNAL_CONTENT_TYPE "application/soap+xml; charset=UTF-8"

struct as4_signal_ids { /* of the new signal */
    struct str message_id;
    int64_t now_ms;
};

/* The signed non-repudiation receipt for a message that was received and stored. */
MUST_USE bool as4_receipt_write(const struct as4_signer *signer, const struct as4_signal_ids *ids,
                                const struct as4_received *of, struct buf *envelope,
                                struct error *e);
/* The signed error, with a SOAP Fault: answer with HTTP answer->http_status. ref: the refused
 * message's id, STR_NONE where it is not known. signer NULL: unsigned. */
MUST_USE bool as4_error_write(const struct as4_signer *signer, const struct as4_signal_ids *ids,
                              struct str ref, const struct as4_answer *answer, struct buf *envelope,
                              struct error *e);
MUST_USE bool as4_pull_request_write(const struct as4_signer *signer,
                                     const struct as4_signal_ids *ids, struct str mpc,
                                     struct buf *envelope, struct error *e);

/* The signal of an answer that belongs to our message: by RefToMessageId, or the only error that
 * names none. NULL: none does. */
const struct as4_signal *as4_signal_for(const struct as4_received *r, struct str message_id);
/* Is it the receipt for this message? signed, by `expected` (NULL: any trusted one), for the id, and
 * with every digest that was sent. REJECT EBMS:0302 says what differs. */
MUST_USE bool as4_receipt_check(const struct as4_received *r, struct str message_id,
                                const struct as4_references *sent, const struct cert *expected,
                                struct error *e);
