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
    void *own;
    bool has_begun; /* pool.begin() succeeded */
};

struct pool {
    struct pool_config config;
    struct worker *workers;
    unsigned started;     /* threads to join */
    pthread_mutex_t lock; /* guards what stands below */
    pthread_cond_t work;
    struct job *queue; /* a ring of queue_max */
    unsigned first, waiting, running;
    bool is_stopping;
};

/* Lets go of the one before, waits for a job; false: none is left and the pool stops. */
static bool next_job(struct pool *p, struct job *job)
{
    pthread_mutex_lock(&p->lock);
    p->running -= job->run == NULL ? 0 : 1;
    while (p->waiting == 0 && !p->is_stopping)
        pthread_cond_wait(&p->work, &p->lock);
    bool has_job = p->waiting > 0;
    if (has_job) {
        *job = p->queue[p->first];
        p->first = (p->first + 1) % p->config.queue_max;
        p->waiting--;
        p->running++;
    }
    pthread_mutex_unlock(&p->lock);
    return has_job;
}

static void *work(void *ctx)
{
    struct worker *w = ctx;
    struct job job = {0};
    while (next_job(w->pool, &job))
        job.run(w->own, job.ctx);
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
    const struct pool_config *c = &p->config;
    for (unsigned i = 0; i < c->threads; i++) {
        struct worker *w = &p->workers[i];
        w->pool = p;
        if (c->begin != NULL && !c->begin(c->ctx, &w->own, e))
            return error_prefix(e, "worker thread %u", i);
        w->has_begun = true;
        if (start_thread(w) != 0)
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
    pthread_cond_init(&p->work, NULL);
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
    pthread_mutex_unlock(&p->lock);
    if (has_room) {
        pthread_cond_signal(&p->work); /* after the lock: who wakes finds it free */
        return true;
    }
    return error_set(e, ERROR_RETRY,
                     is_stopping ? "the workers are stopping"
                                 : "all workers are busy and the queue is full");
}

unsigned pool_waiting(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    unsigned waiting = p->waiting;
    pthread_mutex_unlock(&p->lock);
    return waiting;
}

unsigned pool_running(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    unsigned running = p->running;
    pthread_mutex_unlock(&p->lock);
    return running;
}

void pool_free(struct pool *p)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    p->is_stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->started; i++)
        pthread_join(p->workers[i].thread, NULL);
    for (unsigned i = 0; i < p->config.threads; i++)
        if (p->workers[i].has_begun && p->config.end != NULL)
            p->config.end(p->workers[i].own);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    mem_free(p->queue);
    mem_free(p->workers);
    mem_free(p);
}
