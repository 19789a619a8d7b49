/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/family.h"

/* Message receipts come within days (receipt-wait is at most 14), nearly always within a minute. */
#define RECEIPT_LATEST_MS (15LL * 24 * 3600 * 1000)
#define AFTERMATH_MS      (3600LL * 1000) /* repeated messages and receipts come soon after */
enum { PAGE = 1000 };

struct search {
    struct store_tx *tx;
    struct arena *arena; /* for what is kept */
    struct str id;
    struct family_member *found; /* FAMILY_MAX */
    size_t count;
    bool stops_at_first;
};

/* --- one message */

/* The same letter in the other case. */
static char swapped(char c)
{
    bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter ? (char)((unsigned char)c ^ 0x20U) : c;
}

static bool holds(struct str text, struct str part)
{
    char first = part.len == 0 ? '\0' : part.at[0], other = swapped(first);
    for (size_t i = 0; part.len > 0 && i + part.len <= text.len; i++)
        if ((text.at[i] == first || text.at[i] == other) &&
            str_equal_nocase(str_bytes(text.at + i, part.len), part))
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

/* A message and a receipt are there: what else belongs to them was made soon after. */
static int64_t search_until(const struct search *s)
{
    bool has_message = false, has_receipt = false;
    int64_t latest_ms = 0, earliest_ms = INT64_MAX;
    for (size_t i = 0; i < s->count; i++) {
        const struct store_message *m = &s->found[i].message;
        has_message = has_message || str_starts(m->kind, STR("sdk-"));
        has_receipt = has_receipt || str_starts(m->kind, STR("receipt-"));
        latest_ms = m->created_ms > latest_ms ? m->created_ms : latest_ms;
        earliest_ms = m->created_ms < earliest_ms ? m->created_ms : earliest_ms;
    }
    return has_message && has_receipt ? latest_ms + AFTERMATH_MS : earliest_ms + RECEIPT_LATEST_MS;
}

/* The next page begins at the time of the last message: skipping rows by number takes ever longer. */
static void go_behind(struct store_list *list, const struct store_message *page, size_t got)
{
    int64_t last_ms = page[got - 1].created_ms;
    int64_t *bound = list->newest_first ? &list->to_ms : &list->from_ms;
    int64_t next = list->newest_first ? last_ms + 1 : last_ms;
    size_t same = 0;
    while (same < got && page[got - 1 - same].created_ms == last_ms)
        same++;
    list->offset = *bound == next ? list->offset + got : same;
    *bound = next;
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
    *is_last = got == 0 || list->offset + got >= total || (s->stops_at_first && s->count > 0) ||
               (!s->stops_at_first && page[got - 1].created_ms > search_until(s));
    if (got > 0)
        go_behind(list, page, got);
    return true;
}

static bool look_through(struct search *s, struct store_list *list, struct error *e)
{
    bool is_last = false;
    list->limit = PAGE;
    while (!is_last)
        if (!look_through_page(s, list, &is_last, e))
            return false;
    return true;
}

/* --- the family */

static bool keep_if_known(struct search *s, struct str id, struct error *e)
{
    struct error unknown = {0};
    struct store_message m;
    if (store_message_get(s->tx, s->arena, id, &m, &unknown))
        return keep(s, m.id, e);
    if (unknown.kind == ERROR_REJECT)
        return true;
    *e = unknown;
    return false;
}

static bool keep_by_name(struct search *s, struct str scope, struct str name, struct error *e)
{
    struct str id;
    if (name.len > 512) /* store.h: no name is longer */
        return true;
    return store_name_find(s->tx, s->arena, scope, name, &id, e) && (id.len == 0 || keep(s, id, e));
}

/* What is asked for is mostly recent: the newest first. */
static bool find_first(struct search *s, struct error *e)
{
    struct store_list list = {.newest_first = true};
    s->stops_at_first = true;
    if ((s->id.len <= 36 && !keep_if_known(s, s->id, e)) ||
        (s->count == 0 && !keep_by_name(s, STR(SCOPE_XHE_OUT), s->id, e)))
        return false;
    return s->count > 0 || look_through(s, &list, e);
}

/* The SDK messageId; an inbound message that is not opened yet has it as its XHE id. */
static struct str shared_id(const struct family_member *m)
{
    return m->attributes.message_id.len > 0 ? m->attributes.message_id : m->attributes.xhe_id;
}

/* The message itself, where the first that was found is its receipt. */
static bool find_origin(struct search *s, struct error *e)
{
    struct str senders[] = {s->found[0].attributes.from, s->found[0].attributes.to};
    if ((s->id.len <= 36 && !keep_if_known(s, s->id, e)) ||
        !keep_by_name(s, STR(SCOPE_XHE_OUT), s->id, e))
        return false;
    for (size_t i = 0; i < 2; i++) {
        struct str name = arena_format(s->arena, "%.*s %.*s", STR_ARG(senders[i]), STR_ARG(s->id));
        if (!keep_by_name(s, STR(SCOPE_XHE_IN), name, e))
            return false;
    }
    return true;
}

static bool find_others(struct search *s, struct error *e)
{
    struct store_list list = {.from_ms = s->found[0].message.created_ms};
    s->stops_at_first = false;
    s->id = shared_id(&s->found[0]);
    if (s->id.len == 0)
        return true;
    if (!find_origin(s, e))
        return false;
    bool has_origin = false;
    for (size_t i = 0; i < s->count; i++) {
        const struct store_message *m = &s->found[i].message;
        has_origin = has_origin || str_starts(m->kind, STR("sdk-"));
        list.from_ms = m->created_ms < list.from_ms ? m->created_ms : list.from_ms;
    }
    if (!has_origin) /* a message that we refused has no name */
        list.from_ms -= RECEIPT_LATEST_MS;
    return look_through(s, &list, e);
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
    if (!find_first(&s, e) || (s.count > 0 && !find_others(&s, e)))
        return false;
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
