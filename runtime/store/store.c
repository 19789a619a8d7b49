/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_transactions.c, suite_crashes.c */
#include "runtime/store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/store/blob.h"
#include "runtime/store/tx.h"

enum { GATHER_MS = 10 }; /* of writes: about what a commit takes on a disk */

static void fail_all(struct lane_job *batch, const struct error *e)
{
    for (; batch != NULL; batch = batch->next) {
        batch->ok = false;
        batch->e = *e;
    }
}

static bool run(struct store_tx *tx, const char *text, struct error *e)
{
    return sql_run(tx->sql, text, SQL_NO_VALUES, NULL, e);
}

/* A job that fails is rolled back alone. False: the whole transaction is lost. */
static bool run_job(struct store_tx *tx, struct lane_job *job, struct error *e)
{
    size_t mark = tx->n_effects;
    tx->now_ms = store_now_ms(tx->store);
    if (!run(tx, "SAVEPOINT job", e))
        return false;
    job->ok = job->fn(tx, job->ctx, &job->e) && run(tx, "RELEASE SAVEPOINT job", &job->e);
    if (job->ok)
        return true;
    tx->n_effects = mark;
    if (!sql_is_inside(tx->sql)) {
        *e = job->e;
        return false;
    }
    return run(tx, "ROLLBACK TO SAVEPOINT job", e) && run(tx, "RELEASE SAVEPOINT job", e);
}

/* The common case, without the two savepoint statements. */
static bool run_only_job(struct store_tx *tx, struct lane_job *job, struct error *e)
{
    tx->now_ms = store_now_ms(tx->store);
    job->ok = job->fn(tx, job->ctx, &job->e);
    if (!job->ok)
        *e = job->e;
    return job->ok;
}

static bool run_jobs(struct store_tx *tx, struct lane_job *batch, struct error *e)
{
    if (batch->next == NULL)
        return run_only_job(tx, batch, e);
    for (struct lane_job *job = batch; job != NULL; job = job->next)
        if (!run_job(tx, job, e))
            return false;
    return true;
}

static void do_effects(struct store_tx *tx)
{
    for (size_t i = 0; i < tx->n_effects; i++) {
        if (tx->effects[i].type == TX_KEEP)
            writer_kept(tx->effects[i].writer);
        if (tx->effects[i].type == TX_UNLINK)
            blob_unlink(tx->store, tx->effects[i].message);
        if (tx->effects[i].type == TX_PRESENT)
            tx->store->presence_of = sql_postgres_connects(tx->sql);
    }
    wake_tell(tx->store, tx->effects, tx->n_effects);
}

static bool commit_batch(struct store_tx *tx, struct lane_job *batch, struct error *e)
{
    struct store *store = tx->store;
    if (!store_lock(store->lock_fd, true, e))
        return false;
    bool ok = sql_begin(tx->sql, e) && run_jobs(tx, batch, e) && tx_append_events(tx, e) &&
              wake_notify(tx, e) && sql_commit(tx->sql, e);
    if (!ok)
        sql_rollback(tx->sql);
    struct error ignored; /* unlocking a lock that is held does not fail */
    if (!store_lock(store->lock_fd, false, &ignored))
        error_clear(&ignored);
    store->commits += ok ? 1 : 0;
    return ok;
}

static void release(struct store_tx *tx)
{
    arena_release(&tx->arena);
    mem_free(tx->effects);
}

static void write_batch(void *owner, struct lane_job *batch)
{
    struct store *store = owner;
    struct store_tx tx = {.store = store, .sql = store->writing, .writes = true};
    struct error e = {0};
    if (commit_batch(&tx, batch, &e))
        do_effects(&tx);
    else
        fail_all(batch, &e);
    release(&tx);
}

static void read_batch(void *owner, struct lane_job *batch)
{
    struct store *store = owner;
    for (struct lane_job *job = batch; job != NULL; job = job->next) {
        struct store_tx tx = {.store = store, .sql = store->reading, .now_ms = store_now_ms(store)};
        job->ok = sql_begin(tx.sql, &job->e) && job->fn(&tx, job->ctx, &job->e);
        sql_rollback(tx.sql);
        release(&tx);
    }
}

static bool connect_all(struct store *s, struct error *e)
{
    if (!store_connect(s->folder, s->postgres, SQL_WRITES, &s->writing, e) ||
        !migrate_check(s->writing, e) ||
        !store_connect(s->folder, s->postgres, SQL_READS, &s->reading, e))
        return false;
    if (s->postgres != NULL)
        return store_connect(s->folder, s->postgres, SQL_WRITES, &s->bulk, e);
    return store_lock_open(s->folder, &s->lock_fd, e);
}

/* With PostgreSQL a process's number says nothing: it may be of another node. */
static void name_owner(struct store *s)
{
    snprintf(s->owner, sizeof(s->owner), "%.60s/%ld", s->program, (long)getpid());
    if (s->postgres == NULL)
        return;
    random_octets(&s->presence_number, sizeof(s->presence_number));
    s->presence_number &= INT64_MAX;
    snprintf(s->owner, sizeof(s->owner), "%.60s/%ld@%016" PRIx64, s->program, (long)getpid(),
             (uint64_t)s->presence_number);
}

static struct store *new_store(const struct store_config *c)
{
    struct store *s = mem_new(sizeof(*s));
    bool is_postgres = c->postgres != NULL && c->postgres[0] != '\0';
    s->folder = mem_text(c->folder);
    s->postgres = is_postgres ? mem_text(c->postgres) : NULL;
    s->program = mem_text(c->program);
    name_owner(s);
    secret_set(&s->key, c->storage_key.at, c->storage_key.len);
    s->now_ms = c->now_ms == NULL ? clock_now_ms : c->now_ms;
    s->lock_fd = -1;
    s->done_fd = -1;
    pthread_mutex_init(&s->bulk_lock, NULL);
    return s;
}

bool store_open(const struct store_config *config, struct store **out, struct error *e)
{
    if (config->storage_key.len != 0 && config->storage_key.len != STORE_KEY_SIZE)
        return error_set(e, ERROR_REJECT, "the storage key has %zu octets; %d are right",
                         config->storage_key.len, STORE_KEY_SIZE);
    if (str_of(config->folder).len > STORE_FOLDER_MAX)
        return error_set(e, ERROR_REJECT, "the store's folder has a name of more than %d octets",
                         STORE_FOLDER_MAX);
    struct store *s = new_store(config);
    s->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (s->done_fd == -1)
        abort(); /* at start: no file descriptors */
    if (!connect_all(s, e) || !wake_open(s, config->hears_wakes, e)) {
        store_close(s);
        return false;
    }
    lane_start(&s->write_lane, s, write_batch, s->done_fd, GATHER_MS);
    lane_start(&s->read_lane, s, read_batch, s->done_fd, 0);
    if (!blob_sweep(s, e) || !orphans_free(s, e)) {
        store_close(s);
        return false;
    }
    *out = s;
    return true;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    lane_stop(&store->write_lane);
    lane_stop(&store->read_lane);
    wake_close(store);
    sql_close(store->writing);
    sql_close(store->reading);
    sql_close(store->bulk);
    sys_close(&store->lock_fd);
    sys_close(&store->done_fd);
    pthread_mutex_destroy(&store->bulk_lock);
    secret_release(&store->key);
    mem_free(store->folder);
    mem_free(store->postgres);
    mem_free(store->program);
    mem_free(store);
}

bool store_do(struct store *store, store_fn *fn, void *ctx, struct error *e)
{
    return lane_do(&store->write_lane, fn, ctx, e);
}

void store_submit(struct store *store, store_fn *fn, void *ctx, store_done *done)
{
    lane_submit(&store->write_lane, fn, ctx, done);
}

bool store_read(struct store *store, store_fn *fn, void *ctx, struct error *e)
{
    return lane_do(&store->read_lane, fn, ctx, e);
}

void store_read_submit(struct store *store, store_fn *fn, void *ctx, store_done *done)
{
    lane_submit(&store->read_lane, fn, ctx, done);
}

int store_fd(const struct store *store)
{
    return store->done_fd;
}

void store_dispatch(struct store *store)
{
    uint64_t n = 0;
    ssize_t got = read(store->done_fd, &n, sizeof(n)); /* -1: somebody was faster; look anyway */
    (void)got;
    lane_dispatch(&store->write_lane);
    lane_dispatch(&store->read_lane);
}

int64_t store_now_ms(const struct store *store)
{
    return store->now_ms();
}
