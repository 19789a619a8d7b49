/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
/* What everybody may ask: the API's name and state, and its contract. */
#include "accesspoint/api/api.h"
#include "accesspoint/api/call.h"

/* As in schemas/openapi/accesspoint.yaml: tests/flow/api.sh compares them. */
#define API_VERSION  "1.0.0"
#define API_RELEASED "2026-11-21"

void api_get_info(void *ctx, struct http_request *r)
{
    AUTO_BUF body = BUF(CALL_BODY_MAX);
    struct error e = {0};
    struct call *c = call_begin_open(ctx, r, NULL);
    if (c == NULL)
        return;
    struct json_writer w = json_writer_on(&body, &e);
    json_open_object(&w, NULL);
    json_put_text(&w, "apiName", STR("Posthorn meddelanden"));
    json_put_text(&w, "apiVersion", STR(API_VERSION));
    json_put_text(&w, "apiReleased", STR(API_RELEASED));
    json_put_text(&w, "apiDocumentation", call_url(c, "/openapi.yaml"));
    json_put_text(&w, "apiStatus", STR("active"));
    json_close(&w);
    if (json_done(&w))
        call_json(c, 200, &body);
    else
        call_error(c, &e);
}

void api_get_openapi(void *ctx, struct http_request *r)
{
    struct api *api = ctx;
    struct call *c = call_begin_open(api, r, NULL);
    if (c == NULL)
        return;
    bool json = http_route(r)->tag == 1;
    struct http_reply reply = {
        .status = 200,
        .content_type = json ? STR("application/json") : STR("application/yaml"),
        .body = buf_str(json ? &api->openapi_json : &api->openapi_yaml),
    };
    call_add_field(c, "Cache-Control", STR("public, max-age=300"));
    call_reply(c, &reply);
}
