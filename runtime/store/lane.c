/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c, suite_payloads.c, suite_crashes.c */
#include "runtime/store/lane.h"

#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/mem.h"

static void append(struct lane_job **first, struct lane_job **last, struct lane_job *job)
{
    job->next = NULL;
    if (*first == NULL)
        *first = job;
    else
        (*last)->next = job;
    *last = job;
}

/* The front of the queue as a list of its own; lock is held. */
static struct lane_job *take_batch(struct lane *lane)
{
    struct lane_job *batch = lane->first;
    struct lane_job *end = batch;
    for (unsigned n = 1; n < LANE_BATCH_MAX && end->next != NULL; n++)
        end = end->next;
    lane->first = end->next;
    end->next = NULL;
    return batch;
}

/* lock is held */
static void finish_batch(struct lane *lane, struct lane_job *batch)
{
    bool tells = false;
    for (struct lane_job *next = NULL; batch != NULL; batch = next) {
        next = batch->next;
        tells = tells || batch->done != NULL;
        if (batch->done != NULL)
            append(&lane->done_first, &lane->done_last, batch);
        batch->finished = true; /* one who waits may free it from here on */
    }
    pthread_cond_broadcast(&lane->has_finished);
    uint64_t one = 1;
    if (tells && write(lane->done_fd, &one, sizeof(one)) == -1)
        abort(); /* an eventfd takes 2^64 - 2 of them */
}

static void *run_lane(void *arg)
{
    struct lane *lane = arg;
    pthread_mutex_lock(&lane->lock);
    for (;;) {
        while (lane->first == NULL && !lane->stops)
            pthread_cond_wait(&lane->has_work, &lane->lock);
        if (lane->first == NULL)
            break;
        struct lane_job *batch = take_batch(lane);
        pthread_mutex_unlock(&lane->lock);
        lane->run(lane->owner, batch);
        pthread_mutex_lock(&lane->lock);
        finish_batch(lane, batch);
    }
    pthread_mutex_unlock(&lane->lock);
    return NULL;
}

void lane_start(struct lane *lane, void *owner, lane_batch *run, int done_fd)
{
    *lane = (struct lane){.owner = owner, .run = run, .done_fd = done_fd, .started = true};
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->has_work, NULL);
    pthread_cond_init(&lane->has_finished, NULL);
    if (pthread_create(&lane->thread, NULL, run_lane, lane) != 0)
        abort(); /* at start only: no memory or no thread left */
}

void lane_stop(struct lane *lane)
{
    if (!lane->started)
        return;
    pthread_mutex_lock(&lane->lock);
    lane->stops = true;
    pthread_cond_signal(&lane->has_work);
    pthread_mutex_unlock(&lane->lock);
    pthread_join(lane->thread, NULL);
    lane_dispatch(lane);
    pthread_mutex_destroy(&lane->lock);
    pthread_cond_destroy(&lane->has_work);
    pthread_cond_destroy(&lane->has_finished);
    lane->started = false;
}

bool lane_do(struct lane *lane, store_fn *fn, void *ctx, struct error *e)
{
    if (pthread_equal(pthread_self(), lane->thread) != 0)
        return error_set(e, ERROR_BUG, "a store function may not wait for the store");
    struct lane_job job = {.fn = fn, .ctx = ctx};
    pthread_mutex_lock(&lane->lock);
    append(&lane->first, &lane->last, &job);
    pthread_cond_signal(&lane->has_work);
    while (!job.finished)
        pthread_cond_wait(&lane->has_finished, &lane->lock);
    pthread_mutex_unlock(&lane->lock);
    if (!job.ok)
        *e = job.e;
    return job.ok;
}

void lane_submit(struct lane *lane, store_fn *fn, void *ctx, store_done *done)
{
    struct lane_job *job = mem_new(sizeof(*job));
    *job = (struct lane_job){.fn = fn, .ctx = ctx, .done = done};
    pthread_mutex_lock(&lane->lock);
    append(&lane->first, &lane->last, job);
    pthread_cond_signal(&lane->has_work);
    pthread_mutex_unlock(&lane->lock);
}

void lane_dispatch(struct lane *lane)
{
    pthread_mutex_lock(&lane->lock);
    struct lane_job *job = lane->done_first;
    lane->done_first = NULL;
    pthread_mutex_unlock(&lane->lock);
    for (struct lane_job *next = NULL; job != NULL; job = next) {
        next = job->next;
        job->done(job->ctx, job->ok, job->ok ? NULL : &job->e);
        mem_free(job);
    }
}
