/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
/* What came in: the list of a mailbox, a letter, taking it over. */
#include "accesspoint/api/api.h"
#include "accesspoint/api/listing.h"
#include "accesspoint/api/view.h"
#include "accesspoint/flow.h"
#include "accesspoint/letter_value.h"
#include "runtime/log/log.h"

enum { LETTER_MAX = 128 * 1024 * 1024 };

void api_list_inbox(void *ctx, struct http_request *r)
{
    struct call *c = call_begin(ctx, r, PAGE_TIME_NAMES);
    if (c == NULL)
        return;
    const struct client_mailbox *m = client_mailbox_by_id(c->client, http_param(r, "mailboxId"));
    if (m == NULL) {
        call_problem(c, PROBLEM_NOT_FOUND, STR_NONE);
        return;
    }
    struct listing_config config = {
        .kind = STR(KIND_SDK_IN),
        .mailbox = m,
        .inbound = true,
        .path = arena_format(&c->arena, "/mailboxes/%.*s/messages", STR_ARG(m->id)),
        .put = view_put_inbox_item,
    };
    listing_start(c, &config);
}

struct letter_view {
    struct str id;
    struct store_message message;
    bool is_new; /* it became acknowledged by this call */
    struct buf letter;
    struct letter_faults faults; /* of the body */
};

static void release(struct call *c)
{
    struct letter_view *v = c->own;
    buf_release(&v->letter);
}

static bool fetch(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct letter_view *v = c->own;
    return store_message_get(tx, &c->arena, v->id, &v->message, e);
}

static bool is_ours(struct call *c, const struct error *e)
{
    const struct letter_view *v = c->own;
    if (e != NULL)
        call_error(c, e);
    else if (view_came_to(c, &v->message) == NULL)
        call_problem(c, PROBLEM_NOT_FOUND, STR_NONE);
    else
        return true;
    return false;
}

static bool read_letter(struct call *c, struct error *e)
{
    struct letter_view *v = c->own;
    struct sink_buf into;
    sink_buf_init(&into, &v->letter);
    return store_payload_read(c->api->store, v->id, STR(SLOT_LETTER), &into.sink, e);
}

static bool put_letter(struct call *c, struct json_writer *w)
{
    const struct letter_view *v = c->own;
    const struct store_message *m = &v->message;
    json_open_object(w, NULL);
    json_put_text(w, "inboxMessageId", m->id);
    json_put_text(w, "status", str_of(view_status(m->state, true)));
    json_put_text(w, "receivedAt", call_time(c, m->created_ms));
    json_put_text(w, "mailboxId", view_came_to(c, m)->id);
    json_put_raw(w, "letter", buf_str(&v->letter));
    view_put_inbox_links(c, w, m);
    json_close(w);
    return json_done(w);
}

static void answer_letter(struct call *c, const struct error *fault)
{
    AUTO_BUF body = BUF(LETTER_MAX);
    struct error e = {0};
    if (fault != NULL) {
        call_error(c, fault);
        return;
    }
    struct json_writer w = json_writer_on(&body, &e);
    if (put_letter(c, &w))
        call_json(c, 200, &body);
    else
        call_error(c, &e);
}

static void on_found(struct call *c, const struct error *fault)
{
    if (is_ours(c, fault))
        call_block(c, read_letter, answer_letter);
}

/* A call whose own is a letter_view; NULL: answered. */
static struct call *begin(struct api *api, struct http_request *r)
{
    struct call *c = call_begin(api, r, NULL);
    if (c == NULL)
        return NULL;
    struct letter_view *v = arena_new(&c->arena, sizeof(*v));
    v->id = call_id(c, "inboxMessageId");
    if (v->id.len == 0)
        return NULL;
    v->letter = BUF(LETTER_MAX);
    c->own = v;
    c->release = release;
    return c;
}

void api_get_letter(void *ctx, struct http_request *r)
{
    struct call *c = begin(ctx, r);
    if (c != NULL)
        call_read(c, fetch, on_found);
}

/* --- taking over */

static bool take_over(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct letter_view *v = c->own;
    if (!store_message_get(tx, &c->arena, v->id, &v->message, e))
        return false;
    v->is_new = view_came_to(c, &v->message) != NULL && str_is(v->message.state, STATE_INBOX);
    if (!v->is_new)
        return true; /* not ours, or taken over before */
    struct store_move move = {
        .to = STATE_ACKNOWLEDGED,
        .due_ms = INT64_MAX,
        .why = arena_format(&c->arena, "by client %.*s", STR_ARG(c->client->name)).at,
    };
    return store_message_move(tx, &v->message, &move, e) &&
           store_message_get(tx, &c->arena, v->id, &v->message, e);
}

static void answer_item(struct call *c, const struct error *fault)
{
    const struct letter_view *v = c->own;
    AUTO_BUF body = BUF(CALL_BODY_MAX);
    struct error e = {0};
    if (!is_ours(c, fault))
        return;
    if (v->is_new) {
        struct log_scope scope = {.fields = {KV_STR("msg", v->id)}};
        log_info(&scope, "api.acknowledged", KV_STR("client", c->client->name));
        metric_add(c->api->acknowledged, 1);
    }
    struct json_writer w = json_writer_on(&body, &e);
    if (view_put_inbox_item(c, &w, &v->message, &e) && json_done(&w))
        call_json(c, 200, &body);
    else
        call_error(c, &e);
}

static bool refuse_member(void *ctx, struct str name, const struct json *value)
{
    struct call *c = ctx;
    struct letter_view *v = c->own;
    struct place root = {NULL, STR_NONE, 0};
    struct place at = {&root, name, 0};
    (void)value;
    letter_fault(&v->faults, &c->arena, place_pointer(&c->arena, &at), "unknown",
                 "is not known here; the object must be empty",
                 "är inte känd här; objektet ska vara tomt");
    return true;
}

/* Many clients send "{}" where nothing is to be said. */
static void on_body(void *ctx, struct http_request *r, const struct error *fault)
{
    struct call *c = ctx;
    struct letter_view *v = c->own;
    struct error e = {0};
    AUTO_JSON doc = {0};
    if (fault != NULL || !json_read(http_body(r), &doc, &e)) {
        call_error(c, fault != NULL ? fault : &e);
        return;
    }
    v->faults.swedish = c->swedish;
    if (!json_holds_object(doc.root))
        letter_fault(&v->faults, &c->arena, STR(""), "type", "must be an empty object",
                     "ska vara ett tomt objekt");
    else
        (void)json_each(doc.root, refuse_member, c);
    if (v->faults.count > 0)
        call_faults(c, PROBLEM_BAD_REQUEST, &v->faults);
    else
        call_write(c, take_over, answer_item);
}

void api_acknowledge(void *ctx, struct http_request *r)
{
    struct call *c = begin(ctx, r);
    if (c != NULL && http_head(r)->has_body)
        http_body_to_buf(r, on_body, c);
    else if (c != NULL)
        call_write(c, take_over, answer_item);
}
