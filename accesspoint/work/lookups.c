/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/bad_input.py */
#include "accesspoint/work/lookups.h"

#include "accesspoint/work/directory.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"

struct waiter {
    lookup_done *done;
    void *ctx;
    struct waiter *next;
};

struct lookup {
    struct lookups *all;
    const struct workplace *w; /* held: of when it began */
    struct arena arena;
    struct str url;
    struct buf answer;
    int64_t status;
    struct waiter *first, **last;
    struct lookup *next;
};

struct lookups {
    struct errands *errands;
    const struct workplace *w;
    struct lookup *first;
    bool closed;
};

struct lookups *lookups_new(struct errands *errands, const struct workplace *w)
{
    struct lookups *all = mem_new(sizeof(*all));
    all->errands = errands;
    all->w = w;
    return all;
}

void lookups_set_place(struct lookups *all, const struct workplace *w)
{
    all->w = w;
}

static void lookup_free(struct lookup *l)
{
    workplace_drop(l->w);
    buf_release(&l->answer);
    arena_release(&l->arena);
    mem_free(l);
}

void lookups_close(struct lookups *all)
{
    all->closed = true;
}

void lookups_free(struct lookups *all)
{
    if (all == NULL)
        return;
    while (all->first != NULL) {
        struct lookup *l = all->first;
        all->first = l->next;
        lookup_free(l);
    }
    mem_free(all);
}

static void lookup_end(struct lookup *l, enum lookup_end end, const struct error *e)
{
    struct lookup **at = &l->all->first;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    for (struct waiter *waiter = l->first; waiter != NULL && !l->all->closed; waiter = waiter->next)
        waiter->done(waiter->ctx, end, e);
    lookup_free(l);
}

static bool put_answer(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct lookup *l = ctx;
    const struct workplace *w = l->w;
    int64_t now = store_now_ms(w->store);
    struct store_cached cached = {
        .key = l->url,
        .value = buf_str(&l->answer),
        .status = l->status,
        .fetched_ms = now,
        .fresh_until_ms = now + w->settings->send->cache_ms,
    };
    return store_cache_put(tx, &cached, e);
}

static void was_put(void *ctx, bool ok, const struct error *e)
{
    struct lookup *l = ctx;
    if (ok)
        directory_changed(l->all->w, l->url);
    lookup_end(l, ok ? LOOKUP_CACHED : LOOKUP_FAILED, e);
}

/* Inline, or where it is large a file. */
static bool take_body(struct lookup *l, const struct handover_answer *answer, struct error *e)
{
    char *room;
    if (answer->fd == -1)
        return buf_add(&l->answer, answer->body, e);
    if (answer->size > ERRAND_ANSWER_MAX)
        return error_set(e, ERROR_RETRY, "the directory's answer has more than %d octets",
                         ERRAND_ANSWER_MAX);
    size_t size = (size_t)answer->size;
    if (!buf_room(&l->answer, size, &room, e) || !sys_pread_all(answer->fd, room, size, 0, e))
        return false;
    buf_grew(&l->answer, size);
    return true;
}

static void on_answer(void *ctx, const struct handover_answer *answer, const struct error *e)
{
    struct lookup *l = ctx;
    struct error why = {0};
    if (e != NULL) {
        lookup_end(l, LOOKUP_FAILED, e);
        return;
    }
    if (answer->status == 404) {
        lookup_end(l, LOOKUP_UNKNOWN, NULL);
        return;
    }
    l->status = answer->status;
    bool ok =
        answer->status == 200
            ? take_body(l, answer, &why)
            : error_set(&why, ERROR_RETRY, "the directory (SMP) answered HTTP %u", answer->status);
    if (ok)
        store_submit(l->w->store, put_answer, l, was_put);
    else
        lookup_end(l, LOOKUP_FAILED, &why);
}

static struct lookup *find_or_start(struct lookups *all, struct str url)
{
    for (struct lookup *l = all->first; l != NULL; l = l->next)
        if (str_equal(l->url, url))
            return l;
    struct lookup *l = mem_new(sizeof(*l));
    l->all = all;
    l->w = workplace_hold(all->w);
    l->url = arena_copy(&l->arena, url);
    l->answer = BUF(ERRAND_ANSWER_MAX);
    l->last = &l->first;
    l->next = all->first;
    all->first = l;
    struct errand_ask ask = {.errand = {.url = l->url}, .fd = -1};
    errands_ask(all->errands, &ask, on_answer, l);
    return l;
}

void lookups_ask(struct lookups *all, struct str url, lookup_done *done, void *ctx)
{
    struct lookup *l = find_or_start(all, url);
    struct waiter *waiter = arena_new(&l->arena, sizeof(*waiter));
    *waiter = (struct waiter){.done = done, .ctx = ctx};
    *l->last = waiter;
    l->last = &waiter->next;
}
