/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/directory.h"

#include <pthread.h>
#include <stdatomic.h>

#include "accesspoint/service.h"
#include "runtime/base/mem.h"

/* Verified answers are few and live an hour; the oldest slot gives way. */
enum { SLOTS = 256, RECHECK_MS = 60 * 1000 };

struct directory_entry {
    atomic_uint holders;
    struct arena arena;
    struct xml_doc *doc;
    struct smp_metadata metadata;
    struct digest_value digest; /* of its address and octets */
    int64_t checked_ms;         /* trust in the signer was asked then */
};

struct directory {
    pthread_mutex_t lock;
    struct directory_entry *slots[SLOTS];
    size_t next;
};

bool directory_new(const struct workplace *w, struct directory **out, struct error *e)
{
    (void)w;
    (void)e;
    struct directory *d = mem_new(sizeof(*d));
    pthread_mutex_init(&d->lock, NULL);
    *out = d;
    return true;
}

static void entry_drop(struct directory_entry *entry)
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
        entry_drop(d->slots[i]);
    pthread_mutex_destroy(&d->lock);
    mem_free(d);
}

void directory_entry_free(struct directory_entry *entry)
{
    entry_drop(entry);
}

void directory_entry_free_at(struct directory_entry **entry)
{
    entry_drop(*entry);
}

const struct smp_metadata *directory_metadata(const struct directory_entry *entry)
{
    return &entry->metadata;
}

static struct directory_entry *slot_find(struct directory *d, const struct digest_value *digest,
                                         int64_t now)
{
    struct directory_entry *found = NULL;
    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < SLOTS && found == NULL; i++) {
        struct directory_entry *entry = d->slots[i];
        if (entry != NULL && now - entry->checked_ms < RECHECK_MS &&
            digest_equal(&entry->digest, digest_str(digest)))
            found = entry;
    }
    if (found != NULL)
        atomic_fetch_add(&found->holders, 1);
    pthread_mutex_unlock(&d->lock);
    return found;
}

static void slot_keep(struct directory *d, struct directory_entry *entry)
{
    atomic_fetch_add(&entry->holders, 1);
    pthread_mutex_lock(&d->lock);
    struct directory_entry *old = d->slots[d->next];
    d->slots[d->next] = entry;
    d->next = (d->next + 1) % SLOTS;
    pthread_mutex_unlock(&d->lock);
    entry_drop(old);
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

/* Of the address too: what was verified for one participant must not pass for another. */
static bool digest_answer(const struct cache_question *q, struct digest_value *out, struct error *e)
{
    AUTO_DIGEST_SINK sink;
    digest_sink_init(&sink, DIGEST_SHA256, NULL);
    if (!sink_write(&sink.sink, q->url, e) || !sink_write(&sink.sink, STR("\n"), e) ||
        !sink_write(&sink.sink, q->cached.value, e) || !sink_finish(&sink.sink, e))
        return false;
    digest_sink_value(&sink, out);
    return true;
}

static bool cached_answer(const struct workplace *w, struct str kind, const struct attributes *a,
                          struct arena *arena, struct str *answer, struct digest_value *digest,
                          struct error *e)
{
    struct cache_question q = {.arena = arena};
    if (!service_url(w->federation, w->settings->send->smp_url, kind, a, arena, &q.url, e) ||
        !store_read(w->store, read_cache, &q, e))
        return false;
    if (!q.found)
        return error_code(e, ERROR_RETRY, "directory:stale", "the directory's answer is not there");
    *answer = q.cached.value;
    return digest_answer(&q, digest, e);
}

bool directory_find(const struct workplace *w, struct str kind, const struct attributes *a,
                    struct directory_entry **out, struct error *e)
{
    AUTO_ARENA arena = {0};
    struct str answer;
    struct smp_service service;
    struct digest_value digest;
    if (!service_of(w->federation, kind, a, &service, e) ||
        !cached_answer(w, kind, a, &arena, &answer, &digest, e))
        return false;
    *out = slot_find(w->directory, &digest, store_now_ms(w->store));
    if (*out != NULL)
        return true;
    struct directory_entry *entry = mem_new(sizeof(*entry));
    atomic_init(&entry->holders, 1);
    entry->digest = digest;
    if (!entry_verify(w, &service, entry, answer, e)) {
        entry_drop(entry);
        return error_prefix(e, "directory (SMP)");
    }
    slot_keep(w->directory, entry);
    *out = entry;
    return true;
}

bool directory_is_fresh(struct store_tx *tx, const struct workplace *w, struct str kind,
                        const struct attributes *a, bool *fresh, struct error *e)
{
    AUTO_ARENA arena = {0};
    struct cache_question q = {.arena = &arena};
    if (!service_url(w->federation, w->settings->send->smp_url, kind, a, &arena, &q.url, e) ||
        !read_cache(tx, &q, e))
        return false;
    *fresh = q.found && q.cached.fresh_until_ms > store_now_ms(w->store);
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

bool directory_forget(struct store_tx *tx, const struct workplace *w, struct str kind,
                      const struct attributes *a, struct error *e)
{
    AUTO_ARENA arena = {0};
    struct cache_question q = {.arena = &arena};
    if (!service_url(w->federation, w->settings->send->smp_url, kind, a, &arena, &q.url, e) ||
        !read_cache(tx, &q, e))
        return false;
    q.cached.key = q.url;
    q.cached.fresh_until_ms = 0;
    return !q.found || store_cache_put(tx, &q.cached, e);
}
