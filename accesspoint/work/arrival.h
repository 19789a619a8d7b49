/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* arrival.h - one AS4 message that was verified and decrypted, on its way into the store. */
#pragma once

#include "accesspoint/work/temp.h"
#include "accesspoint/xhe/envelope.h"

struct arrival { /* {.octets = {.fd = -1}} before */
    const struct workplace *w;
    struct arena *arena;
    const struct as4_received *received;
    const struct as4_user_message *message;
    struct log_scope log;
    struct str as4_name;    /* "<From PartyId> <MessageId>" */
    struct str fingerprint; /* of the signed digests: tells a repetition from a forgery */
    struct attributes attributes;
    struct str kind;
    char malformed[320]; /* what is wrong with the envelope; "": nothing */
    struct uuid id;
    struct buf receipt; /* the signed AS4 receipt to answer */
    struct temp octets; /* of the envelope */
    struct xml_doc *envelope;
    struct xhe xhe;
    struct store_message held; /* as stored, leased to us; no lease: nothing is held */
    /* What is attached to it when it is stored; gone when it is answered. */
    struct store_writer **writers; /* its payloads */
    size_t writer_count;
    struct store_writer *evidence;
};
void arrival_release(struct arrival *a); /* NULL is fine */
void arrival_release_writers(struct arrival *a);
/* In the arena, none open yet. */
void arrival_make_writers(struct arrival *a, size_t count);

/* Sets the fingerprint. */
MUST_USE bool arrival_begin(struct arrival *a, struct error *e);
/* A copy that was taken before: *receipt is what was answered then (spec/sdk.md 2.4 #6). The same id
 * with other digests: REJECT EBMS:0003. Asked for what could not be stored: one that is new says so
 * itself, by its name. */
MUST_USE bool arrival_find_duplicate(struct arrival *a, bool *found, struct buf *receipt,
                                     struct error *e);
/* Steps 7 to 9: served here, a well-formed envelope that says what the header says. A wrong recipient or
 * a mismatch is EBMS:0004 NOT_SERVICED; a malformed envelope is that, with a reason: it gets its
 * AS4 receipt and is kept for a person, never delivered (Q15). */
MUST_USE bool arrival_check(struct arrival *a, struct error *e);
/* The SOAP envelope as it came, for arrival_put_proof. */
MUST_USE bool arrival_evidence(struct arrival *a, struct error *e);
/* Inside a transaction, after the message's row: name, evidence and receipt. RETRY where another copy
 * came first. */
MUST_USE bool arrival_put_proof(struct store_tx *tx, struct arrival *a, struct error *e);
/* Hands in one transaction: message, name, envelope, evidence, receipt. What can be opened at once is held.
 * Where it fails, a->held is to be given back: the commit may have been done. */
struct stage_run;
MUST_USE bool arrival_store(struct arrival *a, struct stage_run *run, struct error *e);
