/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/http/admin.h"

#include "runtime/base/mem.h"

struct admin {
    struct http_server *server;
    struct admin_config config;
};

enum { PAGE_MAX = 4 * 1024 * 1024 };

static void answer_metrics(void *ctx, struct http_request *r)
{
    struct admin *a = ctx;
    struct error e = {0};
    AUTO_BUF page = BUF(PAGE_MAX);
    if (metrics_write(a->config.metrics, &page, &e))
        http_reply_text(r, 200, METRICS_CONTENT_TYPE, buf_str(&page));
    else
        http_fail(r, 500, &e);
}

static void answer_live(void *ctx, struct http_request *r)
{
    (void)ctx;
    http_reply_text(r, 200, "application/json", STR("{\"status\":\"live\"}\n"));
}

/* {"failing":["store"]} and 503, or {"failing":[]} and 200. */
static void answer_ready(void *ctx, struct http_request *r)
{
    struct admin *a = ctx;
    struct error e = {0};
    AUTO_BUF page = BUF(PAGE_MAX);
    struct json_writer w = json_writer_on(&page, &e);
    json_open_object(&w, NULL);
    json_open_array(&w, "failing");
    if (a->config.check != NULL)
        a->config.check(a->config.ctx, &w);
    bool ready = !w.has_items[w.depth - 1];
    json_close(&w);
    json_close(&w);
    if (json_done(&w))
        http_reply_text(r, ready ? 200 : 503, "application/json", buf_str(&page));
    else
        http_fail(r, 500, &e);
}

static const struct http_route routes[] = {
    {"GET", "/metrics", answer_metrics, 0, NULL, 0},
    {"GET", "/health/live", answer_live, 0, NULL, 0},
    {"GET", "/health/ready", answer_ready, 0, NULL, 0},
    {0},
};

bool admin_new(struct loop *loop, const struct admin_config *config, struct admin **out,
               struct error *e)
{
    struct admin *a = mem_new(sizeof(*a));
    a->config = *config;
    struct http_server_config server = {
        .listen = {.address = config->listen},
        .routes = routes,
        .ctx = a,
        .connections_max = 20,
        .metrics_name = "admin",
    };
    if (!http_server_new(loop, &server, &a->server, e)) {
        mem_free(a);
        return false;
    }
    *out = a;
    return true;
}

struct str admin_address(const struct admin *a)
{
    return http_server_address(a->server);
}

void admin_free(struct admin *a)
{
    if (a == NULL)
        return;
    http_server_free(a->server);
    mem_free(a);
}
