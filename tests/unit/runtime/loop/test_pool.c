/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/loop/pool.h"
#include "tests/check.h"

enum { THREADS = 3, QUEUE = 5, EACH = 2000, PATIENCE_TURNS = 5000 };

struct yard {
    atomic_uint begun, done;
    atomic_bool gate; /* jobs wait until it is open */
};

static void wait_until(atomic_uint *count, unsigned wanted)
{
    for (unsigned turn = 0; turn < PATIENCE_TURNS && *count < wanted; turn++)
        usleep(1000);
    CHECK(*count == wanted);
}

static void job(void *ctx)
{
    struct yard *y = ctx;
    y->begun++;
    while (!y->gate)
        usleep(500);
    y->done++;
}

static struct pool *begin(unsigned threads, unsigned queue_max)
{
    struct pool *p = NULL;
    struct error e = {0};
    struct pool_config config = {.threads = threads, .queue_max = queue_max};
    CHECK_OK(pool_new(&config, &p, &e), e);
    return p;
}

TEST(a_full_queue_refuses_with_retry_and_nothing_taken_is_lost)
{
    struct yard y = {0};
    struct error e = {0};
    struct pool *p = begin(THREADS, QUEUE);
    unsigned taken = 0;
    for (; taken < THREADS; taken++)
        CHECK_OK(pool_submit(p, job, &y, &e), e);
    wait_until(&y.begun, THREADS);
    while (pool_submit(p, job, &y, &e))
        taken++;
    CHECK(e.kind == ERROR_RETRY && taken == THREADS + QUEUE && y.done == 0);
    y.gate = true;
    pool_free(p);
    CHECK(y.done == taken);
}

struct place { /* where a job ran */
    pthread_t thread;
    atomic_uint count;
};

static void note_thread(void *ctx)
{
    struct place *place = ctx;
    place->thread = pthread_self();
    place->count++;
}

TEST(who_became_idle_last_is_called_first)
{
    struct place place = {0};
    struct error e = {0};
    struct pool *p = begin(THREADS, QUEUE);
    pthread_t before = {0};
    unsigned same = 0;
    for (unsigned i = 1; i <= 20; i++) {
        CHECK_OK(pool_submit(p, note_thread, &place, &e), e);
        wait_until(&place.count, i);
        usleep(2000); /* it lies down again */
        same += i > 1 && pthread_equal(before, place.thread) ? 1 : 0;
        before = place.thread;
    }
    CHECK(same >= 15); /* by turns it would be none */
    pool_free(p);
}

TEST(as_many_jobs_as_threads_run_at_once)
{
    struct yard y = {0};
    struct error e = {0};
    struct pool *p = begin(THREADS, QUEUE);
    usleep(5000); /* all idle, so that each is called */
    for (unsigned i = 0; i < THREADS; i++)
        CHECK_OK(pool_submit(p, job, &y, &e), e);
    wait_until(&y.begun, THREADS);
    y.gate = true;
    pool_free(p);
}

static long pauses(void) /* of all threads but ours */
{
    struct rusage all, ours;
    getrusage(RUSAGE_SELF, &all);
    getrusage(RUSAGE_THREAD, &ours);
    return all.ru_nvcsw - ours.ru_nvcsw;
}

static void nothing(void *ctx)
{
    struct yard *y = ctx;
    y->done++;
}

TEST(a_burst_of_small_jobs_does_not_wake_a_thread_for_each)
{
    enum { MANY_THREADS = 32, BURSTS = 20 };
    struct yard y = {0};
    struct error e = {0};
    cpu_set_t before, one;
    CHECK(sched_getaffinity(0, sizeof before, &before) == 0);
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
    struct pool *p = begin(MANY_THREADS, MANY_THREADS); /* on our processor, as we are */
    unsigned calm = 0;
    for (unsigned burst = 1; burst <= BURSTS; burst++) {
        usleep(5000); /* all idle */
        long at_first = pauses();
        for (unsigned i = 0; i < MANY_THREADS; i++)
            CHECK_OK(pool_submit(p, nothing, &y, &e), e);
        wait_until(&y.done, burst * MANY_THREADS);
        usleep(5000); /* all idle again */
        calm += pauses() - at_first < MANY_THREADS / 2 ? 1 : 0;
    }
    CHECK(calm > 0); /* on a busy machine each may come before the last has gone on */
    CHECK(sched_setaffinity(0, sizeof before, &before) == 0);
    pool_free(p);
}

struct crowd {
    struct pool *pool;
    struct yard yard;
};

static void *submit_many(void *ctx)
{
    struct crowd *c = ctx;
    struct error e = {0};
    for (unsigned i = 0; i < EACH;)
        if (pool_submit(c->pool, job, &c->yard, &e))
            i++;
        else
            usleep(50);
    return NULL;
}

TEST(what_many_threads_submit_is_all_done)
{
    struct crowd c = {.pool = begin(THREADS, QUEUE), .yard = {.gate = true}};
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, submit_many, &c) == 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    wait_until(&c.yard.done, 4 * EACH); /* without pool_free(): nobody sleeps while a job waits */
    pool_free(c.pool);
}

TEST(a_pool_without_threads_or_queue_is_a_mistake)
{
    static const struct pool_config rows[] = {{0, 5}, {257, 5}, {1, 0}};
    for (size_t i = 0; i < 3; i++) {
        struct pool *p = NULL;
        struct error e = {0};
        CHECK(!pool_new(&rows[i], &p, &e) && e.kind == ERROR_BUG);
    }
}

CHECK_MAIN
