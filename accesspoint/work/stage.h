/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* stage.h - one claimed message, and the stages. A stage takes the message one step to the right, on a
 * worker thread, and may run twice with the same result: what it writes, it writes in one transaction
 * together with the move. jobs.h runs them one after the other. */
#pragma once

#include "accesspoint/work/wire.h"
#include "accesspoint/work/workplace.h"

/* Longer than a stage takes; what takes longer is extended (jobs.c). */
enum { STAGE_LEASE_MS = 15 * 60 * 1000 };

/* After the outcome was committed (ok) or not: says so to the log, frees ctx. On the loop, so quickly. */
typedef void stage_end(void *ctx, bool ok);

struct stage_run {
    const struct workplace *w;
    struct store_message message;
    struct attributes attributes;
    struct arena *arena; /* ends with the run */
    struct log_scope log;
    bool looked_up;            /* the directory was asked just now */
    struct exchange *exchange; /* answer.h: who asked has no answer yet; its own */
    /* stage_open: what came a moment ago, its envelope at hand; NULL: it is read from the store */
    struct arrival *arrival;
    struct store_row letter; /* stage_seal: came with the claim; id empty: it is read from the store */
    struct stage_made *made; /* what the outcome brings forth; its own */
    /* push: the wire form, and what the other access point answered */
    struct wire wire;
    struct str reply, reply_type;
    char answered[64];                 /* "HTTP 200, 4711 octets": for the event */
    int64_t addressed_ms, answered_ms; /* when: their events are written with what follows them */
    bool is_to_push;                   /* once the outcome is committed, where there is one */
    struct store_message kept;         /* the message as it is then */
    /* what the stage handed in */
    store_fn *write;
    stage_end *end;
    void *ctx;
    /* why it failed, and when it comes again */
    struct error fault;
    int64_t due_ms;
};

/* Another message, sealed and stored in the run's transaction, leased to us: pushed after the commit. */
struct stage_made {
    struct arena arena;
    struct stage_run run; /* its arena is the one above */
};
void stage_made_free(struct stage_made *made);

/* True: handed in, settled, or to be pushed. False: RETRY comes back later; REJECT and DENY end the message
 * (refused or noted, with the reason); BUG parks it. */
typedef bool stage_fn(struct stage_run *run, struct error *e);

stage_fn stage_seal;    /* accepted -> sealed: SDK, O2O, XHE, AS4 */
stage_fn stage_load;    /* sealed: the wire form from the store */
stage_fn stage_receipt; /* sealed, pushed -> transferred: the AS4 receipt */
stage_fn
    stage_open; /* received, vouched -> inbox, noted: signature, decryption, rules, message receipt */

/* Seals a message receipt where it is made: run has its id, kind, time and attributes; then also the wire
 * form, and the attributes as the store keeps them. Where it fails stage_seal is to do it, later. */
MUST_USE bool stage_seal_receipt(struct stage_run *run, struct str xml, struct error *e);

bool stage_is_outgoing(const struct stage_run *run);
bool stage_is_ping(const struct stage_run *run);

/* NULL: nothing is to be done in this state. */
stage_fn *stage_of(struct str state);

/* For stages: the outcome, instead of waiting for it: write(ctx) runs in a transaction that others' share,
 * on another thread, after the stage has returned true. Where it fails the message comes again, as if the
 * stage had failed so. ctx (in the run's arena, or freed by `end`) must outlive the stage. */
void stage_hand_in(struct stage_run *run, store_fn *write, stage_end *end, void *ctx);
/* Inside such a transaction, or one of the stage's own. */
MUST_USE bool stage_move(struct store_tx *tx, struct stage_run *run, const char *to, int64_t due_ms,
                         const char *why, struct error *e);

/* A fault that stays the same is an outcome, told to who waits for it; one that may pass comes again with
 * a growing delay, and past the window a person decides. Hands that outcome in. */
enum stage_blame {
    STAGE_INSIDE,  /* ours: again soon */
    STAGE_OUTSIDE, /* a partner's or the directory's: [accesspoint-send] retry-first and so on */
};
void stage_fail(struct stage_run *run, const struct error *fault, enum stage_blame blame);

/* Was it a store that is away, so that it can be told later? */
bool stage_store_is_away(const struct error *e);
