/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/directory.h"

#include <pthread.h>
#include <stdatomic.h>

#include "accesspoint/service.h"
#include "accesspoint/work/stage.h"
#include "runtime/base/mem.h"

/* Verified answers are few; the oldest slot gives way. After a minute trust in the signer is asked again,
 * and the cache, where another node may have put a new answer. */
enum { SLOTS = 256, RECHECK_MS = 60 * 1000 };

struct directory_entry {
    atomic_uint holders;
    struct arena arena;
    struct xml_doc *doc;
    struct smp_metadata metadata;
    struct str url; /* what was verified for one participant must not pass for another */
    int64_t fresh_until_ms;
    int64_t checked_ms;
};

struct directory {
    pthread_mutex_t lock;
    struct directory_entry *slots[SLOTS];
    size_t next;
};

struct directory *directory_new(void)
{
    struct directory *d = mem_new(sizeof(*d));
    pthread_mutex_init(&d->lock, NULL);
    return d;
}

void directory_entry_free(struct directory_entry *entry)
{
    if (entry == NULL || atomic_fetch_sub(&entry->holders, 1) > 1)
        return;
    smp_metadata_release(&entry->metadata);
    xml_doc_free(entry->doc);
    arena_release(&entry->arena);
    mem_free(entry);
}

void directory_free(struct directory *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        directory_entry_free(d->slots[i]);
    pthread_mutex_destroy(&d->lock);
    mem_free(d);
}

const struct smp_metadata *directory_metadata(const struct directory_entry *entry)
{
    return &entry->metadata;
}

/* Under the lock: where the entry of this address is; NULL: nowhere. */
static struct directory_entry **slot_of(struct directory *d, struct str url)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (d->slots[i] != NULL && str_equal(d->slots[i]->url, url))
            return &d->slots[i];
    return NULL;
}

static bool is_usable(const struct directory_entry *entry, bool any_age, int64_t now)
{
    return now - entry->checked_ms < RECHECK_MS && (any_age || entry->fresh_until_ms > now);
}

static struct directory_entry *slot_find(struct directory *d, struct str url, bool any_age,
                                         int64_t now)
{
    struct directory_entry *found = NULL;
    pthread_mutex_lock(&d->lock);
    struct directory_entry **slot = slot_of(d, url);
    if (slot != NULL && is_usable(*slot, any_age, now))
        found = *slot;
    if (found != NULL)
        atomic_fetch_add(&found->holders, 1);
    pthread_mutex_unlock(&d->lock);
    return found;
}

static void slot_keep(struct directory *d, struct directory_entry *entry)
{
    atomic_fetch_add(&entry->holders, 1);
    pthread_mutex_lock(&d->lock);
    struct directory_entry **slot = slot_of(d, entry->url);
    if (slot == NULL) {
        slot = &d->slots[d->next];
        d->next = (d->next + 1) % SLOTS;
    }
    struct directory_entry *old = *slot;
    *slot = entry;
    pthread_mutex_unlock(&d->lock);
    directory_entry_free(old);
}

void directory_changed(const struct workplace *w, struct str url)
{
    struct directory *d = w->directory;
    struct directory_entry *old = NULL;
    pthread_mutex_lock(&d->lock);
    struct directory_entry **slot = slot_of(d, url);
    if (slot != NULL) {
        old = *slot;
        *slot = NULL;
    }
    pthread_mutex_unlock(&d->lock);
    directory_entry_free(old);
}

struct cache_question {
    struct arena *arena;
    struct str url;
    struct store_cached cached;
    bool found;
};

static bool read_cache(struct store_tx *tx, void *ctx, struct error *e)
{
    struct cache_question *q = ctx;
    return store_cache_get(tx, q->arena, q->url, &q->cached, &q->found, e);
}

static bool entry_verify(const struct workplace *w, const struct smp_service *service,
                         struct directory_entry *entry, struct str answer, struct error *e)
{
    struct smp_question question = {
        .service = *service,
        .federation = w->federation,
        .trust = w->smp_trust,
        .now_ms = store_now_ms(w->store),
    };
    /* The tree outlives the cache row: it must stand on octets of its own. */
    struct str octets = arena_copy(&entry->arena, answer);
    entry->checked_ms = question.now_ms;
    return xml_read(octets, &xml_limits_envelope, &entry->doc, e) &&
           smp_metadata_read(entry->doc, &question, &entry->arena, &entry->metadata, e);
}

bool directory_is_stale(const struct error *e)
{
    return str_is(str_of(e->code), "directory:stale");
}

bool directory_url(const struct stage_run *run, struct str *url, struct error *e)
{
    return service_url(run->w->federation, run->w->settings->send->smp_url, run->message.kind,
                       &run->attributes, run->arena, url, e);
}

static bool cached_answer(const struct stage_run *run, struct cache_question *q, struct error *e)
{
    if (!store_read(run->w->store, read_cache, q, e))
        return false;
    if (!q->found || (!run->looked_up && q->cached.fresh_until_ms <= store_now_ms(run->w->store)))
        return error_code(e, ERROR_RETRY, "directory:stale",
                          "no fresh answer of the directory is there");
    return true;
}

static bool entry_new(const struct stage_run *run, const struct cache_question *q,
                      struct directory_entry **out, struct error *e)
{
    struct smp_service service;
    if (!service_of(run->w->federation, run->message.kind, &run->attributes, &service, e))
        return false;
    struct directory_entry *entry = mem_new(sizeof(*entry));
    atomic_init(&entry->holders, 1);
    entry->url = arena_copy(&entry->arena, q->url);
    entry->fresh_until_ms = q->cached.fresh_until_ms;
    if (!entry_verify(run->w, &service, entry, q->cached.value, e)) {
        directory_entry_free(entry);
        return error_prefix(e, "directory (SMP)");
    }
    *out = entry;
    return true;
}

bool directory_find(const struct stage_run *run, struct directory_entry **out, struct error *e)
{
    AUTO_ARENA arena = {0};
    struct cache_question q = {.arena = &arena};
    struct directory *d = run->w->directory;
    if (!directory_url(run, &q.url, e))
        return false;
    *out = slot_find(d, q.url, run->looked_up, store_now_ms(run->w->store));
    if (*out != NULL)
        return true;
    if (!cached_answer(run, &q, e) || !entry_new(run, &q, out, e))
        return false;
    slot_keep(d, *out);
    return true;
}

bool directory_is_fresh(struct store_tx *tx, const struct workplace *w, struct str kind,
                        const struct attributes *a, bool *fresh, struct error *e)
{
    AUTO_ARENA arena = {0};
    struct cache_question q = {.arena = &arena};
    int64_t now = store_now_ms(w->store);
    if (!service_url(w->federation, w->settings->send->smp_url, kind, a, &arena, &q.url, e))
        return false;
    struct directory_entry *entry = slot_find(w->directory, q.url, false, now);
    directory_entry_free(entry);
    if (entry == NULL && !read_cache(tx, &q, e))
        return false;
    *fresh = entry != NULL || (q.found && q.cached.fresh_until_ms > now);
    return true;
}

bool directory_endpoint(const struct workplace *w, const struct directory_entry *entry,
                        const struct smp_endpoint **out, struct error *e)
{
    int64_t now = store_now_ms(w->store);
    struct smp_question question = {.federation = w->federation, .now_ms = now};
    const struct smp_endpoint *endpoint;
    if (!smp_metadata_endpoint(&entry->metadata, &question, &endpoint, e))
        return error_prefix(e, "directory (SMP)");
    if (!trust_check(w->ap_trust, endpoint->cert, NULL, now, NULL, e))
        return error_prefix(e, "certificate of the receiving access point");
    *out = endpoint;
    return true;
}

bool directory_forget(struct store_tx *tx, const struct stage_run *run, struct str url,
                      struct error *e)
{
    struct cache_question q = {.arena = run->arena, .url = url};
    if (!read_cache(tx, &q, e))
        return false;
    q.cached.key = q.url;
    q.cached.fresh_until_ms = 0;
    return !q.found || store_cache_put(tx, &q.cached, e);
}
