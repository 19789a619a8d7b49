/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* admin.h - the operator's door of a program: /metrics, /health/live, /health/ready on an address
 * of its own (loopback or a UNIX socket). Loop thread only. */
#pragma once

#include "runtime/base/json.h"
#include "runtime/http/server.h"

struct admin;

struct admin_config {
    struct str listen;
    struct metrics *metrics;
    /* Adds what is wrong, one word each ("store", "keys"); none added: ready. May set metrics. */
    void (*check)(void *ctx, struct json_writer *failing);
    void *ctx;
};
MUST_USE bool admin_new(struct loop *loop, const struct admin_config *config, struct admin **out,
                        struct error *e);
struct str admin_address(const struct admin *a);
void admin_free(struct admin *a); /* NULL is fine */
