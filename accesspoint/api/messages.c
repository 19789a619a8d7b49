/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
/* What became of the messages that a client sent: list, status, steps. */
#include "accesspoint/api/api.h"
#include "accesspoint/api/listing.h"
#include "accesspoint/api/view.h"
#include "accesspoint/flow.h"

/* --- the list */

void api_list_messages(void *ctx, struct http_request *r)
{
    struct call *c = call_begin(ctx, r, PAGE_TIME_NAMES "|mailboxId");
    if (c == NULL)
        return;
    struct str id = http_query(r, "mailboxId");
    const struct client_mailbox *mailbox = NULL;
    if (id.at != NULL) {
        mailbox = client_mailbox_by_id(c->client, id);
        if (mailbox == NULL) {
            call_problem(c, PROBLEM_NOT_FOUND, STR("mailboxId names no mailbox of this client"));
            return;
        }
    }
    struct listing_config config = {
        .kind = STR(KIND_SDK_OUT),
        .mailbox = mailbox,
        .newest_first = true,
        .path = STR("/messages"),
        .put = view_put_message,
    };
    listing_start(c, &config);
}

/* --- one message */

struct message_view {
    struct str id;
    struct store_message message;
    bool with_events;
    struct store_event *events;
    size_t event_count;
};

static bool fetch(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct message_view *v = c->own;
    if (!store_message_get(tx, &c->arena, v->id, &v->message, e))
        return false;
    return !v->with_events ||
           store_event_list(tx, &c->arena, v->id, &v->events, &v->event_count, e);
}

static bool is_ours(struct call *c, const struct error *e)
{
    const struct message_view *v = c->own;
    if (e != NULL)
        call_error(c, e);
    else if (view_sent_from(c, &v->message) == NULL)
        call_problem(c, PROBLEM_NOT_FOUND, STR_NONE);
    else
        return true;
    return false;
}

static void answer_message(struct call *c, const struct error *fault)
{
    struct message_view *v = c->own;
    AUTO_BUF body = BUF(CALL_BODY_MAX);
    struct error e = {0};
    if (!is_ours(c, fault))
        return;
    struct json_writer w = json_writer_on(&body, &e);
    if (view_put_message(c, &w, &v->message, &e) && json_done(&w))
        call_json(c, 200, &body);
    else
        call_error(c, &e);
}

static void answer_events(struct call *c, const struct error *fault)
{
    struct message_view *v = c->own;
    AUTO_BUF body = BUF(CALL_BODY_MAX);
    struct error e = {0};
    if (!is_ours(c, fault))
        return;
    struct json_writer w = json_writer_on(&body, &e);
    json_open_object(&w, NULL);
    json_open_array(&w, "events");
    for (size_t i = 0; i < v->event_count; i++) {
        json_open_object(&w, NULL);
        json_put_text(&w, "event", v->events[i].what);
        json_put_text(&w, "occurredAt", call_time(c, v->events[i].time_ms));
        json_put_text(&w, "detail", v->events[i].why);
        json_close(&w);
    }
    json_close(&w);
    json_open_object(&w, "_links");
    call_put_link(&w, "self", call_url(c, "/messages/%.*s/events", STR_ARG(v->id)), "self", "GET");
    json_close(&w);
    json_close(&w);
    if (json_done(&w))
        call_json(c, 200, &body);
    else
        call_error(c, &e);
}

static void start_view(struct api *api, struct http_request *r, bool with_events)
{
    struct call *c = call_begin(api, r, NULL);
    if (c == NULL)
        return;
    struct message_view *v = arena_new(&c->arena, sizeof(*v));
    v->id = call_id(c, "messageId");
    v->with_events = with_events;
    c->own = v;
    if (v->id.len > 0)
        call_read(c, fetch, with_events ? answer_events : answer_message);
}

void api_get_message(void *ctx, struct http_request *r)
{
    start_view(ctx, r, false);
}

void api_list_events(void *ctx, struct http_request *r)
{
    start_view(ctx, r, true);
}
