/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_payloads.c, suite_crashes.c */
#include "runtime/store/writer.h"

#include <inttypes.h>

#include "runtime/base/mem.h"
#include "runtime/store/segment.h"

static bool write_segment(struct store_writer *w, bool last, struct error *e)
{
    struct segment s = {secret_peek(&w->key), uuid_str(&w->id), w->place++, last};
    struct str stored = buf_str(&w->plain);
    buf_clear(&w->stored);
    if (!w->open) {
        if (!segment_seal(&s, stored, &w->stored, e))
            return false;
        stored = buf_str(&w->stored);
    }
    if (!blob_write(&w->blob, stored, e))
        return false;
    buf_clear(&w->plain);
    return true;
}

/* A full segment waits until more comes: only then it is known not to be the last. */
static bool make_room(struct store_writer *w, struct error *e)
{
    if (w->plain.len < SEGMENT_PLAIN)
        return true;
    if (!w->large && !blob_begin(&w->blob, w->store, uuid_str(&w->id), e))
        return false;
    w->large = true;
    return write_segment(w, false, e);
}

static bool take_octets(struct store_writer *w, struct str octets, struct error *e)
{
    if (octets.len > w->limit || w->octets > w->limit - octets.len)
        return error_set(e, ERROR_REJECT, "more than %" PRIu64 " octets", w->limit);
    w->octets += octets.len;
    if (!sink_write(&w->digest.sink, octets, e))
        return false;
    while (octets.len > 0) {
        if (!make_room(w, e))
            return false;
        struct str part = str_upto(octets, SEGMENT_PLAIN - w->plain.len);
        if (!buf_add(&w->plain, part, e))
            return false;
        octets = str_from(octets, part.len);
    }
    return true;
}

static bool writer_write(struct sink *sink, struct str octets, struct error *e)
{
    struct store_writer *w = (struct store_writer *)sink;
    if (w->failed || w->finished)
        return error_set(e, ERROR_BUG, "a payload was written to after its end");
    w->failed = !take_octets(w, octets, e);
    return !w->failed;
}

static bool end_octets(struct store_writer *w, struct error *e)
{
    struct segment only = {secret_peek(&w->key), uuid_str(&w->id), 0, true};
    if (!sink_finish(&w->digest.sink, e))
        return false;
    digest_sink_value(&w->digest, &w->sha256);
    if (w->large)
        return write_segment(w, true, e) && blob_end(&w->blob, e);
    return w->open || segment_seal(&only, buf_str(&w->plain), &w->stored, e);
}

static bool writer_finish(struct sink *sink, struct error *e)
{
    struct store_writer *w = (struct store_writer *)sink;
    if (w->failed || w->finished)
        return error_set(e, ERROR_BUG, "a payload was finished twice or after a failure");
    w->finished = end_octets(w, e);
    w->failed = !w->finished;
    if (w->failed || w->large || !w->open)
        buf_release(&w->plain);
    return w->finished;
}

struct str writer_content(const struct store_writer *w)
{
    return w->large ? STR("") : buf_str(w->open ? &w->plain : &w->stored);
}

bool writer_key(const struct store *store, struct secret *key, struct error *e)
{
    unsigned char octets[STORE_KEY_SIZE];
    if (store->key.len != STORE_KEY_SIZE)
        return error_set(e, ERROR_DENY, "this program has no storage key: open payloads only");
    random_octets(octets, sizeof(octets));
    secret_set(key, octets, sizeof(octets));
    mem_wipe(octets, sizeof(octets));
    return true;
}

bool store_writer_new(struct store *store, bool open, uint64_t limit_octets,
                      struct store_writer **out, struct error *e)
{
    AUTO_SECRET key = {0};
    if (!open && !writer_key(store, &key, e))
        return false;
    struct store_writer *w = mem_new(sizeof(*w));
    w->key = key;
    key = (struct secret){0};
    w->sink = (struct sink){writer_write, writer_finish};
    w->store = store;
    w->id = uuid_random();
    w->open = open;
    w->limit = limit_octets < INT64_MAX ? limit_octets : INT64_MAX;
    w->plain = BUF(SEGMENT_PLAIN);
    w->stored = BUF(SEGMENT_SEALED);
    digest_sink_init(&w->digest, DIGEST_SHA256, NULL);
    *out = w;
    return true;
}

void store_writer_free(struct store_writer *w)
{
    if (w == NULL)
        return;
    blob_release(&w->blob);
    if (w->large && !w->kept)
        blob_unlink(w->store, uuid_str(&w->id));
    digest_sink_release(&w->digest);
    secret_release(&w->key);
    buf_release(&w->plain);
    buf_release(&w->stored);
    mem_free(w);
}

void store_writer_free_at(struct store_writer **w)
{
    store_writer_free(*w);
    *w = NULL;
}

/* After the commit: the file belongs to its row from now on. */
void writer_kept(struct store_writer *w)
{
    w->kept = true;
    if (w->large)
        blob_settle(w->store, uuid_str(&w->id));
}

struct sink *store_writer_sink(struct store_writer *w)
{
    return &w->sink;
}

uint64_t store_writer_octets(const struct store_writer *w)
{
    return w->octets;
}

const unsigned char *store_writer_sha256(const struct store_writer *w)
{
    return w->sha256.octets;
}
