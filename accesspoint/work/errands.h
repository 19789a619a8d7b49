/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* errands.h - what accesspoint-send is asked, some at a time. The rest waits its turn, and all of it for a
 * second while accesspoint-send is away: that is nobody's failed attempt. Loop thread only. */
#pragma once

#include "accesspoint/errand.h"
#include "runtime/loop/handover.h"

struct errands;

struct errands_config {
    const char *path;  /* of accesspoint-send's socket */
    unsigned parallel; /* errands under way at once */
};
struct errands *errands_new(struct loop *loop, const struct errands_config *config);
void errands_free(struct errands *all); /* open calls are forgotten, without done() */

struct errand_ask { /* the octets and the file are borrowed until done() */
    struct errand errand;
    struct str body;
    int fd; /* -1: none */
};
/* Exactly once, never from inside errands_ask(). answer->status is HTTP's. Failure: RETRY with the reason,
 * untried where nothing was tried and nothing will be, as the program ends or accesspoint-send is away;
 * REJECT where the address can be none. */
typedef void errand_done(void *ctx, const struct handover_answer *answer, const struct error *e);
void errands_ask(struct errands *all, const struct errand_ask *ask, errand_done *done, void *ctx);
/* Nothing more is begun; what waits ends untried. */
void errands_drain(struct errands *all);
bool errand_is_untried(const struct error *e);
