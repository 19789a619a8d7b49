/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* error.h - one error, filled once, where the fault is found.
 * Whatever can fail returns bool (MUST_USE) and takes a struct error * as its last argument; on
 * failure its outputs are as they were. Nothing here allocates. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define MUST_USE __attribute__((warn_unused_result))

enum error_kind {
    ERROR_NONE = 0,
    ERROR_RETRY,  /* nobody's fault: keep the message, try later (HTTP 503, SMTP 4xx) */
    ERROR_REJECT, /* wrong for ever: tell the sender (HTTP 400, EBMS failure, SMTP 5xx) */
    ERROR_DENY,   /* identity or signature does not hold: say little, log much */
    ERROR_BUG,    /* we are wrong: log, drop the session, keep the message */
};

struct error {
    enum error_kind kind;
    const char *where; /* function, static */
    const char *code;  /* the format's own word, static: "EBMS:0101", "BV/invariant"; NULL: none */
    char text[320];    /* one line: what was wrong, where, what would be right; no personal data */
};

/* All return false, so that a caller can write: return error_set(e, ERROR_REJECT, "..."); */
#define error_set(e, kind, ...)        error_fill((e), (kind), __func__, NULL, __VA_ARGS__)
#define error_code(e, kind, code, ...) error_fill((e), (kind), __func__, (code), __VA_ARGS__)
/* kind RETRY, text "<what>: <strerror(errno)>" */
#define error_errno(e, ...) error_fill_errno((e), __func__, __VA_ARGS__)

bool error_fill(struct error *e, enum error_kind kind, const char *where, const char *code,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
bool error_fill_errno(struct error *e, const char *where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts "<words>: " in front of the text; kind and code stay. */
bool error_prefix(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void error_clear(struct error *e);
const char *error_kind_name(enum error_kind kind); /* "retry", "reject", ... */
