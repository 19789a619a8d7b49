/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* loop.h - the event loop of a process: timers, file descriptors, signals, calls put off to the end
 * of a turn, and calls from other threads. All but loop_post() is for the loop's own thread. The
 * only folder that knows libevent. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct loop_watch;
struct loop_signal;
struct loop_call; /* one deferred call on its way */

typedef void loop_fn(void *ctx);
enum { LOOP_READ = 1, LOOP_WRITE = 2 };
typedef void loop_watch_fn(void *ctx, int fd, unsigned ready); /* LOOP_READ | LOOP_WRITE */

struct loop *loop_new(void); /* ignores SIGPIPE in the whole process */
/* For who closes, once no thread posts any more: what was posted or deferred and did not have its
 * turn runs now, while what it uses is there. */
void loop_finish(struct loop *l);
/* Runs what is still deferred and drops what was posted; timers, watches and signals must be freed
 * before. */
void loop_free(struct loop *l);

/* Monotonic milliseconds, the same for a whole turn. Deadlines are on this scale. */
int64_t loop_now_ms(const struct loop *l);
/* Tests: time stands still at now_ms from here on; what is due runs in the next turn. */
void loop_set_now_ms(struct loop *l, int64_t now_ms);

void loop_run(struct loop *l);  /* until loop_stop() */
void loop_stop(struct loop *l); /* from the loop's thread; others: loop_post() */
/* One turn: waits at most max_wait_ms (0: not at all, -1: without end) for something to do. */
void loop_turn(struct loop *l, int64_t max_wait_ms);

/* A timer is off until set; it fires once per setting. Setting it again moves it. */
struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *ctx);
void loop_timer_set(struct loop_timer *t, int64_t at_ms); /* loop_now_ms() scale */
void loop_timer_clear(struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* NULL is fine; also inside its own call */

/* Level-triggered; fd stays the caller's and outlives the watch. */
struct loop_watch *loop_watch_new(struct loop *l, int fd, unsigned what, loop_watch_fn *fn,
                                  void *ctx);
void loop_watch_set(struct loop_watch *w, unsigned what); /* 0: pause */
void loop_watch_free(struct loop_watch *w);               /* NULL is fine */

struct loop_signal *loop_signal_new(struct loop *l, int number, loop_fn *fn, void *ctx);
void loop_signal_free(struct loop_signal *s);

/* Runs at the end of this turn, after all that is ready now. The call is gone once it ran: drop the
 * pointer then. What it defers itself runs at the end of the next turn, which does not wait. */
struct loop_call *loop_defer(struct loop *l, loop_fn *fn, void *ctx);
void loop_cancel(struct loop_call *c); /* NULL is fine */

/* Runs when the loop is freed: for what nobody holds any more (a stream that is closing). */
struct loop_call *loop_at_end(struct loop *l, loop_fn *fn, void *ctx);

/* Any thread: fn(ctx) runs on the loop's thread, in the order of posting. The loop must live. */
void loop_post(struct loop *l, loop_fn *fn, void *ctx);
