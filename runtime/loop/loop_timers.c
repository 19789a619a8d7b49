/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_loop.c */
#include "runtime/loop/loop_timers.h"

#include "runtime/base/mem.h"

#define OFF SIZE_MAX

struct loop_timer {
    struct loop_timers *all;
    loop_fn *fn;
    void *ctx;
    int64_t at_ms;
    size_t place; /* in the heap, OFF: not set */
};

static void put(struct loop_timers *all, size_t place, struct loop_timer *t)
{
    all->heap[place] = t;
    t->place = place;
}

static void sift_up(struct loop_timers *all, struct loop_timer *t)
{
    size_t place = t->place;
    while (place > 0 && all->heap[(place - 1) / 2]->at_ms > t->at_ms) {
        put(all, place, all->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(all, place, t);
}

static void sift_down(struct loop_timers *all, struct loop_timer *t)
{
    size_t place = t->place;
    for (;;) {
        size_t child = place * 2 + 1;
        if (child >= all->count)
            break;
        if (child + 1 < all->count && all->heap[child + 1]->at_ms < all->heap[child]->at_ms)
            child++;
        if (all->heap[child]->at_ms >= t->at_ms)
            break;
        put(all, place, all->heap[child]);
        place = child;
    }
    put(all, place, t);
}

struct loop_timer *loop_timers_add(struct loop_timers *all, loop_fn *fn, void *ctx)
{
    struct loop_timer *t = mem_new(sizeof *t);
    *t = (struct loop_timer){.all = all, .fn = fn, .ctx = ctx, .place = OFF};
    return t;
}

bool loop_timer_is_set(const struct loop_timer *t)
{
    return t->place != OFF;
}

static void append(struct loop_timers *all, struct loop_timer *t)
{
    if (all->count == all->size) {
        size_t size = all->size == 0 ? 16 : all->size * 2;
        all->heap = mem_grow(all->heap, all->size * sizeof(struct loop_timer *),
                             size * sizeof(struct loop_timer *));
        all->size = size;
    }
    put(all, all->count++, t);
}

void loop_timer_set(struct loop_timer *t, int64_t at_ms)
{
    int64_t before_ms = t->at_ms;
    t->at_ms = at_ms;
    if (t->place == OFF)
        append(t->all, t);
    else if (at_ms >= before_ms) {
        sift_down(t->all, t);
        return;
    }
    sift_up(t->all, t);
}

void loop_timer_clear(struct loop_timer *t)
{
    if (t->place == OFF)
        return;
    struct loop_timers *all = t->all;
    struct loop_timer *moved = all->heap[--all->count];
    if (moved != t) {
        put(all, t->place, moved);
        sift_down(all, moved);
        sift_up(all, moved);
    }
    t->place = OFF;
}

void loop_timer_free(struct loop_timer *t)
{
    if (t == NULL)
        return;
    loop_timer_clear(t);
    mem_free(t);
}

int64_t loop_timers_first_ms(const struct loop_timers *all)
{
    return all->count == 0 ? LOOP_TIMERS_NONE : all->heap[0]->at_ms;
}

void loop_timers_run(struct loop_timers *all, int64_t now_ms)
{
    /* At most as many as there were: one that sets itself to now must not keep the loop here. */
    size_t most = all->count;
    while (most-- > 0 && all->count > 0 && all->heap[0]->at_ms <= now_ms) {
        struct loop_timer *t = all->heap[0];
        loop_timer_clear(t);
        t->fn(t->ctx);
    }
}

void loop_timers_release(struct loop_timers *all)
{
    mem_free(all->heap);
    *all = (struct loop_timers){0};
}
