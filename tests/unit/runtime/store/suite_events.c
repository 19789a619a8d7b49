/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "tests/check.h"
#include "tests/unit/runtime/store/world.h"

static const struct world_engine *engine;

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

int suite_events(const struct world_engine *used)
{
    engine = used;
    return _cmocka_run_group_tests(engine->is_postgres ? "events on PostgreSQL"
                                                       : "events on SQLite",
                                   check_tests, check_count, NULL, NULL);
}
