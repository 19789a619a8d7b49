/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
#include "accesspoint/api/upload.h"

#include "accesspoint/api/api.h"
#include "accesspoint/attributes.h"
#include "accesspoint/flow.h"
#include "runtime/base/text.h"

enum { NAME_MAX_OCTETS = 1024 /* 255 characters */ };

static bool is_unknown(const struct error *e)
{
    return e->code != NULL && str_is(str_of(e->code), "store:unknown");
}

static bool describe(struct call *c, const struct store_payload *p, struct upload *u,
                     struct error *e)
{
    AUTO_BUF hex = BUF(64);
    if (str_is(p->slot, UPLOAD_NAME_SLOT))
        u->has_name = true;
    if (!str_is(p->slot, UPLOAD_SLOT))
        return true;
    if (!hex_encode(&hex, str_bytes(p->sha256, 32), e))
        return false;
    u->found = true;
    u->octets = p->octets;
    u->type = p->media_type;
    u->sha256 = arena_copy(&c->arena, buf_str(&hex));
    return true;
}

bool upload_get(struct store_tx *tx, struct call *c, struct upload *u, struct error *e)
{
    struct store_message m;
    struct attributes a = {0};
    struct store_payload *payloads;
    size_t count;
    u->found = false;
    u->has_name = false;
    if (!store_message_get(tx, &c->arena, u->id, &m, e)) {
        bool unknown = is_unknown(e);
        if (unknown)
            error_clear(e);
        return unknown;
    }
    if (!str_is(m.kind, KIND_UPLOAD))
        return true;
    if (!attributes_read(m.attributes, &c->arena, &a, e))
        return false;
    if (!str_equal(a.client, c->client->name))
        return true;
    if (!store_payload_list(tx, &c->arena, u->id, &payloads, &count, e))
        return false;
    u->created_ms = m.created_ms;
    for (size_t i = 0; i < count; i++)
        if (!describe(c, &payloads[i], u, e))
            return false;
    return true;
}

bool upload_read_name(struct call *c, struct upload *u, struct error *e)
{
    AUTO_BUF name = BUF(NAME_MAX_OCTETS);
    struct sink_buf into;
    if (!u->has_name)
        return true;
    sink_buf_init(&into, &name);
    if (!store_payload_read(c->api->store, u->id, STR(UPLOAD_NAME_SLOT), &into.sink, e))
        return false;
    u->name = arena_copy(&c->arena, buf_str(&name));
    return true;
}

bool upload_sweep(struct store_tx *tx, const struct api *api, size_t *swept, struct error *e)
{
    AUTO_ARENA a = {0};
    struct store_message *old;
    uint64_t total;
    struct store_list list = {
        .kind = STR(KIND_UPLOAD),
        .to_ms = store_now_ms(api->store) - UPLOAD_LIFE_MS,
        .limit = UPLOAD_SWEEP_MAX,
    };
    if (!store_message_list(tx, &a, &list, &old, swept, &total, e))
        return false;
    for (size_t i = 0; i < *swept; i++)
        if (!store_message_dispose(tx, old[i].id, "no message referred to it in time", e))
            return false;
    return true;
}
