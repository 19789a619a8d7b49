/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "tests/check.h"
#include "tests/unit/runtime/store/world.h"

static const struct world_engine *engine;

/* PostgreSQL's server hears of the death in a moment, and lets go of what it held. */
static size_t claim_soon(struct store *s, struct arena *a, struct store_message *m)
{
    struct timespec pause = {0, 20 * 1000 * 1000};
    for (int i = 0; i < 100; i++) {
        if (do_claim(s, a, "accepted", 60000, 1, m) == 1)
            return 1;
        world_shift_ms += 100; /* it looks every few seconds */
        nanosleep(&pause, NULL);
    }
    return 0;
}

TEST(what_a_killed_owner_had_is_free_at_once_and_what_a_living_one_has_is_not)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m, other;
    int pipe_fds[2];
    world_begin(&w, engine);
    CHECK_OK(do_insert(w.store, "m1", "accepted", &e), e);
    CHECK(pipe(pipe_fds) == 0);
    world_rest(&w);
    pid_t child = fork();
    if (child == 0) {
        struct store *s = world_another(&w, "victim");
        bool got = do_claim(s, &a, "accepted", 60000, 1, &m) == 1;
        if (write(pipe_fds[1], got ? "y" : "n", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    world_reopen(&w);
    char answer = 0;
    CHECK(read(pipe_fds[0], &answer, 1) == 1 && answer == 'y');
    CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    CHECK(do_claim(w.store, &a, "accepted", 60000, 1, &m) == 0);
    struct store *successor = world_another(&w, "victim"); /* it knows that it is dead */
    CHECK(claim_soon(successor, &a, &m) == 1);
    world_shift_ms += 6000;
    CHECK(do_claim(w.store, &a, "accepted", 60000, 1, &other) == 0);
    CHECK_OK(do_release(successor, &m, &e), e);
    store_close(successor);
    CHECK(do_claim(w.store, &a, "accepted", 60000, 1, &m) == 1);
    CHECK_OK(do_move(w.store, &m, "sent", &e), e);
    world_end(&w);
}

TEST(a_lease_that_nobody_knows_the_owner_of_ends_when_it_ran_out)
{
    struct world w;
    AUTO_ARENA a = {0};
    struct store_message m;
    world_begin_leased(&w, engine, &a, 60000, &m);
    CHECK(world_run_sql(&w, "UPDATE message SET owner = 'elsewhere/1'; DELETE FROM presence"));
    world_shift_ms += 30000;
    CHECK(do_claim(w.store, &a, "accepted", 60000, 1, &m) == 0);
    world_shift_ms += 31000;
    CHECK(do_claim(w.store, &a, "accepted", 60000, 1, &m) == 1);
    world_end(&w);
}

/* Inserts until told to stop; its longest wait in ms is its answer. */
static void write_for(struct world *w, int number, int64_t end_ms, int answer_fd)
{
    char program[16], id[40];
    snprintf(program, sizeof(program), "writer-%d", number);
    struct store *s = world_another(w, program);
    int64_t answer[2] = {0, 0};
    while (clock_monotonic_ms() < end_ms) {
        struct error e = {0};
        int64_t before = clock_monotonic_ms();
        snprintf(id, sizeof(id), "w%d-%lld", number, (long long)answer[0]++);
        if (!do_insert(s, id, "accepted", &e))
            _exit(2);
        int64_t took = clock_monotonic_ms() - before;
        answer[1] = took > answer[1] ? took : answer[1];
    }
    store_close(s);
    _exit(write(answer_fd, answer, sizeof(answer)) == (ssize_t)sizeof(answer) ? 0 : 1);
}

TEST(several_processes_write_and_none_waits_long)
{
    enum { WRITERS = 4, LONGEST_MS = 1500 };
    struct world w;
    struct error e = {0};
    int pipe_fds[2];
    int64_t all = 0, answer[2];
    world_begin(&w, engine);
    CHECK(pipe(pipe_fds) == 0);
    int64_t end_ms = clock_monotonic_ms() + 1500;
    pid_t children[WRITERS];
    world_rest(&w);
    for (int i = 0; i < WRITERS; i++) {
        children[i] = fork();
        if (children[i] == 0)
            write_for(&w, i, end_ms, pipe_fds[1]);
    }
    world_reopen(&w);
    for (int i = 0; i < WRITERS; i++) {
        int status = 0;
        CHECK(waitpid(children[i], &status, 0) == children[i] && status == 0);
        CHECK(read(pipe_fds[0], answer, sizeof(answer)) == (ssize_t)sizeof(answer));
        CHECK(answer[0] > 0 && answer[1] < LONGEST_MS);
        all += answer[0];
    }
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    CHECK(do_count(w.store, "accepted") == (uint64_t)all);
    uint64_t checked = 0;
    int64_t bad = 0;
    CHECK_OK(do_verify(w.store, &checked, &bad, &e), e);
    CHECK(checked == (uint64_t)all);
    world_end(&w);
}

/* Claims and moves until nothing is left; how many it had is its answer. */
static void work_until_empty(struct world *w, int answer_fd)
{
    enum { AT_ONCE = 7 };
    struct store *s = world_another(w, "worker");
    struct store_message m[AT_ONCE];
    int64_t had = 0;
    for (size_t got = 1; got > 0;) {
        AUTO_ARENA a = {0};
        struct error e = {0};
        got = do_claim(s, &a, "accepted", 60000, AT_ONCE, m);
        for (size_t i = 0; i < got; i++)
            if (!do_move(s, &m[i], "sent", &e))
                _exit(2);
        had += (int64_t)got;
    }
    store_close(s);
    _exit(write(answer_fd, &had, sizeof(had)) == (ssize_t)sizeof(had) ? 0 : 1);
}

TEST(several_processes_share_the_work_and_none_is_done_twice)
{
    enum { WORKERS = 3, MESSAGES = 150 };
    struct world w;
    struct error e = {0};
    int pipe_fds[2];
    int64_t all = 0, had = 0;
    world_begin(&w, engine);
    for (int i = 0; i < MESSAGES; i++) {
        char id[16];
        snprintf(id, sizeof(id), "m%d", i);
        CHECK_OK(do_insert(w.store, id, "accepted", &e), e);
    }
    CHECK(pipe(pipe_fds) == 0);
    pid_t workers[WORKERS]; /* PostgreSQL's server is our child too: wait for these alone */
    world_rest(&w);
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = fork();
        if (workers[i] == 0)
            work_until_empty(&w, pipe_fds[1]);
    }
    world_reopen(&w);
    for (int i = 0; i < WORKERS; i++) {
        int status = 0;
        CHECK(waitpid(workers[i], &status, 0) == workers[i] && status == 0);
        CHECK(read(pipe_fds[0], &had, sizeof(had)) == (ssize_t)sizeof(had));
        all += had;
    }
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    CHECK(all == MESSAGES && do_count(w.store, "sent") == MESSAGES);
    world_end(&w);
}

/* Writes messages with a large payload and tells each one that was committed. */
static void write_until_killed(struct world *w, int round, int answer_fd)
{
    struct store *s = world_another(w, "victim");
    AUTO_MEM char *octets = mem_new(150000);
    for (int i = 0;; i++) {
        struct error e = {0};
        struct store_writer *writer = NULL;
        char id[40];
        snprintf(id, sizeof(id), "k%d-%d", round, i);
        if (!store_writer_new(s, false, 1 << 20, &writer, &e) ||
            !sink_write(store_writer_sink(writer), str_bytes(octets, 150000), &e) ||
            !sink_finish(store_writer_sink(writer), &e) || !do_insert(s, id, "accepted", &e) ||
            !do_attach(s, id, "content", writer, &e))
            _exit(1);
        store_writer_free(writer);
        if (write(answer_fd, id, sizeof(id)) != (ssize_t)sizeof(id))
            _exit(1);
    }
}

static bool reads_back(struct store *s, const char *id, struct error *e)
{
    struct sink_count count;
    sink_count_init(&count, 1 << 20, NULL);
    return store_payload_read(s, str_of(id), STR("content"), &count.sink, e) &&
           count.octets == 150000;
}

TEST(what_was_told_committed_is_there_after_a_kill_at_any_moment)
{
    struct world w;
    struct error e = {0};
    uint64_t told = 0;
    world_begin(&w, engine);
    for (int round = 0; round < 8; round++) {
        int pipe_fds[2];
        char id[40];
        CHECK(pipe(pipe_fds) == 0);
        world_rest(&w);
        pid_t child = fork();
        if (child == 0)
            write_until_killed(&w, round, pipe_fds[1]);
        world_reopen(&w);
        close(pipe_fds[1]);
        struct timespec pause = {0, (60 + round * 7) * 1000 * 1000};
        nanosleep(&pause, NULL);
        CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
        while (read(pipe_fds[0], id, sizeof(id)) == (ssize_t)sizeof(id)) {
            CHECK_OK(reads_back(w.store, id, &e), e);
            told++;
        }
        close(pipe_fds[0]);
    }
    uint64_t there = do_count(w.store, "accepted");
    CHECK(told > 0 && there >= told && there <= told + 8);
    uint64_t checked = 0;
    int64_t bad = 0;
    CHECK_OK(do_verify(w.store, &checked, &bad, &e), e);
    CHECK(checked == there);
    world_end(&w);
}

/* One whole life of a message with a large payload; false where any step failed. */
static bool live(struct store *s, const char *id, struct error *e)
{
    AUTO_STORE_WRITER writer = NULL;
    AUTO_MEM char *octets = mem_new(150000);
    return store_writer_new(s, false, 1 << 20, &writer, e) &&
           sink_write(store_writer_sink(writer), str_bytes(octets, 150000), e) &&
           sink_finish(store_writer_sink(writer), e) && do_insert(s, id, "accepted", e) &&
           do_attach(s, id, "content", writer, e);
}

/* Lives again and again, failing one call later each time, until none failed. */
static void live_and_fail(void (*fail_at)(unsigned calls, int error_number))
{
    struct world w;
    char folder[128];
    world_begin(&w, engine);
    snprintf(folder, sizeof(folder), "%s/payload/moving", w.folder);
    bool failed = true;
    unsigned calls = 0;
    for (; failed && calls < 200; calls++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        struct store_message m;
        char id[16];
        snprintf(id, sizeof(id), "f%u", calls);
        fail_at(calls, ENOSPC);
        bool lived = live(w.store, id, &e);
        failed = sys_fail_never();
        CHECK_ROW(id, lived || e.kind == ERROR_RETRY);
        /* Only the move after the commit may fail untold: the next start tries it again. */
        CHECK_ROW(id, !lived || !failed || rmdir(folder) == -1);
        bool inserted = do_get(w.store, &a, id, &m);
        bool readable = reads_back(w.store, id, &e);
        CHECK_ROW(id, !lived || (inserted && readable));
        CHECK_ROW(id, inserted || !readable);
        if (calls % 5 == 0 || lived)
            world_reopen(&w); /* puts files in their place whose rename failed */
        CHECK_OK(do_insert(w.store, arena_format(&a, "g%u", calls).at, "other", &e), e);
        uint64_t checked = 0;
        int64_t bad = 0;
        CHECK_OK(do_verify(w.store, &checked, &bad, &e), e);
    }
    CHECK(!failed && calls > 5);
    CHECK(do_count(w.store, "other") == calls);
    CHECK(rmdir(folder) == 0); /* empty: nothing by half */
    world_end(&w);
}

TEST(each_write_that_fails_in_turn_loses_nothing_and_leaves_nothing_by_half)
{
    if (engine->is_postgres)
        skip();
    live_and_fail(sys_fail_after);
}

TEST(a_write_that_fails_alone_is_not_passed_over)
{
    if (engine->is_postgres)
        skip();
    live_and_fail(sys_fail_once);
}

struct large_call {
    int payloads; /* each of 60 KB, in its row: together more than the database holds in memory */
    const char *octets;
};

static bool put_many_then_fail(struct store_tx *tx, void *ctx, struct error *e)
{
    enum { OCTETS = 60000 };
    const struct large_call *c = ctx;
    struct store_message m = {.id = STR("x1"), .kind = STR("k"), .state = STR("s")};
    if (!store_message_insert(tx, &m, "", e))
        return false;
    for (int i = 0; i < c->payloads; i++) {
        char slot[16];
        snprintf(slot, sizeof(slot), "s%d", i);
        struct store_payload p = {.message = m.id, .slot = str_of(slot), .open = true};
        if (!store_payload_put(tx, &p, str_bytes(c->octets, OCTETS), e))
            return false;
    }
    return error_set(e, ERROR_REJECT, "as told");
}

TEST(what_is_rolled_back_never_lands_on_what_others_committed_since)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_MEM char *octets = mem_new(60000);
    struct large_call large = {.octets = octets};
    struct store_message m;
    world_begin(&w, engine);
    for (int i = 0; i < 16; i++) {
        char id[16];
        world_reopen(&w); /* SQLite: with an empty log */
        struct store *other = world_another(&w, "other");
        snprintf(id, sizeof(id), "m%d", i);
        large.payloads = 56 + i;
        CHECK(!store_do(w.store, put_many_then_fail, &large, &e));
        CHECK_STR(str_of(e.text), STR("as told"));
        CHECK_OK(do_insert(other, id, "accepted", &e), e);
        CHECK_OK(do_put(other, id, "content", str_bytes(octets, 60000), true, &e), e);
        CHECK_OK(do_insert(w.store, arena_format(&a, "n%d", i).at, "accepted", &e), e);
        CHECK_ROW(id, do_get(other, &a, id, &m) && do_get(w.store, &a, id, &m));
        store_close(other);
    }
    uint64_t checked = 0;
    int64_t bad = 0;
    CHECK_OK(do_verify(w.store, &checked, &bad, &e), e);
    CHECK(checked == 32 && do_count(w.store, "accepted") == 32);
    world_end(&w);
}

#define END_OTHERS                                                                              \
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND " \
    "backend_type = 'client backend'"

static bool lose_the_database(struct store_tx *tx, void *ctx, struct error *e)
{
    struct store_message m = {.id = STR("x1"), .kind = STR("k"), .state = STR("lost")};
    if (!store_message_insert(tx, &m, "", e))
        return false;
    if (!world_run_sql(ctx, END_OTHERS))
        abort();
    m.id = STR("x2");
    return store_message_insert(tx, &m, "", e);
}

TEST(a_lost_database_fails_what_was_open_and_serves_what_comes_after)
{
    if (!engine->is_postgres)
        skip();
    struct world w;
    struct error e = {0};
    world_begin(&w, engine);
    w.config.hears_wakes = true;
    struct store *hearer = world_another(&w, "hearer");
    CHECK(!store_do(w.store, lose_the_database, &w, &e));
    CHECK(e.kind == ERROR_RETRY && strstr(e.text, "database is away") != NULL);
    CHECK_OK(do_insert(w.store, "m1", "accepted", &e), e);
    CHECK(world_run_sql(&w, END_OTHERS)); /* while idle: nobody notices */
    CHECK_OK(do_insert(w.store, "m2", "accepted", &e), e);
    CHECK(do_count(w.store, "accepted") == 2 && do_count(w.store, "lost") == 0);
    struct pollfd p = {store_wake_fd(hearer), POLLIN, 0};
    CHECK(poll(&p, 1, 2000) == 1); /* the end of the connection */
    store_wake_drain(hearer, NULL, NULL);
    CHECK_OK(do_insert(w.store, "m3", "accepted", &e), e);
    CHECK(poll(&p, 1, 2000) == 1); /* it hears again */
    AUTO_ARENA a = {0};
    struct store_message mine[3];
    CHECK(do_claim(w.store, &a, "accepted", 60000, 3, mine) == 3);
    CHECK(world_run_sql(&w, END_OTHERS)); /* its presence is gone, until it comes back */
    CHECK_OK(do_insert(w.store, "m4", "waiting", &e), e);
    CHECK(do_claim(w.store, &a, "waiting", 60000, 1, mine) == 1);
    world_shift_ms += 6000;
    CHECK(do_claim(hearer, &a, "accepted", 60000, 3, mine) == 0);
    store_close(hearer);
    store_close(w.store);
    w.config.postgres = "host=/nowhere user=posthorn dbname=postgres";
    w.store = NULL;
    CHECK(!store_open(&w.config, &w.store, &e) && e.kind == ERROR_RETRY);
    CHECK(strstr(e.text, "database is away") != NULL);
    world_end(&w);
}

int suite_crashes(const struct world_engine *used)
{
    engine = used;
    return _cmocka_run_group_tests(engine->is_postgres ? "crashes on PostgreSQL"
                                                       : "crashes on SQLite",
                                   check_tests, check_count, NULL, NULL);
}
