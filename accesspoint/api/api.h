/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* api.h - the program accesspoint-api: what it opens, holds and serves. */
#pragma once

#include "accesspoint/api/clients.h"
#include "accesspoint/sdk/federation.h"
#include "runtime/http/admin.h"
#include "runtime/http/server.h"
#include "runtime/loop/pool.h"
#include "runtime/loop/program.h"
#include "runtime/store/store.h"

struct api {
    struct program_env *env;
    struct accesspoint_settings settings;
    struct arena arena;
    struct settings *profile; /* owns federation */
    const struct federation *federation;
    struct clients *clients; /* of now; requests hold the one of their time */
    struct secret storage_key;
    struct tls *tls;
    struct metrics *metrics;
    struct counts *counts;
    struct metric *accepted, *acknowledged, *uploaded;
    struct http_route *routes;
    struct http_server *server;
    struct admin *admin;
    struct store *store;
    struct pool *pool; /* for what may block */
    struct loop_watch *store_watch;
    struct loop_timer *probe; /* asks whether the store answers; sweeps it */
    int64_t store_seen_ms;    /* loop_now_ms() of the last answer */
    bool store_works;
    struct buf openapi_yaml, openapi_json;
    unsigned probes;
    bool has_more_to_sweep; /* the last sweep may have left something */
    bool is_closing;        /* the loop turns no more */
};

/* --- the parts of a struct program */
bool api_open(struct program_env *env, void **state, struct error *e);
bool api_sandbox(struct program_env *env, void *state, struct sandbox *out, struct error *e);
bool api_start(struct program_env *env, void *state, struct error *e);
extern const char *const api_fixed[]; /* settings that need a restart */
bool api_reload(struct program_env *env, void *state, const struct settings *fresh,
                struct error *e);
void api_drain(struct program_env *env, void *state);
void api_close(void *state);

/* --- handlers; ctx is the struct api */
void api_list_messages(void *ctx, struct http_request *r);
void api_create_message(void *ctx, struct http_request *r);
void api_get_message(void *ctx, struct http_request *r);
void api_list_events(void *ctx, struct http_request *r);
void api_create_attachment(void *ctx, struct http_request *r);
void api_get_attachment(void *ctx, struct http_request *r);
void api_delete_attachment(void *ctx, struct http_request *r);
void api_list_mailboxes(void *ctx, struct http_request *r);
void api_get_mailbox(void *ctx, struct http_request *r);
void api_list_inbox(void *ctx, struct http_request *r);
void api_get_letter(void *ctx, struct http_request *r);
void api_get_file(void *ctx, struct http_request *r);
void api_acknowledge(void *ctx, struct http_request *r);
void api_get_info(void *ctx, struct http_request *r);
void api_get_openapi(void *ctx, struct http_request *r); /* the route's tag: 0 YAML, 1 JSON */
