/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tx.h - the inside of the store: what its files share. Nobody else includes it. */
#pragma once

#include "runtime/store/lane.h"
#include "runtime/store/sql.h"
#include "runtime/store/store.h"

enum { STORE_SCHEMA_VERSION = 1 };
enum {
    STORE_ID_MAX = 36,
    STORE_WORD_MAX = 64, /* kind, state, scope, slot */
    STORE_MAILBOX_MAX = 256,
    STORE_NAME_MAX = 512,
    STORE_WHY_MAX = 500,
    STORE_ATTRIBUTES_MAX = 32 * 1024,
    STORE_SMALL_MAX = 64 * 1024, /* payloads up to here stand in the row */
    STORE_CACHED_MAX = 256 * 1024,
    STORE_LIST_MAX = 1000,
    STORE_KEY_SIZE = 32,
    /* A kill takes all that a program had claimed, so one or two lost claims blame nobody. */
    STORE_LOST_CLAIMS_MAX = 5,
    STORE_FOLDER_MAX = 900, /* so that paths below it fit; sockets in wake/ need it shorter */
};

struct store_wake;

struct store {
    char *folder;
    char *postgres; /* NULL: SQLite */
    char *program;
    char owner[96];    /* "program/pid"; PostgreSQL: "program/pid@number" */
    struct secret key; /* empty: open payloads only */
    int64_t (*now_ms)(void);
    int lock_fd; /* store.lock; -1: PostgreSQL */
    int done_fd;
    struct sql *writing; /* the write lane's */
    struct sql *reading; /* the read lane's */
    struct sql *bulk;    /* PostgreSQL: chunks of large payloads, under bulk_lock */
    pthread_mutex_t bulk_lock;
    struct lane write_lane;
    struct lane read_lane;
    struct store_wake *wake;
    uint64_t commits; /* of the write lane; for tests and metrics */
    /* PostgreSQL, presence.c; the write lane's: */
    int64_t presence_number;
    unsigned presence_of; /* the connection that holds it, counted; 0: none */
    int64_t presence_checked_ms;
};

/* What waits for the commit: events are appended last, so that the chain's lock is held shortest and
 * always taken after the rows'; the rest is done after it. */
enum tx_effect_type { TX_EVENT, TX_STATE, TX_KEEP, TX_UNLINK, TX_PRESENT };
struct tx_effect {
    enum tx_effect_type type;
    int64_t time_ms;
    struct str message, what,
        why;                     /* in tx->arena; TX_STATE: what; TX_UNLINK: message = payload id */
    struct store_writer *writer; /* TX_KEEP */
};
enum { TX_EFFECTS_MAX = 100000 };

struct store_tx {
    struct store *store;
    struct sql *sql;
    bool writes;
    int64_t now_ms;
    struct arena arena; /* as long as the batch */
    struct tx_effect *effects;
    size_t n_effects, room;
};

/* A change; BUG in a transaction that only reads. */
MUST_USE bool tx_change(struct store_tx *tx, const char *text, const struct sql_value *values,
                        size_t n, uint64_t *changed, struct error *e);
MUST_USE bool tx_effect(struct store_tx *tx, const struct tx_effect *effect, struct error *e);
/* The event and the wake of a state entered. */
MUST_USE bool tx_entered(struct store_tx *tx, struct str message, struct str state, struct str why,
                         struct error *e);
/* The event alone: nobody but its holder may take it. */
MUST_USE bool tx_entered_leased(struct store_tx *tx, struct str message, struct str state,
                                struct str why, struct error *e);
/* UTF-8 without NUL of at most max octets; REJECT names `what` otherwise. */
MUST_USE bool tx_text(struct str text, size_t max, const char *what, struct error *e);
MUST_USE bool tx_word(struct str word, const char *what, struct error *e); /* 1 to STORE_WORD_MAX */
/* A reason, cut to STORE_WHY_MAX; what a cut, this or an earlier one, left of its last character goes.
 * Other bad UTF-8 gives "". */
struct str tx_reason(struct str why);
struct str tx_why(const char *why);
struct str tx_column(const struct sql_query *q, int column, struct arena *a); /* a copy */

/* What a query gives, as an array in the arena. */
struct tx_rows {
    size_t max;  /* rows; more are left */
    size_t size; /* octets of one */
    void (*read)(const struct sql_query *q, struct arena *a, void *row);
    void *at; /* set by tx_rows, as is n; NULL where n is 0 */
    size_t n;
};
MUST_USE bool tx_rows(struct sql_query *q, struct arena *a, struct tx_rows *rows, struct error *e);
void tx_read_text(const struct sql_query *q, struct arena *a,
                  void *row); /* a struct str: column 0 */

/* orphan.c, at start: what a dead process had leased is due again at once. SQLite, so all programs are
 * of this machine: of this program's, by their numbers. */
MUST_USE bool orphans_free(struct store *store, struct error *e);
/* presence.c: PostgreSQL, so programs may be of several nodes: each that leases is known to live by a
 * lock its connection holds. hold: before a lease is given. free_gone: what one that is gone had leased is
 * due again; looks every few seconds. Neither does anything with SQLite. */
MUST_USE bool presence_hold(struct store_tx *tx, struct error *e);
MUST_USE bool presence_free_gone(struct store_tx *tx, struct error *e);
/* event.c: writes the TX_EVENT effects to the chain. */
MUST_USE bool tx_append_events(struct store_tx *tx, struct error *e);
/* payload.c, writer.c, blob.c */
MUST_USE bool tx_dispose_payloads(struct store_tx *tx, struct str message, struct error *e);
void writer_kept(struct store_writer *w);
/* migrate.c: REJECT where the schema is not this program's. */
MUST_USE bool migrate_check(struct sql *c, struct error *e);
MUST_USE bool store_connect(const char *folder, const char *postgres, enum sql_access access,
                            struct sql **out, struct error *e);
MUST_USE bool store_lock_open(const char *folder, int *fd, struct error *e);
MUST_USE bool store_lock(int fd, bool locks, struct error *e); /* waits its turn */

/* wake.c */
MUST_USE bool wake_open(struct store *store, bool hears, struct error *e);
void wake_close(struct store *store);
MUST_USE bool wake_notify(struct store_tx *tx, struct error *e); /* PostgreSQL: before the commit */
void wake_tell(struct store *store, const struct tx_effect *effects, size_t n); /* after it */
