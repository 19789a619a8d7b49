/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* store.h - what must outlive a crash: messages in states, names, payloads, events, cached answers.
 * One interface, two engines (SQLite, PostgreSQL) that pass one conformance suite; tables, states
 * and files: docs/store.md. Knows nothing of formats: kinds, states, scopes and slots are words of
 * the programs.
 *
 * Work is a function that runs inside a write transaction, on whatever thread leads. All work that
 * waits shares one commit and one fsync; one that fails is rolled back alone. What it put into its
 * ctx counts only when the commit is reported (true, or done with ok).
 *
 * Errors, everywhere: RETRY disk full, read-only, database away, somebody else was faster - nothing
 * was changed; REJECT not there, too large, wrong shape; DENY a tag, digest or hash does not hold;
 * BUG misuse. All texts given are borrowed until return; all texts given back live in the arena.
 * Limits (octets): id 36, kind, state, scope and slot 64, mailbox and media type 256, name 512,
 * why 500, attributes 32 KiB, cached value 256 KiB. */
#pragma once

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/secret.h"
#include "runtime/base/sink.h"
#include "runtime/base/uuid.h"

struct store;    /* opaque: one per process; every function is safe from any thread */
struct store_tx; /* opaque: one transaction, valid only inside a store_fn */

enum { STORE_KEY_OCTETS = 32 }; /* of the storage key */
struct store_config {           /* read at open; texts are copied */
    const char *folder;         /* database, payload/, wake/, store.lock; made with mode 0700 */
    const char *postgres;       /* libpq connection text; NULL or "": SQLite in folder */
    const char *program;        /* who acts, in events and leases: "accesspoint-work" */
    struct str storage_key;     /* 32 octets, copied into a secret; empty: open payloads only */
    bool hears_wakes;           /* makes a socket in wake/ */
    int64_t (*now_ms)(void);    /* NULL: clock_now_ms; tests set it */
};

/* Brings the database (made where absent) to this program's schema version, by schemas/sql of the
 * schema folder (POSTHORN_SCHEMA_DIR in the environment for tests, else the installed one). */
MUST_USE bool store_migrate(const struct store_config *config, int *from, int *to, struct error *e);
/* REJECT where the schema is older or newer; the text says which command to run. Sweeps leftovers
 * of crashes (payload files older than an hour without a row). Starts its threads. */
MUST_USE bool store_open(const struct store_config *config, struct store **out, struct error *e);
void store_close(struct store *store); /* finishes all work first; done()s come from inside it */

/* --- transactions */
typedef bool store_fn(struct store_tx *tx, void *ctx, struct error *e);
typedef void store_done(void *ctx, bool ok, const struct error *e); /* e is NULL when ok */

/* Blocks until committed: for worker threads and the command line. fn runs at most once. */
MUST_USE bool store_do(struct store *store, store_fn *fn, void *ctx, struct error *e);
/* Returns at once; done() comes exactly once, from store_dispatch(). ctx must live until then: who
 * ends before marks it and lets done() free it. */
void store_submit(struct store *store, store_fn *fn, void *ctx, store_done *done);
/* The same two on a second connection that only reads; a change inside is BUG. */
MUST_USE bool store_read(struct store *store, store_fn *fn, void *ctx, struct error *e);
void store_read_submit(struct store *store, store_fn *fn, void *ctx, store_done *done);
/* Readable when done()s wait; watch it (persistently) and call store_dispatch() then. */
int store_fd(const struct store *store);
void store_dispatch(struct store *store);
int64_t store_now_ms(const struct store *store);

/* --- waking: after a commit each state entered is told to all other programs that hear wakes; who
 * enters a state knows it (PostgreSQL tells it too). Hints only: claim on a timer too. */
int store_wake_fd(const struct store *store); /* readable: something changed; -1: hears none */
/* Empties it; visit (may be NULL) gets each state's name once per hint. */
void store_wake_drain(struct store *store, void (*visit)(void *ctx, struct str state), void *ctx);

/* --- messages */
struct store_message {
    struct str id;         /* UUID text, given by the caller */
    struct str kind;       /* "sdk-out", "upload", ... */
    struct str state;      /* "accepted", ...; "parked" is the store's own: waits for a person */
    struct str mailbox;    /* what it is listed by, such as a function address; may be empty */
    struct str attributes; /* JSON object, small, no content */
    int64_t due_ms;        /* not claimed before */
    /* set by the store: */
    int64_t created_ms;
    int64_t changed_ms;      /* when it entered its state */
    int64_t leased_until_ms; /* 0: nobody's */
    struct str owner;        /* "program/pid" of the lease, for people */
    struct str lease;        /* set by claim alone: the right to move it */
    uint32_t attempts;       /* failed ones in this state */
    struct str last_why;     /* reason of the last retry, move or park */
    struct str parked_from;  /* state before "parked" */
};

/* id, kind, state, mailbox, attributes, due_ms are read. An id that is there: REJECT, code
 * "store:exists". */
MUST_USE bool store_message_insert(struct store_tx *tx, const struct store_message *m,
                                   const char *why, struct error *e);
/* The same, leased to its maker from birth, who goes on with it without a claim: *out (in the arena,
 * and of m) is what a claim would give. m->last_why is the event's reason. Nobody is woken. */
MUST_USE bool store_message_insert_leased(struct store_tx *tx, struct arena *a,
                                          const struct store_message *m, int64_t lease_ms,
                                          struct store_message *out, struct error *e);
/* Unknown: REJECT, code "store:unknown". */
MUST_USE bool store_message_get(struct store_tx *tx, struct arena *a, struct str id,
                                struct store_message *out, struct error *e);

enum { STORE_CLAIM_STATES_MAX = 8, STORE_CLAIM_MAX = 256 };
struct store_claim {
    const char *const *states; /* any of these */
    size_t n_states;
    int64_t lease_ms;
    size_t max;
};
/* Takes up to max messages that are due and nobody's (or whose lease ran out), oldest due first, and
 * leases them. One whose last five claims had no outcome (crash) is parked instead. out has room
 * for max. */
MUST_USE bool store_message_claim(struct store_tx *tx, struct arena *a,
                                  const struct store_claim *claim, struct store_message *out,
                                  size_t *got, struct error *e);

/* The outcomes of a claim. m is what claim or get gave: the change is made only while the message is
 * still in m->state and the lease is m's (m from get: while nobody holds a lease); else RETRY, code
 * "store:taken". All end the lease but extend and a move that keeps it. */
struct store_move {
    const char *to;        /* state entered; attempts start at 0 */
    int64_t due_ms;        /* 0: now */
    struct str attributes; /* replaces them; STR_NONE: unchanged */
    const char *why;       /* for the event; "" for none */
    /* > 0: the message stays its mover's for so long and nobody is woken; m must be leased. *kept is
     * what the next outcome takes once this one is committed; its texts are m's and these here. */
    int64_t lease_ms;
    struct store_message *kept;
};
MUST_USE bool store_message_move(struct store_tx *tx, const struct store_message *m,
                                 const struct store_move *move, struct error *e);
MUST_USE bool store_message_retry(struct store_tx *tx, const struct store_message *m,
                                  int64_t due_ms, const char *why, struct error *e);
MUST_USE bool store_message_release(struct store_tx *tx, const struct store_message *m,
                                    struct error *e); /* not tried: no attempt is counted */
MUST_USE bool store_message_park(struct store_tx *tx, const struct store_message *m,
                                 const char *why, struct error *e);
MUST_USE bool store_message_extend(struct store_tx *tx, const struct store_message *m,
                                   int64_t lease_ms, struct error *e);
/* A person's word: back to the state it was parked from, due now. */
MUST_USE bool store_message_unpark(struct store_tx *tx, struct str id, const char *why,
                                   struct error *e);
/* Gone with its names and payloads (keys destroyed); its events stay. */
MUST_USE bool store_message_dispose(struct store_tx *tx, struct str id, const char *why,
                                    struct error *e);

struct store_list { /* empty: any */
    struct str mailbox, state, kind;
    int64_t from_ms, to_ms; /* created in [from, to); to 0: no end */
    uint64_t offset;
    size_t limit; /* at most 1000 */
    bool newest_first;
    /* Any of these, beside mailbox and state above; at most 1000 and 8. 0: any */
    const struct str *mailboxes;
    size_t n_mailboxes;
    const char *const *states;
    size_t n_states;
};
/* *out in the arena; *total counts all that match. */
MUST_USE bool store_message_list(struct store_tx *tx, struct arena *a,
                                 const struct store_list *list, struct store_message **out,
                                 size_t *got, uint64_t *total, struct error *e);
struct store_count {
    struct str kind, state;
    uint64_t messages;
    int64_t oldest_ms; /* smallest changed_ms */
};
MUST_USE bool store_message_counts(struct store_tx *tx, struct arena *a, struct store_count **out,
                                   size_t *got, struct error *e);

/* --- names: (scope, name) is unique; duplicate test and correlation index in one */
struct store_name {
    struct str scope, name, message;
    int64_t expires_ms; /* 0: never; later it is free again */
};
/* *existing: empty when put; else the message that has the name, and nothing was changed. */
MUST_USE bool store_name_put(struct store_tx *tx, struct arena *a, const struct store_name *n,
                             struct str *existing, struct error *e);
/* *message: empty when there is none. */
MUST_USE bool store_name_find(struct store_tx *tx, struct arena *a, struct str scope,
                              struct str name, struct str *message, struct error *e);
MUST_USE bool store_name_list(struct store_tx *tx, struct arena *a, struct str message,
                              struct store_name **out, size_t *got, struct error *e);
/* At most max of those that have expired: as many as are purged may be left. */
MUST_USE bool store_name_purge(struct store_tx *tx, size_t max, uint64_t *purged, struct error *e);

/* --- payloads: encrypted at rest unless `open` (ciphertext for somebody else already) */
struct store_payload {
    struct str message, slot, media_type;
    uint64_t octets;
    unsigned char sha256[32]; /* of the plain octets */
    bool open;
    int64_t created_ms;
};

/* Outside of transactions, on one thread at a time: octets into its sink, sink_finish(), then attach
 * inside a transaction; free it after the outcome. What was never attached and committed is
 * removed. Constant memory. */
struct store_writer;
MUST_USE bool store_writer_new(struct store *store, bool open, uint64_t limit_octets,
                               struct store_writer **out, struct error *e);
void store_writer_free(struct store_writer *w);
#define AUTO_STORE_WRITER __attribute__((cleanup(store_writer_free_at))) struct store_writer *
void store_writer_free_at(struct store_writer **w);
struct sink *store_writer_sink(struct store_writer *w);
uint64_t store_writer_octets(const struct store_writer *w); /* after finish */
const unsigned char *
store_writer_sha256(const struct store_writer *w); /* 32 octets, after finish */
/* A slot that is taken: REJECT, code "store:exists". */
MUST_USE bool store_payload_attach(struct store_tx *tx, struct str message, struct str slot,
                                   struct str media_type, struct store_writer *w, struct error *e);
/* The same for octets in memory (at most 64 KiB). */
MUST_USE bool store_payload_put(struct store_tx *tx, const struct store_payload *p,
                                struct str octets,
                                struct error *e); /* message, slot, media_type, open */

MUST_USE bool store_payload_list(struct store_tx *tx, struct arena *a, struct str message,
                                 struct store_payload **out, size_t *got, struct error *e);
MUST_USE bool store_payload_move(struct store_tx *tx, struct str from_message, struct str from_slot,
                                 struct str to_message, struct str to_slot, struct error *e);

/* Reading, outside of transactions. No such slot: REJECT, code "store:unknown". Sealed and no storage
 * key: DENY. Each segment of what is sealed is verified; a whole read (offset 0, all octets, in one call) of what is
 * open verifies the SHA-256 before it returns. Octets went out before, so use them after success only. */
enum { STORE_SEGMENT = 64 * 1024 }; /* sealed as one: reads that end at multiples open none twice */
struct store_reader;
MUST_USE bool store_reader_open(struct store *store, struct str message, struct str slot,
                                struct store_reader **out, struct error *e);
void store_reader_free(struct store_reader *r);
#define AUTO_STORE_READER __attribute__((cleanup(store_reader_free_at))) struct store_reader *
void store_reader_free_at(struct store_reader **r);
/* octets, sha256, media_type, open; valid while r lives */
const struct store_payload *store_reader_payload(const struct store_reader *r);
/* [offset, offset + length) must lie inside: else REJECT. Does not finish the sink. */
MUST_USE bool store_reader_read(struct store_reader *r, uint64_t offset, uint64_t length,
                                struct sink *sink, struct error *e);
/* The octets as a file from its beginning, to hand to another process; borrowed, valid while r lives. -1
 * where there is none: PostgreSQL, sealed, or small. Unlike a whole read it verifies nothing. */
int store_reader_fd(const struct store_reader *r);
/* A row as it lies in the store, what is sealed still sealed: found in a transaction that is under way for
 * something else, read after it. Texts in the arena; id: empty where there is no such slot. */
struct store_row {
    struct store_payload payload;
    struct str id, wrapped_key, content; /* content: of small ones */
    bool large;
};
MUST_USE bool store_row_find(struct store_tx *tx, struct arena *a, struct str message,
                             struct str slot, struct store_row *out, struct error *e);
struct store_row store_row_copy(const struct store_row *row, struct arena *a);
MUST_USE bool store_row_read(struct store *store, const struct store_row *row, struct sink *sink,
                             struct error *e);
/* open, read all, free */
MUST_USE bool store_payload_read(struct store *store, struct str message, struct str slot,
                                 struct sink *sink, struct error *e);

/* --- events: one hash chain over all; each change of a state appends by itself */
struct store_event {
    int64_t seq; /* 1, 2, 3, ... without gaps */
    int64_t time_ms;
    struct str message, actor, what, why; /* what: the state entered, or the given word */
};
MUST_USE bool store_event_add(struct store_tx *tx, struct str message, const char *what,
                              const char *why, struct error *e);
/* Of a moment before: what came to pass on the way to this transaction. The chain keeps the order
 * of adding. */
MUST_USE bool store_event_add_at(struct store_tx *tx, struct str message, int64_t time_ms,
                                 const char *what, const char *why, struct error *e);
MUST_USE bool store_event_list(struct store_tx *tx, struct arena *a, struct str message,
                               struct store_event **out, size_t *got, struct error *e);
/* At most max (<= 1000) with seq > after. */
MUST_USE bool store_event_feed(struct store_tx *tx, struct arena *a, int64_t after, size_t max,
                               struct store_event **out, size_t *got, struct error *e);
/* Walks the chain; the first row that does not hold: DENY, *bad_seq tells which. */
MUST_USE bool store_event_verify(struct store_tx *tx, uint64_t *checked, int64_t *bad_seq,
                                 struct error *e);

/* --- cached answers of directories */
struct store_cached {
    struct str key; /* <= 512 octets */
    struct str value;
    int64_t status; /* the caller's, such as an HTTP status */
    int64_t fetched_ms;
    int64_t fresh_until_ms;
};
MUST_USE bool store_cache_put(struct store_tx *tx, const struct store_cached *c, struct error *e);
MUST_USE bool store_cache_get(struct store_tx *tx, struct arena *a, struct str key,
                              struct store_cached *out, bool *found, struct error *e);
/* What is not fresh since before_ms. */
MUST_USE bool store_cache_purge(struct store_tx *tx, int64_t before_ms, uint64_t *purged,
                                struct error *e);
