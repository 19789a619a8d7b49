/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* compose.h - eb:Messaging and the SOAP body written as octets that are their own exclusive
 * canonical form (each declares the prefixes it uses, in canonical order), so that a digest can be
 * taken over what is sent without a tree. */
#pragma once

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/message.h"
#include "runtime/xml/write.h"

#define AS4_ID_MESSAGING "_messaging"
#define AS4_ID_BODY      "_body"

/* BUG where the message cannot be sent as it is: a text is missing, too long, or not XML. */
MUST_USE bool as4_compose_user(const struct as4_user_message *m, struct buf *out, struct error *e);

struct as4_signal_head {
    struct str message_id;
    struct str ref_to_message_id; /* may be none */
    int64_t now_ms;
};
/* `references`: each ds:Reference in canonical form. */
MUST_USE bool as4_compose_receipt(const struct as4_signal_head *h, const struct str *references,
                                  size_t count, struct buf *out, struct error *e);
MUST_USE bool as4_compose_error(const struct as4_signal_head *h, const struct as4_answer *answer,
                                struct buf *out, struct error *e);
MUST_USE bool as4_compose_pull(const struct as4_signal_head *h, struct str mpc, struct buf *out,
                               struct error *e);
/* The empty S12:Body, or one with a SOAP Fault of that reason. */
MUST_USE bool as4_compose_body(const struct as4_answer *fault, struct buf *out, struct error *e);
