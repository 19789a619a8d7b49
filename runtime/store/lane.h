/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* lane.h - a thread that takes all work that waits, hands it as one batch to a function, and tells
 * those who wait. The store has two: one writes, one reads. */
#pragma once

#include <pthread.h>

#include "runtime/store/store.h"

struct lane_job {
    store_fn *fn;
    void *ctx;
    store_done *done; /* NULL: the caller of lane_do waits */
    bool ok;
    bool finished;
    struct error e;
    struct lane_job *next;
};

enum { LANE_BATCH_MAX = 256 }; /* keeps a transaction, and so the wait of others, short */

/* Sets ok and e of each job of the batch. On the lane's thread. */
typedef void lane_batch(void *owner, struct lane_job *batch);

struct lane { /* all guarded by lock but the first four */
    void *owner;
    lane_batch *run;
    pthread_t thread;
    int done_fd; /* eventfd, shared by the lanes of a store */
    pthread_mutex_t lock;
    pthread_cond_t has_work;
    pthread_cond_t has_finished;
    struct lane_job *first, *last; /* waiting */
    struct lane_job *done_first, *done_last;
    bool stops;
    bool started;
};

void lane_start(struct lane *lane, void *owner, lane_batch *run, int done_fd);
void lane_stop(struct lane *lane); /* after all work that waits is done */
MUST_USE bool lane_do(struct lane *lane, store_fn *fn, void *ctx, struct error *e);
void lane_submit(struct lane *lane, store_fn *fn, void *ctx, store_done *done);
void lane_dispatch(struct lane *lane); /* calls the done()s that wait */
