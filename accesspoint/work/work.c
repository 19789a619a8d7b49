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

enum { TICK_MS = 500, STORE_AWAY_MS = 1000, QUEUE_MAX = 1000 };

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
    unsigned jobs;  /* claimed messages in the pool */
    unsigned asked; /* questions in the pool: what they brought is opened there too */
    bool looking, look_again;
    bool store_failed; /* the last claim: it comes twice a second */
    bool draining;
};

struct job { /* one claimed message on its way through the pool */
    struct work *work;
    struct arena arena;
    struct store_message message;
    bool is_settled;
    struct loop_timer *again;
};

static void look_for_work(void *ctx);

static void maybe_drained(struct work *k)
{
    if (k->draining && k->jobs == 0 && k->asked == 0 && handover_server_open(k->server) == 0)
        program_drained(k->env);
}

static void job_end(struct job *j)
{
    struct work *k = j->work;
    k->jobs--;
    loop_timer_free(j->again);
    arena_release(&j->arena);
    mem_free(j);
    if (k->jobs < (unsigned)k->settings.work->workers)
        look_for_work(k);
    maybe_drained(k);
}

static bool write_release(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct job *j = ctx;
    return store_message_release(tx, &j->message, e);
}

static void release_soon(struct job *j);

static void released(void *ctx, bool ok, const struct error *e)
{
    struct job *j = ctx;
    bool is_taken = !ok && str_is(str_of(e->code), "store:taken"); /* it was not ours (any more) */
    if (ok || is_taken || e->kind != ERROR_RETRY || j->work->draining)
        job_end(j);
    else
        release_soon(j);
}

static void release_job(void *ctx)
{
    struct job *j = ctx;
    store_submit(j->work->place->store, write_release, j, released);
}

/* A store that is away for a while is waited for: what was not told to it would lie until its lease runs
 * out. Not at the end: the next start frees what we leave. */
static void release_soon(struct job *j)
{
    struct loop *loop = j->work->env->loop;
    if (j->again == NULL)
        j->again = loop_timer_new(loop, release_job, j);
    loop_timer_set(j->again, loop_now_ms(loop) + STORE_AWAY_MS);
}

static void job_done(void *ctx) /* back on the loop */
{
    struct job *j = ctx;
    if (j->is_settled || j->work->draining)
        job_end(j);
    else
        release_soon(j);
}

static void job_run(void *own, void *ctx) /* on a worker thread */
{
    struct job *j = ctx;
    (void)own;
    j->is_settled = stage_perform(j->work->place, &j->message, &j->arena);
    loop_post(j->work->env->loop, job_done, j);
}

static struct job *job_new(struct work *k, const struct store_message *m)
{
    struct job *j = mem_new(sizeof(*j));
    j->work = k;
    j->message = message_copy(m, &j->arena);
    k->jobs++;
    return j;
}

static void start_job(struct work *k, const struct store_message *m)
{
    struct job *j = job_new(k, m);
    struct error e = {0};
    if (!pool_submit(k->pool, job_run, j, &e)) {
        log_warning(NULL, "work.pool_full", KV_ERROR(&e));
        job_done(j);
    }
}

struct look {                 /* one question to the store: what is due? */
    struct stage_claim claim; /* first: it is the store function's context */
    struct work *work;
};

static void looked(void *ctx, bool ok, const struct error *e)
{
    struct look *l = ctx;
    struct work *k = l->work;
    k->looking = false;
    k->store_failed = !ok;
    if (!ok)
        log_warning(NULL, "work.claim_failed", KV_ERROR(e));
    for (size_t i = 0; ok && i < l->claim.got; i++)
        start_job(k, &l->claim.messages[i]);
    /* The store may have gone away after the commit and before its word: given back, where it was. */
    for (size_t i = 0; !ok && !k->draining && e->kind == ERROR_RETRY && i < l->claim.got; i++)
        release_soon(job_new(k, &l->claim.messages[i]));
    bool again = k->look_again || (ok && l->claim.got == l->claim.max);
    k->look_again = false;
    arena_release(&l->claim.arena);
    mem_free(l);
    if (again)
        look_for_work(k);
}

/* The pool is kept filled a little beyond its threads, so that none waits for a claim. */
static void look_for_work(void *ctx)
{
    struct work *k = ctx;
    unsigned most = 2 * (unsigned)k->settings.work->workers;
    loop_timer_set(k->tick, loop_now_ms(k->env->loop) + TICK_MS);
    if (k->draining || k->jobs >= most)
        return;
    if (k->looking) { /* what came since is seen by the next look */
        k->look_again = true;
        return;
    }
    struct look *l = mem_new(sizeof(*l));
    l->work = k;
    l->claim.max = most - k->jobs > STAGE_CLAIM_MAX ? STAGE_CLAIM_MAX : most - k->jobs;
    k->looking = true;
    store_submit(k->place->store, stage_claim, l, looked);
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

struct asked { /* a question, and what it left */
    struct work *work;
    struct handover_request *request;
    struct unsettled left;
};

static void asked_done(void *ctx) /* back on the loop: something may have become due */
{
    struct asked *a = ctx;
    struct work *k = a->work;
    k->asked--;
    if (a->left.message.lease.len > 0 && !k->draining)
        release_soon(job_new(k, &a->left.message));
    look_for_work(k);
    maybe_drained(k);
    arena_release(&a->left.arena);
    mem_free(a);
}

static void asked_run(void *own, void *ctx) /* on a worker thread */
{
    struct asked *a = ctx;
    (void)own;
    answer_question(a->work->place, a->request, &a->left);
    loop_post(a->work->env->loop, asked_done, a);
}

static void on_asked(void *ctx, struct handover_request *request)
{
    struct work *k = ctx;
    struct asked *a = mem_new(sizeof(*a));
    struct error e = {0};
    *a = (struct asked){.work = k, .request = request};
    k->asked++;
    if (pool_submit(k->pool, asked_run, a, &e))
        return;
    k->asked--;
    mem_free(a);
    handover_answer(request, 503, STR("text/plain"), STR("busy; try again soon\n"), -1);
}

static void check_ready(void *ctx, struct json_writer *failing)
{
    struct work *k = ctx;
    if (k->place->store == NULL || k->store_failed)
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
        !buf_addf(&path, e, "%s/work.sock", k->settings.accesspoint->run.at))
        return false;
    struct handover_server_config server = {buf_text(&path), 0600, on_asked, k};
    if (!handover_server_new(env->loop, &server, &k->server, e))
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
