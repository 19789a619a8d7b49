/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* out.h - a user message on its way out. Every payload goes through in one pass
 *     payload -> gzip -> SHA-256 -> AES-128-GCM -> where the caller keeps it
 * and then the envelope is written around the digests: no tree, no second look at a payload.
 *     as4_out_new, for each payload as4_out_part (write, finish), as4_out_seal, as4_out_free */
#pragma once

#include "accesspoint/as4/message.h"
#include "accesspoint/as4/token.h"
#include "runtime/crypto/key.h"

struct as4_signer { /* who signs, and how it is named. All borrowed */
    const struct key *key;
    struct cert *cert;
    const struct cert_list *chain; /* issuers for PKIPATH, anchor side first; may be NULL */
    enum as4_token_style style;
};

struct as4_out_config { /* borrowed until as4_out_free */
    struct as4_signer signer;
    struct cert *receiver; /* encrypts to it; NULL: nothing is encrypted */
    const struct cert_list *receiver_chain;
    enum as4_token_style receiver_style;
    bool with_timestamp; /* a signed wsu:Timestamp; Domibus' policies refuse it (P48) */
};

/* The HTTP body in pieces: before[0] part0 before[1] part1 ... after. Without parts: only after. */
struct as4_wire {
    struct str content_type;
    struct str *before;
    uint64_t *part_octets;
    size_t part_count;
    struct str after;
    uint64_t content_length;
    struct as4_references references; /* what the receipt must repeat; keep them */
};

struct as4_out;
MUST_USE bool as4_out_new(const struct as4_out_config *config, struct as4_out **out,
                          struct error *e);
void as4_out_free(struct as4_out *o);
void as4_out_free_at(struct as4_out **o);
#define AUTO_AS4_OUT __attribute__((cleanup(as4_out_free_at))) struct as4_out *
/* The next payload, in the order of PayloadInfo: write it into *in and finish it before the next
 * one begins. Its wire octets flow to `to`, which is finished with it. Only cid, mime_type and
 * compressed of `info` are read. */
MUST_USE bool as4_out_part(struct as4_out *o, const struct as4_part_info *info, struct sink *to,
                           struct sink **in, struct error *e);
/* Writes, signs and wraps. m->parts are those given to as4_out_part, in order. `now_ms`: for a
 * wsu:Timestamp. Texts of *wire live as long as o. */
MUST_USE bool as4_out_seal(struct as4_out *o, const struct as4_user_message *m, int64_t now_ms,
                           struct as4_wire *wire, struct error *e);

/* Octets in memory, or where memory.at is NULL [offset, offset + len) of a file. */
struct as4_octets {
    struct str memory;
    int fd;
    uint64_t offset, len;
};
uint64_t as4_octets_count(const struct as4_octets *o);
/* All of them, and the sink is finished. */
MUST_USE bool as4_octets_to(const struct as4_octets *o, struct sink *out, struct error *e);
/* The whole body in its order, from the parts' octets; does not finish the sink. */
MUST_USE bool as4_wire_write(const struct as4_wire *w, const struct as4_octets *parts,
                             struct sink *out, struct error *e);
