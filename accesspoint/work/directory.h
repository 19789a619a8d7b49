/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* directory.h - what the SMP said, verified: accesspoint-send fetched it and put it into the store's
 * cache unread; here its signature, signer and identifiers are checked, once per answer (the result is
 * kept by the answer's digest). */
#pragma once

#include "accesspoint/smp/metadata.h"
#include "accesspoint/work/workplace.h"

struct directory;

MUST_USE bool directory_new(const struct workplace *w, struct directory **out, struct error *e);
void directory_free(struct directory *d);

struct directory_entry; /* counted; shared by threads */
/* The entry that a message of this kind needs (accesspoint/service.h). RETRY code "directory:stale" where
 * no answer is in the cache (any more); DENY where the answer does not hold. */
MUST_USE bool directory_find(const struct workplace *w, struct str kind, const struct attributes *a,
                             struct directory_entry **out, struct error *e);
/* Is a fresh answer there? Then a look-up can be spared. Inside a transaction. */
MUST_USE bool directory_is_fresh(struct store_tx *tx, const struct workplace *w, struct str kind,
                                 const struct attributes *a, bool *fresh, struct error *e);
const struct smp_metadata *directory_metadata(const struct directory_entry *entry);
/* The best endpoint at this time, its certificate checked against the access point CAs. */
MUST_USE bool directory_endpoint(const struct workplace *w, const struct directory_entry *entry,
                                 const struct smp_endpoint **out, struct error *e);
/* Forgets the cached answer, so that the next look-up asks anew. */
MUST_USE bool directory_forget(struct store_tx *tx, const struct workplace *w, struct str kind,
                               const struct attributes *a, struct error *e);
void directory_entry_free(struct directory_entry *entry);
void directory_entry_free_at(struct directory_entry **entry);
#define AUTO_ENTRY __attribute__((cleanup(directory_entry_free_at))) struct directory_entry *
