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

TEST(a_message_is_found_as_it_was_put)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m = {.id = STR("m1"),
                              .kind = STR("letter"),
                              .state = STR("accepted"),
                              .mailbox = STR("0203:box"),
                              .attributes = STR("{\"a\":\"\303\245\"}"),
                              .due_ms = 5};
    struct store_message got = {0};
    world_begin(&w, engine);
    CHECK_OK(do_insert_message(w.store, &m, &e), e);
    CHECK(do_get(w.store, &a, "m1", &got));
    CHECK_STR(got.kind, m.kind);
    CHECK_STR(got.state, m.state);
    CHECK_STR(got.mailbox, m.mailbox);
    CHECK_STR(got.attributes, m.attributes);
    CHECK(got.due_ms == 5 && got.attempts == 0 && got.leased_until_ms == 0 && got.lease.len == 0);
    CHECK(!do_insert_message(w.store, &m, &e));
    CHECK(e.kind == ERROR_REJECT);
    CHECK_STR(str_of(e.code), STR("store:exists"));
    CHECK(!do_get(w.store, &a, "m2", &got));
    world_reopen(&w);
    CHECK(do_get(w.store, &a, "m1", &got));
    world_end(&w);
}

TEST(what_does_not_fit_is_refused)
{
    struct world w;
    char long_word[100];
    memset(long_word, 'x', sizeof(long_word));
    const struct store_message good = {.id = STR("m"), .kind = STR("k"), .state = STR("s")};
    struct store_message rows[6];
    static const char *const names[] = {"no id",     "long id",   "no state",
                                        "NUL in it", "bad UTF-8", "long kind"};
    for (size_t i = 0; i < 6; i++)
        rows[i] = good;
    rows[0].id = STR("");
    rows[1].id = str_bytes(long_word, 37);
    rows[2].state = STR("");
    rows[3].mailbox = str_bytes("a\0b", 3);
    rows[4].attributes = STR("\xff");
    rows[5].kind = str_bytes(long_word, 65);
    world_begin(&w, engine);
    for (size_t i = 0; i < 6; i++) {
        struct error e = {0};
        CHECK_ROW(names[i], !do_insert_message(w.store, &rows[i], &e));
        CHECK_ROW(names[i], e.kind == ERROR_REJECT);
    }
    CHECK(do_count(w.store, "s") == 0);
    world_end(&w);
}

TEST(a_claimed_message_is_nobody_elses_until_its_lease_runs_out)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message mine[4], theirs[4];
    world_begin(&w, engine);
    struct store *other = world_another(&w, "other");
    CHECK_OK(do_insert(w.store, "m1", "accepted", &e), e);
    CHECK(do_claim(w.store, &a, "accepted", 1000, 4, mine) == 1);
    CHECK(do_claim(other, &a, "accepted", 1000, 4, theirs) == 0);
    world_shift_ms += 2000;
    CHECK(do_claim(other, &a, "accepted", 1000, 4, theirs) == 1);
    CHECK(!do_move(w.store, &mine[0], "sent", &e));
    CHECK(e.kind == ERROR_RETRY);
    CHECK_STR(str_of(e.code), STR("store:taken"));
    CHECK_OK(do_move(other, &theirs[0], "sent", &e), e);
    CHECK(do_count(w.store, "sent") == 1 && do_count(w.store, "accepted") == 0);
    store_close(other);
    world_end(&w);
}

TEST(the_oldest_due_comes_first_over_all_states_and_the_undue_never)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message out[8];
    world_begin(&w, engine);
    static const struct {
        const char *id, *state;
        int64_t due_ms;
    } rows[] = {{"c", "one", 300}, {"a", "two", 100}, {"b", "one", 200}, {"d", "two", INT64_MAX}};
    for (size_t i = 0; i < 4; i++) {
        struct store_message m = {.id = str_of(rows[i].id),
                                  .kind = STR("k"),
                                  .state = str_of(rows[i].state),
                                  .due_ms = rows[i].due_ms};
        CHECK_OK(do_insert_message(w.store, &m, &e), e);
    }
    CHECK(do_claim(w.store, &a, "two", 1000, 8, out) == 1);
    CHECK_OK(do_release(w.store, &out[0], &e), e);
    CHECK(do_claim(w.store, &a, "one", 1000, 1, out) == 1);
    CHECK_STR(out[0].id, STR("b"));
    world_end(&w);
}

TEST(a_retry_comes_back_when_due_with_its_count_and_reason)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m;
    world_begin(&w, engine);
    CHECK_OK(do_insert(w.store, "m1", "accepted", &e), e);
    for (uint32_t i = 1; i <= 4; i++) {
        CHECK(do_claim(w.store, &a, "accepted", 1000, 1, &m) == 1);
        CHECK_OK(do_retry(w.store, &m, world_now_ms() + 60000, "peer is away", &e), e);
        CHECK(do_claim(w.store, &a, "accepted", 1000, 1, &m) == 0);
        CHECK(do_get(w.store, &a, "m1", &m));
        CHECK(m.attempts == i && m.leased_until_ms == 0);
        CHECK_STR(m.last_why, STR("peer is away"));
        world_shift_ms += 61000;
    }
    CHECK(do_claim(w.store, &a, "accepted", 1000, 1, &m) == 1);
    CHECK_OK(do_move(w.store, &m, "sent", &e), e);
    CHECK(do_get(w.store, &a, "m1", &m) && m.attempts == 0);
    world_end(&w);
}

TEST(five_claims_without_an_outcome_park_it_for_a_person)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m;
    world_begin(&w, engine);
    CHECK_OK(do_insert(w.store, "m1", "accepted", &e), e);
    for (int i = 0; i < 5; i++) {
        CHECK(do_claim(w.store, &a, "accepted", 1000, 1, &m) == 1);
        world_shift_ms += 2000;
    }
    CHECK(do_claim(w.store, &a, "accepted", 1000, 1, &m) == 0);
    CHECK(do_get(w.store, &a, "m1", &m));
    CHECK_STR(m.state, STR("parked"));
    CHECK_STR(m.parked_from, STR("accepted"));
    CHECK(m.last_why.len > 0);
    CHECK_OK(do_unpark(w.store, "m1", &e), e);
    CHECK(!do_unpark(w.store, "m1", &e));
    CHECK(do_claim(w.store, &a, "accepted", 1000, 1, &m) == 1);
    CHECK_OK(do_park(w.store, &m, "wrong address", &e), e);
    CHECK(do_get(w.store, &a, "m1", &m));
    CHECK_STR(m.last_why, STR("wrong address"));
    world_end(&w);
}

TEST(who_only_read_a_message_moves_it_only_while_nobody_leases_it)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message seen, claimed;
    world_begin(&w, engine);
    CHECK_OK(do_insert(w.store, "m1", "inbox", &e), e);
    CHECK(do_get(w.store, &a, "m1", &seen));
    CHECK(do_claim(w.store, &a, "inbox", 1000, 1, &claimed) == 1);
    CHECK(!do_move(w.store, &seen, "fetched", &e) && e.kind == ERROR_RETRY);
    CHECK_OK(do_release(w.store, &claimed, &e), e);
    CHECK_OK(do_move(w.store, &seen, "fetched", &e), e);
    CHECK(!do_move(w.store, &seen, "fetched", &e)); /* it is no longer in the state seen */
    world_end(&w);
}

/* --- lists */
struct list_call {
    struct store_list list;
    struct arena *a;
    struct store_message *out;
    size_t got;
    uint64_t total;
};

static bool run_list(struct store_tx *tx, void *ctx, struct error *e)
{
    struct list_call *c = ctx;
    return store_message_list(tx, c->a, &c->list, &c->out, &c->got, &c->total, e);
}

TEST(lists_filter_count_and_page)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    world_begin(&w, engine);
    for (int i = 0; i < 12; i++) {
        char id[8];
        snprintf(id, sizeof(id), "m%02d", i);
        struct store_message m = {.id = str_of(id),
                                  .kind = i % 2 == 0 ? STR("in") : STR("out"),
                                  .state = i < 6 ? STR("new") : STR("done"),
                                  .mailbox = i % 3 == 0 ? STR("\"a\"") : STR("b"),
                                  .attributes = STR("{}")};
        world_shift_ms += 10;
        CHECK_OK(do_insert_message(w.store, &m, &e), e);
    }
    static const struct str boxes[] = {STR_INIT("\"a\""), STR_INIT("c")};
    static const char *const states[] = {"new", "gone"};
    const struct {
        const char *row;
        struct store_list list;
        size_t got;
        uint64_t total;
        const char *first;
    } rows[] = {
        {"all", {.limit = 100}, 12, 12, "m00"},
        {"newest", {.limit = 5, .newest_first = true}, 5, 12, "m11"},
        {"page", {.limit = 5, .offset = 10}, 2, 12, "m10"},
        {"mailbox", {.mailbox = boxes[0], .limit = 3}, 3, 4, "m00"},
        {"mailboxes", {.mailboxes = boxes, .n_mailboxes = 2, .limit = 9}, 4, 4, "m00"},
        {"both",
         {.mailbox = STR("b"), .mailboxes = boxes, .n_mailboxes = 1, .limit = 20},
         12,
         12,
         "m00"},
        {"state", {.state = STR("done"), .limit = 100}, 6, 6, "m06"},
        {"states", {.states = states, .n_states = 2, .limit = 100}, 6, 6, "m00"},
        {"kind", {.kind = STR("out"), .limit = 100}, 6, 6, "m01"},
        {"three",
         {.kind = STR("out"), .state = STR("new"), .mailbox = STR("b"), .limit = 9},
         2,
         2,
         "m01"},
        {"none", {.mailbox = STR("c"), .limit = 9}, 0, 0, NULL},
        {"later", {.from_ms = INT64_MAX - 1, .limit = 9}, 0, 0, NULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct list_call c = {.list = rows[i].list, .a = &a};
        CHECK_OK(store_read(w.store, run_list, &c, &e), e);
        CHECK_ROW(rows[i].row, c.got == rows[i].got && c.total == rows[i].total);
        CHECK_ROW(rows[i].row, c.got == 0 || str_is(c.out[0].id, rows[i].first));
    }
    struct list_call c = {.list = {.limit = 1001}, .a = &a};
    CHECK(!store_read(w.store, run_list, &c, &e) && e.kind == ERROR_REJECT);
    world_end(&w);
}

/* --- names */
TEST(a_name_is_one_messages_until_it_expires)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct str existing = STR_NONE;
    struct store_name n = {STR("idempotency"), STR("key 1"), STR("m1"), 0};
    world_begin(&w, engine);
    n.expires_ms = world_now_ms() + 5000;
    CHECK_OK(do_name(w.store, &a, n, &existing, &e), e);
    CHECK(existing.len == 0);
    n.message = STR("m2");
    CHECK_OK(do_name(w.store, &a, n, &existing, &e), e);
    CHECK_STR(existing, STR("m1"));
    n.scope = STR("other");
    CHECK_OK(do_name(w.store, &a, n, &existing, &e), e);
    CHECK(existing.len == 0);
    world_shift_ms += 6000;
    n.scope = STR("idempotency");
    n.expires_ms = 0;
    CHECK_OK(do_name(w.store, &a, n, &existing, &e), e);
    CHECK(existing.len == 0);
    world_shift_ms += 600000;
    n.message = STR("m3");
    CHECK_OK(do_name(w.store, &a, n, &existing, &e), e);
    CHECK_STR(existing, STR("m2"));
    world_end(&w);
}

/* --- the store's thread */
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

/* --- events */
static bool list_events(struct store_tx *tx, void *ctx, struct error *e)
{
    struct store_event *events = NULL;
    AUTO_ARENA a = {0};
    char *out = ctx;
    size_t n = 0;
    if (!store_event_list(tx, &a, STR("m1"), &events, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        out += sprintf(out, "%.*s:%.*s ", STR_ARG(events[i].actor), STR_ARG(events[i].what));
    return true;
}

TEST(each_change_of_a_state_is_an_event)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m;
    char seen[500] = "";
    world_begin(&w, engine);
    CHECK_OK(do_insert(w.store, "m1", "accepted", &e), e);
    CHECK_OK(do_insert(w.store, "m2", "accepted", &e), e);
    CHECK(do_claim(w.store, &a, "accepted", 1000, 1, &m) == 1);
    CHECK_OK(do_retry(w.store, &m, 0, "later", &e), e);
    CHECK(do_get(w.store, &a, "m1", &m));
    CHECK_OK(do_move(w.store, &m, "sent", &e), e);
    CHECK_OK(do_dispose(w.store, "m1", &e), e);
    CHECK_OK(store_read(w.store, list_events, seen, &e), e);
    CHECK_STR(str_of(seen), STR("test-program:accepted test-program:retry test-program:sent "
                                "test-program:disposed "));
    world_end(&w);
}

static bool add_past_event(struct store_tx *tx, void *ctx, struct error *e)
{
    const int64_t *when = ctx;
    return store_event_add_at(tx, STR("m1"), *when, "addressed", "", e);
}

static bool read_second_time(struct store_tx *tx, void *ctx, struct error *e)
{
    struct store_event *events = NULL;
    AUTO_ARENA a = {0};
    size_t n = 0;
    int64_t *out = ctx;
    bool ok = store_event_list(tx, &a, STR("m1"), &events, &n, e);
    *out = ok && n == 2 ? events[1].time_ms : 0;
    return ok;
}

TEST(an_event_of_a_moment_before_keeps_its_time)
{
    struct world w;
    struct error e = {0};
    int64_t bad = 0, seen = 0;
    uint64_t checked = 0;
    world_begin(&w, engine);
    int64_t when = world_now_ms() - 1234;
    CHECK_OK(do_insert(w.store, "m1", "accepted", &e), e);
    CHECK_OK(store_do(w.store, add_past_event, &when, &e), e);
    CHECK_OK(store_read(w.store, read_second_time, &seen, &e), e);
    CHECK(seen == when);
    CHECK_OK(do_verify(w.store, &checked, &bad, &e), e);
    CHECK(checked == 2);
    world_end(&w);
}

TEST(an_altered_missing_or_cut_event_is_named)
{
    static const struct {
        const char *row, *sql;
        int64_t bad;
    } rows[] = {
        {"text", "UPDATE event SET why = 'nothing' WHERE seq = 4", 4},
        {"time", "UPDATE event SET time_ms = time_ms + 1 WHERE seq = 7", 7},
        {"deleted", "DELETE FROM event WHERE seq = 5", 5},
        {"moved field", "UPDATE event SET actor = actor || what, what = '' WHERE seq = 2", 2},
        {"end cut off", "DELETE FROM event WHERE seq >= 9", 9},
        {"head", "UPDATE event_head SET seq = 8", 11},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world w;
        struct error e = {0};
        uint64_t checked = 0;
        int64_t bad = 0;
        world_begin(&w, engine);
        for (int k = 0; k < 10; k++) {
            char id[8];
            snprintf(id, sizeof(id), "m%d", k);
            CHECK_OK(do_insert(w.store, id, "accepted", &e), e);
        }
        CHECK_OK(do_verify(w.store, &checked, &bad, &e), e);
        CHECK(checked == 10 && bad == 0);
        CHECK(world_run_sql(&w, rows[i].sql));
        CHECK_ROW(rows[i].row, !do_verify(w.store, &checked, &bad, &e));
        CHECK_ROW(rows[i].row, e.kind == ERROR_DENY && bad == rows[i].bad);
        world_end(&w);
    }
}

/* --- cached answers */
struct cache_call {
    struct store_cached c;
    struct arena *a;
    bool found;
    uint64_t purged;
};

static bool run_cache_put(struct store_tx *tx, void *ctx, struct error *e)
{
    return store_cache_put(tx, &((struct cache_call *)ctx)->c, e);
}

static bool run_cache_get(struct store_tx *tx, void *ctx, struct error *e)
{
    struct cache_call *c = ctx;
    return store_cache_get(tx, c->a, c->c.key, &c->c, &c->found, e);
}

static bool run_cache_purge(struct store_tx *tx, void *ctx, struct error *e)
{
    return store_cache_purge(tx, 500, &((struct cache_call *)ctx)->purged, e);
}

TEST(a_cached_answer_is_replaced_found_and_purged)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct cache_call put = {.c = {STR("smp:1"), str_bytes("\0\xff<a/>", 6), 200, 100, 400}};
    struct cache_call get = {.c = {.key = STR("smp:1")}, .a = &a};
    world_begin(&w, engine);
    CHECK_OK(store_read(w.store, run_cache_get, &get, &e), e);
    CHECK(!get.found);
    CHECK_OK(store_do(w.store, run_cache_put, &put, &e), e);
    put.c.status = 404;
    CHECK_OK(store_do(w.store, run_cache_put, &put, &e), e);
    CHECK_OK(store_read(w.store, run_cache_get, &get, &e), e);
    CHECK(get.found && get.c.status == 404 && get.c.fetched_ms == 100);
    CHECK_STR(get.c.value, str_bytes("\0\xff<a/>", 6));
    CHECK_OK(store_do(w.store, run_cache_purge, &put, &e), e);
    CHECK(put.purged == 1);
    CHECK_OK(store_read(w.store, run_cache_get, &get, &e), e);
    CHECK(!get.found);
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

int suite_messages(const struct world_engine *used)
{
    engine = used;
    return _cmocka_run_group_tests(engine->is_postgres ? "messages on PostgreSQL"
                                                       : "messages on SQLite",
                                   check_tests, check_count, NULL, NULL);
}
