/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* route.h - which route a request takes: facts in, verdict out. Within runtime/http only. */
#pragma once

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/http/server.h"

enum { ROUTE_PARAMS_MAX = 8, ROUTE_ALLOW_MAX = 128 };

struct route_match {
    const struct http_route *route;
    struct http1_field params[ROUTE_PARAMS_MAX]; /* name in the pattern, value decoded */
    size_t param_count;
};

/* 0: *out is the route. Else 404, 405 (allow is filled: "GET, HEAD"), 400 (a bad segment, *e). */
unsigned route_find(struct arena *arena, const struct http_route *routes,
                    const struct http1_head *head, struct route_match *out, struct buf *allow,
                    struct error *e);
/* May this media type ("a/b; c=d") go there? */
bool route_takes_type(const struct http_route *route, struct str content_type);
