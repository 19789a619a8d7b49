/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* counts.h - how many messages of the store are in which state, and how long the oldest has been
 * there, as gauges: what an operator's alarms watch. Loop thread only. */
#pragma once

#include "runtime/http/metrics.h"
#include "runtime/store/store.h"

struct counts;

struct counts *counts_new(struct metrics *metrics); /* must outlive it */
void counts_free(struct counts *c);                 /* NULL is fine; after the store is closed */
/* Asks the store, and sets the gauges when it answers; does nothing while an answer is awaited. */
void counts_refresh(struct counts *c, struct store *store);
/* In between, for tests: sets them from rows; a state that has no row any more counts 0. */
void counts_set(struct counts *c, const struct store_count *rows, size_t count, int64_t now_ms);
