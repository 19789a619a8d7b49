/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/store/lane.h"

#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "tests/check.h"

enum { THREADS = 8, EACH = 200 };

struct bench { /* counts what the lane did */
    struct lane lane;
    atomic_int inside; /* batches that run now: never two */
    atomic_int overlaps;
    unsigned batches, jobs, submitted_done;
};

static void run_batch(void *owner, struct lane_job *batch)
{
    struct bench *b = owner;
    struct error e = {0};
    if (atomic_fetch_add(&b->inside, 1) != 0)
        b->overlaps++;
    b->batches++;
    for (; batch != NULL; batch = batch->next) {
        b->jobs++;
        batch->ok = batch->fn(NULL, batch->ctx, &e);
        batch->e = e;
    }
    atomic_fetch_sub(&b->inside, 1);
}

static bool count_one(struct store_tx *tx, void *ctx, struct error *e)
{
    (void)tx;
    (void)e;
    ++*(unsigned *)ctx;
    return true;
}

static void *do_many(void *arg)
{
    struct bench *b = arg;
    unsigned own = 0;
    struct error e;
    for (unsigned i = 0; i < EACH; i++)
        if (!lane_do(&b->lane, count_one, &own, &e) || own != i + 1)
            b->overlaps++;
    return NULL;
}

static void on_done(void *ctx, bool ok, const struct error *e)
{
    struct bench *b = ctx;
    if (ok && e == NULL)
        b->submitted_done++;
}

static bool count_submitted(struct store_tx *tx, void *ctx, struct error *e)
{
    (void)tx;
    (void)ctx;
    (void)e;
    return true;
}

TEST(all_who_wait_and_all_who_only_handed_in_are_served_once_by_one_at_a_time)
{
    static const int64_t gathers[] = {0, 2};
    for (size_t row = 0; row < 2; row++) {
        struct bench b = {0};
        pthread_t threads[THREADS];
        int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        lane_start(&b.lane, &b, run_batch, fd, gathers[row]);
        for (size_t i = 0; i < THREADS; i++)
            CHECK(pthread_create(&threads[i], NULL, do_many, &b) == 0);
        for (size_t i = 0; i < EACH; i++)
            lane_submit(&b.lane, count_submitted, &b, on_done);
        for (size_t i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        lane_stop(&b.lane);
        CHECK(b.jobs == (THREADS + 1) * EACH && b.submitted_done == EACH);
        CHECK(b.overlaps == 0 && b.batches < b.jobs);
        close(fd);
    }
}

static void pause_ms(long ms)
{
    struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static bool rest(struct store_tx *tx, void *ctx, struct error *e)
{
    (void)tx;
    (void)ctx;
    (void)e;
    pause_ms(50);
    return true;
}

enum { GATHER_MS = 100 };

static int begin_to_gather(struct bench *b) /* what it returns is to be closed behind lane_stop() */
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    *b = (struct bench){0};
    lane_start(&b->lane, b, run_batch, fd, GATHER_MS);
    return fd;
}

/* So many wait behind one that is at work, and then are a batch. */
static void submit_together(struct bench *b, unsigned many)
{
    lane_submit(&b->lane, rest, b, on_done);
    pause_ms(10);
    for (unsigned i = 0; i < many; i++)
        lane_submit(&b->lane, count_submitted, b, on_done);
}

TEST(what_comes_a_little_later_joins_a_batch_only_where_many_came_before)
{
    static const struct {
        const char *row;
        unsigned before, batches;
    } rows[] = {{"many", 8, 1}, {"few", 3, 2}};
    for (size_t row = 0; row < 2; row++) {
        struct bench b;
        int fd = begin_to_gather(&b);
        submit_together(&b, rows[row].before);
        pause_ms(1200); /* until a batch of its own waits for nobody */
        CHECK_ROW(rows[row].row, b.jobs == rows[row].before + 1);
        submit_together(&b, 0);
        unsigned batches = b.batches;
        lane_submit(&b.lane, count_submitted, &b, on_done);
        pause_ms(50 + GATHER_MS + 50);
        lane_submit(&b.lane, count_submitted, &b, on_done);
        lane_stop(&b.lane);
        CHECK_ROW(rows[row].row, b.batches - batches == rows[row].batches);
        close(fd);
    }
}

TEST(a_while_after_many_one_waits_for_the_next_but_after_a_pause_it_is_alone)
{
    enum { MANY = 8 };
    static const struct {
        const char *row;
        long pause_ms;
        unsigned batches;
    } rows[] = {{"a while", 500, 1}, {"a pause", 1200, 2}};
    for (size_t row = 0; row < 2; row++) {
        struct bench b;
        int fd = begin_to_gather(&b);
        submit_together(&b, MANY);
        pause_ms(50 + GATHER_MS + rows[row].pause_ms);
        CHECK_ROW(rows[row].row, b.jobs == MANY + 1);
        unsigned batches = b.batches;
        lane_submit(&b.lane, count_submitted, &b, on_done);
        pause_ms(GATHER_MS);
        lane_submit(&b.lane, count_submitted, &b, on_done);
        lane_stop(&b.lane);
        CHECK_ROW(rows[row].row, b.jobs == MANY + 3 && b.batches - batches == rows[row].batches);
        close(fd);
    }
}

TEST(where_many_come_a_batch_gathers_for_as_long_as_more_do)
{
    enum { MANY = 8, MORE = 4 };
    struct bench b;
    int fd = begin_to_gather(&b);
    submit_together(&b, MANY);
    pause_ms(50 + GATHER_MS + 50);
    unsigned batches = b.batches;
    for (unsigned i = 0; i < MORE; i++) {
        lane_submit(&b.lane, count_submitted, &b, on_done);
        pause_ms(170); /* more than two in a round of 300 ms */
    }
    CHECK(b.batches == batches);
    pause_ms(600); /* nothing more comes, or the third round is over */
    CHECK(b.batches == batches + 1 && b.jobs == 1 + MANY + MORE);
    lane_submit(&b.lane, count_submitted, &b, on_done);
    pause_ms(500);
    CHECK(b.batches == batches + 2);
    lane_stop(&b.lane);
    close(fd);
}

static bool wait_inside(struct store_tx *tx, void *ctx, struct error *e)
{
    struct bench *b = ctx;
    unsigned never = 0;
    (void)tx;
    return lane_do(&b->lane, count_one, &never, e) || never > 0;
}

TEST(a_function_inside_a_batch_may_not_wait_for_the_lane)
{
    struct bench b = {0};
    struct error e = {0};
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    lane_start(&b.lane, &b, run_batch, fd, 0);
    CHECK(!lane_do(&b.lane, wait_inside, &b, &e) && e.kind == ERROR_BUG);
    lane_stop(&b.lane);
    close(fd);
}

CHECK_MAIN
