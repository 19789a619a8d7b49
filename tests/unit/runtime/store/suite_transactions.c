/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "runtime/store/tx.h"
#include "tests/check.h"
#include "tests/unit/runtime/store/world.h"

static const struct world_engine *engine;

static bool insert_two_then_fail(struct store_tx *tx, void *ctx, struct error *e)
{
    struct store_message m = {.id = STR("x1"), .kind = STR("k"), .state = STR("s")};
    (void)ctx;
    if (!store_message_insert(tx, &m, "", e))
        return false;
    m.id = STR("x2");
    return store_message_insert(tx, &m, "", e) && error_set(e, ERROR_REJECT, "as told");
}

static bool insert_in_read(struct store_tx *tx, void *ctx, struct error *e)
{
    struct store_message m = {.id = STR("x1"), .kind = STR("k"), .state = STR("s")};
    (void)ctx;
    return store_message_insert(tx, &m, "", e);
}

static bool do_inside(struct store_tx *tx, void *ctx, struct error *e)
{
    (void)tx;
    return store_do(ctx, insert_in_read, NULL, e);
}

TEST(a_function_that_fails_leaves_nothing)
{
    struct world w;
    struct error e = {0};
    uint64_t checked = 0;
    int64_t bad = 0;
    world_begin(&w, engine);
    CHECK(!store_do(w.store, insert_two_then_fail, NULL, &e));
    CHECK_STR(str_of(e.text), STR("as told"));
    CHECK(!store_read(w.store, insert_in_read, NULL, &e) && e.kind == ERROR_BUG);
    CHECK(!store_do(w.store, do_inside, w.store, &e) && e.kind == ERROR_BUG);
    CHECK(do_count(w.store, "s") == 0);
    CHECK_OK(do_verify(w.store, &checked, &bad, &e), e);
    CHECK(checked == 0);
    world_end(&w);
}

struct group {
    pthread_mutex_t gate; /* held while the jobs gather */
    unsigned done, ok;
};

static bool wait_at_gate(struct store_tx *tx, void *ctx, struct error *e)
{
    struct group *g = ctx;
    (void)tx;
    (void)e;
    pthread_mutex_lock(&g->gate);
    pthread_mutex_unlock(&g->gate);
    return true;
}

struct numbered {
    struct group *group;
    unsigned number;
};

static bool insert_numbered(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct numbered *n = ctx;
    char id[16];
    snprintf(id, sizeof(id), "n%u", n->number);
    struct store_message m = {.id = str_of(id), .kind = STR("k"), .state = STR("s")};
    return store_message_insert(tx, &m, "", e) &&
           (n->number % 10 != 3 || error_set(e, ERROR_REJECT, "number with a 3"));
}

static void gate_passed(void *ctx, bool ok, const struct error *e)
{
    (void)ctx;
    (void)ok;
    (void)e;
}

static void numbered_done(void *ctx, bool ok, const struct error *e)
{
    struct numbered *n = ctx;
    n->group->done++;
    n->group->ok += ok ? 1 : 0;
    if (ok == (n->number % 10 == 3) || ok != (e == NULL))
        n->group->ok += 1000; /* wrong: seen by the count */
}

TEST(all_that_wait_share_one_commit_and_one_that_fails_fails_alone)
{
    struct world w;
    struct error e = {0};
    struct group g = {.gate = PTHREAD_MUTEX_INITIALIZER};
    struct numbered jobs[100];
    world_begin(&w, engine);
    uint64_t before = w.store->commits;
    pthread_mutex_lock(&g.gate);
    store_submit(w.store, wait_at_gate, &g, gate_passed);
    struct timespec pause = {0, 50 * 1000 * 1000};
    nanosleep(&pause, NULL); /* the gate's job is a batch of its own by now */
    for (unsigned i = 0; i < 100; i++) {
        jobs[i] = (struct numbered){&g, i};
        store_submit(w.store, insert_numbered, &jobs[i], numbered_done);
    }
    pthread_mutex_unlock(&g.gate);
    while (g.done < 100) {
        struct pollfd p = {store_fd(w.store), POLLIN, 0};
        CHECK(poll(&p, 1, 10000) == 1);
        store_dispatch(w.store);
    }
    CHECK(g.ok == 90);
    CHECK(w.store->commits - before == 2);
    CHECK(do_count(w.store, "s") == 90);
    uint64_t checked = 0;
    int64_t bad = 0;
    CHECK_OK(do_verify(w.store, &checked, &bad, &e), e);
    CHECK(checked == 90);
    world_end(&w);
}

/* --- waking */
struct heard {
    unsigned accepted, others;
};

static void hear(void *ctx, struct str state)
{
    struct heard *h = ctx;
    if (str_is(state, "accepted"))
        h->accepted++;
    else
        h->others++;
}

TEST(another_program_is_woken_by_the_states_entered)
{
    struct world w;
    struct error e = {0};
    struct heard h = {0};
    world_begin(&w, engine);
    w.config.hears_wakes = true;
    struct store *other = world_another(&w, "hearer");
    CHECK(store_wake_fd(w.store) == -1 && store_wake_fd(other) != -1);
    struct pollfd p = {store_wake_fd(other), POLLIN, 0};
    CHECK(poll(&p, 1, 0) == 0);
    CHECK_OK(do_insert(w.store, "m1", "accepted", &e), e);
    CHECK(poll(&p, 1, 5000) == 1);
    store_wake_drain(other, hear, &h);
    CHECK(h.accepted == 1 && h.others == 0);
    CHECK(poll(&p, 1, 0) == 0);
    CHECK(!store_do(w.store, insert_two_then_fail, NULL, &e));
    CHECK(poll(&p, 1, 50) == 0); /* nothing was entered */
    CHECK_OK(do_insert(other, "own", "accepted", &e), e);
    CHECK(poll(&p, 1, 1000) == 1); /* its own commit may be its own to claim */
    store_close(other);
    world_end(&w);
}

/* --- migrations */
TEST(a_program_refuses_another_schema_and_says_what_to_run)
{
    struct world w;
    struct error e = {0};
    int from = -1, to = -1;
    world_begin(&w, engine);
    store_close(w.store);
    w.store = NULL;
    CHECK_OK(store_migrate(&w.config, &from, &to, &e), e);
    CHECK(from == STORE_SCHEMA_VERSION && to == STORE_SCHEMA_VERSION);
    CHECK(world_run_sql(&w, "UPDATE schema_version SET version = 1000"));
    CHECK(!store_open(&w.config, &w.store, &e) && e.kind == ERROR_REJECT);
    CHECK(strstr(e.text, "1000") != NULL && strstr(e.text, "install the newer") != NULL);
    CHECK(!store_migrate(&w.config, &from, &to, &e) && e.kind == ERROR_REJECT);
    CHECK(world_run_sql(&w, "DELETE FROM schema_version"));
    CHECK(!store_open(&w.config, &w.store, &e) && e.kind == ERROR_REJECT);
    CHECK(strstr(e.text, "posthorn migrate") != NULL);
    world_end(&w);
}

int suite_transactions(const struct world_engine *used)
{
    engine = used;
    return _cmocka_run_group_tests(engine->is_postgres ? "transactions on PostgreSQL"
                                                       : "transactions on SQLite",
                                   check_tests, check_count, NULL, NULL);
}
