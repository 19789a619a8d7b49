/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/work/errands.h"

#include "runtime/base/mem.h"

/* Longer than accesspoint-send gives itself for each. */
enum { LOOKUP_MS = 45 * 1000, PUSH_MS = 3700 * 1000, RECONNECT_MS = 20, AGAIN_MS = 100 };
enum { AWAY_MS = 1000 }; /* without accesspoint-send: then who waits for it is told */

#define UNTRIED "errand:untried"
#define ENDS    "the program ends"

enum call_state { CALL_WAITS, CALL_ASKED, CALL_ENDS };

struct errand_call {
    struct errands *all;
    struct errand_ask ask;
    struct buf head;
    enum call_state state;
    int64_t asked_ms; /* by the loop's clock */
    struct loop_call *ending;
    struct error fault;
    errand_done *done;
    void *ctx;
    struct errand_call *before, *after;
};

struct errands {
    struct loop *loop;
    struct handover_client *sender;
    struct errand_call *first, *last; /* in the order of asking */
    struct loop_timer *again;
    bool draining;
};

static void call_free(struct errand_call *c)
{
    struct errands *all = c->all;
    if (c->before == NULL)
        all->first = c->after;
    else
        c->before->after = c->after;
    if (c->after == NULL)
        all->last = c->before;
    else
        c->after->before = c->before;
    loop_cancel(c->ending);
    buf_release(&c->head);
    mem_free(c);
}

static void start_waiting(void *ctx);

static void call_end(struct errand_call *c, const struct handover_answer *answer,
                     const struct error *e)
{
    struct errands *all = c->all;
    errand_done *done = c->done;
    void *ctx = c->ctx;
    call_free(c);
    start_waiting(all);
    done(ctx, answer, e);
}

static void end_now(void *ctx)
{
    struct errand_call *c = ctx;
    struct error fault = c->fault;
    c->ending = NULL;
    call_end(c, NULL, &fault);
}

static void end_soon(struct errand_call *c, const struct error *e)
{
    c->state = CALL_ENDS;
    c->fault = *e;
    c->ending = loop_defer(c->all->loop, end_now, c);
}

static void end_untried(struct errand_call *c, const char *why)
{
    struct error e = {0};
    error_code(&e, ERROR_RETRY, UNTRIED, "%s", why);
    end_soon(c, &e);
}

bool errand_is_untried(const struct error *e)
{
    return str_is(str_of(e->code), UNTRIED);
}

static void wait_again(struct errand_call *c)
{
    c->state = CALL_WAITS;
    if (c->all->draining)
        end_untried(c, ENDS);
    else
        loop_timer_set(c->all->again, loop_now_ms(c->all->loop) + AGAIN_MS);
}

static void on_answer(void *ctx, const struct handover_answer *answer, const struct error *e)
{
    struct errand_call *c = ctx;
    struct error fault = {0};
    if (e == NULL && answer->status == ERRAND_UNTRIED) {
        wait_again(c);
        return;
    }
    if (e == NULL && answer->status >= 100) {
        call_end(c, answer, NULL);
        return;
    }
    if (e != NULL)
        error_set(&fault, ERROR_RETRY, "accesspoint-send: %s", e->text);
    else
        error_set(&fault, ERROR_RETRY, "%.*s", STR_ARG(str_upto(answer->body, 300)));
    call_end(c, NULL, &fault);
}

/* False: not now. */
static bool start(struct errand_call *c)
{
    struct errands *all = c->all;
    struct error e = {0};
    bool is_push = c->ask.errand.content_type.len > 0;
    struct handover_question q = {
        .head = buf_str(&c->head),
        .body = c->ask.body,
        .fd = c->ask.fd,
        .deadline_ms = loop_now_ms(all->loop) + (is_push ? PUSH_MS : LOOKUP_MS),
    };
    if (handover_ask(all->sender, &q, on_answer, c, &e) != NULL)
        c->state = CALL_ASKED;
    else if (e.kind != ERROR_RETRY)
        end_soon(c, &e);
    return c->state != CALL_WAITS;
}

/* Nobody holds a message for a program that is away: it would count as this one's loss at each of its own
 * ends, until the store parks it for good. */
static void end_long_waits(struct errands *all)
{
    int64_t before_ms = loop_now_ms(all->loop) - AWAY_MS;
    for (struct errand_call *c = all->first; c != NULL; c = c->after)
        if (c->state == CALL_WAITS && c->asked_ms <= before_ms)
            end_untried(c, "accesspoint-send is away");
}

static void start_waiting(void *ctx)
{
    struct errands *all = ctx;
    for (struct errand_call *c = all->first; c != NULL && !all->draining; c = c->after) {
        if (c->state != CALL_WAITS || start(c))
            continue;
        loop_timer_set(all->again, loop_now_ms(all->loop) + AGAIN_MS);
        if (!handover_client_is_connected(all->sender))
            end_long_waits(all);
        return;
    }
}

struct errands *errands_new(struct loop *loop, const struct errands_config *config)
{
    struct errands *all = mem_new(sizeof(*all));
    struct handover_client_config client = {
        .path = config->path,
        .in_flight_max = config->parallel,
        .reconnect_ms = RECONNECT_MS,
    };
    all->loop = loop;
    all->sender = handover_client_new(loop, &client);
    all->again = loop_timer_new(loop, start_waiting, all);
    return all;
}

void errands_free(struct errands *all)
{
    if (all == NULL)
        return;
    handover_client_free(all->sender);
    while (all->first != NULL)
        call_free(all->first);
    loop_timer_free(all->again);
    mem_free(all);
}

void errands_ask(struct errands *all, const struct errand_ask *ask, errand_done *done, void *ctx)
{
    struct errand_call *c = mem_new(sizeof(*c));
    struct error e = {0};
    *c = (struct errand_call){
        .all = all,
        .ask = *ask,
        .asked_ms = loop_now_ms(all->loop),
        .head = BUF(ERRAND_HEAD_MAX),
        .done = done,
        .ctx = ctx,
        .before = all->last,
    };
    if (all->last == NULL)
        all->first = c;
    else
        all->last->after = c;
    all->last = c;
    if (all->draining)
        end_untried(c, ENDS);
    else if (!errand_write(&ask->errand, &c->head, &e))
        end_soon(c, &e);
    start_waiting(all);
}

void errands_drain(struct errands *all)
{
    all->draining = true;
    for (struct errand_call *c = all->first; c != NULL; c = c->after)
        if (c->state == CALL_WAITS)
            end_untried(c, ENDS);
}
