/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* flow.h - the way of a message through the store: kinds, states, who takes which state further,
 * the names it can be found by and the payloads it carries. design.md 5; docs/architecture.md walks it.
 *
 *   out (sdk-out, receipt-out), all by accesspoint-work, which asks accesspoint-send for what is outside:
 *     accepted -[directory, seal]-> sealed -[push, check the AS4 receipt]-> transferred
 *     -> delivered | refused | unanswered
 *     (a receipt-out begins in sealed where the directory is known, and ends in delivered at once: receipts
 *     are never acknowledged)
 *   in (sdk-in, receipt-in):
 *     received -[directory of the sender, open]-> inbox -> acknowledged
 *     (where the directory is known at arrival it begins in vouched; a receipt-in ends in noted; an as4-in
 *     begins in inbox)
 *   The events tell the steps between them too: addressed, answered, vouched.
 *   Everything that needs a person ends in parked, with the reason; `posthorn queue` shows it. */
#pragma once

/* kinds */
#define KIND_SDK_OUT     "sdk-out"
#define KIND_RECEIPT_OUT "receipt-out"
#define KIND_SDK_IN      "sdk-in"
#define KIND_RECEIPT_IN  "receipt-in"
#define KIND_AS4_IN      "as4-in" /* of a partner outside of the federation: waits in inbox as it came */
#define KIND_PING_OUT \
    "ping-out" /* `posthorn ping`: the AS4 test service; delivered or refused at once */
#define KIND_UPLOAD "upload" /* an attachment that waits for its message; goes away after a day */

/* states, out */
#define STATE_ACCEPTED \
    "accepted" /* the directory (SMP) is asked; then sealed: SDK, O2O, XHE, AS4 */
#define STATE_ADDRESSED "addressed" /* the directory has answered: an event only */
#define STATE_SEALED    "sealed"    /* the wire form is pushed, until its receipt is there */
#define STATE_ANSWERED  "answered"  /* the other access point has answered: an event only */
#define STATE_TRANSFERRED \
    "transferred" /* the other access point has it; the message receipt is awaited */
#define STATE_DELIVERED  "delivered"  /* receipt ACCEPTED */
#define STATE_REFUSED    "refused"    /* receipt REJECTED, or not sendable: the reason says */
#define STATE_UNANSWERED "unanswered" /* no message receipt in time */
/* states, in */
#define STATE_RECEIVED     "received" /* AS4 receipt given; the directory is asked for the sender */
#define STATE_VOUCHED      "vouched" /* its signature is checked; opened; the message receipt made */
#define STATE_INBOX        "inbox"   /* waits for a business system */
#define STATE_ACKNOWLEDGED "acknowledged"
#define STATE_NOTED        "noted" /* a receipt that was correlated, or a message that was refused by us */
/* both */
#define STATE_PARKED   "parked"
#define STATE_UPLOADED "uploaded"

/* name scopes (unique within a scope) */
#define SCOPE_XHE_OUT \
    "xhe-out" /* XHE id = messageId -> our sdk-out: receipts are correlated by it */
#define SCOPE_XHE_IN \
    "xhe-in" /* "<From participant> <XHE id>" -> sdk-in: duplicates (spec/sdk.md 5.6) */
#define SCOPE_AS4_IN      "as4-in" /* "<From PartyId> <MessageId>" -> message: duplicates (2.4 #6) */
#define SCOPE_IDEMPOTENCY "idempotency" /* "<client> <key>" -> message */

/* payload slots */
#define SLOT_LETTER  "letter"   /* accesspoint/letter.h: out packed, in JSON; sealed at rest */
#define SLOT_FILE    "file-%zu" /* attachments (of an as4-in: payloads), from 1; sealed at rest */
#define SLOT_XHE     "xhe"      /* inbound: the envelope's octets, opaque; sealed at rest */
#define SLOT_RECEIPT "receipt"  /* message receipt as XML: what we sent or got; sealed at rest */
#define SLOT_WIRE    "wire"     /* outbound AS4 body; open: it is ciphertext */
/* A large one in three pieces. */
#define SLOT_WIRE_HEAD "wire-head"
#define SLOT_WIRE_PART "wire-part"
#define SLOT_WIRE_TAIL "wire-tail"
#define SLOT_AS4_RECEIPT \
    "as4-receipt" /* given (in) or got (out): evidence, and repeated to duplicates; open */
#define SLOT_EVIDENCE "evidence" /* inbound: the SOAP envelope as it came; open */

/* keys of the attributes JSON: no content, no personal data */
#define ATTR_FROM            "from" /* participant "0203:..." */
#define ATTR_TO              "to"
#define ATTR_FROM_ADDRESS    "fromAddress" /* function address */
#define ATTR_TO_ADDRESS      "toAddress"   /* = HandlingServiceID */
#define ATTR_MESSAGE_ID      "messageId"   /* SDK messageId = XHE id */
#define ATTR_CONVERSATION_ID "conversationId"
#define ATTR_REF_ID          "refToMessageId"
#define ATTR_XHE_ID          "xheId" /* of a receipt envelope: its own */
#define ATTR_AS4_ID          "as4MessageId"
#define ATTR_CLIENT          "client"   /* which system client sent it */
#define ATTR_ENDPOINT        "endpoint" /* URL from SMP */
#define ATTR_TO_PARTY        "toParty"  /* CN of the receiving access point */
#define ATTR_SIGNER          "signer" /* hex SHA-256 of the certificate that must sign the AS4 receipt */
#define ATTR_CONTENT_TYPE    "contentType" /* of the wire body */
#define ATTR_OUTCOME         "outcome"     /* ACCEPTED, REJECTED and its codes, for the API */
#define ATTR_PEER            "peer"        /* inbound: PartyId of the sending access point */
#define ATTR_REFERENCES      "references"  /* digests the AS4 receipt must repeat */
#define ATTR_REFETCHED       "refetched"
