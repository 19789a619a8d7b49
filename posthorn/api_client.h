/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* api_client.h - the command line as a client of the access point's API: one call at a time. */
#pragma once

#include "posthorn/arguments.h"
#include "posthorn/installation.h"
#include "runtime/base/json.h"
#include "runtime/http/client.h"

struct api_options { /* what is left out comes from the installation */
    const char *url; /* "https://api.kommun.example/meddelanden/v1" */
    const char *token_file;
    const char *ca;
};
#define API_ARGUMENTS(type)                                                     \
    {"--url", ARGUMENT_TEXT, offsetof(type, api.url), "URL",                    \
     "the API; by default the one that posthorn.conf says"},                    \
        {"--token-file", ARGUMENT_TEXT, offsetof(type, api.token_file), "FILE", \
         "its token; by default $POSTHORN_TOKEN_FILE, then DIR/token"},         \
    {                                                                           \
        "--ca", ARGUMENT_TEXT, offsetof(type, api.ca), "PEM",                   \
            "who issued its certificate; by default the chain in posthorn.conf" \
    }

struct api_client;
/* dir: of the installation; read only where an option is left out. */
MUST_USE bool api_client_new(const struct api_options *options, const char *dir,
                             struct api_client **out, struct error *e);
void api_client_free(struct api_client *c);
void api_client_free_at(struct api_client **c);
#define AUTO_API_CLIENT __attribute__((cleanup(api_client_free_at))) struct api_client *

enum { API_FIELDS_MAX = 8 };
struct api_ask {
    const char *method;
    struct str path; /* behind the API's base: "/messages" */
    struct http1_field fields[API_FIELDS_MAX];
    size_t field_count;
    struct http_piece body; /* memory, or a file's octets; neither: no body */
    int answer_fd;          /* > 0: the body goes there */
    unsigned tries;         /* how often when nobody is to blame; 0: once */
};
/* *status gets the answer's; body (may be NULL) its octets. 4xx and 5xx are failures whose text is
 * the problem's (RFC 9457), with the first faults; 503 is RETRY. */
MUST_USE bool api_client_call(struct api_client *c, const struct api_ask *ask, struct buf *body,
                              struct error *e);
/* The same for JSON in an object. */
MUST_USE bool api_client_get(struct api_client *c, struct str path, struct json_doc *out,
                             struct error *e);
/* Text of a member; "" where there is none. */
struct str api_text(const struct json *object, const char *name);
