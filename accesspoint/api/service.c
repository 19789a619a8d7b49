/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
/* Opens, starts, reloads and closes what accesspoint-api holds. */

#include "accesspoint/api/api.h"
#include "accesspoint/api/call.h"
#include "accesspoint/api/counts.h"
#include "accesspoint/api/upload.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/log/log.h"

enum {
    OPENAPI_MAX = 1024 * 1024,
    ANSWERS_KEPT_MS = 24 * 60 * 60 * 1000, /* beyond their time: asked again they only change */
    PROBE_MS = 2000,                       /* how often the store is asked whether it answers */
    PROBE_LATE_MS = 10000,                 /* no answer for so long: not ready */
    SWEEP_PROBES = 150,                    /* what has had its time goes every five minutes, */
    PURGE_MAX = 1000,                      /* so many names in one transaction */
    POOL_THREADS = 2,
    POOL_QUEUE = 1000,
    COUNT_PROBES = 15,       /* the states are counted every half minute */
    FORM_OVERHEAD = 1 << 20, /* part headers of a form */
    EMPTY_OBJECT_MAX = 1024, /* "{}", and room for what is refused with its name */
};

/* --- routes: the contract is schemas/openapi/accesspoint.yaml */
static const struct http_route routes[] = {
    {"GET", API_BASE "/messages", api_list_messages, 0, NULL, 0},
    {"POST", API_BASE "/messages", api_create_message, 1, NULL, 0},
    {"GET", API_BASE "/messages/{messageId}", api_get_message, 0, NULL, 0},
    {"GET", API_BASE "/messages/{messageId}/events", api_list_events, 0, NULL, 0},
    {"POST", API_BASE "/attachments", api_create_attachment, 1, NULL, 0},
    {"GET", API_BASE "/attachments/{attachmentId}", api_get_attachment, 0, NULL, 0},
    {"DELETE", API_BASE "/attachments/{attachmentId}", api_delete_attachment, 0, NULL, 0},
    {"GET", API_BASE "/mailboxes", api_list_mailboxes, 0, NULL, 0},
    {"GET", API_BASE "/mailboxes/{mailboxId}", api_get_mailbox, 0, NULL, 0},
    {"GET", API_BASE "/mailboxes/{mailboxId}/messages", api_list_inbox, 0, NULL, 0},
    {"GET", API_BASE "/inbox-messages/{inboxMessageId}", api_get_letter, 0, NULL, 0},
    {"GET", API_BASE "/inbox-messages/{inboxMessageId}/attachments/{fileId}", api_get_file, 0, NULL,
     0},
    {"POST", API_BASE "/inbox-messages/{inboxMessageId}/acknowledgements", api_acknowledge,
     EMPTY_OBJECT_MAX, "application/json", 0},
    {"GET", API_BASE "/api-info", api_get_info, 0, NULL, 0},
    {"GET", API_BASE "/openapi.yaml", api_get_openapi, 0, NULL, 0},
    {"GET", API_BASE "/openapi.json", api_get_openapi, 0, NULL, 1},
    {0},
};
enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

/* The limits of bodies are the installation's, so the table is copied. */
static void set_routes(struct api *api)
{
    const struct api_section *s = api->settings.api;
    uint64_t form = (uint64_t)(s->message_octets + api->federation->send_octets) + FORM_OVERHEAD;
    api->routes = arena_array(&api->arena, ROUTES, sizeof(api->routes[0]));
    for (size_t i = 0; i < ROUTES; i++) {
        api->routes[i] = routes[i];
        if (routes[i].handler == api_create_message)
            api->routes[i].body_max = form;
        if (routes[i].handler == api_create_attachment)
            api->routes[i].body_max = (uint64_t)s->attachment_octets;
    }
}

/* --- open: files, keys, listeners; no thread */

static bool read_document(struct api *api, const char *name, struct buf *out, struct error *e)
{
    struct str path = arena_format(&api->arena, "%s/openapi/%s", sys_schema_dir(), name);
    *out = BUF(OPENAPI_MAX);
    return sys_read_file(path.at, out, e);
}

static struct tls_config tls_of(const struct api_section *s)
{
    return (struct tls_config){.key_path = s->key.at, .chain_path = s->chain.at, .is_server = true};
}

/* A store that does not answer, or has not for long, takes no messages. */
static void check_ready(void *ctx, struct json_writer *failing)
{
    const struct api *api = ctx;
    if (!api->store_works || loop_now_ms(api->env->loop) - api->store_seen_ms > PROBE_LATE_MS)
        json_put_text(failing, NULL, STR("store"));
}

static void open_metrics(struct api *api)
{
    api->metrics = metrics_new();
    api->counts = counts_new(api->metrics);
    api->accepted = metrics_counter(api->metrics, "posthorn_api_messages_accepted", "",
                                    "Messages taken for sending.");
    api->acknowledged = metrics_counter(api->metrics, "posthorn_api_letters_acknowledged", "",
                                        "Letters taken over by a client.");
    api->uploaded = metrics_counter(api->metrics, "posthorn_api_attachments_uploaded", "",
                                    "Attachments uploaded.");
}

static bool open_listeners(struct api *api, struct error *e)
{
    const struct api_section *s = api->settings.api;
    struct http_server_config config = {
        .listen = {.address = s->listen, .tls = api->tls, .reuse_port = true},
        .routes = api->routes,
        .ctx = api,
        .error_writer = call_write_error,
        .metrics = api->metrics,
        .metrics_name = "api",
        .log_requests = true,
    };
    struct admin_config admin = {s->admin_listen, api->metrics, check_ready, api};
    if (!http_server_new(api->env->loop, &config, &api->server, e) ||
        !admin_new(api->env->loop, &admin, &api->admin, e))
        return false;
    program_listening(api->env, http_server_address(api->server));
    program_listening(api->env, admin_address(api->admin));
    return true;
}

static bool open_parts(struct api *api, struct error *e)
{
    struct tls_config tls = tls_of(api->settings.api);
    if (!federation_read(api->settings.accesspoint->profile.at, &api->profile, &api->federation,
                         e) ||
        !clients_new(&api->settings, &api->clients, e) ||
        !read_document(api, "accesspoint.yaml", &api->openapi_yaml, e) ||
        !read_document(api, "accesspoint.json", &api->openapi_json, e) ||
        !secret_read_key(&api->storage_key, api->settings.store->storage_key.at, STORE_KEY_OCTETS,
                         e) ||
        !tls_new(&tls, &api->tls, e))
        return false;
    set_routes(api);
    return open_listeners(api, e);
}

bool api_open(struct program_env *env, void **state, struct error *e)
{
    struct api *api = mem_new(sizeof(*api));
    *state = api;
    api->env = env;
    open_metrics(api);
    return accesspoint_settings_view(env->settings, &api->settings, e) && open_parts(api, e);
}

bool api_sandbox(struct program_env *env, void *state, struct sandbox *out, struct error *e)
{
    struct api *api = state;
    const struct store_section *store = api->settings.store;
    (void)env;
    /* A PostgreSQL that is not behind a UNIX socket is the one thing outside that it may reach. */
    out->network = str_is(store->engine, "postgres") ? SANDBOX_ANY : SANDBOX_ACCEPT;
    const struct str again[] = {api->settings.api->key, api->settings.api->chain,
                                api->settings.api->reload_folder};
    return sandbox_allow(out, store->path, true, e) &&
           sandbox_allow_files(out, again, sizeof(again) / sizeof(again[0]), e);
}

/* --- start: the store and its threads */

static void on_store_ready(void *ctx, int fd, unsigned ready)
{
    struct api *api = ctx;
    (void)fd;
    (void)ready;
    store_dispatch(api->store);
}

static bool probe(struct store_tx *tx, void *ctx, struct error *e)
{
    AUTO_ARENA a = {0};
    struct str found;
    (void)ctx;
    return store_name_find(tx, &a, STR("probe"), STR("probe"), &found, e);
}

static void on_probed(void *ctx, bool ok, const struct error *e)
{
    struct api *api = ctx;
    if (api->store_works && !ok)
        log_error(NULL, "api.store_lost", KV_ERROR(e));
    if (!api->store_works && ok)
        log_info(NULL, "api.store_found", KV_BOOL("ok", true));
    api->store_works = ok;
    api->store_seen_ms = loop_now_ms(api->env->loop);
    loop_timer_set(api->probe, api->store_seen_ms + PROBE_MS);
}

/* Uploads without a message, idempotency keys, and answers of the directory that nobody has renewed:
 * a piece at a time, so that other writers get their turn. */
static bool sweep(struct store_tx *tx, void *ctx, struct error *e)
{
    struct api *api = ctx;
    size_t uploads = 0;
    uint64_t names = 0, answers = 0;
    int64_t yesterday_ms = store_now_ms(api->store) - ANSWERS_KEPT_MS;
    bool ok = upload_sweep(tx, api, &uploads, e) && store_name_purge(tx, PURGE_MAX, &names, e) &&
              store_cache_purge(tx, yesterday_ms, &answers, e);
    api->has_more_to_sweep = ok && (uploads == UPLOAD_SWEEP_MAX || names == PURGE_MAX);
    return ok;
}

static void on_swept(void *ctx, bool ok, const struct error *e)
{
    struct api *api = ctx;
    if (!ok)
        log_warning(NULL, "api.sweep_failed", KV_ERROR(e));
    else if (api->has_more_to_sweep && !api->is_closing)
        store_submit(api->store, sweep, api, on_swept);
}

static void on_probe_time(void *ctx)
{
    struct api *api = ctx;
    if (api->probes % SWEEP_PROBES == 0)
        store_submit(api->store, sweep, api, on_swept);
    if (api->probes % COUNT_PROBES == 0)
        counts_refresh(api->counts, api->store);
    api->probes++;
    store_read_submit(api->store, probe, api, on_probed);
}

bool api_start(struct program_env *env, void *state, struct error *e)
{
    struct api *api = state;
    const struct store_section *s = api->settings.store;
    struct store_config config = {
        .folder = s->path.at,
        .postgres = str_is(s->engine, "postgres") ? s->connection.at : NULL,
        .program = "accesspoint-api",
        .storage_key = secret_peek(&api->storage_key),
    };
    struct pool_config pool = {.threads = POOL_THREADS, .queue_max = POOL_QUEUE};
    if (!store_open(&config, &api->store, e) || !pool_new(&pool, &api->pool, e))
        return false;
    secret_release(&api->storage_key);
    api->store_works = true;
    api->store_seen_ms = loop_now_ms(env->loop);
    api->store_watch =
        loop_watch_new(env->loop, store_fd(api->store), LOOP_READ, on_store_ready, api);
    api->probe = loop_timer_new(env->loop, on_probe_time, api);
    loop_timer_set(api->probe, api->store_seen_ms + PROBE_MS);
    return true;
}

const char *const api_fixed[] = {
    "accesspoint-api.listen",
    "accesspoint-api.admin-listen",
    "accesspoint-api.message-size",
    "accesspoint-api.attachment-size",
    "accesspoint.profile",
    "store.engine",
    "store.path",
    "store.connection",
    "store.storage-key",
    NULL,
};

/* Clients, mailboxes and the TLS certificate change. */
bool api_reload(struct program_env *env, void *state, const struct settings *fresh, struct error *e)
{
    struct api *api = state;
    struct accesspoint_settings settings;
    struct clients *clients = NULL;
    struct tls *tls = NULL;
    (void)env;
    if (!accesspoint_settings_view(fresh, &settings, e) || !clients_new(&settings, &clients, e))
        return false;
    struct tls_config config = tls_of(settings.api);
    if (!tls_new(&config, &tls, e)) {
        clients_release(clients);
        return false;
    }
    clients_release(api->clients);
    api->clients = clients;
    api->settings = settings;
    http_server_set_tls(api->server, tls);
    tls_free(api->tls);
    api->tls = tls;
    return true;
}

/* --- end */

static void on_drained(void *ctx)
{
    program_drained(ctx);
}

void api_drain(struct program_env *env, void *state)
{
    struct api *api = state;
    http_server_drain(api->server, on_drained, env);
}

void api_close(void *state)
{
    struct api *api = state;
    if (api == NULL)
        return;
    api->is_closing = true;
    if (api->server != NULL)
        http_server_free(api->server);
    admin_free(api->admin);
    if (api->store != NULL) {
        loop_watch_free(api->store_watch);
        pool_free(api->pool);
        loop_finish(api->env->loop); /* calls and downloads hold payloads of the store */
        store_close(api->store);
        loop_timer_free(api->probe);
    }
    tls_free(api->tls);
    counts_free(api->counts);
    metrics_free(api->metrics);
    clients_release(api->clients);
    settings_free(api->profile);
    secret_release(&api->storage_key);
    buf_release(&api->openapi_yaml);
    buf_release(&api->openapi_json);
    arena_release(&api->arena);
    mem_free(api);
}
