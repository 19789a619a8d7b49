/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/counts.h"

#include <stdio.h>

#include "runtime/base/mem.h"
#include "runtime/log/log.h"

enum { SERIES_MAX = 100, LABELS_SIZE = 160 };

struct series {
    char labels[LABELS_SIZE];
    struct metric *messages, *oldest;
    bool is_seen; /* in the rows of now */
};

struct counts {
    struct metrics *metrics;
    struct store *store;
    struct series series[SERIES_MAX];
    size_t count;
    bool is_asking;
    struct arena arena; /* of the rows that the store gave */
    struct store_count *rows;
    size_t row_count;
};

struct counts *counts_new(struct metrics *metrics)
{
    struct counts *c = mem_new(sizeof(*c));
    c->metrics = metrics;
    return c;
}

void counts_free(struct counts *c)
{
    if (c == NULL)
        return;
    arena_release(&c->arena);
    mem_free(c);
}

/* NULL: more kinds and states than a gateway has. */
static struct series *find_series(struct counts *c, const struct store_count *row)
{
    char labels[LABELS_SIZE];
    (void)snprintf(labels, sizeof(labels), "kind=\"%.*s\",state=\"%.*s\"", STR_ARG(row->kind),
                   STR_ARG(row->state));
    for (size_t i = 0; i < c->count; i++)
        if (str_is(str_of(labels), c->series[i].labels))
            return &c->series[i];
    if (c->count == SERIES_MAX)
        return NULL;
    struct series *s = &c->series[c->count++];
    (void)snprintf(s->labels, sizeof(s->labels), "%s", labels);
    s->messages = metrics_gauge(c->metrics, "posthorn_messages", s->labels,
                                "Messages in the store, by kind and state.");
    s->oldest = metrics_gauge(c->metrics, "posthorn_messages_oldest_seconds", s->labels,
                              "How long the oldest of them has been in its state.");
    return s;
}

void counts_set(struct counts *c, const struct store_count *rows, size_t count, int64_t now_ms)
{
    for (size_t i = 0; i < c->count; i++)
        c->series[i].is_seen = false;
    for (size_t i = 0; i < count; i++) {
        struct series *s = find_series(c, &rows[i]);
        if (s == NULL)
            continue;
        int64_t age_ms = now_ms - rows[i].oldest_ms;
        s->is_seen = true;
        metric_set(s->messages, (int64_t)rows[i].messages);
        metric_set(s->oldest, age_ms < 0 ? 0 : age_ms / 1000);
    }
    for (size_t i = 0; i < c->count; i++)
        if (!c->series[i].is_seen) {
            metric_set(c->series[i].messages, 0);
            metric_set(c->series[i].oldest, 0);
        }
}

static bool count_messages(struct store_tx *tx, void *ctx, struct error *e)
{
    struct counts *c = ctx;
    return store_message_counts(tx, &c->arena, &c->rows, &c->row_count, e);
}

static void on_counted(void *ctx, bool ok, const struct error *e)
{
    struct counts *c = ctx;
    c->is_asking = false;
    if (ok)
        counts_set(c, c->rows, c->row_count, store_now_ms(c->store));
    else
        log_warning(NULL, "api.count_failed", KV_ERROR(e));
}

void counts_refresh(struct counts *c, struct store *store)
{
    if (c->is_asking)
        return;
    c->is_asking = true;
    c->store = store;
    arena_release(&c->arena);
    store_read_submit(store, count_messages, c, on_counted);
}
