/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/runtime/store/world.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/sys.h"
#include "runtime/store/sql.h"

int64_t world_shift_ms;

int64_t world_now_ms(void)
{
    return clock_now_ms() + world_shift_ms;
}

static void die(const char *what, const struct error *e)
{
    fprintf(stderr, "%s: %s\n", what, e->text);
    abort();
}

static bool connect_to(const struct world *w, struct sql **c, struct error *e)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/store.db", w->folder);
    return w->engine->is_postgres ? sql_postgres_open(w->engine->postgres, SQL_CREATES, c, e)
                                  : sql_sqlite_open(path, SQL_CREATES, c, e);
}

bool world_run_sql(const struct world *w, const char *text)
{
    struct error e = {0};
    struct sql *c = NULL;
    bool ok = connect_to(w, &c, &e) && sql_script(c, text, &e);
    if (!ok)
        fprintf(stderr, "%s\n", e.text);
    sql_close(c);
    return ok;
}

void world_begin(struct world *w, const struct world_engine *engine)
{
    struct error e = {0};
    int from = 0, to = 0;
    *w = (struct world){.engine = engine, .folder = "/tmp/posthorn-store-XXXXXX"};
    world_shift_ms = 0;
    if (mkdtemp(w->folder) == NULL)
        abort();
    if (engine->is_postgres &&
        !world_run_sql(w, "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"))
        abort();
    w->config = (struct store_config){.folder = w->folder,
                                      .postgres = engine->is_postgres ? engine->postgres : NULL,
                                      .program = "test-program",
                                      .storage_key = STR("0123456789abcdef0123456789abcdef"),
                                      .now_ms = world_now_ms};
    if (!store_migrate(&w->config, &from, &to, &e))
        die("migrate", &e);
    if (!store_open(&w->config, &w->store, &e))
        die("open", &e);
}

void world_begin_leased(struct world *w, const struct world_engine *engine, struct arena *a,
                        int64_t lease_ms, struct store_message *m)
{
    struct error e = {0};
    world_begin(w, engine);
    if (!do_insert(w->store, "m1", "accepted", &e) ||
        do_claim(w->store, a, "accepted", lease_ms, 1, m) != 1)
        die("insert and claim", &e);
}

void world_rest(struct world *w)
{
    store_close(w->store);
    w->store = NULL;
}

void world_reopen(struct world *w)
{
    struct error e = {0};
    world_rest(w);
    if (!store_open(&w->config, &w->store, &e))
        die("open again", &e);
}

struct store *world_another(struct world *w, const char *program)
{
    struct error e = {0};
    struct store_config config = w->config;
    struct store *s = NULL;
    config.program = program;
    if (!store_open(&config, &s, &e))
        die("open another", &e);
    return s;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void world_end(struct world *w)
{
    store_close(w->store);
    nftw(w->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* --- one transaction each */
struct call {
    const struct store_message *m;
    struct store_message *out;
    struct arena *a;
    const char *id, *state, *why, *slot;
    int64_t ms;
    size_t max, got;
    struct store_name name;
    struct str *existing;
    uint64_t *checked;
    int64_t *bad;
    struct store_writer *writer;
    struct store_payload payload;
    struct str octets;
    uint64_t count;
};

static bool run_insert(struct store_tx *tx, void *ctx, struct error *e)
{
    return store_message_insert(tx, ((struct call *)ctx)->m, "made by a test", e);
}

bool do_insert_message(struct store *s, const struct store_message *m, struct error *e)
{
    struct call c = {.m = m};
    return store_do(s, run_insert, &c, e);
}

bool do_insert(struct store *s, const char *id, const char *state, struct error *e)
{
    struct store_message m = {.id = str_of(id),
                              .kind = STR("letter"),
                              .state = str_of(state),
                              .mailbox = STR("box"),
                              .attributes = STR("{}")};
    return do_insert_message(s, &m, e);
}

static bool run_get(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    return store_message_get(tx, c->a, str_of(c->id), c->out, e);
}

bool do_get(struct store *s, struct arena *a, const char *id, struct store_message *m)
{
    struct error e = {0};
    struct call c = {.a = a, .id = id, .out = m};
    return store_read(s, run_get, &c, &e);
}

static bool run_claim(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct store_claim claim = {&c->state, 1, c->ms, c->max};
    return store_message_claim(tx, c->a, &claim, c->out, &c->got, e);
}

size_t do_claim(struct store *s, struct arena *a, const char *state, int64_t lease_ms, size_t max,
                struct store_message *out)
{
    struct error e = {0};
    struct call c = {.a = a, .state = state, .ms = lease_ms, .max = max, .out = out};
    if (!store_do(s, run_claim, &c, &e))
        die("claim", &e);
    return c.got;
}

static bool run_move(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    return store_message_move(tx, c->m, &(struct store_move){.to = c->state, .why = "moved"}, e);
}

bool do_move(struct store *s, const struct store_message *m, const char *to, struct error *e)
{
    struct call c = {.m = m, .state = to};
    return store_do(s, run_move, &c, e);
}

static bool run_retry(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    return store_message_retry(tx, c->m, c->ms, c->why, e);
}

bool do_retry(struct store *s, const struct store_message *m, int64_t due_ms, const char *why,
              struct error *e)
{
    struct call c = {.m = m, .ms = due_ms, .why = why};
    return store_do(s, run_retry, &c, e);
}

static bool run_release(struct store_tx *tx, void *ctx, struct error *e)
{
    return store_message_release(tx, ((struct call *)ctx)->m, e);
}

bool do_release(struct store *s, const struct store_message *m, struct error *e)
{
    struct call c = {.m = m};
    return store_do(s, run_release, &c, e);
}

static bool run_park(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    return store_message_park(tx, c->m, c->why, e);
}

bool do_park(struct store *s, const struct store_message *m, const char *why, struct error *e)
{
    struct call c = {.m = m, .why = why};
    return store_do(s, run_park, &c, e);
}

static bool run_unpark(struct store_tx *tx, void *ctx, struct error *e)
{
    return store_message_unpark(tx, str_of(((struct call *)ctx)->id), "try again", e);
}

bool do_unpark(struct store *s, const char *id, struct error *e)
{
    struct call c = {.id = id};
    return store_do(s, run_unpark, &c, e);
}

static bool run_dispose(struct store_tx *tx, void *ctx, struct error *e)
{
    return store_message_dispose(tx, str_of(((struct call *)ctx)->id), "its time is over", e);
}

bool do_dispose(struct store *s, const char *id, struct error *e)
{
    struct call c = {.id = id};
    return store_do(s, run_dispose, &c, e);
}

static bool run_name(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    return store_name_put(tx, c->a, &c->name, c->existing, e);
}

bool do_name(struct store *s, struct arena *a, struct store_name n, struct str *existing,
             struct error *e)
{
    struct call c = {.a = a, .name = n, .existing = existing};
    return store_do(s, run_name, &c, e);
}

static bool run_verify(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    return store_event_verify(tx, c->checked, c->bad, e);
}

bool do_verify(struct store *s, uint64_t *checked, int64_t *bad, struct error *e)
{
    struct call c = {.checked = checked, .bad = bad};
    return store_read(s, run_verify, &c, e);
}

static bool run_attach(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    return store_payload_attach(tx, str_of(c->id), str_of(c->slot), STR("application/pdf"),
                                c->writer, e);
}

bool do_attach(struct store *s, const char *id, const char *slot, struct store_writer *w,
               struct error *e)
{
    struct call c = {.id = id, .slot = slot, .writer = w};
    return store_do(s, run_attach, &c, e);
}

static bool run_put(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    return store_payload_put(tx, &c->payload, c->octets, e);
}

bool do_put(struct store *s, const char *id, const char *slot, struct str octets, bool open,
            struct error *e)
{
    struct call c = {.payload = {.message = str_of(id),
                                 .slot = str_of(slot),
                                 .media_type = STR("text/plain"),
                                 .open = open},
                     .octets = octets};
    return store_do(s, run_put, &c, e);
}

static bool run_count(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    AUTO_ARENA a = {0};
    struct store_count *rows = NULL;
    size_t n = 0;
    if (!store_message_counts(tx, &a, &rows, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (str_is(rows[i].state, c->state))
            c->count += rows[i].messages;
    return true;
}

uint64_t do_count(struct store *s, const char *state)
{
    struct error e = {0};
    struct call c = {.state = state};
    if (!store_read(s, run_count, &c, &e))
        die("count", &e);
    return c.count;
}

int world_run_suites(const struct world_engine *engine)
{
    return suite_messages(engine) + suite_leases(engine) + suite_transactions(engine) +
           suite_events(engine) + suite_payloads(engine) + suite_crashes(engine);
}
