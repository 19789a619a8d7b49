/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <stdatomic.h>
#include <unistd.h>

#include "runtime/loop/pool.h"
#include "tests/check.h"

struct yard {
    atomic_uint begun, ended, done, wrong;
    atomic_bool gate; /* jobs wait until it is open */
    unsigned begin_max;
};

static bool begin(void *ctx, void **own, struct error *e)
{
    struct yard *y = ctx;
    if (y->begun == y->begin_max)
        return error_set(e, ERROR_RETRY, "no more");
    y->begun++;
    *own = y;
    return true;
}

static void end(void *own)
{
    struct yard *y = own;
    y->ended++;
}

static void job(void *own, void *ctx)
{
    struct yard *y = ctx;
    while (!y->gate)
        usleep(500);
    if (own != ctx)
        y->wrong++;
    y->done++;
}

static struct pool_config config_of(struct yard *y)
{
    return (struct pool_config){.threads = 3, .queue_max = 5, .begin = begin, .end = end, .ctx = y};
}

TEST(a_full_queue_refuses_with_retry_and_nothing_taken_is_lost)
{
    struct yard y = {.begin_max = 100};
    struct pool *p;
    struct error e = {0};
    struct pool_config config = config_of(&y);
    CHECK_OK(pool_new(&config, &p, &e), e);
    unsigned taken = 0;
    while (pool_running(p) < 3) {
        if (pool_submit(p, job, &y, &e))
            taken++;
        usleep(1000);
    }
    while (pool_submit(p, job, &y, &e))
        taken++;
    CHECK(e.kind == ERROR_RETRY);
    CHECK(taken == 3 + 5);
    CHECK(pool_waiting(p) == 5);
    CHECK(y.done == 0);
    y.gate = true;
    pool_free(p);
    CHECK(y.done == taken && y.wrong == 0);
    CHECK(y.begun == 3 && y.ended == 3);
}

TEST(a_thread_that_cannot_begin_fails_the_pool_and_the_others_end)
{
    struct yard y = {.begin_max = 2};
    struct pool *p;
    struct error e = {0};
    struct pool_config config = config_of(&y);
    CHECK(!pool_new(&config, &p, &e));
    CHECK_STR(str_of(e.text), STR("worker thread 2: no more"));
    CHECK(y.begun == 2 && y.ended == 2);
}

CHECK_MAIN
