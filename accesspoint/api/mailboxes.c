/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
/* The function addresses of a client. */
#include "accesspoint/api/api.h"
#include "accesspoint/api/page.h"

static void put_mailbox(struct call *c, struct json_writer *w, const struct client_mailbox *m)
{
    struct str self = call_url(c, "/mailboxes/%.*s", STR_ARG(m->id));
    struct str messages = call_url(c, "/mailboxes/%.*s/messages", STR_ARG(m->id));
    json_open_object(w, NULL);
    json_put_text(w, "mailboxId", m->id);
    json_put_text(w, "address", m->address);
    json_put_text(w, "participant", m->participant);
    json_put_text(w, "name", m->name);
    json_open_object(w, "_links");
    call_put_link(w, "self", self, "self", "GET");
    call_put_link(w, "messages", messages, "related", "GET");
    json_close(w);
    json_close(w);
}

static void answer(struct call *c, struct json_writer *w, const struct buf *body)
{
    if (json_done(w))
        call_json(c, 200, body);
    else
        call_error(c, w->e);
}

void api_list_mailboxes(void *ctx, struct http_request *r)
{
    AUTO_BUF body = BUF(CALL_BODY_MAX);
    struct error e = {0};
    struct page p;
    struct call *c = call_begin(ctx, r, PAGE_NAMES);
    if (c == NULL || !page_read(c, false, &p))
        return;
    uint64_t total = c->client->mailbox_count;
    uint64_t first = (p.page - 1) * p.limit;
    size_t count = 0;
    struct json_writer w = json_writer_on(&body, &e);
    json_open_object(&w, NULL);
    json_open_array(&w, "mailboxes");
    for (uint64_t i = first; i < total && count < p.limit; i++, count++)
        put_mailbox(c, &w, c->client->mailboxes[i]);
    json_close(&w);
    page_put(c, &w, &p, STR("/mailboxes"), total, count);
    json_close(&w);
    answer(c, &w, &body);
}

void api_get_mailbox(void *ctx, struct http_request *r)
{
    AUTO_BUF body = BUF(CALL_BODY_MAX);
    struct error e = {0};
    struct call *c = call_begin(ctx, r, NULL);
    if (c == NULL)
        return;
    const struct client_mailbox *m = client_mailbox_by_id(c->client, http_param(r, "mailboxId"));
    if (m == NULL) {
        call_problem(c, PROBLEM_NOT_FOUND, STR_NONE);
        return;
    }
    struct json_writer w = json_writer_on(&body, &e);
    put_mailbox(c, &w, m);
    answer(c, &w, &body);
}
