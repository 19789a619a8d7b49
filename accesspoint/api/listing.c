/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
#include "accesspoint/api/listing.h"

#include "accesspoint/api/view.h"

struct listing {
    struct listing_config config;
    struct page page;
    struct store_list list;
    const char *states[2 * VIEW_STATES_MAX];
    struct store_message *messages;
    size_t count;
    uint64_t total;
};

static bool fetch(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct listing *l = c->own;
    return store_message_list(tx, &c->arena, &l->list, &l->messages, &l->count, &l->total, e);
}

static void answer(struct call *c, const struct error *fault)
{
    struct listing *l = c->own;
    AUTO_BUF body = BUF(CALL_BODY_MAX);
    struct error e = {0};
    if (fault != NULL) {
        call_error(c, fault);
        return;
    }
    struct json_writer w = json_writer_on(&body, &e);
    json_open_object(&w, NULL);
    json_open_array(&w, "messages");
    bool ok = true;
    for (size_t i = 0; ok && i < l->count; i++)
        ok = l->config.put(c, &w, &l->messages[i], &e);
    if (ok) {
        json_close(&w);
        page_put(c, &w, &l->page, l->config.path, l->total, l->count);
        json_close(&w);
        ok = json_done(&w);
    }
    if (ok)
        call_json(c, 200, &body);
    else
        call_error(c, &e);
}

static void choose_mailboxes(struct call *c, struct listing *l)
{
    if (l->config.mailbox != NULL) {
        l->list.mailbox = l->config.mailbox->address;
        return;
    }
    struct str *addresses = arena_array(&c->arena, c->client->mailbox_count, sizeof(*addresses));
    for (size_t i = 0; i < c->client->mailbox_count; i++)
        addresses[i] = c->client->mailboxes[i]->address;
    l->list.mailboxes = addresses;
    l->list.n_mailboxes = c->client->mailbox_count;
}

/* False: answered with 400. */
static bool choose_states(struct call *c, struct listing *l)
{
    l->list.states = l->states;
    if (l->page.status.at != NULL) {
        l->list.n_states = view_states(l->page.status, l->config.inbound, l->states);
        if (l->list.n_states == 0)
            call_refuse(c, PROBLEM_BAD_REQUEST, "status is none of the known words",
                        "status är inte ett av de kända värdena");
        return l->list.n_states > 0;
    }
    if (l->config.inbound) { /* what is still being opened is nobody's yet */
        l->list.n_states = view_states(STR("new"), true, l->states);
        l->list.n_states += view_states(STR("acknowledged"), true, l->states + l->list.n_states);
    }
    return true;
}

void listing_start(struct call *c, const struct listing_config *config)
{
    struct listing *l = arena_new(&c->arena, sizeof(*l));
    l->config = *config;
    c->own = l;
    if (!page_read(c, config->newest_first, &l->page))
        return;
    l->list = (struct store_list){
        .kind = config->kind,
        .from_ms = l->page.from_ms,
        .to_ms = l->page.to_ms,
        .offset = (l->page.page - 1) * l->page.limit,
        .limit = l->page.limit,
        .newest_first = l->page.newest_first,
    };
    choose_mailboxes(c, l);
    if (choose_states(c, l))
        call_read(c, fetch, answer);
}
