/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* crl.h - what a file of revocation lists says of itself, for people. Judging by them is trust.h's. */
#pragma once

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/error.h"

struct crl_facts {
    struct str issuer; /* RFC 2253 text */
    int64_t issued_ms;
    int64_t next_ms; /* the next one is due; 0: it does not say */
    size_t revoked;  /* how many certificates it names */
};
enum { CRL_FACTS_MAX = 100 };

/* Every list of a PEM file; none is no error. *out in the arena. Signatures are not checked. */
MUST_USE bool crl_read_facts(const char *path, struct arena *a, struct crl_facts **out,
                             size_t *count, struct error *e);
