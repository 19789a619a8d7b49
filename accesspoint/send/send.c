/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/send/send.h"

#include "runtime/base/mem.h"

enum { ANSWER_SILENCE_MS = 10 * 60 * 1000 };

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

static bool open_tls(struct sender *sender, struct error *e)
{
    const struct send_section *s = sender->settings.send;
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
    return tls_new(&push, &sender->push_tls, e) && tls_new(&smp, &sender->smp_tls, e);
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
    if (!accesspoint_settings_view(env->settings, &sender->settings, e) || !open_tls(sender, e) ||
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
    return sandbox_allow(out, s->server_anchors, false, e) &&
           (s->server_crl.len == 0 || sandbox_allow(out, s->server_crl, false, e));
}

bool send_start(struct program_env *env, void *state, struct error *e)
{
    struct sender *sender = state;
    (void)e;
    sender->client = http_client_new(env->loop);
    /* A receiver verifies and stores a large message before it answers: minutes of silence are right
     * (spec/as4.md P26), so the slow-peer limit is far off. */
    struct http_peer_config push = {
        .tls = sender->push_tls, .parallel_max = 16, .low_ms = ANSWER_SILENCE_MS};
    struct http_peer_config smp = {.tls = sender->smp_tls, .parallel_max = 4};
    sender->push_peer = http_peer_new(sender->client, &push);
    sender->smp_peer = http_peer_new(sender->client, &smp);
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
    if (sender->client != NULL) {
        http_peer_free(sender->push_peer);
        http_peer_free(sender->smp_peer);
        http_client_free(sender->client);
    }
    handover_server_free(sender->server);
    admin_free(sender->admin);
    tls_free(sender->push_tls);
    tls_free(sender->smp_tls);
    metrics_free(sender->metrics);
    mem_free(sender);
}
