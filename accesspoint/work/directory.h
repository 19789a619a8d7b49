/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* directory.h - what the SMP said, verified: accesspoint-send fetched it and lookups.c put it into the
 * store's cache unread; here its signature, signer and identifiers are checked, and the result is kept
 * for a minute, so that not every message has to ask the store. Any thread. */
#pragma once

#include "accesspoint/smp/metadata.h"
#include "accesspoint/work/workplace.h"

struct directory;
struct stage_run;

struct directory *directory_new(void);
void directory_free(struct directory *d);

struct directory_entry; /* counted; shared by threads */
/* The entry that this message needs (accesspoint/service.h). RETRY code "directory:stale" where no fresh
 * answer is in the cache: look it up, then any age will do; DENY where the answer does not hold. */
MUST_USE bool directory_find(const struct stage_run *run, struct directory_entry **out,
                             struct error *e);
bool directory_is_stale(const struct error *e);
/* Where the directory is asked for this message: the cache's key. In the run's arena. */
MUST_USE bool directory_url(const struct stage_run *run, struct str *url, struct error *e);
/* Another answer was put into the cache. */
void directory_changed(const struct workplace *w, struct str url);
/* Is a fresh answer there? Then a look-up can be spared. Inside a transaction. */
MUST_USE bool directory_is_fresh(struct store_tx *tx, const struct workplace *w, struct str kind,
                                 const struct attributes *a, bool *fresh, struct error *e);
const struct smp_metadata *directory_metadata(const struct directory_entry *entry);
/* The best endpoint at this time, its certificate checked against the access point CAs. */
MUST_USE bool directory_endpoint(const struct workplace *w, const struct directory_entry *entry,
                                 const struct smp_endpoint **out, struct error *e);
/* Forgets the cached answer, so that the next message asks anew; directory_changed() after the commit. */
MUST_USE bool directory_forget(struct store_tx *tx, const struct stage_run *run, struct str url,
                               struct error *e);
void directory_entry_free(struct directory_entry *entry); /* lets go; NULL is fine */
