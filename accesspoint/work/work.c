/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/work.h"

#include "accesspoint/work/answer.h"
#include "accesspoint/work/stage.h"
#include "runtime/base/mem.h"
#include "runtime/http/admin.h"
#include "runtime/loop/handover.h"
#include "runtime/loop/pool.h"
#include "runtime/xml/doc.h"

enum { TICK_MS = 500, QUEUE_MAX = 1000 };

struct work {
    struct program_env *env;
    struct accesspoint_settings settings;
    struct workplace *place;
    struct secret storage_key;
    struct pool *pool;
    struct handover_server *server;
    struct admin *admin;
    struct metrics *metrics;
    struct loop_watch *store_watch, *wake_watch;
    struct loop_timer *tick;
    unsigned turns; /* claims on their way in the pool */
    bool draining;
};

struct turn { /* one look for due messages, on a worker thread */
    struct work *work;
    bool had_work;
};

static void look_for_work(void *ctx);

static void maybe_drained(struct work *k)
{
    if (k->draining && k->turns == 0 && handover_server_open(k->server) == 0)
        program_drained(k->env);
}

static void turn_done(void *ctx) /* back on the loop */
{
    struct turn *t = ctx;
    struct work *k = t->work;
    k->turns--;
    bool again = t->had_work;
    mem_free(t);
    if (again) { /* where one was due more may be: fan out to all threads */
        look_for_work(k);
        look_for_work(k);
    }
    maybe_drained(k);
}

static void turn_run(void *own, void *ctx) /* on a worker thread */
{
    struct turn *t = ctx;
    (void)own;
    stage_turn(t->work->place, &t->had_work);
    loop_post(t->work->env->loop, turn_done, t);
}

/* As many looks at once as there are threads: each claims for itself. */
static void look_for_work(void *ctx)
{
    struct work *k = ctx;
    loop_timer_set(k->tick, loop_now_ms(k->env->loop) + TICK_MS);
    if (k->draining || k->turns >= (unsigned)k->settings.work->workers)
        return;
    struct turn *t = mem_new(sizeof(*t));
    struct error e = {0};
    t->work = k;
    if (!pool_submit(k->pool, turn_run, t, &e)) {
        mem_free(t);
        return;
    }
    k->turns++;
}

static void on_wake(void *ctx, int fd, unsigned ready)
{
    struct work *k = ctx;
    (void)fd;
    (void)ready;
    store_wake_drain(k->place->store, NULL, NULL);
    look_for_work(k);
}

static void on_store(void *ctx, int fd, unsigned ready)
{
    struct work *k = ctx;
    (void)fd;
    (void)ready;
    store_dispatch(k->place->store);
}

struct asked {
    struct work *work;
    struct handover_request *request;
};

static void asked_done(void *ctx) /* back on the loop: something may have become due */
{
    struct asked *a = ctx;
    look_for_work(a->work);
    maybe_drained(a->work);
    mem_free(a);
}

static void asked_run(void *own, void *ctx) /* on a worker thread */
{
    struct asked *a = ctx;
    (void)own;
    answer_question(a->work->place, a->request);
    loop_post(a->work->env->loop, asked_done, a);
}

static void on_asked(void *ctx, struct handover_request *request)
{
    struct work *k = ctx;
    struct asked *a = mem_new(sizeof(*a));
    struct error e = {0};
    *a = (struct asked){k, request};
    if (pool_submit(k->pool, asked_run, a, &e))
        return;
    mem_free(a);
    handover_answer(request, 503, STR("text/plain"), STR("busy; try again soon\n"), -1);
}

static void check_ready(void *ctx, struct json_writer *failing)
{
    struct work *k = ctx;
    if (k->place->store == NULL)
        json_put_text(failing, NULL, STR("store"));
}

bool work_open(struct program_env *env, void **state, struct error *e)
{
    struct work *k = mem_new(sizeof(*k));
    *state = k;
    k->env = env;
    k->metrics = metrics_new();
    xml_setup();
    if (!accesspoint_settings_view(env->settings, &k->settings, e) ||
        !secret_read_key(&k->storage_key, k->settings.store->storage_key.at, STORE_KEY_OCTETS, e) ||
        !workplace_open(&k->settings, &k->place, e))
        return false;
    struct admin_config admin = {k->settings.work->admin_listen, k->metrics, check_ready, k};
    AUTO_BUF path = BUF(200);
    if (!admin_new(env->loop, &admin, &k->admin, e) ||
        !buf_addf(&path, e, "%s/work.sock", k->settings.accesspoint->run.at) ||
        !handover_server_new(env->loop, buf_text(&path), 0600, on_asked, k, &k->server, e))
        return false;
    program_listening(env, admin_address(k->admin));
    return true;
}

bool work_sandbox(struct program_env *env, void *state, struct sandbox *out, struct error *e)
{
    struct work *k = state;
    const struct accesspoint_section *s = k->settings.accesspoint;
    (void)env;
    out->network = SANDBOX_UNIX_ONLY;
    return sandbox_allow(out, k->settings.store->path, true, e) &&
           sandbox_allow(out, k->settings.work->temp, true, e) &&
           sandbox_allow(out, s->run, true, e) &&
           (s->ap_crl.len == 0 || sandbox_allow(out, s->ap_crl, false, e)) &&
           (s->smp_crl.len == 0 || sandbox_allow(out, s->smp_crl, false, e)) &&
           (s->o2o_crl.len == 0 || sandbox_allow(out, s->o2o_crl, false, e));
}

bool work_start(struct program_env *env, void *state, struct error *e)
{
    struct work *k = state;
    struct store_config store = {
        .folder = k->settings.store->path.at,
        .postgres =
            str_is(k->settings.store->engine, "postgres") ? k->settings.store->connection.at : NULL,
        .program = "accesspoint-work",
        .storage_key = secret_peek(&k->storage_key),
        .hears_wakes = true,
    };
    struct pool_config pool = {.threads = (unsigned)k->settings.work->workers,
                               .queue_max = QUEUE_MAX};
    if (!store_open(&store, &k->place->store, e) || !pool_new(&pool, &k->pool, e))
        return false;
    k->tick = loop_timer_new(env->loop, look_for_work, k);
    k->store_watch = loop_watch_new(env->loop, store_fd(k->place->store), LOOP_READ, on_store, k);
    k->wake_watch =
        loop_watch_new(env->loop, store_wake_fd(k->place->store), LOOP_READ, on_wake, k);
    look_for_work(k);
    return true;
}

void work_drain(struct program_env *env, void *state)
{
    struct work *k = state;
    (void)env;
    k->draining = true;
    maybe_drained(k);
}

void work_close(void *state)
{
    struct work *k = state;
    if (k == NULL)
        return;
    pool_free(k->pool);
    loop_watch_free(k->wake_watch);
    loop_watch_free(k->store_watch);
    loop_timer_free(k->tick);
    if (k->server != NULL)
        handover_server_free(k->server);
    admin_free(k->admin);
    if (k->place != NULL)
        workplace_free(k->place);
    secret_release(&k->storage_key);
    metrics_free(k->metrics);
    mem_free(k);
}
