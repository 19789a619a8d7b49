/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* call.h - one request of the API from its head to its answer: who asks, in which language and
 * trace; work in the store for it; the answer with the headers that all answers have. A call lives
 * until it is answered (or its peer gone) and no store work holds it. Loop thread only, but for the
 * function that runs in the store. */
#pragma once

#include "accesspoint/api/clients.h"
#include "accesspoint/api/problem.h"
#include "accesspoint/api/trace.h"
#include "runtime/base/json.h"
#include "runtime/http/server.h"
#include "runtime/store/store.h"

#define API_BASE "/meddelanden/v1"

struct api; /* api.h */
enum { CALL_FIELDS_MAX = 10, CALL_BODY_MAX = 4 * 1024 * 1024 };

struct call;
typedef bool call_job(struct call *c, struct error *e);
struct call {
    struct api *api;
    struct http_request *request; /* NULL: answered or gone */
    struct arena arena;           /* lives as long as the call */
    struct clients *clients;      /* held */
    const struct client *client;  /* NULL where everybody may ask */
    struct trace trace;
    bool swedish;
    unsigned holds; /* store work under way */
    bool is_ending;
    void *own;                       /* of the operation; in the arena */
    void (*release)(struct call *c); /* frees what own holds beside memory; may be NULL */
    struct http1_field fields[CALL_FIELDS_MAX];
    size_t field_count;
    void (*then)(struct call *c, const struct error *e);
    store_fn *work;
    call_job *job;
    struct error job_error;
};

/* For everybody; the names of the query that are known, as "page|limit" (NULL: none). NULL: the
 * answer is given already. */
struct call *call_begin_open(struct api *api, struct http_request *r, const char *query_names);
/* The same, for a client with a token and a wish for application/json. */
struct call *call_begin(struct api *api, struct http_request *r, const char *query_names);
/* The same where the answer is a file: any type, no query. */
struct call *call_begin_file(struct api *api, struct http_request *r);

/* fn(tx, the call) in the store, then(call, NULL or why not) on the loop, unless the peer is gone. */
void call_read(struct call *c, store_fn *fn, void (*then)(struct call *c, const struct error *e));
void call_write(struct call *c, store_fn *fn, void (*then)(struct call *c, const struct error *e));

/* fn(the call) on a thread of the pool, for what may block: payloads are read and written outside of
 * the store's functions. It touches only the call's own memory. */
void call_block(struct call *c, call_job *fn, void (*then)(struct call *c, const struct error *e));

/* --- one of these ends it */
/* value lives in the call's arena or is static */
void call_add_field(struct call *c, const char *name, struct str value);
void call_json(struct call *c, unsigned status, const struct buf *json);
void call_reply(struct call *c, struct http_reply *reply); /* adds the fields */
void call_problem(struct call *c, enum problem p, struct str detail);
/* What was wrong and what would be right, in the caller's one of both languages; the two formats take
 * the same arguments. */
void call_refuse(struct call *c, enum problem p, const char *english, const char *swedish, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));
void call_faults(struct call *c, enum problem p, const struct letter_faults *faults);
void call_error(struct call *c, const struct error *e); /* logs what is not the caller's fault */

/* error_writer of the server */
void call_write_error(void *ctx, struct http_request *r, unsigned status, const struct error *e,
                      struct buf *body, struct http_reply *reply);

/* "https://<host>/meddelanden/v1" + path; in the arena */
struct str call_url(struct call *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void call_put_link(struct json_writer *w, const char *name, struct str href, const char *rel,
                   const char *method);
/* Text of a time, in the arena. */
struct str call_time(struct call *c, int64_t ms);
/* A parameter of the path that is a UUID, copied. Empty: answered with 404, there is no such thing. */
struct str call_id(struct call *c, const char *param);
