/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/stage.h"

#include "runtime/base/mem.h"

enum { RETRY_MS = 500, RETRY_LONGEST_MS = 15 * 60 * 1000 };

stage_fn *stage_of(struct str state)
{
    static const struct {
        const char *state;
        stage_fn *run;
    } stages[] = {
        {STATE_ACCEPTED, stage_seal},
        {STATE_SEALED, stage_load},
        {STATE_RECEIVED, stage_open},
        {STATE_VOUCHED, stage_open},
    };
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
        if (str_is(state, stages[i].state))
            return stages[i].run;
    return NULL;
}

void stage_hand_in(struct stage_run *run, store_fn *write, stage_end *end, void *ctx)
{
    run->write = write;
    run->end = end;
    run->ctx = ctx;
}

/* Whatever keeps it from being pushed now may be mended; a person decides when the window is over. */
bool stage_load(struct stage_run *run, struct error *e)
{
    struct error fault = {0};
    run->is_to_push = wire_load(&run->wire, run->w, run->message.id, &fault);
    return run->is_to_push || error_set(e, ERROR_RETRY, "%s", fault.text);
}

/* What was received and goes on was vouched for by the directory in between. */
static bool add_vouched(struct store_tx *tx, const struct stage_run *run, const char *to,
                        struct error *e)
{
    return !str_is(run->message.state, STATE_RECEIVED) || str_is(str_of(to), STATE_RECEIVED) ||
           store_event_add(tx, run->message.id, STATE_VOUCHED, "", e);
}

bool stage_move(struct store_tx *tx, struct stage_run *run, const char *to, int64_t due_ms,
                const char *why, struct error *e)
{
    struct store_move move = {.to = to, .due_ms = due_ms, .why = why};
    return attributes_write(&run->attributes, run->arena, &move.attributes, e) &&
           add_vouched(tx, run, to, e) && store_message_move(tx, &run->message, &move, e);
}

/* --- faults */

bool stage_is_ping(const struct stage_run *run)
{
    return str_is(run->message.kind, KIND_PING_OUT);
}

bool stage_is_outgoing(const struct stage_run *run)
{
    return str_is(run->message.kind, KIND_SDK_OUT) || str_is(run->message.kind, KIND_RECEIPT_OUT) ||
           stage_is_ping(run);
}

static bool is_in_window(const struct stage_run *run)
{
    return run->due_ms <= run->message.created_ms + run->w->settings->send->retry_window_ms;
}

static bool write_fault(struct store_tx *tx, void *ctx, struct error *e)
{
    struct stage_run *run = ctx;
    const struct error *fault = &run->fault;
    if (run->answered[0] != '\0' && !store_event_add_at(tx, run->message.id, run->answered_ms,
                                                        STATE_ANSWERED, run->answered, e))
        return false;
    if (fault->kind == ERROR_RETRY && is_in_window(run))
        return store_message_retry(tx, &run->message, run->due_ms, fault->text, e);
    if (fault->kind == ERROR_BUG || fault->kind == ERROR_RETRY)
        return store_message_park(tx, &run->message, fault->text, e);
    return stage_move(tx, run, stage_is_outgoing(run) ? STATE_REFUSED : STATE_NOTED, INT64_MAX,
                      fault->text, e);
}

/* Doubles with each attempt. */
static int64_t next_attempt_ms(const struct stage_run *run, enum stage_blame blame)
{
    const struct send_section *send = run->w->settings->send;
    int64_t delay = blame == STAGE_OUTSIDE ? send->retry_first_ms : RETRY_MS;
    int64_t longest = blame == STAGE_OUTSIDE ? send->retry_longest_ms : RETRY_LONGEST_MS;
    for (uint32_t i = 0; i < run->message.attempts && delay < longest; i++)
        delay *= 2;
    return store_now_ms(run->w->store) + (delay < longest ? delay : longest);
}

void stage_fail(struct stage_run *run, const struct error *fault, enum stage_blame blame)
{
    uint64_t attempts = run->message.attempts + 1;
    run->fault = *fault;
    if (stage_is_ping(run) && fault->kind == ERROR_RETRY)
        run->fault.kind = ERROR_REJECT; /* who pings asks how it is now */
    fault = &run->fault;
    run->is_to_push = false;
    run->due_ms = next_attempt_ms(run, blame);
    if (fault->kind != ERROR_RETRY)
        log_error(&run->log, "work.failed", KV_TEXT("fault", error_kind_name(fault->kind)),
                  KV_ERROR(fault));
    else if (is_in_window(run))
        log_warning(&run->log, "work.retried", KV_U64("attempts", attempts),
                    KV_I64("due", run->due_ms), KV_ERROR(fault));
    else
        log_error(&run->log, "work.parked", KV_U64("attempts", attempts), KV_ERROR(fault));
    stage_hand_in(run, write_fault, NULL, run);
}

bool stage_store_is_away(const struct error *e)
{
    return e->kind == ERROR_RETRY && !str_is(str_of(e->code), "store:taken");
}

void stage_made_free(struct stage_made *made)
{
    if (made == NULL)
        return;
    wire_release(&made->run.wire);
    arena_release(&made->arena);
    mem_free(made);
}
