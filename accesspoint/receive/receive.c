/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/receive/receive.h"

#include "accesspoint/question.h"
#include "accesspoint/settings.h"
#include "runtime/base/mem.h"
#include "runtime/base/uuid.h"
#include "runtime/http/admin.h"
#include "runtime/http/server.h"
#include "runtime/log/log.h"
#include "runtime/loop/handover.h"

enum {
    ANSWER_DEADLINE_MS = 300 * 1000
}; /* a large message is verified before it is answered (P26) */

struct receive {
    struct accesspoint_settings settings;
    struct program_env *env;
    struct tls *tls;
    struct http_server *server;
    struct http_route *routes;
    struct admin *admin;
    struct metrics *metrics;
    struct handover_client *worker;
    const char *temp; /* of bodies: the run folder */
    struct arena arena;
};

struct exchange { /* one request that waits for its answer */
    struct receive *receive;
    struct http_request *request;
    struct handover_call *call;
    struct uuid trace;
};

static void exchange_gone(void *ctx)
{
    struct exchange *x = ctx;
    if (x->call != NULL)
        handover_cancel(x->call);
    mem_free(x);
}

static void exchange_fail(struct exchange *x, unsigned status, const struct error *e)
{
    struct log_scope scope = {
        .fields = {KV_STR("trace", uuid_str(&x->trace)), KV_STR("peer", http_peer(x->request))}};
    log_warning(&scope, "receive.refused", KV_U64("status", status), KV_ERROR(e));
    http_fail(x->request, status, e);
    mem_free(x);
}

static void on_answer(void *ctx, const struct handover_answer *answer, const struct error *e)
{
    struct exchange *x = ctx;
    x->call = NULL;
    if (e != NULL) {
        exchange_fail(x, 503, e);
        return;
    }
    struct http_reply reply = {
        .status = answer->status,
        .content_type = answer->content_type,
        .body = answer->body,
    };
    http_reply(x->request, &reply);
    mem_free(x);
}

static bool ask(struct exchange *x, struct error *e)
{
    struct http_request *r = x->request;
    const struct cert *peer = http_peer_cert(r);
    struct question q = {
        .content_type = http_field(r, "Content-Type"),
        .peer = http_peer(r),
        .tls_subject = peer == NULL ? STR_NONE : cert_subject(peer),
        .trace = uuid_str(&x->trace),
    };
    AUTO_BUF head = BUF(HANDOVER_HEAD_MAX);
    if (!question_write(&q, &head, e))
        return false;
    int64_t deadline = loop_now_ms(x->receive->env->loop) + ANSWER_DEADLINE_MS;
    struct handover_question asked = {.head = buf_str(&head),
                                      .body = http_body(r),
                                      .fd = http_body_fd(r),
                                      .deadline_ms = deadline};
    x->call = handover_ask(x->receive->worker, &asked, on_answer, x, e);
    return x->call != NULL;
}

static void on_body(void *ctx, struct http_request *r, const struct error *body_error)
{
    struct exchange *x = ctx;
    (void)r;
    struct error e = {0};
    if (body_error != NULL)
        exchange_fail(x, http_status_for(body_error->kind), body_error);
    else if (!ask(x, &e))
        exchange_fail(x, e.kind == ERROR_RETRY ? 503 : 400, &e);
}

static void take_message(void *ctx, struct http_request *r)
{
    struct receive *rec = ctx;
    struct error e = {0};
    if (!handover_client_is_connected(rec->worker)) {
        error_set(&e, ERROR_RETRY, "accesspoint-work is away; try again soon");
        http_fail(r, 503, &e);
        return;
    }
    struct exchange *x = mem_new(sizeof(*x));
    x->receive = rec;
    x->request = r;
    x->trace = uuid_random();
    http_on_gone(r, exchange_gone, x);
    if (!http_body_to_file(r, rec->temp, HANDOVER_BODY_MAX, on_body, x, &e))
        exchange_fail(x, 503, &e);
}

/* Monitors of partners ask with GET whether somebody is there (spec/as4.md 4). */
static void answer_probe(void *ctx, struct http_request *r)
{
    (void)ctx;
    http_reply_text(r, 200, "text/plain; charset=utf-8",
                    STR("posthorn " POSTHORN_VERSION " AS4\n"));
}

static void check_ready(void *ctx, struct json_writer *failing)
{
    struct receive *rec = ctx;
    if (!handover_client_is_connected(rec->worker))
        json_put_text(failing, NULL, STR("work"));
}

static bool open_tls(const struct receive_section *s, struct tls **out, struct error *e)
{
    struct tls_config config = {
        .key_path = s->key.at,
        .chain_path = s->chain.at,
        .peer_anchors_path = s->client_anchors.at,
        .peer_crl_path = s->client_crl.len == 0 ? NULL : s->client_crl.at,
        .is_server = true,
    };
    return tls_new(&config, out, e);
}

static bool open_listeners(struct receive *rec, struct error *e)
{
    const struct receive_section *s = rec->settings.receive;
    const char *path = arena_text(&rec->arena, s->path); /* the settings may be gone before it */
    rec->routes = arena_array(&rec->arena, 3, sizeof(*rec->routes));
    rec->routes[0] = (struct http_route){"POST",
                                         path,
                                         take_message,
                                         (uint64_t)s->body_octets,
                                         "multipart/related|application/soap+xml",
                                         0};
    rec->routes[1] = (struct http_route){"GET", path, answer_probe, 0, NULL, 0};
    struct http_server_config config = {
        .listen = {.address = s->listen, .tls = rec->tls, .reuse_port = true},
        .routes = rec->routes,
        .ctx = rec,
        .reply_ms = ANSWER_DEADLINE_MS,
        .metrics = rec->metrics,
        .metrics_name = "as4",
        .log_requests = true,
    };
    struct admin_config admin = {s->admin_listen, rec->metrics, check_ready, rec};
    if (!http_server_new(rec->env->loop, &config, &rec->server, e) ||
        !admin_new(rec->env->loop, &admin, &rec->admin, e))
        return false;
    program_listening(rec->env, http_server_address(rec->server));
    program_listening(rec->env, admin_address(rec->admin));
    return true;
}

bool receive_open(struct program_env *env, void **state, struct error *e)
{
    struct receive *rec = mem_new(sizeof(*rec));
    *state = rec;
    rec->env = env;
    rec->metrics = metrics_new();
    if (!accesspoint_settings_view(env->settings, &rec->settings, e))
        return false;
    rec->temp = arena_text(&rec->arena, rec->settings.accesspoint->run);
    return open_tls(rec->settings.receive, &rec->tls, e) && open_listeners(rec, e);
}

bool receive_sandbox(struct program_env *env, void *state, struct sandbox *out, struct error *e)
{
    struct receive *rec = state;
    (void)env;
    out->network = SANDBOX_ACCEPT;
    const struct receive_section *s = rec->settings.receive;
    const struct str again[] = {s->key, s->chain, s->client_anchors, s->client_crl,
                                s->reload_folder};
    return sandbox_allow(out, rec->settings.accesspoint->run, true, e) &&
           sandbox_allow_files(out, again, sizeof(again) / sizeof(again[0]), e);
}

bool receive_start(struct program_env *env, void *state, struct error *e)
{
    struct receive *rec = state;
    (void)e;
    struct str path = arena_format(&rec->arena, "%s/work.sock", rec->settings.accesspoint->run.at);
    struct handover_client_config config = {
        .path = path.at,
        .in_flight_max = (unsigned)rec->settings.receive->in_flight,
        .reconnect_ms = 20, /* work may start after us; until then every message is answered 503 */
    };
    rec->worker = handover_client_new(env->loop, &config);
    return true;
}

const char *const receive_fixed[] = {
    "accesspoint-receive.listen",
    "accesspoint-receive.path",
    "accesspoint-receive.body-size",
    "accesspoint-receive.in-flight",
    "accesspoint.run",
    "accesspoint-receive.admin-listen",
    NULL,
};

/* New connections show the new certificate and are judged by the new trust; kept ones go on. */
bool receive_reload(struct program_env *env, void *state, const struct settings *fresh,
                    struct error *e)
{
    struct receive *rec = state;
    struct accesspoint_settings settings;
    struct tls *tls = NULL;
    (void)env;
    if (!accesspoint_settings_view(fresh, &settings, e) || !open_tls(settings.receive, &tls, e))
        return false;
    rec->settings = settings;
    http_server_set_tls(rec->server, tls);
    tls_free(rec->tls);
    rec->tls = tls;
    return true;
}

static void on_drained(void *ctx)
{
    program_drained(ctx);
}

void receive_drain(struct program_env *env, void *state)
{
    struct receive *rec = state;
    http_server_drain(rec->server, on_drained, env);
}

void receive_close(void *state)
{
    struct receive *rec = state;
    if (rec == NULL)
        return;
    admin_free(rec->admin);
    if (rec->server != NULL)
        http_server_free(rec->server);
    if (rec->worker != NULL)
        handover_client_free(rec->worker);
    tls_free(rec->tls);
    metrics_free(rec->metrics);
    arena_release(&rec->arena);
    mem_free(rec);
}
