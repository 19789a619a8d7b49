/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include <stdio.h>

#include "accesspoint/send/send.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"

enum { STORE_AWAY_MS = 1000 };

void step_free(struct step *s)
{
    loop_timer_free(s->again);
    store_reader_free(s->part_reader);
    loop_timer_free(s->lease_timer);
    digest_sink_release(&s->part_digest);
    buf_release(&s->head);
    buf_release(&s->part);
    buf_release(&s->tail);
    buf_release(&s->reply);
    arena_release(&s->arena);
    mem_free(s);
}

struct log_scope step_scope(const struct step *s)
{
    return (struct log_scope){
        .fields = {KV_STR("msg", s->message.id), KV_STR("kind", s->message.kind)}};
}

/* What a look-up brought: kept for every message to the same service. */
static bool put_answer(struct store_tx *tx, const struct step *s, struct error *e)
{
    int64_t now = store_now_ms(s->sender->store);
    struct store_cached cached = {
        .key = s->url,
        .value = s->answer,
        .status = s->answer_status,
        .fetched_ms = now,
        .fresh_until_ms = now + s->sender->settings.send->cache_ms,
    };
    return store_cache_put(tx, &cached, e);
}

/* What a push brought. The reply of an earlier attempt gives way. */
static bool put_reply(struct store_tx *tx, const struct step *s, struct error *e)
{
    struct store_payload reply = {.message = s->message.id,
                                  .slot = STR(SLOT_REPLY),
                                  .open = true,
                                  .media_type = s->attributes.reply_type};
    struct error none = {0};
    if (s->attributes.pushes > 1 &&
        !store_payload_remove(tx, s->message.id, STR(SLOT_REPLY), &none) &&
        none.kind != ERROR_REJECT)
        return error_set(e, none.kind, "%s", none.text);
    return store_payload_put(tx, &reply, buf_str(&s->reply), e);
}

static bool write_move(struct store_tx *tx, void *ctx, struct error *e)
{
    struct step *s = ctx;
    struct store_move move = {.to = s->next_state, .due_ms = s->due_ms, .why = s->why};
    return attributes_write(&s->attributes, &s->arena, &move.attributes, e) &&
           (s->answer_status == 0 || put_answer(tx, s, e)) &&
           (s->reply.len == 0 || put_reply(tx, s, e)) &&
           store_message_move(tx, &s->message, &move, e);
}

static bool write_retry(struct store_tx *tx, void *ctx, struct error *e)
{
    struct step *s = ctx;
    if (s->due_ms == 0)
        return store_message_park(tx, &s->message, s->why, e);
    return store_message_retry(tx, &s->message, s->due_ms, s->why, e);
}

static void settled(void *ctx, bool ok, const struct error *e);

static void write_again(void *ctx)
{
    struct step *s = ctx;
    store_submit(s->sender->store, s->write, s, settled);
}

/* A store that is away for a while is waited for: without the outcome the message would lie until its
 * lease runs out. Not at the end: the next start frees what we leave. */
static bool wait_for_store(struct step *s, const struct error *e)
{
    struct loop *loop = s->sender->env->loop;
    if (e->kind != ERROR_RETRY || s->sender->draining)
        return false;
    if (s->again == NULL)
        s->again = loop_timer_new(loop, write_again, s);
    loop_timer_set(s->again, loop_now_ms(loop) + STORE_AWAY_MS);
    return true;
}

static bool write_release(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct step *s = ctx;
    return store_message_release(tx, &s->message, e);
}

void step_give_back(struct step *s, const struct error *e)
{
    s->write = write_release;
    s->sender->under_way++;
    if (!wait_for_store(s, e)) {
        s->sender->under_way--;
        step_free(s);
    }
}

static void settled(void *ctx, bool ok, const struct error *e)
{
    struct step *s = ctx;
    struct log_scope scope = step_scope(s);
    if (!ok) {
        if (s->write != write_release) /* it may never have been ours */
            log_warning(&scope, "send.unsettled", KV_ERROR(e));
        if (wait_for_store(s, e))
            return;
    }
    struct sender *sender = s->sender;
    sender->under_way--;
    step_free(s);
    if (sender->draining && sender->under_way == 0)
        program_drained(sender->env);
    else
        loop_timer_set(sender->tick, loop_now_ms(sender->env->loop));
}

void step_move(struct step *s, const char *to, const char *why)
{
    s->next_state = to;
    snprintf(s->why, sizeof(s->why), "%s", why);
    struct log_scope scope = step_scope(s);
    log_info(&scope, "send.moved", KV_TEXT("to", to), KV_TEXT("why", why));
    s->write = write_move;
    store_submit(s->sender->store, s->write, s, settled);
}

/* Doubles from retry-first to retry-longest; 0 where the window is over. */
static int64_t next_attempt_ms(const struct step *s)
{
    const struct send_section *settings = s->sender->settings.send;
    int64_t now = store_now_ms(s->sender->store);
    int64_t delay = settings->retry_first_ms;
    for (uint32_t i = 0; i < s->message.attempts && delay < settings->retry_longest_ms; i++)
        delay *= 2;
    if (delay > settings->retry_longest_ms)
        delay = settings->retry_longest_ms;
    return now + delay > s->message.created_ms + settings->retry_window_ms ? 0 : now + delay;
}

void step_retry(struct step *s, const struct error *e)
{
    s->due_ms = next_attempt_ms(s);
    snprintf(s->why, sizeof(s->why), "%s", e->text);
    struct log_scope scope = step_scope(s);
    if (s->due_ms == 0)
        log_error(&scope, "send.parked", KV_U64("attempts", s->message.attempts + 1), KV_ERROR(e));
    else
        log_warning(&scope, "send.retried", KV_U64("attempts", s->message.attempts + 1),
                    KV_I64("due", s->due_ms), KV_ERROR(e));
    s->write = write_retry;
    store_submit(s->sender->store, s->write, s, settled);
}
