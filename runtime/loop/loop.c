/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/loop/loop.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/loop/loop_timers.h"

struct loop_call {
    loop_fn *fn;
    void *ctx;
    uint64_t turn; /* in which it was deferred */
    struct call_list *list;
    struct loop_call *before, *after;
};

struct call_list {
    struct loop_call *first, *last;
};

struct posted {
    loop_fn *fn;
    void *ctx;
    struct posted *after;
};

struct loop {
    struct event_base *base;
    struct event *alarm; /* wakes for the first timer */
    struct event *bell;  /* wakes for posted calls */
    int bell_fd;
    int64_t now_ms;
    bool is_frozen; /* by loop_set_now_ms() */
    bool is_stale;  /* now_ms is of before the wait */
    bool is_stopped;
    struct loop_timers timers;
    struct call_list deferred, at_end;
    uint64_t turn;        /* counts sweeps */
    pthread_mutex_t lock; /* guards what stands below */
    struct posted *posted_first, *posted_last;
};

struct loop_watch {
    struct loop *loop;
    struct event *event; /* NULL while paused */
    int fd;
    unsigned what;
    loop_watch_fn *fn;
    void *ctx;
};

struct loop_signal {
    struct loop *loop;
    struct event *event;
    loop_fn *fn;
    void *ctx;
};

static void refresh(struct loop *l)
{
    if (!l->is_frozen && l->is_stale)
        l->now_ms = clock_monotonic_ms();
    l->is_stale = false;
}

int64_t loop_now_ms(const struct loop *l)
{
    return l->now_ms;
}

void loop_set_now_ms(struct loop *l, int64_t now_ms)
{
    l->is_frozen = true;
    l->now_ms = now_ms;
}

static void on_alarm(int fd, short what, void *ctx)
{
    (void)fd, (void)what, (void)ctx; /* the turn looks at the timers itself */
}

static struct posted *take_posted(struct loop *l)
{
    pthread_mutex_lock(&l->lock);
    struct posted *all = l->posted_first;
    l->posted_first = l->posted_last = NULL;
    pthread_mutex_unlock(&l->lock);
    return all;
}

static void run_posted(struct loop *l)
{
    struct posted *p = take_posted(l);
    while (p != NULL) {
        struct posted *after = p->after;
        p->fn(p->ctx);
        mem_free(p);
        p = after;
    }
}

static void on_bell(int fd, short what, void *ctx)
{
    struct loop *l = ctx;
    (void)what;
    uint64_t rung;
    if (read(fd, &rung, sizeof rung) == -1)
        return;
    refresh(l);
    run_posted(l);
}

void loop_post(struct loop *l, loop_fn *fn, void *ctx)
{
    struct posted *p = mem_new(sizeof *p);
    *p = (struct posted){fn, ctx, NULL};
    pthread_mutex_lock(&l->lock);
    bool is_first = l->posted_first == NULL;
    if (is_first)
        l->posted_first = p;
    else
        l->posted_last->after = p;
    l->posted_last = p;
    /* Under the lock: whoever takes the call may free the loop next. */
    uint64_t one = 1;
    if (is_first && write(l->bell_fd, &one, sizeof one) == -1)
        abort();
    pthread_mutex_unlock(&l->lock);
}

/* Every step needs only memory and one descriptor: a process without these ends at its start. */
struct loop *loop_new(void)
{
    struct loop *l = mem_new(sizeof *l);
    (void)signal(SIGPIPE, SIG_IGN);
    l->base = event_base_new();
    l->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->base == NULL || l->bell_fd == -1)
        abort();
    l->alarm = event_new(l->base, -1, 0, on_alarm, l);
    l->bell = event_new(l->base, l->bell_fd, EV_READ | EV_PERSIST, on_bell, l);
    if (l->alarm == NULL || l->bell == NULL || event_add(l->bell, NULL) == -1)
        abort();
    pthread_mutex_init(&l->lock, NULL);
    l->now_ms = clock_monotonic_ms();
    return l;
}

static void run_first(struct call_list *list)
{
    loop_fn *fn = list->first->fn;
    void *ctx = list->first->ctx;
    loop_cancel(list->first);
    fn(ctx);
}

static void run_deferred(struct loop *l)
{
    uint64_t turn = l->turn++;
    while (l->deferred.first != NULL && l->deferred.first->turn <= turn)
        run_first(&l->deferred);
}

static void run_all_deferred(struct loop *l)
{
    while (l->deferred.first != NULL)
        run_deferred(l);
}

void loop_finish(struct loop *l)
{
    run_posted(l);
    run_all_deferred(l);
}

void loop_free(struct loop *l)
{
    if (l == NULL)
        return;
    while (l->at_end.first != NULL)
        run_first(&l->at_end);
    run_all_deferred(l);
    for (struct posted *p = take_posted(l), *after; p != NULL; p = after) {
        after = p->after;
        mem_free(p);
    }
    event_free(l->alarm);
    event_free(l->bell);
    event_base_free(l->base);
    close(l->bell_fd);
    pthread_mutex_destroy(&l->lock);
    loop_timers_release(&l->timers);
    mem_free(l);
}

/* -1: nothing to wait for but descriptors. */
static int64_t time_to_wait(const struct loop *l, int64_t max_wait_ms)
{
    if (l->deferred.first != NULL)
        return 0;
    int64_t at_ms = loop_timers_first_ms(&l->timers);
    if (at_ms == LOOP_TIMERS_NONE || (l->is_frozen && at_ms > l->now_ms))
        return max_wait_ms;
    int64_t wait_ms = at_ms > l->now_ms ? at_ms - l->now_ms : 0;
    return max_wait_ms >= 0 && max_wait_ms < wait_ms ? max_wait_ms : wait_ms;
}

void loop_turn(struct loop *l, int64_t max_wait_ms)
{
    l->is_stale = true;
    refresh(l);
    int64_t wait_ms = time_to_wait(l, max_wait_ms);
    struct timeval tv = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
    if (wait_ms > 0)
        event_add(l->alarm, &tv);
    l->is_stale = true;
    event_base_loop(l->base, wait_ms == 0 ? EVLOOP_NONBLOCK : EVLOOP_ONCE);
    event_del(l->alarm);
    refresh(l);
    loop_timers_run(&l->timers, l->now_ms);
    run_deferred(l);
}

void loop_run(struct loop *l)
{
    l->is_stopped = false;
    while (!l->is_stopped)
        loop_turn(l, -1);
}

void loop_stop(struct loop *l)
{
    l->is_stopped = true;
}

struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *ctx)
{
    return loop_timers_add(&l->timers, fn, ctx);
}

static struct loop_call *add_call(struct call_list *list, uint64_t turn, loop_fn *fn, void *ctx)
{
    struct loop_call *c = mem_new(sizeof *c);
    *c = (struct loop_call){.fn = fn, .ctx = ctx, .turn = turn, .list = list, .before = list->last};
    if (list->last == NULL)
        list->first = c;
    else
        list->last->after = c;
    list->last = c;
    return c;
}

struct loop_call *loop_defer(struct loop *l, loop_fn *fn, void *ctx)
{
    return add_call(&l->deferred, l->turn, fn, ctx);
}

struct loop_call *loop_at_end(struct loop *l, loop_fn *fn, void *ctx)
{
    return add_call(&l->at_end, 0, fn, ctx);
}

void loop_cancel(struct loop_call *c)
{
    if (c == NULL)
        return;
    if (c->before == NULL)
        c->list->first = c->after;
    else
        c->before->after = c->after;
    if (c->after == NULL)
        c->list->last = c->before;
    else
        c->after->before = c->before;
    mem_free(c);
}

static void on_watch(int fd, short what, void *ctx)
{
    struct loop_watch *w = ctx;
    refresh(w->loop);
    unsigned ready = (what & EV_READ ? LOOP_READ : 0U) | (what & EV_WRITE ? LOOP_WRITE : 0U);
    w->fn(w->ctx, fd, ready);
}

struct loop_watch *loop_watch_new(struct loop *l, int fd, unsigned what, loop_watch_fn *fn,
                                  void *ctx)
{
    struct loop_watch *w = mem_new(sizeof *w);
    *w = (struct loop_watch){.loop = l, .fd = fd, .fn = fn, .ctx = ctx};
    loop_watch_set(w, what);
    return w;
}

void loop_watch_set(struct loop_watch *w, unsigned what)
{
    if (w->what == what)
        return;
    if (w->event != NULL)
        event_free(w->event);
    w->event = NULL;
    w->what = what;
    if (what == 0)
        return;
    int flags = EV_PERSIST | (what & LOOP_READ ? EV_READ : 0) | (what & LOOP_WRITE ? EV_WRITE : 0);
    w->event = event_new(w->loop->base, w->fd, (short)flags, on_watch, w);
    if (w->event == NULL || event_add(w->event, NULL) == -1)
        abort();
}

void loop_watch_free(struct loop_watch *w)
{
    if (w == NULL)
        return;
    loop_watch_set(w, 0);
    mem_free(w);
}

static void on_signal(int number, short what, void *ctx)
{
    struct loop_signal *s = ctx;
    (void)number, (void)what;
    refresh(s->loop);
    s->fn(s->ctx);
}

struct loop_signal *loop_signal_new(struct loop *l, int number, loop_fn *fn, void *ctx)
{
    struct loop_signal *s = mem_new(sizeof *s);
    *s = (struct loop_signal){l, NULL, fn, ctx};
    s->event = evsignal_new(l->base, number, on_signal, s);
    if (s->event == NULL || event_add(s->event, NULL) == -1)
        abort();
    return s;
}

void loop_signal_free(struct loop_signal *s)
{
    if (s == NULL)
        return;
    event_free(s->event);
    mem_free(s);
}
