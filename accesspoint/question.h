/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* question.h - what accesspoint-receive asks accesspoint-work: the head of a hand-over, as JSON. The
 * body of the HTTP request goes with it, in memory or as an open file. */
#pragma once

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"

struct question {
    struct str content_type;
    struct str peer;        /* address, for the log */
    struct str tls_subject; /* of the caller's TLS certificate */
    struct str trace;       /* id of this exchange in both programs' logs */
};
MUST_USE bool question_write(const struct question *q, struct buf *out, struct error *e);
MUST_USE bool question_read(struct str head, struct arena *a, struct question *out,
                            struct error *e);
