/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* problem.h - error answers (RFC 9457): a stable type, title and detail in the caller's language:
 * what was wrong and what would be right. The only place where the API's status codes for errors stand. */
#pragma once

#include "accesspoint/letter.h"

enum problem {
    PROBLEM_BAD_REQUEST,
    PROBLEM_KEY_MISSING, /* Idempotency-Key */
    PROBLEM_UNAUTHORIZED,
    PROBLEM_NOT_YOURS, /* a sender address of somebody else */
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD,
    PROBLEM_NOT_ACCEPTABLE,
    PROBLEM_TIMEOUT,
    PROBLEM_CONFLICT,
    PROBLEM_LENGTH,
    PROBLEM_TOO_LARGE,
    PROBLEM_URI_TOO_LONG,
    PROBLEM_TYPE,
    PROBLEM_RANGE,
    PROBLEM_EXPECTATION,
    PROBLEM_WRONG_MESSAGE,
    PROBLEM_WRONG_FILE,
    PROBLEM_KEY_REUSED,
    PROBLEM_HEAD_TOO_LARGE,
    PROBLEM_INTERNAL,
    PROBLEM_NOT_IMPLEMENTED,
    PROBLEM_UNAVAILABLE,
    PROBLEM_VERSION,
};

struct problem_words {
    enum problem problem;
    bool swedish;
    struct str detail; /* in that language; empty: the kind's own; never shown for 500 and above */
    struct str instance; /* UUID of this occurrence */
    struct str trace_id;
    const struct letter_faults *faults; /* NULL: none */
};
unsigned problem_status(enum problem p);
const char *problem_name(enum problem p); /* end of its type, for the log */
/* What the server itself refused, or a failed store: by its status. */
enum problem problem_of_status(unsigned status);
enum problem problem_of_error(const struct error *e);
/* application/problem+json */
MUST_USE bool problem_write(const struct problem_words *w, struct buf *out, struct error *e);
