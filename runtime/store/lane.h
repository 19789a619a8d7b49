/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* lane.h - takes all work that waits, hands it as one batch to a function, and tells those who wait.
 * The store has two: one writes, one reads. Who waits in person (lane_do) and finds nobody at work runs
 * the batch on its own thread; what was only handed in (lane_submit) runs on the lane's thread. */
#pragma once

#include <pthread.h>

#include "runtime/store/store.h"

struct lane_job {
    store_fn *fn;
    void *ctx;
    store_done *done; /* NULL: the caller of lane_do waits */
    bool ok;
    bool finished;
    pthread_cond_t turn; /* of who waits in lane_do: finished, or time to lead */
    struct error e;
    struct lane_job *next;
};

enum { LANE_BATCH_MAX = 256 }; /* keeps a transaction, and so the wait of others, short */

/* Sets ok and e of each job of the batch. On one thread at a time. */
typedef void lane_batch(void *owner, struct lane_job *batch);

struct lane { /* all guarded by lock but the first five */
    void *owner;
    lane_batch *run;
    pthread_t thread;
    int done_fd;       /* eventfd, shared by the lanes of a store */
    int64_t gather_ms; /* for more to come under load, thrice so under much; 0: none */
    pthread_mutex_t lock;
    pthread_cond_t has_work;
    pthread_cond_t has_gathered; /* for the leader */
    struct lane_job *first, *last; /* waiting */
    unsigned waiting;              /* so many */
    struct lane_job *done_first, *done_last;
    unsigned usual;      /* how many come together: as the largest of the last batches, fading */
    int64_t last_end_ms; /* clock_monotonic_ms() */
    pthread_t leader;    /* who runs a batch, while is_led */
    bool is_led;
    bool stops;
    bool started;
};

void lane_start(struct lane *lane, void *owner, lane_batch *run, int done_fd, int64_t gather_ms);
void lane_stop(struct lane *lane); /* after all work that waits is done */
MUST_USE bool lane_do(struct lane *lane, store_fn *fn, void *ctx, struct error *e);
void lane_submit(struct lane *lane, store_fn *fn, void *ctx, store_done *done);
void lane_dispatch(struct lane *lane); /* calls the done()s that wait */
