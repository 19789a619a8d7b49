/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* send.h - the sender: claims messages in accepted, received (directory), sealed (push) and those
 * whose receipt did not come in time; one step each, all on the loop. */
#pragma once

#include "accesspoint/attributes.h"
#include "accesspoint/sdk/federation.h"
#include "accesspoint/settings.h"
#include "runtime/crypto/digest.h"
#include "runtime/http/admin.h"
#include "runtime/http/client.h"
#include "runtime/log/log.h"
#include "runtime/loop/program.h"
#include "runtime/store/store.h"

MUST_USE bool send_open(struct program_env *env, void **state, struct error *e);
MUST_USE bool send_sandbox(struct program_env *env, void *state, struct sandbox *out,
                           struct error *e);
MUST_USE bool send_start(struct program_env *env, void *state, struct error *e);
void send_drain(struct program_env *env, void *state);
void send_close(void *state);

struct sender {
    struct program_env *env;
    struct accesspoint_settings settings;
    struct settings *federation_file;
    const struct federation *federation;
    struct store *store;
    struct tls *push_tls, *smp_tls;
    struct http_client *client;
    struct http_peer *push_peer, *smp_peer;
    struct admin *admin;
    struct metrics *metrics;
    struct loop_watch *store_watch, *wake_watch;
    struct loop_timer *tick;
    unsigned under_way; /* steps claimed and not yet settled */
    bool store_failed;  /* the last claim: it comes twice a second */
    bool claiming;      /* a claim is with the store */
    bool draining;
};

/* One claimed message on its way through one step. Everything it needs lives in its arena. */
enum { SEND_LEASE_MS = 15 * 60 * 1000 }; /* a push that takes longer asks for more in time */
struct step {
    struct sender *sender;
    struct arena arena;
    struct store_message message;
    struct attributes attributes;
    /* directory */
    struct str url;
    struct str answer;
    int64_t answer_status;
    /* push */
    struct buf head, part, tail; /* part: whole, or the window that begins at part_at */
    struct store_reader *part_reader;
    uint64_t part_octets, part_at;
    struct digest_sink part_digest; /* of what went through the window */
    struct loop_timer *lease_timer;
    struct buf reply;
    /* outcome, for the store */
    const char *next_state;
    int64_t due_ms;
    char why[400];
    store_fn *write;          /* says so to the store, */
    struct loop_timer *again; /* again where the store was away */
};

void step_free(struct step *s);
struct log_scope step_scope(const struct step *s);
/* Each starts its work and ends in one of the step_* outcomes below. */
void lookup_start(struct step *s);
void push_start(struct step *s);
/* Outcomes: one write to the store, then the step is gone and the next claim may come. */
void step_move(struct step *s, const char *to, const char *why);
/* Of a claim that failed with e: the store may have gone away after its commit. */
void step_give_back(struct step *s, const struct error *e);
void step_retry(struct step *s, const struct error *e); /* growing delay; parked past the window */
