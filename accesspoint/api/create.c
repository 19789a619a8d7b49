/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
/* POST /messages: the head and the body; accept.c goes on. */
#include "accesspoint/api/api.h"
#include "accesspoint/api/creation.h"
#include "accesspoint/api/fields.h"

static void release(struct call *c)
{
    creation_release(c->own);
}

static void on_body(void *ctx, struct http_request *r, const struct error *e)
{
    struct call *c = ctx;
    struct creation *n = c->own;
    (void)r;
    if (e == NULL && n->body.has_json)
        creation_accept(n);
    else if (e == NULL)
        call_refuse(c, PROBLEM_BAD_REQUEST, "The form has no part named message with the JSON.",
                    "Formuläret har ingen del som heter message med JSON.");
    else if (n->body.json_too_large)
        call_problem(c, PROBLEM_TOO_LARGE, STR_NONE);
    else
        call_error(c, e);
}

/* False: answered. */
static bool read_key(struct call *c, struct creation *n)
{
    struct str key;
    if (!field_idempotency_key(http_field(c->request, "idempotency-key"), &key)) {
        call_problem(c, PROBLEM_KEY_MISSING, STR_NONE);
        return false;
    }
    n->key = arena_copy(&c->arena, key);
    return true;
}

void api_create_message(void *ctx, struct http_request *r)
{
    struct call *c = call_begin(ctx, r, NULL);
    if (c == NULL)
        return;
    struct creation *n = arena_new(&c->arena, sizeof(*n));
    n->call = c;
    c->own = n;
    c->release = release;
    struct sink *body = creation_open_body(n);
    if (body != NULL && read_key(c, n))
        http_body_to_sink(r, body, on_body, c);
}
