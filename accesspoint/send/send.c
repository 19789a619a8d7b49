/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/send/send.h"

#include "accesspoint/service.h"
#include "runtime/base/mem.h"

enum { TICK_MS = 500, CLAIM_AT_ONCE = 64, ANSWER_SILENCE_MS = 10 * 60 * 1000 };

static const char *const states[] = {STATE_ACCEPTED, STATE_RECEIVED, STATE_SEALED,
                                     STATE_TRANSFERRED};

struct claim { /* one question to the store: what is due? */
    struct sender *sender;
    struct arena arena;
    struct store_message messages[CLAIM_AT_ONCE];
    struct step *steps[CLAIM_AT_ONCE];
    size_t got, count, max;
};

static bool step_new(struct sender *sender, const struct store_message *m, struct step **out,
                     struct error *e)
{
    struct step *s = mem_new(sizeof(*s));
    s->sender = sender;
    s->message = message_copy(m, &s->arena);
    if (!attributes_read(m->attributes, &s->arena, &s->attributes, e)) {
        step_free(s);
        return false;
    }
    *out = s;
    return true;
}

static bool is_lookup(const struct step *s)
{
    return str_is(s->message.state, STATE_ACCEPTED) || str_is(s->message.state, STATE_RECEIVED);
}

/* A fresh answer is there already: the message goes on in the claim's own transaction. */
static bool move_by_cache(struct store_tx *tx, struct step *s, bool *moved, struct error *e)
{
    struct store_cached cached;
    bool found;
    *moved = false;
    if (!store_cache_get(tx, &s->arena, s->url, &cached, &found, e))
        return false;
    if (!found || cached.fresh_until_ms <= store_now_ms(s->sender->store))
        return true;
    struct store_move move = {
        .to = str_is(s->message.state, STATE_ACCEPTED) ? STATE_ADDRESSED : STATE_VOUCHED,
        .why = "",
    };
    *moved = true;
    return store_message_move(tx, &s->message, &move, e);
}

/* The wait for the message receipt is over (svarstidsbevakning, spec/sdk.md 5.7). */
static bool give_up_waiting(struct store_tx *tx, const struct step *s, struct error *e)
{
    struct store_move move = {
        .to = STATE_UNANSWERED, .due_ms = INT64_MAX, .why = "no message receipt came in time"};
    return store_message_move(tx, &s->message, &move, e);
}

static bool settle_at_once(struct store_tx *tx, struct step *s, bool *settled, struct error *e)
{
    const struct sender *sender = s->sender;
    *settled = str_is(s->message.state, STATE_TRANSFERRED);
    if (*settled)
        return give_up_waiting(tx, s, e);
    if (!is_lookup(s))
        return true;
    return service_url(sender->federation, sender->settings.send->smp_url, s->message.kind,
                       &s->attributes, &s->arena, &s->url, e) &&
           move_by_cache(tx, s, settled, e);
}

static bool write_claim(struct store_tx *tx, void *ctx, struct error *e)
{
    struct claim *c = ctx;
    struct store_claim claim = {states, sizeof(states) / sizeof(states[0]), SEND_LEASE_MS, c->max};
    if (!store_message_claim(tx, &c->arena, &claim, c->messages, &c->got, e))
        return false;
    for (size_t i = 0; i < c->got; i++) {
        struct step *s;
        struct error broken = {0};
        if (!step_new(c->sender, &c->messages[i], &s, &broken)) {
            if (!store_message_park(tx, &c->messages[i], broken.text, e))
                return false;
            continue;
        }
        bool settled;
        bool ok = settle_at_once(tx, s, &settled, e);
        if (ok && !settled)
            c->steps[c->count++] = s;
        else
            step_free(s);
        if (!ok)
            return false;
    }
    return true;
}

static void claim_soon(struct sender *sender, int64_t in_ms)
{
    loop_timer_set(sender->tick, loop_now_ms(sender->env->loop) + in_ms);
}

static void claimed(void *ctx, bool ok, const struct error *e)
{
    struct claim *c = ctx;
    struct sender *sender = c->sender;
    sender->claiming = false;
    sender->store_failed = !ok;
    if (!ok)
        log_warning(NULL, "send.claim_failed", KV_ERROR(e));
    for (size_t i = 0; i < c->count; i++) {
        struct step *s = c->steps[i];
        if (!ok) {
            step_give_back(s, e);
            continue;
        }
        sender->under_way++;
        if (is_lookup(s))
            lookup_start(s);
        else
            push_start(s);
    }
    claim_soon(sender, ok && c->got == c->max ? 0 : TICK_MS);
    arena_release(&c->arena);
    mem_free(c);
}

static void claim(void *ctx)
{
    struct sender *sender = ctx;
    unsigned parallel = (unsigned)sender->settings.send->parallel;
    if (sender->claiming || sender->draining || sender->under_way >= parallel)
        return;
    struct claim *c = mem_new(sizeof(*c));
    c->sender = sender;
    c->max = parallel - sender->under_way;
    c->max = c->max > CLAIM_AT_ONCE ? CLAIM_AT_ONCE : c->max;
    sender->claiming = true;
    store_submit(sender->store, write_claim, c, claimed);
}

static void on_store(void *ctx, int fd, unsigned ready)
{
    struct sender *sender = ctx;
    (void)fd;
    (void)ready;
    store_dispatch(sender->store);
}

static void on_wake(void *ctx, int fd, unsigned ready)
{
    struct sender *sender = ctx;
    (void)fd;
    (void)ready;
    store_wake_drain(sender->store, NULL, NULL);
    claim(sender);
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

/* A partner or the SMP being away is no reason to be not ready; a store that answers no claim is. */
static void check_ready(void *ctx, struct json_writer *failing)
{
    struct sender *sender = ctx;
    if (sender->store_failed)
        json_put_text(failing, NULL, STR("store"));
}

bool send_open(struct program_env *env, void **state, struct error *e)
{
    struct sender *sender = mem_new(sizeof(*sender));
    *state = sender;
    sender->env = env;
    sender->metrics = metrics_new();
    if (!accesspoint_settings_view(env->settings, &sender->settings, e) ||
        !federation_read(sender->settings.accesspoint->profile.at, &sender->federation_file,
                         &sender->federation, e) ||
        !open_tls(sender, e))
        return false;
    struct admin_config admin = {sender->settings.send->admin_listen, sender->metrics, check_ready,
                                 sender};
    if (!admin_new(env->loop, &admin, &sender->admin, e))
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
    return sandbox_allow(out, sender->settings.store->path, true, e) &&
           sandbox_allow(out, s->server_anchors, false, e) &&
           (s->server_crl.len == 0 || sandbox_allow(out, s->server_crl, false, e));
}

bool send_start(struct program_env *env, void *state, struct error *e)
{
    struct sender *sender = state;
    struct store_config config = {
        .folder = sender->settings.store->path.at,
        .postgres = str_is(sender->settings.store->engine, "postgres")
                        ? sender->settings.store->connection.at
                        : NULL,
        .program = "accesspoint-send",
        .hears_wakes = true,
    };
    if (!store_open(&config, &sender->store, e))
        return false;
    sender->client = http_client_new(env->loop);
    /* A receiver verifies and stores a large message before it answers: minutes of silence are right
     * (spec/as4.md P26), so the slow-peer limit is far off. */
    struct http_peer_config push = {
        .tls = sender->push_tls, .parallel_max = 16, .low_ms = ANSWER_SILENCE_MS};
    struct http_peer_config smp = {.tls = sender->smp_tls, .parallel_max = 4};
    sender->push_peer = http_peer_new(sender->client, &push);
    sender->smp_peer = http_peer_new(sender->client, &smp);
    sender->tick = loop_timer_new(env->loop, claim, sender);
    sender->store_watch =
        loop_watch_new(env->loop, store_fd(sender->store), LOOP_READ, on_store, sender);
    sender->wake_watch =
        loop_watch_new(env->loop, store_wake_fd(sender->store), LOOP_READ, on_wake, sender);
    claim_soon(sender, 0);
    return true;
}

void send_drain(struct program_env *env, void *state)
{
    struct sender *sender = state;
    sender->draining = true;
    if (sender->under_way == 0)
        program_drained(env);
}

void send_close(void *state)
{
    struct sender *sender = state;
    if (sender == NULL)
        return;
    loop_watch_free(sender->wake_watch);
    loop_watch_free(sender->store_watch);
    loop_timer_free(sender->tick);
    if (sender->client != NULL) {
        http_peer_free(sender->push_peer);
        http_peer_free(sender->smp_peer);
        http_client_free(sender->client);
    }
    if (sender->store != NULL)
        store_close(sender->store);
    admin_free(sender->admin);
    tls_free(sender->push_tls);
    tls_free(sender->smp_tls);
    metrics_free(sender->metrics);
    settings_free(sender->federation_file);
    mem_free(sender);
}
