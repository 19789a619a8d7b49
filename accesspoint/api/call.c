/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh, tests/unit/accesspoint/api/test_call.c */
#include "accesspoint/api/call.h"

#include <stdarg.h>
#include <stdio.h>

#include "accesspoint/api/api.h"
#include "accesspoint/api/fields.h"
#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/log/log.h"

enum { PROBLEM_MAX = 64 * 1024, RETRY_AFTER_S = 5 };

/* --- life */

static void call_free(void *ctx)
{
    struct call *c = ctx;
    if (c->release != NULL)
        c->release(c);
    clients_release(c->clients);
    arena_release(&c->arena);
    mem_free(c);
}

/* At the end of the turn, so that whoever answered may still look at the call. */
static void end_if_done(struct call *c)
{
    if (c->request != NULL || c->holds > 0 || c->is_ending)
        return;
    c->is_ending = true;
    if (c->api->is_closing)
        call_free(c);
    else
        loop_defer(c->api->env->loop, call_free, c);
}

static void on_gone(void *ctx)
{
    struct call *c = ctx;
    c->request = NULL;
    end_if_done(c);
}

static void on_store(void *ctx, bool ok, const struct error *e)
{
    struct call *c = ctx;
    (void)ok;
    c->holds--;
    if (c->request == NULL)
        end_if_done(c);
    else
        c->then(c, e);
}

static bool run_work(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    return c->work(tx, c, e);
}

void call_read(struct call *c, store_fn *fn, void (*then)(struct call *c, const struct error *e))
{
    c->holds++;
    c->work = fn;
    c->then = then;
    store_read_submit(c->api->store, run_work, c, on_store);
}

void call_write(struct call *c, store_fn *fn, void (*then)(struct call *c, const struct error *e))
{
    c->holds++;
    c->work = fn;
    c->then = then;
    store_submit(c->api->store, run_work, c, on_store);
}

static void on_job_done(void *ctx)
{
    struct call *c = ctx;
    on_store(c, c->job_error.kind == ERROR_NONE,
             c->job_error.kind == ERROR_NONE ? NULL : &c->job_error);
}

static void run_job(void *ctx)
{
    struct call *c = ctx;
    if (c->job(c, &c->job_error))
        error_clear(&c->job_error);
    loop_post(c->api->env->loop, on_job_done, c);
}

void call_block(struct call *c, call_job *fn, void (*then)(struct call *c, const struct error *e))
{
    struct error e = {0};
    c->job = fn;
    c->then = then;
    if (pool_submit(c->api->pool, run_job, c, &e))
        c->holds++;
    else
        call_error(c, &e);
}

/* --- begin */

static bool knows_name(const char *names, struct str name)
{
    struct str rest = str_of(names);
    struct str one;
    while (rest.at != NULL && str_next(&rest, '|', &one))
        if (str_equal(one, name))
            return true;
    return false;
}

static bool check_query(struct call *c, const char *names)
{
    const struct http1_query *q = http_query_all(c->request);
    for (size_t i = 0; i < q->count; i++) {
        if (knows_name(names, q->at[i].name))
            continue;
        call_refuse(c, PROBLEM_BAD_REQUEST, "query parameter '%.*s' is not known here; known: %s",
                    "frågeparametern '%.*s' är inte känd här; kända: %s",
                    STR_ARG(str_upto(q->at[i].name, 60)), names == NULL ? "-" : names);
        return false;
    }
    return true;
}

static struct call *begin(struct api *api, struct http_request *r)
{
    struct call *c = mem_new(sizeof(*c));
    c->api = api;
    c->request = r;
    c->clients = clients_hold(api->clients);
    c->trace = trace_continue(http_field(r, "traceparent"));
    c->swedish = field_prefers_swedish(http_field(r, "accept-language"));
    http_on_gone(r, on_gone, c);
    return c;
}

struct call *call_begin_open(struct api *api, struct http_request *r, const char *query_names)
{
    struct call *c = begin(api, r);
    return check_query(c, query_names) ? c : NULL;
}

static bool check_client(struct call *c)
{
    struct str token = field_bearer(http_field(c->request, "authorization"));
    c->client = clients_find(c->clients, token);
    if (c->client != NULL)
        return true;
    struct log_scope scope = {.fields = {KV_STR("peer", http_peer(c->request))}};
    log_warning(&scope, "api.unauthorized", KV_BOOL("token", token.len > 0));
    call_add_field(c, "WWW-Authenticate",
                   token.len > 0 ? STR("Bearer realm=\"meddelanden\", error=\"invalid_token\"")
                                 : STR("Bearer realm=\"meddelanden\""));
    call_problem(c, PROBLEM_UNAUTHORIZED, STR_NONE);
    return false;
}

struct call *call_begin_file(struct api *api, struct http_request *r)
{
    struct call *c = begin(api, r);
    return check_client(c) && check_query(c, NULL) ? c : NULL;
}

struct call *call_begin(struct api *api, struct http_request *r, const char *query_names)
{
    struct call *c = begin(api, r);
    if (!check_client(c) || !check_query(c, query_names))
        return NULL;
    if (field_accepts(http_field(r, "accept"), STR("application/json")))
        return c;
    call_problem(c, PROBLEM_NOT_ACCEPTABLE, STR_NONE);
    return NULL;
}

/* --- answers */

void call_add_field(struct call *c, const char *name, struct str value)
{
    if (c->field_count < CALL_FIELDS_MAX && http1_is_value(value))
        c->fields[c->field_count++] = (struct http1_field){str_of(name), value};
}

void call_reply(struct call *c, struct http_reply *reply)
{
    struct http_request *r = c->request;
    call_add_field(c, "traceparent", str_of(c->trace.parent));
    call_add_field(c, "X-Content-Type-Options", STR("nosniff"));
    reply->fields = (struct http_field_list){c->fields, c->field_count};
    c->request = NULL;
    http_reply(r, reply);
    end_if_done(c);
}

void call_json(struct call *c, unsigned status, const struct buf *json)
{
    struct http_reply reply = {
        .status = status,
        .content_type = STR("application/json"),
        .body = buf_str(json),
    };
    if (status == 200)
        call_add_field(c, "Cache-Control", STR("private, no-cache"));
    call_reply(c, &reply);
}

/* What the caller wrote is never logged, not even the piece that could not be read. */
static void log_problem(const struct call *c, enum problem p, struct str instance,
                        struct str detail, const struct letter_faults *faults)
{
    struct log_scope scope = {
        .fields = {KV_STR("peer", http_peer(c->request)), KV_STR("instance", instance),
                   KV_STR("client", c->client == NULL ? STR_NONE : c->client->name)}};
    bool has_faults = faults != NULL && faults->count > 0;
    /* The place of an unknown member holds a name of the caller's own. */
    bool may_say = has_faults && !str_is(str_of(faults->at[0].code), "unknown");
    if (problem_status(p) >= 500)
        log_error(&scope, "api.failed", KV_TEXT("problem", problem_name(p)), KV_STR("why", detail));
    else if (has_faults)
        log_info(&scope, "api.refused", KV_TEXT("problem", problem_name(p)),
                 KV_STR("pointer", may_say ? faults->at[0].pointer : STR("")),
                 KV_TEXT("fault", faults->at[0].code));
    else
        log_info(&scope, "api.refused", KV_TEXT("problem", problem_name(p)));
}

static void answer_problem(struct call *c, enum problem p, struct str detail,
                           const struct letter_faults *faults)
{
    AUTO_BUF body = BUF(PROBLEM_MAX);
    struct error e = {0};
    struct uuid instance = uuid_random();
    struct problem_words words = {
        p, c->swedish, detail, uuid_str(&instance), trace_id(&c->trace), faults};
    log_problem(c, p, uuid_str(&instance), detail, faults);
    if (!problem_write(&words, &body, &e))
        buf_clear(&body);
    call_add_field(c, "Content-Language", c->swedish ? STR("sv") : STR("en"));
    if (problem_status(p) == 503)
        call_add_field(c, "Retry-After", arena_format(&c->arena, "%d", RETRY_AFTER_S));
    struct http_reply reply = {
        .status = problem_status(p),
        .content_type = STR("application/problem+json"),
        .body = buf_str(&body),
    };
    call_reply(c, &reply);
}

void call_problem(struct call *c, enum problem p, struct str detail)
{
    answer_problem(c, p, detail, NULL);
}

void call_refuse(struct call *c, enum problem p, const char *english, const char *swedish, ...)
{
    va_list args;
    va_start(args, swedish);
    struct str detail = arena_vformat(&c->arena, c->swedish ? swedish : english, args);
    va_end(args);
    call_problem(c, p, detail);
}

void call_faults(struct call *c, enum problem p, const struct letter_faults *faults)
{
    struct str detail = c->swedish ? arena_format(&c->arena, "%zu fel; se errors", faults->count)
                                   : arena_format(&c->arena, "%zu %s; see errors", faults->count,
                                                  faults->count == 1 ? "fault" : "faults");
    answer_problem(c, p, detail, faults);
}

void call_error(struct call *c, const struct error *e)
{
    if (e->code != NULL && str_is(str_of(e->code), "store:unknown"))
        call_problem(c, PROBLEM_NOT_FOUND, STR_NONE);
    else
        call_problem(c, problem_of_error(e), arena_copy(&c->arena, str_of(e->text)));
}

/* What the server refuses itself: there is no call yet, and perhaps no request that could be read. */
void call_write_error(void *ctx, struct http_request *r, unsigned status, const struct error *e,
                      struct buf *body, struct http_reply *reply)
{
    (void)ctx;
    struct error fault = {0};
    struct uuid instance = uuid_random();
    struct trace trace = trace_continue(r == NULL ? STR_NONE : http_field(r, "traceparent"));
    bool swedish = r != NULL && field_prefers_swedish(http_field(r, "accept-language"));
    enum problem p = problem_of_status(status);
    bool say_why = e != NULL && e->kind == ERROR_REJECT && status < 500;
    struct problem_words words = {
        p,   swedish, say_why ? str_of(e->text) : STR_NONE, uuid_str(&instance), trace_id(&trace),
        NULL};
    if (!problem_write(&words, body, &fault))
        buf_clear(body);
    reply->status = status;
    reply->content_type = STR("application/problem+json");
    if (r == NULL)
        return;
    struct arena *a = http_arena(r);
    size_t count = reply->fields.count; /* Allow, from the server */
    struct http1_field *fields = arena_array(a, count + 2, sizeof(*fields));
    for (size_t i = 0; i < count; i++)
        fields[i] = reply->fields.at[i];
    fields[count] = (struct http1_field){STR("traceparent"), arena_copy(a, str_of(trace.parent))};
    fields[count + 1] =
        (struct http1_field){STR("Content-Language"), swedish ? STR("sv") : STR("en")};
    reply->fields = (struct http_field_list){fields, count + 2};
}

/* --- small things for answers */

struct str call_url(struct call *c, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct str host = http_head(c->request)->host;
    return arena_format(&c->arena, "https://%.*s" API_BASE "%s", STR_ARG(host), text);
}

void call_put_link(struct json_writer *w, const char *name, struct str href, const char *rel,
                   const char *method)
{
    json_open_object(w, name);
    json_put_text(w, "href", href);
    json_put_text(w, "rel", str_of(rel));
    json_put_text(w, "method", str_of(method));
    json_close(w);
}

struct str call_time(struct call *c, int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];
    return arena_copy(&c->arena, str_of(clock_format(ms, text)));
}

struct str call_id(struct call *c, const char *param)
{
    struct str id = http_param(c->request, param);
    if (!uuid_is(id)) {
        call_problem(c, PROBLEM_NOT_FOUND, STR_NONE);
        return STR_NONE;
    }
    char *lower = arena_new(&c->arena, id.len);
    for (size_t i = 0; i < id.len; i++)
        lower[i] = (char)(id.at[i] >= 'A' && id.at[i] <= 'F' ? id.at[i] + ('a' - 'A') : id.at[i]);
    return str_bytes(lower, id.len);
}
