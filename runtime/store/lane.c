/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/store/lane.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"

enum {
    MANY = 4,        /* jobs of a batch: more can be had by waiting longer */
    ROUNDS_MAX = 3,  /* of that */
    PAUSE_MS = 1000, /* without a batch: who comes then is alone again */
};

static bool is_gathered(const struct lane *lane)
{
    return lane->stops || (lane->usual >= 2 && lane->waiting >= lane->usual);
}

static void append(struct lane_job **first, struct lane_job **last, struct lane_job *job)
{
    job->next = NULL;
    if (*first == NULL)
        *first = job;
    else
        (*last)->next = job;
    *last = job;
}

/* lock is held */
static void put(struct lane *lane, struct lane_job *job)
{
    append(&lane->first, &lane->last, job);
    lane->waiting++;
    if (lane->is_led && is_gathered(lane))
        pthread_cond_signal(&lane->has_gathered);
}

/* The front of the queue as a list of its own; lock is held. */
static struct lane_job *take_batch(struct lane *lane)
{
    struct lane_job *batch = lane->first;
    struct lane_job *end = batch;
    unsigned n = 1;
    for (; n < LANE_BATCH_MAX && end->next != NULL; n++)
        end = end->next;
    lane->first = end->next;
    end->next = NULL;
    lane->usual = n >= lane->usual ? n : lane->usual - (lane->usual - n + 3) / 4;
    lane->waiting -= n;
    return batch;
}

/* True: there are done()s to tell of. lock is held. */
static bool finish_batch(struct lane *lane, struct lane_job *batch)
{
    bool tells = false;
    for (struct lane_job *next = NULL; batch != NULL; batch = next) {
        next = batch->next;
        batch->finished = true; /* one who waits may free it once the lock is free */
        if (batch->done == NULL) {
            pthread_cond_signal(&batch->turn);
            continue;
        }
        tells = true;
        append(&lane->done_first, &lane->done_last, batch);
    }
    return tells;
}

/* Who is woken by it takes the lock first: so it is free meanwhile. lock is held. */
static void tell(struct lane *lane)
{
    uint64_t one = 1;
    pthread_mutex_unlock(&lane->lock);
    if (write(lane->done_fd, &one, sizeof(one)) == -1)
        abort(); /* an eventfd takes 2^64 - 2 of them */
    pthread_mutex_lock(&lane->lock);
}

/* Who leads next: the first that waits in person, or else the lane's own thread. lock is held. */
static void pass_on(struct lane *lane)
{
    if (lane->first != NULL && lane->first->done == NULL)
        pthread_cond_signal(&lane->first->turn);
    else if (lane->first != NULL || lane->stops)
        pthread_cond_signal(&lane->has_work);
}

/* False: the time was over first. lock is held */
static bool wait_gathered(struct lane *lane, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    while (!is_gathered(lane))
        if (pthread_cond_timedwait(&lane->has_gathered, &lane->lock, &until) != 0)
            return false;
    return true;
}

/* Many come: for as long as more do. lock is held */
static void gather_many(struct lane *lane)
{
    unsigned before;
    int rounds = 0;
    do {
        before = lane->waiting;
        if (wait_gathered(lane, clock_monotonic_ms() + 3 * lane->gather_ms))
            return;
    } while (++rounds < ROUNDS_MAX && lane->waiting > before);
}

/* While several come at a time, or who hands work in does not wait for it, the next batch is given a
 * moment to gather: one commit for many costs each a fraction. It is over when as many are there as
 * usual. After a pause nobody waits, and one who waits in person for one thing after the other never
 * does. lock is held. */
static void gather(struct lane *lane)
{
    int64_t now_ms = clock_monotonic_ms();
    bool is_alone = lane->usual < 2 && lane->first->done == NULL;
    if (is_alone || lane->gather_ms == 0)
        return;
    if (lane->usual >= MANY && now_ms < lane->last_end_ms + PAUSE_MS)
        gather_many(lane);
    else if (now_ms < lane->last_end_ms + lane->gather_ms)
        (void)wait_gathered(lane, lane->last_end_ms + lane->gather_ms);
}

/* One batch, on the caller's thread: no hand-over to another thread where nobody is at work. lock is
 * held, somebody waits and nobody leads. */
static void lead(struct lane *lane)
{
    lane->is_led = true;
    lane->leader = pthread_self();
    gather(lane);
    struct lane_job *batch = take_batch(lane);
    pthread_mutex_unlock(&lane->lock);
    lane->run(lane->owner, batch);
    pthread_mutex_lock(&lane->lock);
    lane->is_led = false;
    lane->last_end_ms = clock_monotonic_ms();
    if (finish_batch(lane, batch))
        tell(lane);
}

static void *run_lane(void *arg)
{
    struct lane *lane = arg;
    pthread_mutex_lock(&lane->lock);
    for (;;) {
        while ((lane->first == NULL && !lane->stops) || lane->is_led)
            pthread_cond_wait(&lane->has_work, &lane->lock);
        if (lane->first == NULL)
            break;
        lead(lane);
        pass_on(lane);
    }
    pthread_mutex_unlock(&lane->lock);
    return NULL;
}

void lane_start(struct lane *lane, void *owner, lane_batch *run, int done_fd, int64_t gather_ms)
{
    *lane = (struct lane){.owner = owner,
                          .run = run,
                          .done_fd = done_fd,
                          .gather_ms = gather_ms,
                          .started = true};
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->has_work, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&lane->has_gathered, &monotonic);
    pthread_condattr_destroy(&monotonic);
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
    pthread_cond_signal(&lane->has_gathered);
    pthread_mutex_unlock(&lane->lock);
    pthread_join(lane->thread, NULL);
    lane_dispatch(lane);
    pthread_mutex_destroy(&lane->lock);
    pthread_cond_destroy(&lane->has_work);
    pthread_cond_destroy(&lane->has_gathered);
    lane->started = false;
}

bool lane_do(struct lane *lane, store_fn *fn, void *ctx, struct error *e)
{
    struct lane_job job = {.fn = fn, .ctx = ctx, .turn = PTHREAD_COND_INITIALIZER};
    pthread_mutex_lock(&lane->lock);
    if (lane->is_led && pthread_equal(pthread_self(), lane->leader) != 0) {
        pthread_mutex_unlock(&lane->lock);
        return error_set(e, ERROR_BUG, "a store function may not wait for the store");
    }
    put(lane, &job);
    while (!job.finished) {
        if (lane->is_led)
            pthread_cond_wait(&job.turn, &lane->lock);
        else
            lead(lane);
    }
    if (!lane->is_led)
        pass_on(lane);
    pthread_mutex_unlock(&lane->lock);
    pthread_cond_destroy(&job.turn);
    if (!job.ok)
        *e = job.e;
    return job.ok;
}

void lane_submit(struct lane *lane, store_fn *fn, void *ctx, store_done *done)
{
    struct lane_job *job = mem_new(sizeof(*job));
    *job = (struct lane_job){.fn = fn, .ctx = ctx, .done = done};
    pthread_mutex_lock(&lane->lock);
    put(lane, job);
    if (!lane->is_led)
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
