/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/cli.py */
#include "posthorn/api_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/base/uuid.h"

enum {
    TOKEN_MAX = 4096,
    ANSWER_MAX = 64 * 1024 * 1024,
    TOTAL_MS = 60 * 60 * 1000, /* of a large file on a slow line */
    PAUSE_MS = 500,
    FAULTS_SHOWN = 3,
};
#define DOWNLOAD_MAX (64ULL * 1024 * 1024 * 1024)

struct api_client {
    struct arena arena;
    struct loop *loop;
    struct http_client *http;
    struct http_peer *peer;
    struct tls *tls;
    struct secret authorization;
    struct str base;     /* without '/' at the end */
    const char *resolve; /* NULL: ask DNS */
};

/* --- where the API is */

static struct str host_for(struct str listen, struct str *port)
{
    size_t colon = listen.len;
    while (colon > 0 && listen.at[colon - 1] != ':')
        colon--;
    *port = str_from(listen, colon);
    struct str host = str_upto(listen, colon > 0 ? colon - 1 : 0);
    if (str_is(host, "0.0.0.0"))
        return STR("127.0.0.1");
    return str_is(host, "[::]") ? STR("[::1]") : host;
}

/* The name in the certificate, at the address in posthorn.conf: so the name is checked as well. */
static bool find_own(struct api_client *c, const struct installation *i, struct error *e)
{
    AUTO_CERT_LIST chain = {0};
    struct str port, host = host_for(i->s.api->listen, &port);
    if (str_is(port, "0") || str_starts(i->s.api->listen, STR("unix:")))
        return error_set(e, ERROR_REJECT,
                         "[accesspoint-api] listen = %.*s says no port; --url says where it is",
                         STR_ARG(i->s.api->listen));
    if (!cert_list_read_pem(&chain, i->s.api->chain.at, e) || chain.count == 0)
        return error_prefix(e, "[accesspoint-api] chain");
    struct str name = cert_common_name(chain.at[0]);
    c->base =
        arena_format(&c->arena, "https://%.*s:%.*s/meddelanden/v1", STR_ARG(name), STR_ARG(port));
    c->resolve = arena_text(&c->arena, arena_format(&c->arena, "%.*s:%.*s:%.*s", STR_ARG(name),
                                                    STR_ARG(port), STR_ARG(host)));
    return true;
}

static struct str without_slash(struct str url)
{
    while (str_ends(url, STR("/")))
        url.len--;
    return url;
}

static bool find_place(struct api_client *c, const struct api_options *o,
                       const struct installation *i, struct error *e)
{
    if (o->url == NULL)
        return find_own(c, i, e);
    c->base = without_slash(str_of(o->url));
    return str_starts(c->base, STR("https://")) ||
           error_set(e, ERROR_REJECT, "--url is https://HOST/meddelanden/v1");
}

/* --- the token */

static bool read_token(struct api_client *c, const char *path, struct error *e)
{
    AUTO_SECRET token = {0};
    AUTO_BUF text = BUF(TOKEN_MAX + 16);
    if (!secret_read_file(&token, path, TOKEN_MAX, e))
        return error_prefix(e, "--token-file");
    if (!buf_addf(&text, e, "Bearer ") || !buf_add(&text, str_trim(secret_peek(&token)), e))
        return false;
    if (!http1_is_value(buf_str(&text)))
        return error_set(e, ERROR_REJECT, "%s holds no token: one line of printable text", path);
    secret_set(&c->authorization, text.at, text.len);
    return true;
}

static const char *token_path(const struct api_options *o, const char *dir, struct arena *a)
{
    const char *environment = getenv("POSTHORN_TOKEN_FILE");
    if (o->token_file != NULL)
        return o->token_file;
    if (environment != NULL && environment[0] != '\0')
        return environment;
    return arena_text(a, arena_format(a, "%s/token", dir));
}

/* --- begin and end */

static bool connect_tls(struct api_client *c, const char *ca, struct error *e)
{
    struct tls_config config = {.peer_anchors_path = ca, .verify_name = true};
    if (!tls_new(&config, &c->tls, e))
        return error_prefix(e, "--ca");
    struct http_peer_config peer = {.tls = c->tls};
    c->loop = loop_new();
    c->http = http_client_new(c->loop);
    c->peer = http_peer_new(c->http, &peer);
    return true;
}

static bool begin(struct api_client *c, const struct api_options *o, const char *dir,
                  struct error *e)
{
    AUTO_INSTALLATION i = {0};
    bool is_needed = o->url == NULL || o->ca == NULL;
    if (is_needed && !installation_read(&i, dir, e))
        return error_prefix(e, "without --url and --ca");
    return find_place(c, o, &i, e) && read_token(c, token_path(o, dir, &c->arena), e) &&
           connect_tls(c, o->ca != NULL ? o->ca : i.s.api->chain.at, e);
}

bool api_client_new(const struct api_options *options, const char *dir, struct api_client **out,
                    struct error *e)
{
    struct api_client *c = mem_new(sizeof(*c));
    if (!begin(c, options, dir, e)) {
        api_client_free(c);
        return false;
    }
    *out = c;
    return true;
}

void api_client_free(struct api_client *c)
{
    if (c == NULL)
        return;
    if (c->peer != NULL)
        http_peer_free(c->peer);
    if (c->http != NULL)
        http_client_free(c->http);
    if (c->loop != NULL)
        loop_free(c->loop);
    tls_free(c->tls);
    secret_release(&c->authorization);
    arena_release(&c->arena);
    mem_free(c);
}

void api_client_free_at(struct api_client **c)
{
    api_client_free(*c);
}

/* --- one call */

struct waiting {
    bool is_done, ok;
    unsigned status;
    struct buf *body;
    struct buf problem;
    struct error *e;
};

static void on_answer(void *ctx, const struct http_answer *answer, const struct error *e)
{
    struct waiting *w = ctx;
    w->is_done = true;
    if (e != NULL) {
        *w->e = *e;
        return;
    }
    w->status = answer->status;
    struct buf *into = answer->status < 400 ? w->body : &w->problem;
    w->ok = into == NULL || buf_add(into, answer->body, w->e);
}

static void describe_fault(const struct json *fault, struct buf *out)
{
    struct error ignored;
    struct str pointer = api_text(fault, "pointer"), detail = api_text(fault, "detail");
    if (!buf_addf(out, &ignored, "; %.*s %.*s", STR_ARG(pointer), STR_ARG(detail)))
        return; /* no room: the first ones are there */
}

/* "The message cannot be taken: 1 fault ...; /recipient/address must not be empty" */
static bool refuse(unsigned status, struct str problem, struct error *e)
{
    struct error unreadable;
    AUTO_JSON doc = {0};
    AUTO_BUF text = BUF(2000);
    enum error_kind kind = status == 503 ? ERROR_RETRY : status == 401 ? ERROR_DENY : ERROR_REJECT;
    if (!json_read(problem, &doc, &unreadable) || !json_holds_object(doc.root))
        return error_set(e, kind, "the API answered %u", status);
    const struct json *faults = json_member(doc.root, "errors");
    for (size_t i = 0; faults != NULL && i < json_count(faults) && i < FAULTS_SHOWN; i++)
        describe_fault(json_item(faults, i), &text);
    return error_set(e, kind, "%u %.*s: %.*s%.*s", status, STR_ARG(api_text(doc.root, "title")),
                     STR_ARG(api_text(doc.root, "detail")), STR_ARG(buf_str(&text)));
}

static bool ask_once(struct api_client *c, const struct http_ask *ask, struct buf *body,
                     struct error *e)
{
    AUTO_BUF problem = BUF(ANSWER_MAX);
    struct waiting w = {.body = body, .problem = problem, .e = e};
    http_client_ask(c->peer, ask, on_answer, &w);
    while (!w.is_done)
        loop_turn(c->loop, -1);
    problem = w.problem; /* released with it */
    if (!w.ok)
        return str_starts(str_of(e->text), STR("connect:")) &&
               error_prefix(e, "accesspoint-api does not answer at %.*s", STR_ARG(c->base));
    return w.status < 400 || refuse(w.status, buf_str(&problem), e);
}

static size_t put_fields(const struct api_client *c, const struct api_ask *ask,
                         struct http1_field *fields)
{
    size_t n = 0;
    fields[n++] = (struct http1_field){STR("Authorization"), secret_peek(&c->authorization)};
    fields[n++] = (struct http1_field){STR("Accept-Language"), STR("en")};
    for (size_t i = 0; i < ask->field_count; i++)
        fields[n++] = ask->fields[i];
    return n;
}

static void pause_before_next(void)
{
    struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    nanosleep(&pause, NULL);
}

bool api_client_call(struct api_client *c, const struct api_ask *ask, struct buf *body,
                     struct error *e)
{
    AUTO_BUF url = BUF(8192);
    struct http1_field fields[API_FIELDS_MAX + 2];
    bool has_body = ask->body.memory.at != NULL || ask->body.length > 0;
    if (!buf_add(&url, c->base, e) || !buf_add(&url, ask->path, e))
        return false;
    struct http_ask call = {
        .method = ask->method,
        .url = buf_text(&url),
        .fields = fields,
        .field_count = put_fields(c, ask, fields),
        .pieces = &ask->body,
        .piece_count = has_body ? 1 : 0,
        .answer_max = ask->answer_fd > 0 ? DOWNLOAD_MAX : ANSWER_MAX,
        .answer_fd = ask->answer_fd,
        .total_ms = TOTAL_MS,
        .resolve = c->resolve,
    };
    for (unsigned tried = 1;; tried++) {
        if (ask_once(c, &call, body, e))
            return true;
        if (e->kind != ERROR_RETRY || tried >= ask->tries)
            return false;
        pause_before_next();
    }
}

/* --- JSON */

struct str api_text(const struct json *object, const char *name)
{
    struct str text = STR_NONE;
    const struct json *member = object == NULL ? NULL : json_member(object, name);
    if (member != NULL)
        json_as_text(member, &text);
    return text;
}

bool api_client_get(struct api_client *c, struct str path, struct json_doc *out, struct error *e)
{
    AUTO_BUF body = BUF(ANSWER_MAX);
    AUTO_JSON doc = {0};
    struct api_ask ask = {.method = "GET", .path = path, .tries = 3};
    if (!api_client_call(c, &ask, &body, e) || !json_read(buf_str(&body), &doc, e))
        return false;
    if (!json_holds_object(doc.root))
        return error_set(e, ERROR_REJECT, "the API's answer is no JSON object");
    *out = doc;
    doc = (struct json_doc){0};
    return true;
}
