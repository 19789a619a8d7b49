/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "runtime/base/sys.h"
#include "runtime/loop/loop.h"
#include "tests/check.h"
#include "tests/unit/runtime/loop/until.h"

struct trace {
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_call *call;
    char text[64];
    size_t len;
};

static void mark(struct trace *t, char c)
{
    if (t->len < sizeof t->text)
        t->text[t->len++] = c;
}

static struct str traced(const struct trace *t)
{
    return str_bytes(t->text, t->len);
}

struct letter {
    struct trace *trace;
    char c;
};

static void write_letter(void *ctx)
{
    struct letter *l = ctx;
    mark(l->trace, l->c);
}

TEST(timers_fire_in_the_order_of_their_times_and_only_when_due)
{
    struct loop *loop = loop_new();
    struct trace t = {0};
    static const int64_t at_ms[] = {500, 100, 900, 300, 700, 200, 800, 400, 600};
    struct letter letters[9];
    struct loop_timer *timers[9];
    loop_set_now_ms(loop, 0);
    for (size_t i = 0; i < 9; i++) {
        letters[i] = (struct letter){&t, (char)('0' + at_ms[i] / 100)};
        timers[i] = loop_timer_new(loop, write_letter, &letters[i]);
        loop_timer_set(timers[i], at_ms[i]);
    }
    loop_timer_clear(timers[7]);    /* 4 */
    loop_timer_set(timers[2], 50);  /* 9 first */
    loop_timer_set(timers[5], 850); /* 2 behind 8 */
    loop_turn(loop, 0);
    CHECK_STR(traced(&t), STR(""));
    loop_set_now_ms(loop, 550);
    loop_turn(loop, 0);
    CHECK_STR(traced(&t), STR("9135"));
    loop_set_now_ms(loop, 2000);
    loop_turn(loop, 0);
    CHECK_STR(traced(&t), STR("91356782"));
    CHECK(!loop_timer_is_set(timers[0]));
    for (size_t i = 0; i < 9; i++)
        loop_timer_free(timers[i]);
    loop_free(loop);
}

static void set_again(void *ctx)
{
    struct trace *t = ctx;
    mark(t, 'x');
    loop_timer_set(t->timer, loop_now_ms(t->loop));
}

TEST(a_timer_that_sets_itself_to_now_does_not_hold_the_loop)
{
    struct trace t = {.loop = loop_new()};
    t.timer = loop_timer_new(t.loop, set_again, &t);
    loop_timer_set(t.timer, 0);
    loop_turn(t.loop, 0);
    loop_turn(t.loop, 0);
    CHECK_STR(traced(&t), STR("xx"));
    loop_timer_free(t.timer);
    loop_free(t.loop);
}

static void free_self(void *ctx)
{
    struct trace *t = ctx;
    mark(t, 'f');
    loop_timer_free(t->timer);
}

TEST(a_timer_may_be_freed_in_its_own_call_and_real_time_wakes_the_loop)
{
    struct trace t = {.loop = loop_new()};
    t.timer = loop_timer_new(t.loop, free_self, &t);
    int64_t begin_ms = loop_now_ms(t.loop);
    loop_timer_set(t.timer, begin_ms + 20);
    UNTIL(t.loop, t.len == 1);
    CHECK(loop_now_ms(t.loop) >= begin_ms + 20);
    CHECK(loop_now_ms(t.loop) < begin_ms + 5000);
    loop_free(t.loop);
}

static void defer_again(void *ctx)
{
    struct trace *t = ctx;
    mark(t, 'd');
    t->call = loop_defer(t->loop, defer_again, t);
}

TEST(deferred_calls_run_in_order_once_and_can_be_cancelled)
{
    struct loop *loop = loop_new();
    struct trace t = {.loop = loop};
    struct letter a = {&t, 'a'}, b = {&t, 'b'}, c = {&t, 'c'};
    loop_defer(loop, write_letter, &a);
    struct loop_call *second = loop_defer(loop, write_letter, &b);
    loop_defer(loop, write_letter, &c);
    loop_cancel(second);
    loop_turn(loop, -1);
    loop_turn(loop, 0);
    CHECK_STR(traced(&t), STR("ac"));
    t.call = loop_defer(loop, defer_again, &t);
    loop_turn(loop, -1);
    loop_turn(loop, -1);
    CHECK_STR(traced(&t), STR("acdd"));
    loop_cancel(t.call);
    loop_free(loop);
}

static void defer_letter(void *ctx)
{
    struct letter *l = ctx;
    loop_defer(l->trace->loop, write_letter, l);
}

TEST(who_closes_can_have_all_that_was_put_off_run)
{
    struct trace t = {.loop = loop_new()};
    struct letter a = {&t, 'a'}, b = {&t, 'b'}, c = {&t, 'c'};
    loop_defer(t.loop, defer_letter, &c);
    loop_defer(t.loop, write_letter, &b);
    loop_post(t.loop, write_letter, &a);
    loop_finish(t.loop);
    CHECK_STR(traced(&t), STR("abc"));
    loop_turn(t.loop, 0); /* the bell still rings; nobody is behind it */
    CHECK_STR(traced(&t), STR("abc"));
    loop_free(t.loop);
}

static void read_letter(void *ctx, int fd, unsigned ready)
{
    struct trace *t = ctx;
    char c;
    if ((ready & LOOP_READ) && read(fd, &c, 1) == 1)
        mark(t, c);
}

TEST(a_watch_sees_what_is_readable_and_a_paused_one_does_not)
{
    struct trace t = {.loop = loop_new()};
    int ends[2];
    CHECK(pipe(ends) == 0);
    struct loop_watch *w = loop_watch_new(t.loop, ends[0], LOOP_READ, read_letter, &t);
    CHECK(write(ends[1], "ab", 2) == 2);
    loop_turn(t.loop, 1000);
    loop_watch_set(w, 0);
    loop_turn(t.loop, 0);
    CHECK_STR(traced(&t), STR("a"));
    loop_watch_set(w, LOOP_READ);
    loop_turn(t.loop, 1000);
    CHECK_STR(traced(&t), STR("ab"));
    loop_watch_free(w);
    sys_close(&ends[0]);
    sys_close(&ends[1]);
    loop_free(t.loop);
}

static void stop(void *ctx)
{
    struct trace *t = ctx;
    loop_stop(t->loop);
}

enum { POSTS = 1000 };
struct poster {
    struct loop *loop;
    unsigned seen;
};

static void count_post(void *ctx)
{
    struct poster *p = ctx;
    if (++p->seen == POSTS)
        loop_stop(p->loop);
}

static void *post_many(void *ctx)
{
    struct poster *p = ctx;
    for (unsigned i = 0; i < POSTS; i++)
        loop_post(p->loop, count_post, p);
    return NULL;
}

TEST(calls_posted_by_another_thread_all_arrive_and_wake_the_loop)
{
    struct poster p = {.loop = loop_new()};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, post_many, &p) == 0);
    loop_run(p.loop);
    pthread_join(thread, NULL);
    CHECK(p.seen == POSTS);
    loop_free(p.loop);
}

TEST(a_signal_reaches_its_call)
{
    struct trace t = {.loop = loop_new()};
    struct loop_signal *s = loop_signal_new(t.loop, SIGUSR1, stop, &t);
    raise(SIGUSR1);
    loop_run(t.loop); /* ends only by the signal */
    loop_signal_free(s);
    loop_free(t.loop);
}

CHECK_MAIN
