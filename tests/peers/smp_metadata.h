/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* smp_metadata.h - writes and signs SignedServiceMetadata as DIGG's SMP does (spec/sdk.md 6.3, 6.4): for
 * the stand-in only; the product never signs metadata. */
#pragma once

#include "runtime/base/arena.h"
#include "runtime/crypto/key.h"

struct smp_record { /* PEM certificates are read by whoever made it; NULL: none */
    struct str participant, document, endpoint;
    struct cert *ap, *signing, *encryption;
};
enum smp_flaw { SMP_NO_FLAW, SMP_UNSIGNED, SMP_ALTERED, SMP_REDIRECT };

MUST_USE bool smp_metadata_write(const struct smp_record *r, const struct key *key,
                                 const struct cert *cert, enum smp_flaw flaw, struct buf *out,
                                 struct error *e);
