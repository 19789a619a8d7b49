/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/stage.h"

#include "runtime/base/mem.h"

enum { RETRY_MS = 500, RETRY_LONGEST_MS = 15 * 60 * 1000 };

static const struct {
    const char *state;
    stage_fn *run;
} stages[] = {
    {STATE_ANSWERED, stage_receipt},
    {STATE_VOUCHED, stage_open},
    {STATE_ADDRESSED, stage_seal},
};
enum { STAGES = sizeof(stages) / sizeof(stages[0]) };

bool stage_claim(struct store_tx *tx, void *ctx, struct error *e)
{
    struct stage_claim *c = ctx;
    const char *states[STAGES];
    for (size_t i = 0; i < STAGES; i++)
        states[i] = stages[i].state;
    struct store_claim claim = {states, STAGES, STAGE_LEASE_MS, c->max};
    return store_message_claim(tx, &c->arena, &claim, c->messages, &c->got, e);
}

bool stage_move(struct store_tx *tx, struct stage_run *run, const char *to, int64_t due_ms,
                const char *why, struct error *e)
{
    struct store_move move = {.to = to, .due_ms = due_ms, .why = why};
    return attributes_write(&run->attributes, run->arena, &move.attributes, e) &&
           store_message_move(tx, &run->message, &move, e);
}

void stage_hand_in(struct stage_run *run, store_fn *write, stage_end *end, void *ctx)
{
    run->write = write;
    run->end = end;
    run->ctx = ctx;
}

static bool write_handed_in(struct stage_run *run, struct error *e)
{
    if (run->write == NULL)
        return true;
    bool ok = store_do(run->w->store, run->write, run->ctx, e);
    if (run->end != NULL)
        run->end(run->ctx, ok);
    return ok;
}

struct outcome {
    struct stage_run *run;
    const struct error *fault;
    int64_t due_ms;
};

static bool is_outgoing(const struct stage_run *run)
{
    return str_is(run->message.kind, KIND_SDK_OUT) || str_is(run->message.kind, KIND_RECEIPT_OUT);
}

/* A fault that stays the same is an outcome: told to who waits for it, never tried for ever. */
static bool write_outcome(struct store_tx *tx, void *ctx, struct error *e)
{
    struct outcome *o = ctx;
    struct stage_run *run = o->run;
    int64_t window_ms = run->w->settings->send->retry_window_ms;
    bool in_window = o->due_ms <= run->message.created_ms + window_ms;
    if (o->fault->kind == ERROR_RETRY && in_window)
        return store_message_retry(tx, &run->message, o->due_ms, o->fault->text, e);
    if (o->fault->kind == ERROR_BUG || o->fault->kind == ERROR_RETRY)
        return store_message_park(tx, &run->message, o->fault->text, e);
    return stage_move(tx, run, is_outgoing(run) ? STATE_REFUSED : STATE_NOTED, INT64_MAX,
                      o->fault->text, e);
}

static int64_t retry_due_ms(const struct stage_run *run)
{
    int64_t delay = RETRY_MS;
    for (uint32_t i = 0; i < run->message.attempts && delay < RETRY_LONGEST_MS; i++)
        delay *= 2;
    return store_now_ms(run->w->store) + delay;
}

static bool settle_fault(struct stage_run *run, const struct error *fault)
{
    if (fault->kind == ERROR_RETRY)
        log_warning(&run->log, "work.retried", KV_ERROR(fault));
    else
        log_error(&run->log, "work.failed", KV_TEXT("kind", error_kind_name(fault->kind)),
                  KV_ERROR(fault));
    struct outcome o = {run, fault, retry_due_ms(run)};
    struct error e = {0};
    if (store_do(run->w->store, write_outcome, &o, &e))
        return true;
    log_warning(&run->log, "work.unsettled", KV_ERROR(&e));
    return e.kind != ERROR_RETRY;
}

bool stage_settle(struct stage_run *run, bool ok, struct error *fault)
{
    return (ok && write_handed_in(run, fault)) || settle_fault(run, fault);
}

static stage_fn *stage_of(struct str state)
{
    for (size_t i = 0; i < STAGES; i++)
        if (str_is(state, stages[i].state))
            return stages[i].run;
    return NULL;
}

bool stage_perform(const struct workplace *w, const struct store_message *m, struct arena *arena)
{
    struct stage_run run = {
        .w = w,
        .message = *m,
        .arena = arena,
        .log = {.fields = {KV_STR("msg", m->id), KV_STR("kind", m->kind)}},
    };
    struct error e = {0};
    stage_fn *stage = stage_of(m->state);
    bool ok = stage == NULL
                  ? error_set(&e, ERROR_BUG, "no stage for state %.*s", STR_ARG(m->state))
                  : attributes_read(m->attributes, arena, &run.attributes, &e) && stage(&run, &e);
    return stage_settle(&run, ok, &e);
}
