/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/body.h"

#include "accesspoint/as4/canon.h"
#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/names.h"
#include "runtime/mime/multipart.h"

enum { PARTS_MAX = AS4_PARTS_MAX + 1 };

struct splitter {
    const struct as4_octets *body;
    struct as4_store *store;
    struct arena *arena;
    bool lenient;
    struct str start; /* Content-ID of the root part; empty: the first part */
    struct as4_attachment *parts;
    struct as4_place *places[PARTS_MAX]; /* NULL: the part stays in the body */
    size_t count;
    size_t root; /* index; count: not seen yet */
};

static bool mime_fault(struct error *e)
{
    if (e->kind == ERROR_REJECT && e->code == NULL)
        e->code = EBMS_MIME_INCONSISTENCY;
    return false;
}

static bool refuse(struct error *e, const char *what)
{
    return error_code(e, ERROR_REJECT, EBMS_MIME_INCONSISTENCY, "%s", what);
}

static bool is_encoded(struct str encoding)
{
    return str_equal_nocase(encoding, STR("base64")) ||
           str_equal_nocase(encoding, STR("quoted-printable"));
}

static bool is_root(const struct splitter *s, unsigned index, struct str cid)
{
    return s->start.len == 0 ? index == 0 : str_equal(s->start, cid);
}

static bool refuse_double(const struct splitter *s, struct str cid, struct error *e)
{
    for (size_t i = 0; i < s->count; i++) {
        if (cid.len > 0 && str_equal(s->parts[i].cid, cid))
            return refuse(e, "two MIME parts have one Content-ID");
    }
    return true;
}

static bool on_part(void *ctx, unsigned index, const struct part_header *header, struct sink **sink,
                    struct error *e)
{
    struct splitter *s = ctx;
    if (s->count == PARTS_MAX)
        return refuse(e, "too many MIME parts");
    if (!refuse_double(s, header->content_id, e))
        return false;
    struct as4_attachment *part = &s->parts[s->count];
    part->cid = arena_copy(s->arena, header->content_id);
    part->type = arena_copy(s->arena, header->content_type);
    bool root = is_root(s, index, part->cid);
    if (root)
        s->root = s->count;
    if (root || is_encoded(header->transfer_encoding))
        s->places[s->count] = as4_place_new(s->store, root ? AS4_ENVELOPE_MAX : UINT64_MAX);
    *sink = s->places[s->count] == NULL ? NULL : as4_place_sink(s->places[s->count]);
    s->count++;
    return true;
}

static bool on_part_end(void *ctx, unsigned index, uint64_t raw_offset, uint64_t raw_octets,
                        struct error *e)
{
    struct splitter *s = ctx;
    (void)index;
    (void)e;
    size_t last = s->count - 1;
    struct as4_octets *octets = &s->parts[last].octets;
    if (s->places[last] != NULL)
        *octets = as4_place_octets(s->places[last]);
    else if (s->body->memory.at != NULL)
        octets->memory = str_upto(str_from(s->body->memory, raw_offset), raw_octets);
    else
        *octets = (struct as4_octets){
            .fd = s->body->fd, .offset = s->body->offset + raw_offset, .len = raw_octets};
    return true;
}

/* The envelope is at most 1 MiB, so it may be held. */
static bool hold_octets(const struct as4_octets *o, struct arena *a, struct str *out,
                        struct error *e)
{
    if (o->memory.at != NULL) {
        *out = o->memory;
        return o->memory.len <= AS4_ENVELOPE_MAX || refuse(e, "the SOAP envelope is too large");
    }
    if (o->len > AS4_ENVELOPE_MAX)
        return refuse(e, "the SOAP envelope is larger than 1 MiB");
    AUTO_BUF text = BUF(AS4_ENVELOPE_MAX);
    struct sink_buf sink;
    sink_buf_init(&sink, &text);
    if (!sink_from_file(&sink.sink, o->fd, o->offset, o->len, e))
        return false;
    *out = arena_copy(a, buf_str(&text));
    return true;
}

static bool take_root(struct splitter *s, struct as4_body *out, struct error *e)
{
    if (s->root >= s->count)
        return refuse(e, "no MIME part has the Content-ID that start= names");
    struct as4_attachment *root = &s->parts[s->root];
    if (!str_equal_nocase(as4_media_type(root->type), STR(TYPE_SOAP)))
        return refuse(e, "the root part is not application/soap+xml (SOAP 1.2)");
    if (!hold_octets(&root->octets, s->arena, &out->envelope, e))
        return false;
    for (size_t i = s->root; i + 1 < s->count; i++)
        s->parts[i] = s->parts[i + 1];
    out->attachments = s->parts;
    out->attachment_count = s->count - 1;
    return true;
}

static bool split_multipart(struct splitter *s, const struct media_type *type, struct as4_body *out,
                            struct error *e)
{
    const struct multipart_limits limits = {
        .parts = PARTS_MAX, .part_octets = UINT64_MAX, .lenient = s->lenient};
    const struct multipart_events events = {on_part, on_part_end, s};
    AUTO_MULTIPART m = NULL;
    if (type->boundary.len == 0)
        return refuse(e, "Content-Type has no boundary");
    if (type->start_type.len > 0 && !str_equal_nocase(type->start_type, STR(TYPE_SOAP)))
        return refuse(e, "Content-Type: type is not application/soap+xml");
    s->start = type->start;
    s->parts = arena_array(s->arena, PARTS_MAX, sizeof(s->parts[0]));
    s->root = PARTS_MAX;
    if (!multipart_new(type->boundary, &limits, &events, &m, e) ||
        !as4_octets_to(s->body, multipart_sink(m), e))
        return mime_fault(e);
    return take_root(s, out, e);
}

bool as4_body_split(const struct as4_body_source *source, struct as4_store *store, struct arena *a,
                    struct as4_body *out, struct error *e)
{
    struct media_type type = {0};
    struct as4_body b = {0};
    if (!media_type_read(source->content_type, a, &type, e))
        return mime_fault(e);
    if (str_is(type.type, "multipart/related")) {
        struct splitter s = {
            .body = &source->octets, .store = store, .arena = a, .lenient = source->lenient};
        if (!split_multipart(&s, &type, &b, e))
            return false;
    } else if (!str_is(type.type, TYPE_SOAP)) {
        return refuse(e, "the Content-Type is neither multipart/related nor application/soap+xml");
    } else if (!hold_octets(&source->octets, a, &b.envelope, e)) {
        return false;
    }
    *out = b;
    return true;
}
