/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/view.h"

#include "accesspoint/flow.h"

/* --- words */

static const struct word {
    const char *state, *status;
    bool inbound;
} words[] = {
    {STATE_ACCEPTED, "accepted", false},
    {STATE_SEALED, "sealed", false},
    {STATE_TRANSFERRED, "transferred", false},
    {STATE_DELIVERED, "delivered", false},
    {STATE_REFUSED, "refused", false},
    {STATE_UNANSWERED, "unanswered", false},
    {STATE_PARKED, "parked", false},
    {STATE_INBOX, "new", true},
    {STATE_ACKNOWLEDGED, "acknowledged", true},
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

const char *view_status(struct str state, bool inbound)
{
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].inbound == inbound && str_is(state, words[i].state))
            return words[i].status;
    return "";
}

size_t view_states(struct str status, bool inbound, const char *out[static VIEW_STATES_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < WORDS && count < VIEW_STATES_MAX; i++)
        if (words[i].inbound == inbound && str_is(status, words[i].status))
            out[count++] = words[i].state;
    return count;
}

/* "BV/not-found text" */
static void put_reason(struct json_writer *w, struct str reason)
{
    reason = str_trim(reason);
    size_t end = str_find_char(reason, ' ');
    json_open_object(w, NULL);
    json_put_text(w, "code", str_upto(reason, end));
    json_put_text(w, "text", str_trim(str_from(reason, end)));
    json_close(w);
}

void view_put_outcome(struct json_writer *w, struct str outcome)
{
    size_t end = str_find_char(outcome, ' ');
    struct str code = str_upto(outcome, end);
    if (!str_is(code, "ACCEPTED") && !str_is(code, "REJECTED"))
        return;
    struct str rest = str_trim(str_from(outcome, end));
    json_open_object(w, "outcome");
    json_put_text(w, "code", code);
    json_open_array(w, "reasons");
    while (rest.len > 0) {
        size_t stop = str_find(rest, STR("; "));
        put_reason(w, str_upto(rest, stop));
        rest = str_from(rest, stop + 2);
    }
    json_close(w);
    json_close(w);
}

/* --- whose */

const struct client_mailbox *view_sent_from(const struct call *c, const struct store_message *m)
{
    if (!str_is(m->kind, KIND_SDK_OUT))
        return NULL;
    return client_mailbox_by_address(c->client, m->mailbox);
}

const struct client_mailbox *view_came_to(const struct call *c, const struct store_message *m)
{
    if (!str_is(m->kind, KIND_SDK_IN) || view_status(m->state, true)[0] == '\0')
        return NULL;
    return client_mailbox_by_address(c->client, m->mailbox);
}

/* --- messages */

static void put_optional(struct json_writer *w, const char *name, struct str text)
{
    if (text.len > 0)
        json_put_text(w, name, text);
}

static void put_party(struct json_writer *w, const char *name, struct str participant,
                      struct str address)
{
    json_open_object(w, name);
    json_put_text(w, "participant", participant);
    json_put_text(w, "address", address);
    json_close(w);
}

static void put_between(struct json_writer *w, const struct attributes *a)
{
    put_party(w, "sender", a->from, a->from_address);
    put_party(w, "recipient", a->to, a->to_address);
    json_put_text(w, "conversationId", a->conversation_id);
    put_optional(w, "replyTo", a->ref_id);
}

void view_put_message_links(struct call *c, struct json_writer *w, struct str id)
{
    json_open_object(w, "_links");
    call_put_link(w, "self", call_url(c, "/messages/%.*s", STR_ARG(id)), "self", "GET");
    call_put_link(w, "events", call_url(c, "/messages/%.*s/events", STR_ARG(id)), "related", "GET");
    json_close(w);
}

static bool has_reason(const struct store_message *m)
{
    return m->last_why.len > 0 &&
           (m->attempts > 0 || str_is(m->state, STATE_REFUSED) || str_is(m->state, STATE_PARKED) ||
            str_is(m->state, STATE_UNANSWERED));
}

bool view_put_message(struct call *c, struct json_writer *w, const struct store_message *m,
                      struct error *e)
{
    struct attributes a = {0};
    const struct client_mailbox *mailbox = client_mailbox_by_address(c->client, m->mailbox);
    if (!attributes_read(m->attributes, &c->arena, &a, e))
        return false;
    json_open_object(w, NULL);
    json_put_text(w, "messageId", m->id);
    json_put_text(w, "status", str_of(view_status(m->state, false)));
    json_put_text(w, "createdAt", call_time(c, m->created_ms));
    json_put_text(w, "statusChangedAt", call_time(c, m->changed_ms));
    json_put_text(w, "mailboxId", mailbox == NULL ? STR_NONE : mailbox->id);
    put_between(w, &a);
    json_put_integer(w, "attempts", m->attempts);
    if (has_reason(m))
        json_put_text(w, "reason", m->last_why);
    view_put_outcome(w, a.outcome);
    view_put_message_links(c, w, m->id);
    json_close(w);
    return true;
}

void view_put_inbox_links(struct call *c, struct json_writer *w, const struct store_message *m)
{
    json_open_object(w, "_links");
    call_put_link(w, "self", call_url(c, "/inbox-messages/%.*s", STR_ARG(m->id)), "self", "GET");
    if (str_is(m->state, STATE_INBOX))
        call_put_link(w, "acknowledge",
                      call_url(c, "/inbox-messages/%.*s/acknowledgements", STR_ARG(m->id)), "edit",
                      "POST");
    json_close(w);
}

bool view_put_inbox_item(struct call *c, struct json_writer *w, const struct store_message *m,
                         struct error *e)
{
    struct attributes a = {0};
    const struct client_mailbox *mailbox = client_mailbox_by_address(c->client, m->mailbox);
    if (!attributes_read(m->attributes, &c->arena, &a, e))
        return false;
    json_open_object(w, NULL);
    json_put_text(w, "inboxMessageId", m->id);
    json_put_text(w, "messageId", a.message_id);
    json_put_text(w, "status", str_of(view_status(m->state, true)));
    json_put_text(w, "receivedAt", call_time(c, m->created_ms));
    json_put_text(w, "mailboxId", mailbox == NULL ? STR_NONE : mailbox->id);
    put_between(w, &a);
    view_put_inbox_links(c, w, m);
    json_close(w);
    return true;
}
