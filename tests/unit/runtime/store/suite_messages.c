/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

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

/* A cut at a limit of the caller's; all of it is lost only where the whole is no text. */
TEST(a_reason_cut_within_a_character_keeps_the_rest)
{
    static const struct {
        const char *why, *kept;
    } rows[] = {
        {"adressen \xc3\xa4r fel st\xc3", "adressen \xc3\xa4r fel st"},
        {"adressen \xc3\xa4r", "adressen \xc3\xa4r"},
        {"\xff\xfe in the front", ""},
    };
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m;
    world_begin(&w, engine);
    CHECK_OK(do_insert(w.store, "m1", "accepted", &e), e);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK(do_claim(w.store, &a, "accepted", 1000, 1, &m) == 1);
        CHECK_OK(do_retry(w.store, &m, 0, rows[i].why, &e), e);
        CHECK(do_get(w.store, &a, "m1", &m));
        CHECK_STR(m.last_why, str_of(rows[i].kept));
    }
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

static bool run_name_purge(struct store_tx *tx, void *ctx, struct error *e)
{
    return store_name_purge(tx, 2, ctx, e);
}

TEST(names_that_have_expired_are_purged_a_few_at_a_time)
{
    static const struct {
        const char *name;
        int64_t expires_ms; /* from now; 0: never */
    } rows[] = {{"a", 1000}, {"b", 2000}, {"c", 3000}, {"later", 9000}, {"never", 0}};
    static const uint64_t each[] = {2, 1, 0};
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct str existing = STR_NONE;
    world_begin(&w, engine);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t at_ms = rows[i].expires_ms == 0 ? 0 : world_now_ms() + rows[i].expires_ms;
        struct store_name n = {STR("s"), str_of(rows[i].name), STR("m1"), at_ms};
        CHECK_OK(do_name(w.store, &a, n, &existing, &e), e);
    }
    world_shift_ms += 6000;
    for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        uint64_t purged = 9;
        CHECK_OK(store_do(w.store, run_name_purge, &purged, &e), e);
        CHECK(purged == each[i]);
    }
    for (size_t i = 3; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct store_name n = {STR("s"), str_of(rows[i].name), STR("m2"), 0};
        CHECK_OK(do_name(w.store, &a, n, &existing, &e), e);
        CHECK_STR(existing, STR("m1"));
    }
    world_end(&w);
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

int suite_messages(const struct world_engine *used)
{
    engine = used;
    return _cmocka_run_group_tests(engine->is_postgres ? "messages on PostgreSQL"
                                                       : "messages on SQLite",
                                   check_tests, check_count, NULL, NULL);
}
