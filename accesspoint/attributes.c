/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/attributes.h"

#include "runtime/base/json.h"
#include "runtime/base/json_flat.h"
#include "runtime/store/store.h"

enum { ATTRIBUTES_MAX = 32 * 1024 };

static const struct {
    const char *name;
    size_t at;
} texts[] = {
    {ATTR_FROM, offsetof(struct attributes, from)},
    {ATTR_TO, offsetof(struct attributes, to)},
    {ATTR_FROM_ADDRESS, offsetof(struct attributes, from_address)},
    {ATTR_TO_ADDRESS, offsetof(struct attributes, to_address)},
    {ATTR_MESSAGE_ID, offsetof(struct attributes, message_id)},
    {ATTR_CONVERSATION_ID, offsetof(struct attributes, conversation_id)},
    {ATTR_REF_ID, offsetof(struct attributes, ref_id)},
    {ATTR_XHE_ID, offsetof(struct attributes, xhe_id)},
    {ATTR_AS4_ID, offsetof(struct attributes, as4_id)},
    {ATTR_CLIENT, offsetof(struct attributes, client)},
    {ATTR_ENDPOINT, offsetof(struct attributes, endpoint)},
    {ATTR_TO_PARTY, offsetof(struct attributes, to_party)},
    {ATTR_SIGNER, offsetof(struct attributes, signer)},
    {ATTR_CONTENT_TYPE, offsetof(struct attributes, content_type)},
    {ATTR_OUTCOME, offsetof(struct attributes, outcome)},
    {ATTR_PEER, offsetof(struct attributes, peer)},
    {ATTR_REFERENCES, offsetof(struct attributes, references)},
};
enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static struct str *text_at(struct attributes *a, size_t i)
{
    return (struct str *)(void *)((char *)a + texts[i].at);
}

/* *next: where the last one was found. They come in the order of the table, as written. */
static struct str *find_text(struct attributes *a, struct str name, size_t *next)
{
    for (size_t i = 0; i < TEXTS; i++) {
        size_t at = (*next + i) % TEXTS;
        if (str_is(name, texts[at].name)) {
            *next = at + 1;
            return text_at(a, at);
        }
    }
    return NULL;
}

bool attributes_read(struct str json, struct arena *a, struct attributes *out, struct error *e)
{
    struct attributes read = {0};
    struct json_member m;
    struct json_flat f = json_flat_of(arena_copy(a, json.len == 0 ? STR("{}") : json), a, e);
    for (size_t next = 0; json_flat_next(&f, &m);) {
        struct str *text = m.kind == JSON_TEXT ? find_text(&read, m.name, &next) : NULL;
        if (text != NULL)
            *text = m.text;
        else if (m.kind == JSON_BOOLEAN && str_is(m.name, ATTR_REFETCHED))
            read.refetched = m.number == 1;
    }
    if (!json_flat_done(&f))
        return error_prefix(e, "attributes");
    *out = read;
    return true;
}

bool attributes_write(const struct attributes *attributes, struct arena *a, struct str *json,
                      struct error *e)
{
    struct attributes copy = *attributes;
    AUTO_BUF out = BUF(ATTRIBUTES_MAX);
    struct json_writer w = json_writer_on(&out, e);
    json_open_object(&w, NULL);
    for (size_t i = 0; i < TEXTS; i++)
        if (text_at(&copy, i)->len > 0)
            json_put_text(&w, texts[i].name, *text_at(&copy, i));
    if (copy.refetched)
        json_put_boolean(&w, ATTR_REFETCHED, true);
    json_close(&w);
    if (!json_done(&w))
        return false;
    *json = arena_copy(a, buf_str(&out));
    return true;
}

static struct str text_copy(struct str text, struct arena *a)
{
    return text.at == NULL ? STR_NONE : arena_copy(a, text);
}

struct attributes attributes_copy(const struct attributes *of, struct arena *a)
{
    struct attributes copy = *of;
    for (size_t i = 0; i < TEXTS; i++)
        *text_at(&copy, i) = text_copy(*text_at(&copy, i), a);
    return copy;
}

struct store_message message_copy(const struct store_message *m, struct arena *a)
{
    struct store_message copy = *m;
    copy.id = text_copy(m->id, a);
    copy.kind = text_copy(m->kind, a);
    copy.state = text_copy(m->state, a);
    copy.mailbox = text_copy(m->mailbox, a);
    copy.attributes = text_copy(m->attributes, a);
    copy.owner = text_copy(m->owner, a);
    copy.lease = text_copy(m->lease, a);
    copy.last_why = text_copy(m->last_why, a);
    copy.parked_from = text_copy(m->parked_from, a);
    return copy;
}
