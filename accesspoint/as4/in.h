/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* in.h - an AS4 body read: the receiver's order of spec/as4.md 11, steps 2 to 8 and 10. User
 * messages, receipts, errors and pull requests alike. The payloads stay where they are (the body's
 * file) or in private temporary files and are inflated only when asked for. */
#pragma once

#include "accesspoint/as4/out.h"
#include "accesspoint/as4/pmode.h"
#include "runtime/crypto/trust.h"
#include "runtime/xml/dsig.h"

struct as4_own_key { /* a key messages may be encrypted to; several during a change of keys */
    const struct key *key;
    struct cert *cert;
};

struct as4_in_config { /* borrowed during as4_receive */
    const struct as4_own_key *keys;
    size_t key_count;
    struct trust *trust; /* who may sign; NULL: nobody is asked (tests of arithmetic) */
    const struct cert_list *partners; /* certificates that SKI and issuer/serial may name; NULL */
    const struct as4_pmode *modes;
    size_t mode_count;
    const char *temp_dir;
    uint64_t body_octets_max;
    int64_t now_ms;
    bool lenient_lines; /* bare LF in MIME: files of the checker, never the network */
    bool signals_only;  /* the answer to a message of ours: a user message is refused */
};

struct as4_received_part {
    struct as4_part_info info;
    struct str type;          /* media type of the stored octets: what was digested */
    struct as4_octets stored; /* decrypted and verified, still compressed where info.compressed */
};

struct as4_received {
    struct arena arena;
    struct as4_messaging messaging;
    const struct as4_pmode *mode; /* of a user message */
    bool is_signed;               /* false only for errors: "failed, unauthenticated" */
    bool is_encrypted;
    bool has_fault; /* a SOAP Fault in the body beside the header */
    enum as4_token_style style;
    struct cert *signer;              /* NULL where nothing was signed */
    bool stale_crl;                   /* the trust list's CRL was stale and that is allowed */
    struct as4_references references; /* of the signature that was verified */
    struct str *receipt_references;   /* each ds:Reference in canonical form; references.count */
    struct as4_received_part *parts;
    size_t part_count;
    struct str envelope;     /* the SOAP envelope as it came, for evidence */
    struct as4_store *store; /* the temporary files; private */
};

void as4_received_release(struct as4_received *r);
#define AUTO_AS4_RECEIVED __attribute__((cleanup(as4_received_release))) struct as4_received

/* `body`: of the HTTP request or answer. Errors carry an EBMS code. Even when it fails, *r may tell
 * the message's id and what it is (as4_messaging_id), unverified, for the error signal: nothing
 * else of it may be used then. *r must be zero before. */
MUST_USE bool as4_receive(const struct as4_in_config *config, struct str content_type,
                          const struct as4_octets *body, struct as4_received *r, struct error *e);
/* The payload as its producer gave it, into `out` (finished); EBMS:0303 where it does not inflate
 * or exceeds `limit`: then nothing that was written may be used. */
MUST_USE bool as4_part_read(const struct as4_received_part *p, uint64_t limit, struct sink *out,
                            struct error *e);
