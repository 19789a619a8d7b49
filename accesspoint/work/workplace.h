/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* workplace.h - what every worker thread uses, read-only after start: settings, keys, trust lists,
 * schemas, the store. Everything in it may be used by all threads at once. */
#pragma once

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
    const struct accesspoint_settings *settings;
    struct settings *federation_file;
    const struct federation *federation;
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

MUST_USE bool workplace_open(const struct accesspoint_settings *settings, struct workplace **out,
                             struct error *e);
void workplace_free(struct workplace *w);
/* Is it of the federation, or of a partner outside of it? */
bool workplace_is_federated(const struct workplace *w, const struct as4_pmode *mode);
/* NULL: not served here. */
const struct participant *workplace_participant(const struct workplace *w, struct str id);
/* How our certificate is named towards a partner. */
struct as4_signer workplace_signer(const struct workplace *w, struct str party);
enum as4_token_style workplace_key_style(const struct workplace *w, struct str party);
