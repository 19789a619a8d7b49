/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/work.h"

#include "accesspoint/work/jobs.h"
#include "runtime/base/mem.h"
#include "runtime/http/admin.h"
#include "runtime/loop/handover.h"
#include "runtime/loop/pool.h"
#include "runtime/xml/doc.h"

enum {
    TICK_MS = 500,
    QUEUE_MAX = 1000,
    CLAIM_AT_ONCE = 64,
    SEVERAL = 16,  /* as many are claimed at a time, under load */
    SEALING = 128, /* outward, beyond those being pushed: sealed while others are committed */
};

struct work {
    struct program_env *env;
    struct workplace *place;
    struct secret storage_key;
    struct pool *pool;
    struct handover_server *server;
    struct errands *errands;
    struct lookups *lookups;
    struct jobs *jobs;
    struct admin *admin;
    struct metrics *metrics;
    struct loop_watch *store_watch, *wake_watch;
    struct loop_timer *tick;
    bool looking;         /* a claim is with the store */
    bool has_in, has_out; /* something may be due */
    bool is_tick;         /* the next look is for what nobody tells of, too */
    bool store_failed;    /* the last claim: it comes twice a second */
    bool draining;
};

static void maybe_drained(struct work *k)
{
    if (k->draining && !k->looking && jobs_count(k->jobs) == 0 &&
        handover_server_open(k->server) == 0)
        program_drained(k->env);
}

/* --- claims */

static const char *const inward[] = {STATE_VOUCHED};
static const char *const outward[] = {STATE_ACCEPTED, STATE_RECEIVED, STATE_SEALED};
enum { OUTWARD = sizeof(outward) / sizeof(outward[0]) };

struct part {   /* of a look */
    size_t max; /* 0: not asked for */
    bool has_more;
};

struct look { /* one question to the store: what is due? */
    struct work *work;
    struct arena arena;
    bool is_tick;
    struct part in, out;
    struct store_message messages[2 * CLAIM_AT_ONCE];
    struct store_row letters[2 * CLAIM_AT_ONCE]; /* of those that are to be sealed */
    size_t got;
};

/* What is sealed next comes with its claim: a transaction less for each. */
static bool find_letters(struct store_tx *tx, struct look *l, struct error *e)
{
    for (size_t i = 0; i < l->got; i++) {
        const struct store_message *m = &l->messages[i];
        if (str_is(m->kind, KIND_SDK_OUT) && str_is(m->state, STATE_ACCEPTED) &&
            !store_row_find(tx, &l->arena, m->id, STR(SLOT_LETTER), &l->letters[i], e))
            return false;
    }
    return true;
}

static bool claim(struct store_tx *tx, struct look *l, struct part *part, const char *const *states,
                  size_t n_states, struct error *e)
{
    struct store_claim claim = {states, n_states, STAGE_LEASE_MS, part->max};
    size_t got = 0;
    if (part->max > 0 && !store_message_claim(tx, &l->arena, &claim, l->messages + l->got, &got, e))
        return false;
    l->got += got;
    part->has_more = part->max > 0 && got == part->max;
    return true;
}

/* The wait for the message receipt is over (svarstidsbevakning, spec/sdk.md 5.7). */
static bool give_up_waiting(struct store_tx *tx, struct look *l, struct error *e)
{
    static const char *const states[] = {STATE_TRANSFERRED};
    struct store_message *late = arena_array(&l->arena, CLAIM_AT_ONCE, sizeof(*late));
    struct store_claim claim = {states, 1, STAGE_LEASE_MS, CLAIM_AT_ONCE};
    struct store_move move = {
        .to = STATE_UNANSWERED, .due_ms = INT64_MAX, .why = "no message receipt came in time"};
    size_t got = 0;
    if (!store_message_claim(tx, &l->arena, &claim, late, &got, e))
        return false;
    for (size_t i = 0; i < got; i++)
        if (!store_message_move(tx, &late[i], &move, e))
            return false;
    return true;
}

static bool write_look(struct store_tx *tx, void *ctx, struct error *e)
{
    struct look *l = ctx;
    return claim(tx, l, &l->in, inward, 1, e) && claim(tx, l, &l->out, outward, OUTWARD, e) &&
           find_letters(tx, l, e) && (!l->is_tick || give_up_waiting(tx, l, e));
}

static void look_for_work(struct work *k);

static void looked(void *ctx, bool ok, const struct error *e)
{
    struct look *l = ctx;
    struct work *k = l->work;
    k->looking = false;
    k->store_failed = !ok;
    k->has_in = k->has_in || (ok && l->in.has_more);
    k->has_out = k->has_out || (ok && l->out.has_more);
    if (!ok)
        log_warning(NULL, "work.claim_failed", KV_ERROR(e));
    for (size_t i = 0; i < l->got; i++) {
        if (ok)
            jobs_take(k->jobs, &l->messages[i], &l->letters[i]);
        else if (!k->draining && e->kind == ERROR_RETRY)
            jobs_give_back(k->jobs, &l->messages[i]);
    }
    arena_release(&l->arena);
    mem_free(l);
    look_for_work(k);
    maybe_drained(k);
}

static size_t room(unsigned most, unsigned now)
{
    unsigned left = now < most ? most - now : 0;
    return left < CLAIM_AT_ONCE ? left : CLAIM_AT_ONCE;
}

/* What must go out is bounded on its own: partners that do not answer hold up nothing that comes in. */
static unsigned outward_max(const struct work *k)
{
    return SEALING + (unsigned)k->place->settings->send->parallel;
}

/* The pool is kept filled a little beyond its threads, so that none waits for a claim; under load several
 * are claimed at a time. */
static void look_for_work(struct work *k)
{
    unsigned workers = (unsigned)k->place->settings->work->workers;
    unsigned out = jobs_count_outward(k->jobs), in = jobs_count(k->jobs) - out;
    size_t in_room = room(workers + SEVERAL, in);
    size_t out_room = room(outward_max(k), out);
    bool for_in = k->is_tick || (k->has_in && in_room >= SEVERAL);
    bool for_out = k->is_tick || (k->has_out && out_room >= SEVERAL);
    if (k->looking || k->draining || !(for_in || for_out))
        return;
    struct look *l = mem_new(sizeof(*l));
    l->work = k;
    l->is_tick = k->is_tick;
    l->in.max = for_in ? in_room : 0;
    l->out.max = for_out ? out_room : 0;
    k->looking = true;
    k->is_tick = false;
    k->has_in = k->has_in && l->in.max == 0;
    k->has_out = k->has_out && l->out.max == 0;
    store_submit(k->place->store, write_look, l, looked);
}

static void on_tick(void *ctx)
{
    struct work *k = ctx;
    loop_timer_set(k->tick, loop_now_ms(k->env->loop) + TICK_MS);
    k->is_tick = true;
    look_for_work(k);
}

static void job_ended(void *ctx)
{
    struct work *k = ctx;
    look_for_work(k);
    maybe_drained(k);
}

static void visit_hint(void *ctx, struct str state)
{
    struct work *k = ctx;
    k->has_in = k->has_in || str_is(state, inward[0]);
    for (size_t i = 0; i < OUTWARD; i++)
        k->has_out = k->has_out || str_is(state, outward[i]);
}

static void on_wake(void *ctx, int fd, unsigned ready)
{
    struct work *k = ctx;
    (void)fd;
    (void)ready;
    store_wake_drain(k->place->store, visit_hint, k);
    look_for_work(k);
}

static void on_store(void *ctx, int fd, unsigned ready)
{
    struct work *k = ctx;
    (void)fd;
    (void)ready;
    store_dispatch(k->place->store);
}

static void on_asked(void *ctx, struct handover_request *request)
{
    struct work *k = ctx;
    jobs_ask(k->jobs, request);
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
    if (!workplace_open(env->settings, NULL, &k->place, e))
        return false;
    const struct accesspoint_settings *s = k->place->settings;
    struct admin_config admin = {s->work->admin_listen, k->metrics, check_ready, k};
    AUTO_BUF path = BUF(200);
    if (!secret_read_key(&k->storage_key, s->store->storage_key.at, STORE_KEY_OCTETS, e) ||
        !admin_new(env->loop, &admin, &k->admin, e) ||
        !buf_addf(&path, e, "%s/work.sock", s->accesspoint->run.at))
        return false;
    struct handover_server_config server = {buf_text(&path), 0600, on_asked, k};
    if (!handover_server_new(env->loop, &server, &k->server, e))
        return false;
    program_listening(env, admin_address(k->admin));
    return true;
}

/* All that a reload reads: what lies in memory already, or will. */
static bool allow_reload(const struct accesspoint_settings *all, struct sandbox *out,
                         struct error *e)
{
    const struct accesspoint_section *s = all->accesspoint;
    const struct str again[] = {
        s->profile, s->pmodes,      s->key,     s->chain,       s->ap_anchors,           s->ap_crl,
        s->smp_crl, s->smp_anchors, s->o2o_crl, s->o2o_anchors, all->work->reload_folder};
    if (!sandbox_allow_files(out, again, sizeof(again) / sizeof(again[0]), e))
        return false;
    for (size_t i = 0; i < settings_count(all->all, "participant"); i++) {
        const struct participant_section *p = settings_nth(all->all, "participant", i);
        const struct str own[] = {p->key, p->chain};
        if (!sandbox_allow_files(out, own, 2, e))
            return false;
    }
    for (size_t i = 0; i < settings_count(all->all, "partner"); i++) {
        const struct partner_section *p = settings_nth(all->all, "partner", i);
        if (!sandbox_allow_files(out, &p->certificate, 1, e))
            return false;
    }
    return true;
}

bool work_sandbox(struct program_env *env, void *state, struct sandbox *out, struct error *e)
{
    const struct work *k = state;
    const struct accesspoint_settings *s = k->place->settings;
    (void)env;
    out->network = str_is(s->store->engine, "postgres") ? SANDBOX_UNIX_ONLY /* libpq */
                                                        : SANDBOX_NO_NETWORK;
    return sandbox_allow(out, s->store->path, true, e) &&
           sandbox_allow(out, s->work->temp, true, e) &&
           sandbox_allow(out, s->accesspoint->run, true, e) && allow_reload(s, out, e);
}

static bool start_jobs(struct work *k, struct error *e)
{
    const struct accesspoint_settings *s = k->place->settings;
    AUTO_BUF path = BUF(200);
    if (!buf_addf(&path, e, "%s/send.sock", s->accesspoint->run.at))
        return false;
    struct errands_config sender = {buf_text(&path), (unsigned)s->send->parallel};
    k->errands = errands_new(k->env->loop, &sender);
    k->lookups = lookups_new(k->errands, k->place);
    struct jobs_config jobs = {
        .loop = k->env->loop,
        .place = k->place,
        .pool = k->pool,
        .errands = k->errands,
        .lookups = k->lookups,
        .outward_max = outward_max(k),
        .ended = job_ended,
        .ctx = k,
    };
    k->jobs = jobs_new(&jobs);
    return true;
}

bool work_start(struct program_env *env, void *state, struct error *e)
{
    struct work *k = state;
    const struct accesspoint_settings *s = k->place->settings;
    struct store_config store = {
        .folder = s->store->path.at,
        .postgres = str_is(s->store->engine, "postgres") ? s->store->connection.at : NULL,
        .program = "accesspoint-work",
        .storage_key = secret_peek(&k->storage_key),
        .hears_wakes = true,
    };
    struct pool_config pool = {.threads = (unsigned)s->work->workers, .queue_max = QUEUE_MAX};
    if (!store_open(&store, &k->place->store, e) || !pool_new(&pool, &k->pool, e) ||
        !start_jobs(k, e))
        return false;
    k->tick = loop_timer_new(env->loop, on_tick, k);
    k->store_watch = loop_watch_new(env->loop, store_fd(k->place->store), LOOP_READ, on_store, k);
    k->wake_watch =
        loop_watch_new(env->loop, store_wake_fd(k->place->store), LOOP_READ, on_wake, k);
    on_tick(k);
    return true;
}

const char *const work_fixed[] = {
    "accesspoint-work.workers",
    "accesspoint-work.temp",
    "accesspoint-work.admin-listen",
    "accesspoint-send.parallel",
    "accesspoint.run",
    "store.engine",
    "store.path",
    "store.connection",
    "store.storage-key",
    NULL,
};

/* What is under way goes on in the old place; its last one frees it. */
bool work_reload(struct program_env *env, void *state, const struct settings *fresh,
                 struct error *e)
{
    struct work *k = state;
    struct workplace *place;
    (void)env;
    if (!workplace_open(fresh, k->place, &place, e))
        return false;
    jobs_set_place(k->jobs, place);
    lookups_set_place(k->lookups, place);
    workplace_drop(k->place);
    k->place = place;
    return true;
}

void work_drain(struct program_env *env, void *state)
{
    struct work *k = state;
    (void)env;
    k->draining = true;
    jobs_drain(k->jobs);
    errands_drain(k->errands);
    maybe_drained(k);
}

void work_close(void *state)
{
    struct work *k = state;
    if (k == NULL)
        return;
    if (k->jobs != NULL)
        jobs_close(k->jobs);
    pool_free(k->pool);
    loop_watch_free(k->wake_watch);
    loop_watch_free(k->store_watch);
    loop_timer_free(k->tick);
    if (k->server != NULL)
        handover_server_free(k->server);
    admin_free(k->admin);
    errands_free(k->errands);
    if (k->jobs != NULL) {
        lookups_close(k->lookups);
        jobs_let_go(k->jobs);
    }
    if (k->place != NULL)
        workplace_close(k->place);
    lookups_free(k->lookups);
    jobs_free(k->jobs);
    workplace_drop(k->place);
    secret_release(&k->storage_key);
    metrics_free(k->metrics);
    mem_free(k);
}
