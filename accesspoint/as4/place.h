/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* place.h - where octets of a received message rest while it is worked on: in memory while they are
 * few, else in an unnamed temporary file. All places of a message are freed together. */
#pragma once

#include "accesspoint/as4/out.h"
#include "runtime/base/sink.h"

enum { AS4_PLACE_MEMORY = 64 * 1024 };

struct as4_place;
struct as4_store;

struct as4_store *as4_store_new(const char *temp_dir); /* borrowed */
void as4_store_free(struct as4_store *s);              /* NULL is fine */
/* A new place for at most `limit` octets; owned by the store. */
struct as4_place *as4_place_new(struct as4_store *s, uint64_t limit);
struct sink *as4_place_sink(struct as4_place *p);
/* What was written; valid until the store is freed and while nothing more is written. */
struct as4_octets as4_place_octets(const struct as4_place *p);
