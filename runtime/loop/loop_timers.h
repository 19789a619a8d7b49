/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* loop_timers.h - all timers of a loop in one heap, so that setting a deadline anew for each step
 * of each session costs no system call. Within runtime/loop only. */
#pragma once

#include <stddef.h>

#include "runtime/loop/loop.h"

struct loop_timers {
    struct loop_timer **heap; /* the earliest first */
    size_t count;
    size_t size;
};
#define LOOP_TIMERS_NONE INT64_MAX

struct loop_timer *loop_timers_add(struct loop_timers *all, loop_fn *fn, void *ctx);
int64_t loop_timers_first_ms(const struct loop_timers *all); /* LOOP_TIMERS_NONE: none is set */
/* Runs what is due at now_ms, at most as many as there were set before. */
void loop_timers_run(struct loop_timers *all, int64_t now_ms);
void loop_timers_release(struct loop_timers *all);
