/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* stage.h - one claimed message on a worker thread, and the stages. A stage takes the message one
 * step to the right and may run twice with the same result: what it writes, it writes in one
 * transaction together with the move. */
#pragma once

#include "accesspoint/work/workplace.h"

/* After the outcome was committed (ok) or not: says so to the log, frees ctx. On the loop, so quickly. */
typedef void stage_end(void *ctx, bool ok);

struct stage_run {
    const struct workplace *w;
    struct store_message message;
    struct attributes attributes;
    struct arena *arena; /* ends with the run */
    struct log_scope log;
    bool settled; /* the stage itself moved the message */
    /* what the stage handed in */
    store_fn *write;
    stage_end *end;
    void *ctx;
};

/* True: settled, or nothing to do. False: RETRY comes back later; REJECT and DENY end the message
 * (refused or noted, with the reason); BUG parks it. */
typedef bool stage_fn(struct stage_run *run, struct error *e);

stage_fn stage_seal;    /* addressed -> sealed: SDK, O2O, XHE, AS4 */
stage_fn stage_receipt; /* answered -> transferred (or back to sealed): the AS4 receipt */
stage_fn stage_open;    /* vouched -> inbox, noted: signature, decryption, rules, message receipt */

enum { STAGE_CLAIM_MAX = 64, STAGE_LEASE_MS = 30 * 60 * 1000 };
struct stage_claim { /* what is due, taken in one transaction */
    struct arena arena;
    struct store_message messages[STAGE_CLAIM_MAX];
    size_t got, max;
};
store_fn stage_claim; /* ctx: struct stage_claim */
/* Runs the stage of a claimed message and settles it. On a worker thread; arena ends with it. */
/* False: the store was away and knows nothing of the outcome; the lease is still ours to give back. */
bool stage_perform(const struct workplace *w, const struct store_message *m, struct arena *arena);

/* The end of a run that stage_perform did not begin: writes what was handed in, or settles the fault of a
 * stage that was not ok. */
bool stage_settle(struct stage_run *run, bool ok, struct error *fault);

/* For stages: the outcome, instead of waiting for it: write(ctx) runs in a transaction that others' share, on
 * another thread, after the stage has returned true. Where it fails the message comes again, as if the stage
 * had failed so. ctx (in the run's arena, or freed by `end`) must outlive the stage. */
void stage_hand_in(struct stage_run *run, store_fn *write, stage_end *end, void *ctx);
/* Inside such a transaction, or one of the stage's own. */
MUST_USE bool stage_move(struct store_tx *tx, struct stage_run *run, const char *to, int64_t due_ms,
                         const char *why, struct error *e);
