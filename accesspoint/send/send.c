/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/send/send.h"

#include "runtime/base/mem.h"

enum { ANSWER_SILENCE_MS = 10 * 60 * 1000, CONNECTIONS_MAX = 64 };

static void task_end(struct task *t)
{
    struct sender *sender = t->sender;
    digest_sink_release(&t->digest);
    buf_release(&t->window);
    arena_release(&t->arena);
    mem_free(t);
    if (sender->draining && handover_server_open(sender->server) == 0)
        program_drained(sender->env);
}

void task_answer(struct task *t, const struct http_answer *answer)
{
    handover_answer(t->request, answer->status, answer->content_type, answer->body, -1);
    task_end(t);
}

void task_fail(struct task *t, const struct error *e)
{
    log_debug(NULL, "send.failed", KV_TEXT("url", t->url == NULL ? "" : t->url), KV_ERROR(e));
    handover_answer(t->request, ERRAND_FAILED, STR_NONE, str_of(e->text), -1);
    task_end(t);
}

void task_answered(void *ctx, const struct http_answer *answer, const struct error *e)
{
    if (e == NULL)
        task_answer(ctx, answer);
    else
        task_fail(ctx, e);
}

static void on_errand(void *ctx, struct handover_request *request)
{
    struct sender *sender = ctx;
    struct error e = {0};
    if (sender->draining) {
        handover_answer(request, ERRAND_UNTRIED, STR_NONE, STR_NONE, -1);
        return;
    }
    struct task *t = mem_new(sizeof(*t));
    t->sender = sender;
    t->request = request;
    if (!errand_read(handover_request_head(request), &t->errand, &e)) {
        task_fail(t, &e);
        return;
    }
    t->url = arena_text(&t->arena, t->errand.url);
    if (t->errand.content_type.len > 0)
        push_start(t);
    else
        lookup_start(t);
}

/* --- the way out */

static bool open_tls(struct outlet *o, const struct send_section *s, struct error *e)
{
    struct tls_config push = {
        .key_path = s->key.at,
        .chain_path = s->chain.at,
        .peer_anchors_path = s->server_anchors.at,
        .peer_crl_path = s->server_crl.len == 0 ? NULL : s->server_crl.at,
        .verify_name = true,
    };
    struct tls_config smp = push;
    smp.peer_anchors_path = s->smp_server_anchors.at;
    smp.peer_crl_path = NULL;
    return tls_new(&push, &o->push_tls, e) && tls_new(&smp, &o->smp_tls, e);
}

/* Where the directory sends us is decided by others: not into our own network. The directory's own
 * address is the operator's. */
static bool read_networks(struct outlet *o, const struct send_section *s, struct error *e)
{
    return networks_parse(s->allow_networks.at, s->allow_networks.count, &o->arena, &o->inside,
                          e) ||
           error_prefix(e, "[accesspoint-send] allow-networks");
}

static void outlet_free(struct outlet *o)
{
    if (o == NULL)
        return;
    tls_free(o->push_tls);
    tls_free(o->smp_tls);
    http_peer_free(o->push);
    http_peer_free(o->smp);
    arena_release(&o->arena);
    mem_free(o);
}

static bool outlet_new(const struct send_section *s, struct outlet **out, struct error *e)
{
    struct outlet *o = mem_new(sizeof(*o));
    o->parallel = s->parallel < CONNECTIONS_MAX ? (unsigned)s->parallel : CONNECTIONS_MAX;
    if (!open_tls(o, s, e) || !read_networks(o, s, e)) {
        outlet_free(o);
        return false;
    }
    *out = o;
    return true;
}

static void outlet_start(struct outlet *o, struct http_client *client)
{
    /* A receiver verifies and stores a large message before it answers: minutes of silence are right
     * (spec/as4.md P26), so the slow-peer limit is far off. */
    struct http_peer_config push = {.tls = o->push_tls,
                                    .inside = &o->inside,
                                    .parallel_max = o->parallel,
                                    .low_ms = ANSWER_SILENCE_MS};
    struct http_peer_config smp = {.tls = o->smp_tls, .parallel_max = 4};
    o->push = http_peer_new(client, &push);
    o->smp = http_peer_new(client, &smp);
}

/* A partner or the SMP being away is no reason to be not ready; nobody to work for is none either. */
static void check_ready(void *ctx, struct json_writer *failing)
{
    (void)ctx;
    (void)failing;
}

bool send_open(struct program_env *env, void **state, struct error *e)
{
    struct sender *sender = mem_new(sizeof(*sender));
    *state = sender;
    sender->env = env;
    sender->metrics = metrics_new();
    AUTO_BUF path = BUF(200);
    if (!accesspoint_settings_view(env->settings, &sender->settings, e) ||
        !outlet_new(sender->settings.send, &sender->outlet, e) ||
        !buf_addf(&path, e, "%s/send.sock", sender->settings.accesspoint->run.at))
        return false;
    struct handover_server_config server = {buf_text(&path), 0600, on_errand, sender};
    struct admin_config admin = {sender->settings.send->admin_listen, sender->metrics, check_ready,
                                 sender};
    if (!admin_new(env->loop, &admin, &sender->admin, e) ||
        !handover_server_new(env->loop, &server, &sender->server, e))
        return false;
    program_listening(env, admin_address(sender->admin));
    return true;
}

bool send_sandbox(struct program_env *env, void *state, struct sandbox *out, struct error *e)
{
    struct sender *sender = state;
    const struct send_section *s = sender->settings.send;
    (void)env;
    out->network = SANDBOX_CONNECT;
    const struct str again[] = {s->key,        s->chain,          s->smp_server_anchors,
                                s->server_crl, s->server_anchors, s->reload_folder};
    return sandbox_allow_files(out, again, sizeof(again) / sizeof(again[0]), e);
}

bool send_start(struct program_env *env, void *state, struct error *e)
{
    struct sender *sender = state;
    (void)e;
    sender->client = http_client_new(env->loop);
    outlet_start(sender->outlet, sender->client);
    return true;
}

const char *const send_fixed[] = {"accesspoint-send.admin-listen", "accesspoint-send.parallel",
                                  "accesspoint.run", NULL};

/* New pushes go out over new connections; those under way end on theirs. */
bool send_reload(struct program_env *env, void *state, const struct settings *fresh,
                 struct error *e)
{
    struct sender *sender = state;
    struct accesspoint_settings settings;
    struct outlet *outlet, *old = sender->outlet;
    (void)env;
    if (!accesspoint_settings_view(fresh, &settings, e) || !outlet_new(settings.send, &outlet, e))
        return false;
    outlet_start(outlet, sender->client);
    sender->outlet = outlet;
    sender->settings = settings;
    http_peer_retire(old->push);
    http_peer_retire(old->smp);
    old->push = old->smp = NULL;
    outlet_free(old);
    return true;
}

void send_drain(struct program_env *env, void *state)
{
    struct sender *sender = state;
    sender->draining = true;
    if (handover_server_open(sender->server) == 0)
        program_drained(env);
}

void send_close(void *state)
{
    struct sender *sender = state;
    if (sender == NULL)
        return;
    outlet_free(sender->outlet);
    http_client_free(sender->client);
    handover_server_free(sender->server);
    admin_free(sender->admin);
    metrics_free(sender->metrics);
    mem_free(sender);
}
