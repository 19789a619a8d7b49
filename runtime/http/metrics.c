/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/http/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "runtime/base/mem.h"
#include "runtime/log/log.h"

enum { SERIES_MAX = 2000, BOUNDS_MAX = 16 };
enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
static const char *const kind_names[] = {"counter", "gauge", "histogram"};

struct metric {
    struct metrics *all;
    enum metric_kind kind;
    char *name, *labels;
    const char *help;
    int64_t value;
    double sum; /* histograms: of all values */
    double bounds[BOUNDS_MAX];
    uint64_t counts[BOUNDS_MAX + 1];
    unsigned bound_count;
    struct metric *after; /* same name together, else in the order of registration */
};

struct metrics {
    pthread_mutex_t lock; /* values and list */
    struct metric *first;
    unsigned count;
};

struct metrics *metrics_new(void)
{
    struct metrics *m = mem_new(sizeof *m);
    pthread_mutex_init(&m->lock, NULL);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (m == NULL)
        return;
    for (struct metric *one = m->first, *after; one != NULL; one = after) {
        after = one->after;
        mem_free(one->name);
        mem_free(one->labels);
        mem_free(one);
    }
    pthread_mutex_destroy(&m->lock);
    mem_free(m);
}

/* The series, or where it belongs: behind the last one of its name. */
static struct metric *find(struct metrics *m, const char *name, const char *labels,
                           struct metric ***place)
{
    struct metric **at = &m->first, **last_of_name = NULL;
    for (; *at != NULL; at = &(*at)->after) {
        if (!str_is(str_of((*at)->name), name))
            continue;
        if (str_is(str_of((*at)->labels), labels))
            return *at;
        last_of_name = &(*at)->after;
    }
    *place = last_of_name != NULL ? last_of_name : at;
    return NULL;
}

static struct metric *add(struct metrics *m, enum metric_kind kind, const char *name,
                          const char *labels, const char *help)
{
    struct metric **place = NULL;
    pthread_mutex_lock(&m->lock);
    struct metric *one = find(m, name, labels, &place);
    if ((one != NULL && one->kind != kind) || (one == NULL && m->count == SERIES_MAX))
        abort(); /* names and labels are ours: a bug */
    if (one == NULL) {
        one = mem_new(sizeof *one);
        one->all = m;
        one->kind = kind;
        one->name = mem_text(name);
        one->labels = mem_text(labels);
        one->help = help;
        one->after = *place;
        *place = one;
        m->count++;
    }
    pthread_mutex_unlock(&m->lock);
    return one;
}

struct metric *metrics_counter(struct metrics *m, const char *name, const char *labels,
                               const char *help)
{
    return add(m, METRIC_COUNTER, name, labels, help);
}

struct metric *metrics_gauge(struct metrics *m, const char *name, const char *labels,
                             const char *help)
{
    return add(m, METRIC_GAUGE, name, labels, help);
}

struct metric *metrics_histogram(struct metrics *m, const char *name, const char *labels,
                                 const char *help, const double *bounds, unsigned bound_count)
{
    struct metric *one = add(m, METRIC_HISTOGRAM, name, labels, help);
    pthread_mutex_lock(&m->lock);
    one->bound_count = bound_count < BOUNDS_MAX ? bound_count : BOUNDS_MAX;
    for (unsigned i = 0; i < one->bound_count; i++)
        one->bounds[i] = bounds[i];
    pthread_mutex_unlock(&m->lock);
    return one;
}

void metric_add(struct metric *c, uint64_t more)
{
    if (c == NULL)
        return;
    pthread_mutex_lock(&c->all->lock);
    c->value += (int64_t)more;
    pthread_mutex_unlock(&c->all->lock);
}

void metric_set(struct metric *g, int64_t value)
{
    if (g == NULL)
        return;
    pthread_mutex_lock(&g->all->lock);
    g->value = value;
    pthread_mutex_unlock(&g->all->lock);
}

void metric_observe(struct metric *h, double value)
{
    if (h == NULL)
        return;
    pthread_mutex_lock(&h->all->lock);
    unsigned i = 0;
    while (i < h->bound_count && value > h->bounds[i])
        i++;
    h->counts[i]++;
    h->value++;
    h->sum += value;
    pthread_mutex_unlock(&h->all->lock);
}

/* name + end {labels, more} */
static bool add_name(struct buf *out, const struct metric *one, const char *end, const char *more,
                     struct error *e)
{
    bool has_labels = one->labels[0] != '\0', has_more = more[0] != '\0';
    if (!has_labels && !has_more)
        return buf_addf(out, e, "%s%s ", one->name, end);
    return buf_addf(out, e, "%s%s{%s%s%s} ", one->name, end, one->labels,
                    has_labels && has_more ? "," : "", more);
}

static bool add_bucket(struct buf *out, const struct metric *h, const char *bound, uint64_t count,
                       struct error *e)
{
    AUTO_BUF more = BUF(64);
    return buf_addf(&more, e, "le=\"%s\"", bound) &&
           add_name(out, h, "_bucket", buf_text(&more), e) &&
           buf_addf(out, e, "%" PRIu64 "\n", count);
}

static bool add_histogram(struct buf *out, const struct metric *h, struct error *e)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < h->bound_count; i++) {
        AUTO_BUF bound = BUF(48);
        count += h->counts[i];
        if (!buf_addf(&bound, e, "%g", h->bounds[i]) ||
            !add_bucket(out, h, buf_text(&bound), count, e))
            return false;
    }
    return add_bucket(out, h, "+Inf", (uint64_t)h->value, e) && add_name(out, h, "_sum", "", e) &&
           buf_addf(out, e, "%.6f\n", h->sum) && add_name(out, h, "_count", "", e) &&
           buf_addf(out, e, "%" PRId64 "\n", h->value);
}

static bool add_all(struct metrics *m, struct buf *out, struct error *e)
{
    const char *name = "";
    for (const struct metric *one = m->first; one != NULL; one = one->after) {
        if (!str_is(str_of(one->name), name) &&
            !buf_addf(out, e, "# TYPE %s %s\n# HELP %s %s\n", one->name, kind_names[one->kind],
                      one->name, one->help))
            return false;
        name = one->name;
        bool ok = one->kind == METRIC_HISTOGRAM
                      ? add_histogram(out, one, e)
                      : add_name(out, one, one->kind == METRIC_COUNTER ? "_total" : "", "", e) &&
                            buf_addf(out, e, "%" PRId64 "\n", one->value);
        if (!ok)
            return false;
    }
    return true;
}

struct event_text {
    struct buf *out;
    struct error *e;
    bool ok;
};

static void add_event(void *ctx, const char *event, uint64_t count)
{
    struct event_text *t = ctx;
    t->ok = t->ok &&
            buf_addf(t->out, t->e, "log_events_total{event=\"%s\"} %" PRIu64 "\n", event, count);
}

bool metrics_write(struct metrics *m, struct buf *out, struct error *e)
{
    pthread_mutex_lock(&m->lock);
    bool ok = add_all(m, out, e);
    pthread_mutex_unlock(&m->lock);
    struct event_text events = {out, e, ok};
    if (ok &&
        !buf_add(out, STR("# TYPE log_events counter\n# HELP log_events Events logged.\n"), e))
        return false;
    log_each_count(add_event, &events);
    return events.ok && buf_add(out, STR("# EOF\n"), e);
}
