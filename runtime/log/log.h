/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* log.h - one event, one JSON line on standard error: "part.event" in past tense, typed fields.
 * error needs an operator, warning will need one, info is one line per message step, debug is off.
 * There is no KV type for bodies or secrets; personal numbers only by KV_PERSON (keyed hash). */
#pragma once

#include <stdint.h>

#include "runtime/base/error.h"
#include "runtime/base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

enum kv_type { KV_TYPE_END, KV_TYPE_STR, KV_TYPE_I64, KV_TYPE_U64, KV_TYPE_BOOL, KV_TYPE_PERSON };
struct kv {
    const char *name; /* static, camelCase or snake_case, same everywhere */
    enum kv_type type;
    struct str text;
    uint64_t number;
};
#define KV_STR(name, s) ((struct kv){(name), KV_TYPE_STR, (s), 0})
#define KV_TEXT(name, c) ((struct kv){(name), KV_TYPE_STR, str_of(c), 0})
#define KV_U64(name, n) ((struct kv){(name), KV_TYPE_U64, STR_NONE, (uint64_t)(n)})
#define KV_I64(name, n) ((struct kv){(name), KV_TYPE_I64, STR_NONE, (uint64_t)(int64_t)(n)})
#define KV_BOOL(name, b) ((struct kv){(name), KV_TYPE_BOOL, STR_NONE, (b) ? 1 : 0})
#define KV_PERSON(name, s) ((struct kv){(name), KV_TYPE_PERSON, (s), 0})
/* Two fields: why=<text> and, where the error has one, code=<code>. */
#define KV_ERROR(e) ((struct kv){"why", KV_TYPE_STR, str_of((e)->text), 0}), ((struct kv){"code", KV_TYPE_STR, str_of((e)->code), 0})
#define KV_END ((struct kv){NULL, KV_TYPE_END, STR_NONE, 0})

/* A scope adds its fields (msg=, peer=) to every line beneath it; lives on the stack of whoever
 * handles the message; parent may be NULL. Fields with empty text are left out. */
enum { LOG_SCOPE_FIELDS_MAX = 4 };
struct log_scope {
    const struct log_scope *parent;
    struct kv fields[LOG_SCOPE_FIELDS_MAX];
};

/* Process-wide, set once by the program skeleton before any thread: program name, level, fd, key
 * for KV_PERSON (borrowed, must outlive; may be empty). Thread-safe: a line is one write(2). */
void log_setup(const char *program, enum log_level level, int fd, struct str person_key);
void log_set_level(enum log_level level); /* at any time */
bool log_level_parse(struct str text, enum log_level *out); /* "debug" ... "error" */

/* At least one field; KV_END alone where there is none. */
#define log_debug(scope, event, ...) log_event((scope), LOG_DEBUG, (event), (const struct kv[]){__VA_ARGS__, KV_END})
#define log_info(scope, event, ...) log_event((scope), LOG_INFO, (event), (const struct kv[]){__VA_ARGS__, KV_END})
#define log_warning(scope, event, ...) log_event((scope), LOG_WARNING, (event), (const struct kv[]){__VA_ARGS__, KV_END})
#define log_error(scope, event, ...) log_event((scope), LOG_ERROR, (event), (const struct kv[]){__VA_ARGS__, KV_END})
void log_event(const struct log_scope *scope, enum log_level level, const char *event,
               const struct kv *fields);
/* How often each event was logged in this process since start; for /metrics. */
void log_each_count(void (*visit)(void *ctx, const char *event, uint64_t count), void *ctx);
