/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/send/send.h"

enum { TOTAL_MS = 30 * 1000 };

void lookup_start(struct task *t)
{
    struct http_ask ask = {
        .method = "GET",
        .url = t->url,
        .answer_max = ERRAND_ANSWER_MAX,
        .total_ms = TOTAL_MS,
    };
    http_client_ask(t->sender->outlet->smp, &ask, task_answered, t);
}
