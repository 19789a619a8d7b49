/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* json.h - JSON in and out. The reader is jansson at its strictest (duplicate names, bad UTF-8, NUL
 * refused) behind views; the writer puts text into a buf and cannot get nesting wrong silently. */
#pragma once

#include <stdint.h>

#include "runtime/base/buf.h"

/* --- reading: borrowed views that live as long as the document */
struct json;      /* one value */
struct json_doc { /* owner */
    struct json *root;
};
#define AUTO_JSON __attribute__((cleanup(json_release))) struct json_doc

/* REJECT says line and column. Objects and arrays only at the root. */
MUST_USE bool json_read(struct str text, struct json_doc *out, struct error *e);
/* The same, but texts (not names) may hold U+0000, for who says of each text where it stands. */
MUST_USE bool json_read_with_nul(struct str text, struct json_doc *out, struct error *e);
void json_release(struct json_doc *doc);
const struct json *json_member(const struct json *object, const char *name); /* NULL: none */
bool json_as_text(const struct json *value, struct str *out); /* false: not a string */
bool json_as_integer(const struct json *value, int64_t *out);
bool json_as_boolean(const struct json *value, bool *out);
bool json_holds_object(const struct json *value);
bool json_holds_array(const struct json *value);
bool json_holds_null(const struct json *value);
size_t json_count(const struct json *array_or_object);
const struct json *json_item(const struct json *array, size_t index);
/* Calls for each member in document order until visit returns false; returns false then. */
bool json_each(const struct json *object,
               bool (*visit)(void *ctx, struct str name, const struct json *value), void *ctx);

/* --- writing: json_open_object(&w, NULL); json_put_text(&w, "name", STR("x")); json_close(&w);
 * name is NULL inside arrays and at the root. The first failure (the buf's limit) sticks. */
enum { JSON_DEPTH_MAX = 32 };
struct json_writer {
    struct buf *out;
    struct error *e;
    bool failed;
    unsigned depth;
    bool has_items[JSON_DEPTH_MAX];
    char closer[JSON_DEPTH_MAX];
};

struct json_writer json_writer_on(struct buf *out, struct error *e);
void json_open_object(struct json_writer *w, const char *name);
void json_open_array(struct json_writer *w, const char *name);
void json_close(struct json_writer *w);
void json_put_text(struct json_writer *w, const char *name,
                   struct str text); /* bad UTF-8: U+FFFD */
void json_put_integer(struct json_writer *w, const char *name, int64_t value);
void json_put_boolean(struct json_writer *w, const char *name, bool value);
void json_put_null(struct json_writer *w, const char *name);
void json_put_raw(struct json_writer *w, const char *name, struct str json); /* made by us */
MUST_USE bool json_done(struct json_writer *w); /* all closed and nothing failed */
