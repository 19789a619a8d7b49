/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* workplace.h - what every worker thread uses, read-only: settings, keys, trust lists, schemas, the store.
 * Everything in it may be used by all threads at once. A reload builds another beside it; who works in
 * the old one holds it until he has done. */
#pragma once

#include <stdatomic.h>

#include "accesspoint/as4/signal.h"
#include "accesspoint/attributes.h"
#include "accesspoint/sdk/federation.h"
#include "accesspoint/sdk/judge.h"
#include "accesspoint/settings.h"
#include "runtime/log/log.h"
#include "runtime/store/store.h"

struct identity { /* a key, its certificate and what stands behind it */
    struct key *key;
    struct cert_list chain; /* leaf first */
};
struct cert *identity_cert(const struct identity *i);

struct participant { /* an organisation that this access point serves */
    const struct participant_section *section;
    struct identity o2o;
};

struct workplace {
    atomic_uint holders;
    const struct accesspoint_settings *settings;
    struct accesspoint_settings view; /* what settings points to */
    struct settings *all;             /* what it views; held */
    struct settings *federation_file;
    const struct federation *federation;
    /* The program's, the same in all its workplaces: workplace_close() */
    struct judge *judge_message, *judge_envelope, *judge_receipt;
    struct store *store;
    struct identity ap;
    struct participant *participants;
    size_t participant_count;
    struct trust *ap_trust, *smp_trust, *o2o_trust;
    struct as4_own_key own_key;
    /* The federation's first, then those of [accesspoint] pmodes. The test service is matched by
     * parties alone. */
    struct as4_pmode *modes;
    size_t mode_count;
    struct cert_list partners;   /* certificates of [partner] sections */
    struct directory *directory; /* verified SMP answers */
    struct arena arena;
};

/* before NULL: the first one, without a store as yet. Else schemas and store are those of before. */
MUST_USE bool workplace_open(const struct settings *all, const struct workplace *before,
                             struct workplace **out, struct error *e);
struct workplace *workplace_hold(const struct workplace *w);
void workplace_drop(const struct workplace *w); /* the last one frees; NULL is fine */
void workplace_close(struct workplace *w);      /* store and schemas, at the end; then drop it */
/* Is it of the federation, or of a partner outside of it? */
bool workplace_is_federated(const struct workplace *w, const struct as4_pmode *mode);
/* NULL: not served here. */
const struct participant *workplace_participant(const struct workplace *w, struct str id);
/* How our certificate is named towards a partner. */
struct as4_signer workplace_signer(const struct workplace *w, struct str party);
enum as4_token_style workplace_key_style(const struct workplace *w, struct str party);
