/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* world.h - an empty database of either engine for each test, a clock that tests move, and the calls
 * of store.h as one-liners (each its own transaction). */
#pragma once

#include "runtime/store/store.h"

/* The engine of this test program: empties it and fills in config. */
struct world_engine {
    bool is_postgres;
    char postgres[512]; /* connection text */
};
struct world {
    const struct world_engine *engine;
    struct store_config config;
    char folder[64];
    struct store *store;
};

extern int64_t world_shift_ms; /* added to the real clock */
int64_t world_now_ms(void);

void world_begin(struct world *w, const struct world_engine *engine); /* empty, migrated, open */
/* The same, and in it "m1" in state "accepted", which w->store has claimed for so long. */
void world_begin_leased(struct world *w, const struct world_engine *engine, struct arena *a,
                        int64_t lease_ms, struct store_message *m);
/* Its threads are gone until world_reopen(). Before fork(): a child in which another thread held a
 * lock (the address sanitizer's allocator has some) waits for ever. */
void world_rest(struct world *w);
void world_reopen(struct world *w);
struct store *world_another(struct world *w, const char *program); /* a second program */
void world_end(struct world *w);
bool world_run_sql(const struct world *w, const char *text); /* behind the store's back */

bool do_insert(struct store *s, const char *id, const char *state, struct error *e);
bool do_insert_message(struct store *s, const struct store_message *m, struct error *e);
bool do_get(struct store *s, struct arena *a, const char *id, struct store_message *m);
size_t do_claim(struct store *s, struct arena *a, const char *state, int64_t lease_ms, size_t max,
                struct store_message *out);
bool do_move(struct store *s, const struct store_message *m, const char *to, struct error *e);
bool do_retry(struct store *s, const struct store_message *m, int64_t due_ms, const char *why,
              struct error *e);
bool do_release(struct store *s, const struct store_message *m, struct error *e);
bool do_park(struct store *s, const struct store_message *m, const char *why, struct error *e);
bool do_unpark(struct store *s, const char *id, struct error *e);
bool do_dispose(struct store *s, const char *id, struct error *e);
bool do_name(struct store *s, struct arena *a, struct store_name n, struct str *existing,
             struct error *e);
bool do_verify(struct store *s, uint64_t *checked, int64_t *bad, struct error *e);
bool do_attach(struct store *s, const char *id, const char *slot, struct store_writer *w,
               struct error *e);
bool do_put(struct store *s, const char *id, const char *slot, struct str octets, bool open,
            struct error *e);
uint64_t do_count(struct store *s, const char *state);

/* The conformance suite: each engine passes all of it. 0: passed */
int suite_messages(const struct world_engine *engine);
int suite_leases(const struct world_engine *engine);
int suite_transactions(const struct world_engine *engine);
int suite_events(const struct world_engine *engine);
int suite_payloads(const struct world_engine *engine);
int suite_crashes(const struct world_engine *engine);
int world_run_suites(const struct world_engine *engine);
