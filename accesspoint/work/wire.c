/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/work/wire.h"

#include <string.h>

#include "accesspoint/work/temp.h"
#include "runtime/base/sys.h"

#define PART_OCTETS_MAX (8ULL * 1024 * 1024 * 1024)
enum {
    ROW_MAX = 64 * 1024,  /* what a row of the store holds */
    PART_MAX = 48 * 1024, /* kept in memory, so that with its envelope it fits one row mostly */
    AROUND_MAX = 2 * ROW_MAX,
};

void wire_release(struct wire *w)
{
    buf_release(&w->body);
    store_writer_free(w->writer);
    store_reader_free(w->reader);
    if (w->fd > 0)
        sys_close(&w->fd);
    *w = (struct wire){0};
}

/* --- sealing */

static bool begin_large(struct wire *w, struct error *e)
{
    if (!store_writer_new(w->store, true, PART_OCTETS_MAX, &w->writer, e) ||
        !sink_write(store_writer_sink(w->writer), buf_str(&w->body), e))
        return false;
    buf_clear(&w->body);
    return true;
}

static bool write_part(struct sink *sink, struct str octets, struct error *e)
{
    struct wire *w = (struct wire *)sink;
    char *room; /* made once, for what will stand around it too */
    w->octets += octets.len;
    if (w->writer == NULL && w->octets <= PART_MAX)
        return buf_room(&w->body, ROW_MAX - w->body.len, &room, e) && buf_add(&w->body, octets, e);
    return (w->writer != NULL || begin_large(w, e)) &&
           sink_write(store_writer_sink(w->writer), octets, e);
}

static bool finish_part(struct sink *sink, struct error *e)
{
    struct wire *w = (struct wire *)sink;
    return w->writer == NULL || sink_finish(store_writer_sink(w->writer), e);
}

struct sink *wire_open(struct wire *w, struct store *store)
{
    *w = (struct wire){
        .sink = {write_part, finish_part},
        .store = store,
        .body = BUF(AROUND_MAX + PART_MAX),
        .fd = -1,
    };
    return &w->sink;
}

bool wire_close(struct wire *w, const struct as4_wire *around, struct error *e)
{
    struct str before = around->part_count == 0 ? STR("") : around->before[0];
    w->before = before.len;
    return buf_add_before(&w->body, before, e) && buf_add(&w->body, around->after, e);
}

bool wire_is_small(const struct wire *w)
{
    return w->writer == NULL;
}

static bool put_slot(struct store_tx *tx, const struct store_payload *of, const char *slot,
                     struct str octets, struct error *e)
{
    struct store_payload p = *of;
    p.slot = str_of(slot);
    return store_payload_put(tx, &p, octets, e);
}

static bool put_pieces(struct store_tx *tx, const struct wire *w, const struct store_payload *of,
                       struct error *e)
{
    struct str rest = str_from(buf_str(&w->body), (size_t)w->before);
    size_t part = w->writer == NULL ? (size_t)w->octets : 0;
    bool ok = w->writer == NULL
                  ? put_slot(tx, of, SLOT_WIRE_PART, str_upto(rest, part), e)
                  : store_payload_attach(tx, of->message, STR(SLOT_WIRE_PART),
                                         STR("application/octet-stream"), w->writer, e);
    return ok &&
           put_slot(tx, of, SLOT_WIRE_HEAD, str_upto(buf_str(&w->body), (size_t)w->before), e) &&
           put_slot(tx, of, SLOT_WIRE_TAIL, str_from(rest, part), e);
}

bool wire_put(struct store_tx *tx, const struct wire *w, struct str message,
              struct str content_type, struct error *e)
{
    struct store_payload of = {.message = message, .media_type = content_type, .open = true};
    return w->writer == NULL && w->body.len <= ROW_MAX
               ? put_slot(tx, &of, SLOT_WIRE, buf_str(&w->body), e)
               : put_pieces(tx, w, &of, e);
}

/* --- pushing */

static bool load_slot(struct wire *w, struct str message, const char *slot, struct error *e)
{
    struct sink_buf into;
    sink_buf_init(&into, &w->body);
    return store_payload_read(w->store, message, str_of(slot), &into.sink, e);
}

/* A file that accesspoint-send can read: the store's own, or where it has none a copy. */
static bool load_part(struct wire *w, const struct workplace *place, struct str message,
                      struct error *e)
{
    uint64_t octets;
    if (!store_reader_open(w->store, message, STR(SLOT_WIRE_PART), &w->reader, e))
        return false;
    octets = store_reader_payload(w->reader)->octets;
    if (octets <= ROW_MAX) {
        store_reader_free(w->reader);
        w->reader = NULL;
        return load_slot(w, message, SLOT_WIRE_PART, e);
    }
    return store_reader_fd(w->reader) != -1 ||
           temp_payload(place, message, STR(SLOT_WIRE_PART), &w->fd, &octets, e);
}

static bool load_pieces(struct wire *w, const struct workplace *place, struct str message,
                        struct error *e)
{
    if (!load_slot(w, message, SLOT_WIRE_HEAD, e))
        return false;
    w->before = w->body.len;
    return load_part(w, place, message, e) && load_slot(w, message, SLOT_WIRE_TAIL, e);
}

bool wire_load(struct wire *w, const struct workplace *place, struct str message, struct error *e)
{
    struct error unknown = {0};
    wire_release(w);
    *w = (struct wire){.store = place->store, .body = BUF(AROUND_MAX + ROW_MAX), .fd = -1};
    if (load_slot(w, message, SLOT_WIRE, &unknown))
        return true;
    if (unknown.kind != ERROR_REJECT)
        return error_set(e, unknown.kind, "%s", unknown.text);
    return load_pieces(w, place, message, e);
}

struct errand_ask wire_push(const struct wire *w, struct str url, struct str content_type)
{
    struct errand_ask ask = {
        .errand = {.url = url, .content_type = content_type, .before = w->before},
        .body = buf_str(&w->body),
        .fd = -1,
    };
    if (w->reader == NULL)
        return ask;
    const struct store_payload *part = store_reader_payload(w->reader);
    ask.fd = w->fd == -1 ? store_reader_fd(w->reader) : w->fd;
    ask.errand.octets = part->octets;
    memcpy(ask.errand.sha256, part->sha256, sizeof(ask.errand.sha256));
    return ask;
}
