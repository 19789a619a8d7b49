/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_queue.sh */
#include "posthorn/family.h"

enum { PAGE = 1000 };

struct search {
    struct store_tx *tx;
    struct arena *arena; /* for what is kept */
    struct str id;
    struct family_member *found; /* FAMILY_MAX */
    size_t count;
};

/* --- one message */

static bool holds(struct str text, struct str part)
{
    for (size_t i = 0; part.len > 0 && i + part.len <= text.len; i++)
        if (str_equal_nocase(str_bytes(text.at + i, part.len), part))
            return true;
    return false;
}

static bool is_called(const struct store_message *m, const struct attributes *a, struct str id)
{
    const struct str names[] = {m->id, a->message_id, a->xhe_id, a->as4_id};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_equal_nocase(names[i], id))
            return true;
    return false;
}

static bool is_found_already(const struct search *s, struct str id)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_equal(s->found[i].message.id, id))
            return true;
    return false;
}

/* Reads it again so that its texts live in the arena that stays. */
static bool keep(struct search *s, struct str id, struct error *e)
{
    struct family_member m;
    if (s->count == FAMILY_MAX || is_found_already(s, id))
        return true;
    if (!store_message_get(s->tx, s->arena, id, &m.message, e) ||
        !attributes_read(m.message.attributes, s->arena, &m.attributes, e))
        return false;
    s->found[s->count++] = m;
    return true;
}

/* --- all messages */

static bool look_at(struct search *s, const struct store_message *m, struct error *e)
{
    AUTO_ARENA scratch = {0};
    struct attributes attributes;
    if (!str_equal_nocase(m->id, s->id) && !holds(m->attributes, s->id))
        return true;
    if (!attributes_read(m->attributes, &scratch, &attributes, e))
        return false;
    return !is_called(m, &attributes, s->id) || keep(s, m->id, e);
}

static bool look_through_page(struct search *s, struct store_list *list, bool *is_last,
                              struct error *e)
{
    AUTO_ARENA scratch = {0};
    struct store_message *page;
    size_t got;
    uint64_t total;
    if (!store_message_list(s->tx, &scratch, list, &page, &got, &total, e))
        return false;
    for (size_t i = 0; i < got; i++)
        if (!look_at(s, &page[i], e))
            return false;
    list->offset += got;
    *is_last = got == 0 || list->offset >= total;
    return true;
}

static bool look_through(struct search *s, struct error *e)
{
    struct store_list list = {.limit = PAGE};
    bool is_last = false;
    while (!is_last)
        if (!look_through_page(s, &list, &is_last, e))
            return false;
    return true;
}

/* --- the family */

static bool find_first(struct search *s, struct error *e)
{
    struct error unknown = {0};
    struct store_message m;
    bool is_ours = store_message_get(s->tx, s->arena, s->id, &m, &unknown);
    if (!is_ours && unknown.kind != ERROR_REJECT) {
        *e = unknown;
        return false;
    }
    return is_ours ? keep(s, m.id, e) : look_through(s, e);
}

/* The SDK messageId; an inbound message that is not opened yet has it as its XHE id. */
static struct str shared_id(const struct family_member *m)
{
    return m->attributes.message_id.len > 0 ? m->attributes.message_id : m->attributes.xhe_id;
}

static void sort_by_time(struct search *s)
{
    for (size_t i = 1; i < s->count; i++)
        for (size_t j = i;
             j > 0 && s->found[j].message.created_ms < s->found[j - 1].message.created_ms; j--) {
            struct family_member m = s->found[j];
            s->found[j] = s->found[j - 1];
            s->found[j - 1] = m;
        }
}

/* Lists that are in order already become one. */
static void merge(struct family *f, struct arena *a, const struct store_event *more, size_t count)
{
    struct store_event *all = arena_array(a, f->event_count + count + 1, sizeof(*all));
    size_t i = 0, j = 0, n = 0;
    while (i < f->event_count || j < count) {
        bool is_first = j == count || (i < f->event_count && f->events[i].seq < more[j].seq);
        all[n++] = is_first ? f->events[i++] : more[j++];
    }
    f->events = all;
    f->event_count = n;
}

static bool add_events(struct store_tx *tx, struct arena *a, struct str id, struct family *f,
                       struct error *e)
{
    struct store_event *events;
    size_t count;
    if (!store_event_list(tx, a, id, &events, &count, e))
        return false;
    merge(f, a, events, count);
    return true;
}

bool family_read(struct store_tx *tx, struct arena *a, struct str id, struct family *out,
                 struct error *e)
{
    struct search s = {.tx = tx, .arena = a, .id = id};
    struct family f = {0};
    s.found = arena_array(a, FAMILY_MAX, sizeof(*s.found));
    if (!find_first(&s, e))
        return false;
    if (s.count > 0 && shared_id(&s.found[0]).len > 0) {
        s.id = shared_id(&s.found[0]);
        if (!look_through(&s, e))
            return false;
    }
    sort_by_time(&s);
    f.members = s.found;
    f.member_count = s.count;
    for (size_t i = 0; i < s.count; i++)
        if (!add_events(tx, a, s.found[i].message.id, &f, e))
            return false;
    if (s.count == 0 && id.len <= 36 && !add_events(tx, a, id, &f, e))
        return false;
    if (f.member_count == 0 && f.event_count == 0)
        return error_set(e, ERROR_REJECT,
                         "nothing is known of '%.*s'; our own id, an SDK messageId, an AS4 "
                         "MessageId or a receipt's id would be right",
                         STR_ARG(str_upto(id, 100)));
    *out = f;
    return true;
}

static bool is_one_of(struct str state, const char *const *states)
{
    for (; *states != NULL; states++)
        if (str_is(state, *states))
            return true;
    return false;
}

bool family_is_final(struct str state)
{
    static const char *const final[] = {STATE_DELIVERED, STATE_REFUSED,      STATE_UNANSWERED,
                                        STATE_INBOX,     STATE_ACKNOWLEDGED, STATE_NOTED,
                                        STATE_PARKED,    STATE_UPLOADED,     NULL};
    return is_one_of(state, final);
}

bool family_is_good(struct str state)
{
    static const char *const good[] = {STATE_DELIVERED, STATE_INBOX,    STATE_ACKNOWLEDGED,
                                       STATE_NOTED,     STATE_UPLOADED, NULL};
    return is_one_of(state, good);
}
