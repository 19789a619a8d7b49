/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/jobs.h"

#include <stdio.h>

#include "accesspoint/work/answer.h"
#include "accesspoint/work/arrival.h"
#include "accesspoint/work/directory.h"
#include "runtime/base/mem.h"

enum { STORE_AWAY_MS = 1000, EXTEND_MS = STAGE_LEASE_MS / 3 };

struct job {
    struct jobs *all;
    struct arena arena;
    struct stage_run run;
    stage_fn *stage;
    struct str url; /* of the directory, while it is asked */
    bool is_outward;
    bool is_read;    /* its attributes are */
    bool is_failing; /* what is handed in is the fault's outcome */
    bool is_told;    /* the store has something of it to write */
    bool is_stored;  /* what was asked; then it is answered */
    bool is_asked;   /* until the loop hears of it again: a thread fills the run */
    struct loop_timer *again;
    struct job *before, *after;
};

struct jobs {
    struct jobs_config config;
    struct job *first;
    unsigned count, outward;
    struct loop_timer *extend;
    bool draining, closed;
};

static struct store *store_of(const struct job *j)
{
    return j->run.w->store;
}

/* --- life */

static struct job *job_place(struct jobs *all, bool is_outward)
{
    struct job *j = mem_new(sizeof(*j));
    j->all = all;
    j->run = (struct stage_run){.w = workplace_hold(all->config.place), .arena = &j->arena};
    j->is_outward = is_outward;
    j->after = all->first;
    if (all->first != NULL)
        all->first->before = j;
    all->first = j;
    all->count++;
    all->outward += is_outward ? 1 : 0;
    return j;
}

static struct job *job_new(struct jobs *all, const struct store_message *m)
{
    struct job *j = job_place(all, !str_is(m->state, STATE_VOUCHED));
    j->run.message = message_copy(m, &j->arena);
    j->run.log = (struct log_scope){
        .fields = {KV_STR("msg", j->run.message.id), KV_STR("kind", j->run.message.kind)}};
    return j;
}

static void job_free(struct job *j)
{
    struct jobs *all = j->all;
    if (j->before == NULL)
        all->first = j->after;
    else
        j->before->after = j->after;
    if (j->after != NULL)
        j->after->before = j->before;
    all->count--;
    all->outward -= j->is_outward ? 1 : 0;
    loop_timer_free(j->again);
    exchange_free(j->run.exchange);
    arrival_release(j->run.arrival);
    stage_made_free(j->run.made);
    wire_release(&j->run.wire);
    workplace_drop(j->run.w);
    arena_release(&j->arena);
    mem_free(j);
}

static void job_end(struct job *j)
{
    struct jobs *all = j->all;
    job_free(j);
    if (!all->closed)
        all->config.ended(all->config.ctx);
}

/* --- given back: not tried, or not to be told to a store that is away. What was not told to it would lie
 * until its lease runs out. At the end of the program the next start frees what is left. */

static bool write_release(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct job *j = ctx;
    return store_message_release(tx, &j->run.message, e);
}

static void answer_soon(struct job *j);
static void release_later(struct job *j);

static void released(void *ctx, bool ok, const struct error *e)
{
    struct job *j = ctx;
    j->is_told = false;
    if (ok || !stage_store_is_away(e) || j->all->draining)
        job_end(j);
    else
        release_later(j);
}

static void release(void *ctx)
{
    struct job *j = ctx;
    if (j->run.exchange != NULL) {
        answer_soon(j);
        return;
    }
    j->is_told = true;
    store_submit(store_of(j), write_release, j, released);
}

static void release_later(struct job *j)
{
    struct loop *loop = j->all->config.loop;
    if (j->again == NULL)
        j->again = loop_timer_new(loop, release, j);
    loop_timer_set(j->again, loop_now_ms(loop) + STORE_AWAY_MS);
}

/* --- outcomes */

static void go_on(void *ctx);
static void start_stage(struct job *j, stage_fn *stage);

static bool write_handed_in(struct store_tx *tx, void *ctx, struct error *e)
{
    struct job *j = ctx;
    return j->run.write(tx, j->run.ctx, e);
}

static void was_written(void *ctx, bool ok, const struct error *e);

/* Any thread. */
static void hand_in(struct job *j)
{
    j->is_told = true;
    store_submit(store_of(j), write_handed_in, j, was_written);
}

static void fail(struct job *j, const struct error *fault, enum stage_blame blame)
{
    j->is_failing = true;
    stage_fail(&j->run, fault, blame);
    hand_in(j);
}

/* What the outcome brought forth is a job of its own, its wire form at hand. */
static void take_made(struct job *j)
{
    struct stage_made *made = j->run.made;
    if (made == NULL || j->all->closed)
        return;
    struct job *other = job_place(j->all, true);
    workplace_drop(other->run.w); /* it stays where it was sealed, which j still holds */
    other->arena = made->arena;
    other->run = made->run;
    other->run.w = workplace_hold(made->run.w);
    other->run.arena = &other->arena;
    other->is_read = true;
    j->run.made = NULL;
    mem_free(made);
    if (j->all->outward > j->all->config.outward_max)
        release(other);
    else
        go_on(other);
}

/* The commit may have been done all the same. */
static void give_back_made(struct job *j, const struct error *e)
{
    const struct stage_made *made = j->run.made;
    bool may_be = stage_store_is_away(e) && !j->all->draining;
    if (may_be && made != NULL && made->run.message.lease.len > 0)
        jobs_give_back(j->all, &made->run.message);
    if (may_be && j->run.kept.lease.len > 0) /* ours, but in its next state */
        jobs_give_back(j->all, &j->run.kept);
    stage_made_free(j->run.made);
    j->run.made = NULL;
    j->run.kept = (struct store_message){0};
}

static void was_written(void *ctx, bool ok, const struct error *e)
{
    struct job *j = ctx;
    j->is_told = false;
    if (j->run.end != NULL)
        j->run.end(j->run.ctx, ok);
    j->run.write = NULL;
    j->run.end = NULL;
    if (j->run.exchange != NULL && !j->all->closed) {
        j->is_stored = ok;
        if (!ok)
            j->run.fault = *e;
        answer_soon(j);
        return;
    }
    j->is_asked = false;
    if (ok) {
        take_made(j);
        go_on(j);
        return;
    }
    give_back_made(j, e);
    if (!j->is_failing && !j->all->closed) {
        fail(j, e, STAGE_INSIDE);
        return;
    }
    log_warning(&j->run.log, "work.unsettled", KV_ERROR(e));
    if (stage_store_is_away(e) && !j->all->draining)
        release_later(j);
    else
        job_end(j);
}

/* --- outside: look-ups and pushes */

static void was_outside(struct job *j, const struct error *e)
{
    if (errand_is_untried(e))
        release(j);
    else
        fail(j, e, STAGE_OUTSIDE);
}

/* Nobody of that name, or not for this kind of message: an outgoing one is refused, said plainly; for an
 * incoming one no receipt could be delivered (spec/sdk.md 5.4 step 2). */
static void fail_unknown(struct job *j)
{
    struct error e = {0};
    struct str who = stage_is_outgoing(&j->run) ? j->run.attributes.to : j->run.attributes.from;
    error_set(&e, ERROR_REJECT, "the directory (SMP) knows no such service of %.*s", STR_ARG(who));
    fail(j, &e, STAGE_OUTSIDE);
}

static void looked_up(void *ctx, enum lookup_end end, const struct error *e)
{
    struct job *j = ctx;
    if (end == LOOKUP_UNKNOWN) {
        fail_unknown(j);
    } else if (end == LOOKUP_FAILED) {
        was_outside(j, e);
    } else {
        j->run.looked_up = true;
        start_stage(j, j->stage);
    }
}

static void look_up(void *ctx) /* back on the loop */
{
    struct job *j = ctx;
    j->is_asked = false;
    lookups_ask(j->all->config.lookups, j->url, looked_up, j);
}

static bool is_signal(struct str content_type)
{
    return str_starts(content_type, STR("application/soap+xml")) ||
           str_starts(content_type, STR("multipart/related")) ||
           str_starts(content_type, STR("text/xml"));
}

/* An answer that may hold a receipt or an ebMS error is read, whatever its status (spec/as4.md 4); what
 * cannot hold one is a failed attempt. */
static void was_pushed(void *ctx, const struct handover_answer *answer, const struct error *e)
{
    struct job *j = ctx;
    struct stage_run *run = &j->run;
    struct error why = {0};
    if (e != NULL) {
        was_outside(j, e);
        return;
    }
    if (answer->body.len == 0 || answer->body.len > ERRAND_REPLY_MAX ||
        !is_signal(answer->content_type)) {
        error_set(&why, ERROR_RETRY, "HTTP %u without a receipt from %.*s", answer->status,
                  STR_ARG(run->attributes.endpoint));
        fail(j, &why, STAGE_OUTSIDE);
        return;
    }
    run->reply_type = arena_copy(&j->arena, answer->content_type);
    run->reply = arena_copy(&j->arena, answer->body);
    snprintf(run->answered, sizeof(run->answered), "HTTP %u, %zu octets", answer->status,
             answer->body.len);
    run->answered_ms = store_now_ms(run->w->store);
    run->is_to_push = false;
    start_stage(j, stage_receipt);
}

static void push(struct job *j)
{
    const struct attributes *a = &j->run.attributes;
    struct errand_ask ask = wire_push(&j->run.wire, a->endpoint, a->content_type);
    errands_ask(j->all->config.errands, &ask, was_pushed, j);
}

/* --- stages */

/* After a stage or its outcome, on the loop. */
static void go_on(void *ctx)
{
    struct job *j = ctx;
    struct stage_run *run = &j->run;
    if (j->all->closed || !run->is_to_push) {
        job_end(j);
        return;
    }
    if (run->kept.id.len > 0) {
        run->message = run->kept;
        run->kept = (struct store_message){0};
    }
    if (j->all->draining)
        release(j);
    else if (wire_is_small(&run->wire))
        push(j);
    else
        start_stage(j, stage_load);
}

static bool perform(struct job *j, struct error *e)
{
    struct stage_run *run = &j->run;
    if (j->stage == NULL)
        return error_set(e, ERROR_BUG, "no stage for state %.*s", STR_ARG(run->message.state));
    j->is_read =
        j->is_read || attributes_read(run->message.attributes, run->arena, &run->attributes, e);
    return j->is_read && j->stage(run, e);
}

static void run_stage(void *ctx) /* on a worker thread */
{
    struct job *j = ctx;
    struct error e = {0}, none = {0};
    bool ok = perform(j, &e);
    if (!ok && directory_is_stale(&e) && !j->run.looked_up &&
        directory_url(&j->run, &j->url, &none)) {
        loop_post(j->all->config.loop, look_up, j);
        return;
    }
    if (!ok) {
        j->is_failing = true;
        stage_fail(&j->run, &e, STAGE_INSIDE);
    }
    if (j->run.write != NULL)
        hand_in(j);
    else
        loop_post(j->all->config.loop, go_on, j);
}

static void start_stage(struct job *j, stage_fn *stage)
{
    struct error e = {0};
    j->stage = stage;
    if (pool_submit(j->all->config.pool, run_stage, j, &e))
        return;
    log_warning(NULL, "work.pool_full", KV_ERROR(&e));
    release_later(j);
}

/* --- all of them */

void jobs_take(struct jobs *all, const struct store_message *m, const struct store_row *letter)
{
    struct job *j = job_new(all, m);
    if (letter->id.len > 0)
        j->run.letter = store_row_copy(letter, &j->arena);
    if (all->draining)
        release(j);
    else
        start_stage(j, stage_of(m->state));
}

void jobs_give_back(struct jobs *all, const struct store_message *m)
{
    release_later(job_new(all, m));
}

/* --- what is asked */

static void was_answered(void *ctx) /* back on the loop: nothing is held, or it is not known */
{
    struct job *j = ctx;
    j->is_asked = false;
    if (j->run.message.lease.len == 0 || j->all->draining)
        job_end(j);
    else
        release_later(j);
}

static void answer(void *ctx) /* on a worker thread */
{
    struct job *j = ctx;
    answer_question(&j->run);
    if (j->run.write != NULL)
        hand_in(j);
    else
        loop_post(j->all->config.loop, was_answered, j);
}

static void answer_fault(void *ctx) /* on a worker thread */
{
    struct job *j = ctx;
    struct error fault = j->run.fault;
    answer_unstored(&j->run, &fault);
    loop_post(j->all->config.loop, was_answered, j);
}

/* What came is stored or is not: back to a thread. */
static void answer_soon(struct job *j)
{
    struct error e = {0};
    j->stage = stage_answer;
    if (!pool_submit(j->all->config.pool, j->is_stored ? run_stage : answer_fault, j, &e))
        release_later(j);
}

void jobs_ask(struct jobs *all, struct handover_request *request)
{
    struct job *j = job_place(all, false);
    struct error e = {0};
    exchange_begin(&j->run, request);
    j->is_asked = true;
    j->is_read = true;
    if (!pool_submit(all->config.pool, answer, j, &e))
        job_free(j);
}

/* --- the lease: nobody else may take what is still on its way */

struct extension {
    struct arena arena;
    struct store_message message;
};

static bool write_extension(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct extension *x = ctx;
    return store_message_extend(tx, &x->message, STAGE_LEASE_MS, e);
}

/* It may be settled meanwhile: then the lease is over, and that is as it should be. */
static void was_extended(void *ctx, bool ok, const struct error *e)
{
    struct extension *x = ctx;
    if (!ok)
        log_debug(NULL, "work.lease_not_extended", KV_STR("msg", x->message.id), KV_ERROR(e));
    arena_release(&x->arena);
    mem_free(x);
}

static void extend(void *ctx)
{
    struct jobs *all = ctx;
    loop_timer_set(all->extend, loop_now_ms(all->config.loop) + EXTEND_MS);
    for (const struct job *j = all->first; j != NULL; j = j->after) {
        if (j->is_asked)
            continue;
        struct extension *x = mem_new(sizeof(*x));
        x->message = message_copy(&j->run.message, &x->arena);
        store_submit(store_of(j), write_extension, x, was_extended);
    }
}

struct jobs *jobs_new(const struct jobs_config *config)
{
    struct jobs *all = mem_new(sizeof(*all));
    all->config = *config;
    all->extend = loop_timer_new(config->loop, extend, all);
    loop_timer_set(all->extend, loop_now_ms(config->loop) + EXTEND_MS);
    return all;
}

void jobs_set_place(struct jobs *all, const struct workplace *place)
{
    all->config.place = place;
}

void jobs_drain(struct jobs *all)
{
    all->draining = true;
}

void jobs_close(struct jobs *all)
{
    all->draining = all->closed = true;
    loop_timer_free(all->extend);
    all->extend = NULL;
}

void jobs_let_go(struct jobs *all)
{
    for (struct job *j = all->first, *next; j != NULL; j = next) {
        next = j->after;
        if (!j->is_told)
            job_free(j);
    }
}

void jobs_free(struct jobs *all)
{
    mem_free(all);
}

unsigned jobs_count(const struct jobs *all)
{
    return all->count;
}

unsigned jobs_count_outward(const struct jobs *all)
{
    return all->outward;
}
