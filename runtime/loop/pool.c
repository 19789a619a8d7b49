/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/loop/pool.h"

#include <pthread.h>
#include <signal.h>

#include "runtime/base/mem.h"

enum { THREADS_MAX = 256 };

struct job {
    pool_job *run;
    void *ctx;
};

struct worker {
    struct pool *pool;
    pthread_t thread;
    pthread_cond_t called;
    bool is_idle;
    struct worker *below; /* idle for longer */
};

struct pool {
    struct pool_config config;
    struct worker *workers;
    unsigned started;     /* threads to join */
    pthread_mutex_t lock; /* guards what stands below, and the workers' idleness */
    struct worker *idle;  /* the last that became so on top: its memory is still warm */
    bool is_called;       /* one is on its way to the queue: it calls the next */
    struct job *queue;    /* a ring of queue_max */
    unsigned first, waiting;
    bool is_stopping;
};

/* lock is held */
static void wait_idle(struct worker *w)
{
    struct pool *p = w->pool;
    w->is_idle = true;
    w->below = p->idle;
    p->idle = w;
    while (w->is_idle)
        pthread_cond_wait(&w->called, &p->lock);
    p->is_called = false;
}

/* NULL: all have something to do. lock is held */
static struct worker *call_one(struct pool *p)
{
    struct worker *w = p->idle;
    if (w == NULL)
        return NULL;
    p->idle = w->below;
    w->is_idle = false;
    p->is_called = true;
    return w;
}

/* One at a time, who calls the next once it has come: where no processor is free for it, those who are
 * awake do what waits. lock is held */
static struct worker *call_next(struct pool *p)
{
    return p->waiting > 0 && !p->is_called ? call_one(p) : NULL;
}

/* Without the lock: who wakes finds it free. */
static void wake(struct worker *w)
{
    if (w != NULL)
        pthread_cond_signal(&w->called);
}

/* False: none is left and the pool stops. */
static bool next_job(struct worker *w, struct job *job)
{
    struct pool *p = w->pool;
    pthread_mutex_lock(&p->lock);
    while (p->waiting == 0 && !p->is_stopping)
        wait_idle(w);
    bool has_job = p->waiting > 0;
    if (has_job) {
        *job = p->queue[p->first];
        p->first = (p->first + 1) % p->config.queue_max;
        p->waiting--;
    }
    struct worker *next = call_next(p);
    pthread_mutex_unlock(&p->lock);
    wake(next);
    return has_job;
}

static void *work(void *ctx)
{
    struct worker *w = ctx;
    struct job job;
    while (next_job(w, &job))
        job.run(job.ctx);
    return NULL;
}

/* Signals are the loop's: threads are born with all of them blocked, but for the sandbox's own. */
static int start_thread(struct worker *w)
{
    sigset_t all, before;
    sigfillset(&all);
    sigdelset(&all, SIGSYS);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int result = pthread_create(&w->thread, NULL, work, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

static bool start_workers(struct pool *p, struct error *e)
{
    for (unsigned i = 0; i < p->config.threads; i++) {
        p->workers[i].pool = p;
        pthread_cond_init(&p->workers[i].called, NULL);
        if (start_thread(&p->workers[i]) != 0)
            return error_set(e, ERROR_RETRY, "cannot start worker thread %u", i);
        p->started++;
    }
    return true;
}

bool pool_new(const struct pool_config *config, struct pool **out, struct error *e)
{
    if (config->threads == 0 || config->threads > THREADS_MAX || config->queue_max == 0)
        return error_set(e, ERROR_BUG, "a pool has 1 to %d threads and a queue", THREADS_MAX);
    struct pool *p = mem_new(sizeof *p);
    p->config = *config;
    p->workers = mem_new_array(config->threads, sizeof *p->workers);
    p->queue = mem_new_array(config->queue_max, sizeof *p->queue);
    pthread_mutex_init(&p->lock, NULL);
    if (!start_workers(p, e)) {
        pool_free(p);
        return false;
    }
    *out = p;
    return true;
}

bool pool_submit(struct pool *p, pool_job *job, void *ctx, struct error *e)
{
    pthread_mutex_lock(&p->lock);
    bool is_stopping = p->is_stopping;
    bool has_room = !is_stopping && p->waiting < p->config.queue_max;
    if (has_room) {
        p->queue[(p->first + p->waiting) % p->config.queue_max] = (struct job){job, ctx};
        p->waiting++;
    }
    struct worker *next = call_next(p);
    pthread_mutex_unlock(&p->lock);
    wake(next);
    if (has_room)
        return true;
    return error_set(e, ERROR_RETRY,
                     is_stopping ? "the workers are stopping"
                                 : "all workers are busy and the queue is full");
}

void pool_free(struct pool *p)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    p->is_stopping = true;
    for (struct worker *w = call_one(p); w != NULL; w = call_one(p))
        pthread_cond_signal(&w->called);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->started; i++)
        pthread_join(p->workers[i].thread, NULL);
    for (unsigned i = 0; i < p->started; i++)
        pthread_cond_destroy(&p->workers[i].called);
    pthread_mutex_destroy(&p->lock);
    mem_free(p->queue);
    mem_free(p->workers);
    mem_free(p);
}
