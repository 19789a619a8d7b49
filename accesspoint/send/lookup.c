/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include <stdio.h>

#include "accesspoint/send/send.h"
#include "accesspoint/service.h"

enum { ANSWER_MAX = 256 * 1024, TOTAL_MS = 30 * 1000 };

static const char *state_after(const struct step *s)
{
    return str_is(s->message.state, STATE_ACCEPTED) ? STATE_ADDRESSED : STATE_VOUCHED;
}

/* Nobody of that name, or not for this kind of message: an outgoing one is refused, said plainly; for an
 * incoming one no receipt could be delivered (spec/sdk.md 5.4 step 2). */
static void unknown_service(struct step *s)
{
    char why[300];
    bool out = str_is(s->message.state, STATE_ACCEPTED);
    struct str who = out ? s->attributes.to : s->attributes.from;
    snprintf(why, sizeof(why), "the directory (SMP) knows no such service of %.*s", STR_ARG(who));
    s->answer_status = 0; /* an absence is not kept: it may be published any minute */
    step_move(s, out ? STATE_REFUSED : STATE_NOTED, why);
}

static void on_answer(void *ctx, const struct http_answer *answer, const struct error *e)
{
    struct step *s = ctx;
    struct error why = {0};
    if (e != NULL) {
        step_retry(s, e);
        return;
    }
    s->answer_status = answer->status;
    if (answer->status == 404) {
        unknown_service(s);
        return;
    }
    if (answer->status != 200) {
        s->answer_status = 0;
        error_set(&why, ERROR_RETRY, "the directory (SMP) answered HTTP %u", answer->status);
        step_retry(s, &why);
        return;
    }
    s->answer = arena_copy(&s->arena, answer->body);
    step_move(s, state_after(s), "");
}

void lookup_start(struct step *s)
{
    struct http_ask ask = {
        .method = "GET",
        .url = s->url.at,
        .answer_max = ANSWER_MAX,
        .total_ms = TOTAL_MS,
    };
    http_client_ask(s->sender->smp_peer, &ask, on_answer, s);
}
