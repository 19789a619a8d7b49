/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <poll.h>

#include "tests/check.h"
#include "tests/unit/runtime/store/world.h"

static const struct world_engine *engine;

struct step {
    const struct store_message *m;
    struct store_move move;
};

static bool run_step(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct step *s = ctx;
    return store_message_move(tx, s->m, &s->move, e);
}

/* Moves m to the state and keeps its lease: what is kept is m from now on. */
static bool move_on(struct store *store, struct store_message *m, const char *to, struct error *e)
{
    struct store_message kept = {0};
    struct step s = {m, {.to = to, .why = "on its way", .lease_ms = 1000, .kept = &kept}};
    if (!store_do(store, run_step, &s, e))
        return false;
    *m = kept;
    return true;
}

TEST(a_lease_that_is_kept_goes_with_the_message_through_its_states)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m, row, other;
    world_begin_leased(&w, engine, &a, 1000, &m);
    struct store_message first = m;
    static const char *const states[] = {"addressed", "sealed", "sent"};
    for (size_t i = 0; i < 3; i++) {
        world_shift_ms += 900; /* each step renews it */
        CHECK_OK(move_on(w.store, &m, states[i], &e), e);
        CHECK(do_get(w.store, &a, "m1", &row));
        CHECK_ROW(states[i], str_is(row.state, states[i]) && str_equal(m.state, row.state));
        CHECK_ROW(states[i], row.leased_until_ms == m.leased_until_ms && row.due_ms == m.due_ms);
        CHECK_ROW(states[i], row.leased_until_ms > world_now_ms() + 500);
        CHECK_ROW(states[i], row.changed_ms == m.changed_ms && row.owner.len > 0);
        CHECK_ROW(states[i], str_equal(m.owner, row.owner));
        CHECK_STR(row.last_why, STR("on its way"));
        CHECK_STR(row.attributes, STR("{}"));
        CHECK_ROW(states[i], do_claim(w.store, &a, states[i], 1000, 1, &other) == 0);
    }
    CHECK(!do_move(w.store, &first, "lost", &e)); /* as it was claimed: in another state by now */
    CHECK_STR(str_of(e.code), STR("store:taken"));
    CHECK_OK(do_move(w.store, &m, "done", &e), e);
    CHECK(do_get(w.store, &a, "m1", &row) && row.leased_until_ms == 0 && row.owner.len == 0);
    world_end(&w);
}

TEST(a_kept_lease_that_ran_out_is_taken_over_in_the_state_entered)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m, theirs;
    world_begin_leased(&w, engine, &a, 1000, &m);
    CHECK_OK(move_on(w.store, &m, "sealed", &e), e);
    world_shift_ms += 2000;
    CHECK(do_claim(w.store, &a, "accepted", 1000, 1, &theirs) == 0);
    CHECK(do_claim(w.store, &a, "sealed", 1000, 1, &theirs) == 1);
    CHECK(!move_on(w.store, &m, "sent", &e) && e.kind == ERROR_RETRY);
    CHECK_STR(m.state, STR("sealed"));
    for (int i = 0; i < 4; i++) { /* it counts among the claims without an outcome */
        world_shift_ms += 2000;
        CHECK(do_claim(w.store, &a, "sealed", 1000, 1, &theirs) == (i < 3 ? 1 : 0));
    }
    CHECK(do_get(w.store, &a, "m1", &m));
    CHECK_STR(m.state, STR("parked"));
    world_end(&w);
}

TEST(who_never_claimed_a_message_has_no_lease_to_keep)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m;
    world_begin(&w, engine);
    CHECK_OK(do_insert(w.store, "m1", "accepted", &e), e);
    CHECK(do_get(w.store, &a, "m1", &m));
    CHECK(!move_on(w.store, &m, "sent", &e) && e.kind == ERROR_BUG);
    CHECK(do_count(w.store, "accepted") == 1);
    world_end(&w);
}

struct birth {
    struct arena *a;
    struct store_message m, out;
};

static bool run_birth(struct store_tx *tx, void *ctx, struct error *e)
{
    struct birth *b = ctx;
    return store_message_insert_leased(tx, b->a, &b->m, 1000, &b->out, e);
}

TEST(a_message_leased_from_birth_is_its_makers_to_go_on_with)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message row;
    struct birth b = {.a = &a,
                      .m = {.id = STR("m1"),
                            .kind = STR("letter"),
                            .state = STR("received"),
                            .attributes = STR("{}"),
                            .last_why = STR("came in")}};
    world_begin(&w, engine);
    CHECK_OK(store_do(w.store, run_birth, &b, &e), e);
    CHECK(do_claim(w.store, &a, "received", 1000, 1, &row) == 0);
    CHECK(do_get(w.store, &a, "m1", &row));
    CHECK(b.out.created_ms == row.created_ms && b.out.changed_ms == row.changed_ms);
    CHECK(b.out.leased_until_ms == row.leased_until_ms && row.leased_until_ms > row.created_ms);
    CHECK_STR(row.last_why, STR("came in"));
    CHECK_STR(b.out.owner, row.owner);
    struct store_message mine = b.out;
    CHECK(
        !store_do(w.store, run_birth, &b, &e)); /* there already: the lease stays the first one's */
    CHECK_STR(str_of(e.code), STR("store:exists"));
    CHECK_OK(move_on(w.store, &mine, "opened", &e), e);
    CHECK_OK(do_move(w.store, &mine, "delivered", &e), e);
    CHECK(do_count(w.store, "delivered") == 1);
    b.m.id = STR("m2");
    CHECK_OK(store_do(w.store, run_birth, &b, &e), e);
    world_shift_ms += 2000;
    CHECK(do_claim(w.store, &a, "received", 1000, 1, &row) == 1);
    CHECK(!do_move(w.store, &b.out, "opened", &e) && e.kind == ERROR_RETRY);
    world_end(&w);
}

static void count(void *ctx, struct str state)
{
    (void)state;
    ++*(unsigned *)ctx;
}

TEST(nobody_is_woken_for_what_is_still_leased)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m;
    unsigned heard = 0;
    struct birth b = {.a = &a,
                      .m = {.id = STR("m2"), .kind = STR("letter"), .state = STR("received")}};
    world_begin_leased(&w, engine, &a, 1000, &m);
    w.config.hears_wakes = true;
    struct store *other = world_another(&w, "hearer");
    struct pollfd p = {store_wake_fd(other), POLLIN, 0};
    CHECK_OK(move_on(w.store, &m, "sealed", &e), e);
    CHECK_OK(store_do(w.store, run_birth, &b, &e), e);
    CHECK(poll(&p, 1, 50) == 0);
    CHECK_OK(do_move(w.store, &m, "sent", &e), e);
    CHECK(poll(&p, 1, 5000) == 1);
    store_wake_drain(other, count, &heard);
    CHECK(heard == 1);
    store_close(other);
    world_end(&w);
}

int suite_leases(const struct world_engine *used)
{
    engine = used;
    return _cmocka_run_group_tests(engine->is_postgres ? "leases on PostgreSQL"
                                                       : "leases on SQLite",
                                   check_tests, check_count, NULL, NULL);
}
