/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* send.h - the sender: does the errands of accesspoint-work (accesspoint/errand.h), which come over a
 * UNIX socket, and gives back the HTTP answer unread. It keeps nothing: what is asked twice, tried
 * again or given up is decided by who asks. All on the loop. */
#pragma once

#include "accesspoint/errand.h"
#include "accesspoint/settings.h"
#include "runtime/crypto/digest.h"
#include "runtime/http/admin.h"
#include "runtime/http/client.h"
#include "runtime/log/log.h"
#include "runtime/loop/handover.h"
#include "runtime/loop/program.h"

MUST_USE bool send_open(struct program_env *env, void **state, struct error *e);
MUST_USE bool send_sandbox(struct program_env *env, void *state, struct sandbox *out,
                           struct error *e);
MUST_USE bool send_start(struct program_env *env, void *state, struct error *e);
extern const char *const send_fixed[]; /* settings that need a restart */
MUST_USE bool send_reload(struct program_env *env, void *state, const struct settings *fresh,
                          struct error *e);
void send_drain(struct program_env *env, void *state);
void send_close(void *state);

/* What a reload makes anew; what is under way ends with what it began with. */
struct outlet {
    struct arena arena;
    struct networks inside; /* that may be reached, beside the internet */
    struct tls *push_tls, *smp_tls;
    struct http_peer *push, *smp;
    unsigned parallel; /* connections to one partner */
};

struct sender {
    struct program_env *env;
    struct accesspoint_settings settings;
    struct http_client *client;
    struct outlet *outlet;
    struct handover_server *server;
    struct admin *admin;
    struct metrics *metrics;
    bool draining;
};

/* One errand on its way, until it is answered. */
struct task {
    struct sender *sender;
    struct handover_request *request;
    struct errand errand; /* views into the request's head */
    struct arena arena;
    const char *url;
    struct buf window; /* octets of the file that begin at window_at */
    uint64_t window_at;
    struct digest_sink digest; /* of what went through the window */
};

/* Each ends in one of the two below. */
void lookup_start(struct task *t);
void push_start(struct task *t);
/* The task is gone after either. */
void task_answer(struct task *t, const struct http_answer *answer);
void task_fail(struct task *t, const struct error *e);
/* For http_client_ask(). */
void task_answered(void *ctx, const struct http_answer *answer, const struct error *e);
