/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* message.h - what an eb:Messaging header says, as values (spec/as4.md 2 and 3). Texts are views
 * into the arena of whoever read or made them; an absent optional text is STR_NONE (at NULL). */
#pragma once

#include <stdint.h>

#include "runtime/crypto/digest.h"

enum {
    AS4_TEXT_MAX = 255,                     /* ids, parties, service, action: what peers enforce */
    AS4_VALUE_MAX = 1024,                   /* property values */
    AS4_PROPERTIES_MAX = 64,                /* of a message or of a part */
    AS4_PARTS_MAX = 100,                    /* payloads taken; send 28 at most (P13) */
    AS4_ERRORS_MAX = 20,                    /* eb:Error elements of one signal that are kept */
    AS4_REFERENCES_MAX = AS4_PARTS_MAX + 3, /* Messaging, Body, Timestamp */
};

struct as4_property {
    struct str name, type, value; /* type may be none */
};

struct as4_party {
    struct str id, type, role; /* one PartyId (eDelivery); type may be none */
};

struct as4_part_info {
    struct str cid;       /* Content-ID without "cid:" and <>; none: href is no cid URL */
    struct str href;      /* as written; reading only */
    struct str mime_type; /* of the payload itself, before compression */
    struct str charset;   /* CharacterSet; none */
    bool compressed;      /* CompressionType application/gzip */
    struct as4_property *properties; /* the application's own: without the three above */
    size_t property_count;
};

struct as4_user_message {
    struct str
        mpc; /* reading: never none, the default MPC is filled in. Writing: none is left out */
    struct str timestamp; /* as written in the message; for writing use timestamp_ms */
    int64_t timestamp_ms;
    struct str message_id;
    struct str ref_to_message_id;
    struct as4_party from, to; /* access points (C2, C3) */
    struct str agreement, agreement_type, agreement_pmode;
    struct str service, service_type;
    struct str action;
    struct str conversation_id;
    struct as4_property *properties; /* originalSender, finalRecipient, trackingIdentifier, ... */
    size_t property_count;
    struct as4_part_info *parts; /* order of PayloadInfo: first is the leading document */
    size_t part_count;
};

/* One digest of a signature: what a receipt must repeat. */
struct as4_reference {
    struct str uri; /* "#id" or "cid:..." */
    enum digest_type digest_type;
    struct digest_value digest;
};

struct as4_references { /* at most AS4_REFERENCES_MAX, in an arena */
    struct as4_reference *at;
    size_t count;
};

enum as4_signal_kind { AS4_RECEIPT, AS4_ERROR, AS4_PULL_REQUEST };

struct as4_error_item {
    struct str code;     /* "EBMS:0101"; decide by this alone */
    struct str severity; /* as written */
    struct str short_description, category, origin;
    struct str ref_to_message; /* refToMessageInError; none */
    struct str description, detail;
    bool is_warning; /* severity, without regard to case */
};

struct as4_signal {
    enum as4_signal_kind kind;
    struct str timestamp;
    int64_t timestamp_ms;
    struct str message_id;
    struct str ref_to_message_id; /* none in a PullRequest and in errors that name no message */
    struct as4_error_item *errors;
    size_t error_count;
    struct as4_references references; /* of a receipt: its NonRepudiationInformation; may be 0 */
    struct str mpc;                   /* of a PullRequest */
};

enum as4_kind { AS4_UNREAD, AS4_USER_MESSAGE, AS4_SIGNALS };
enum { AS4_SIGNALS_MAX = 16 };

/* What one eb:Messaging holds: one user message, or one or more signals. */
struct as4_messaging {
    enum as4_kind kind;
    struct as4_user_message user;
    struct as4_signal *signals;
    size_t signal_count;
};

/* Names the message of a user message or of the first signal; none where nothing was read. */
struct str as4_messaging_id(const struct as4_messaging *m);
bool as4_is_test(const struct as4_user_message *m); /* the test service: receipt, no delivery */
/* Value of a message property, none where it is not there. */
struct str as4_property_of(const struct as4_user_message *m, const char *name);
