/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* jobs.h - the messages this program has claimed or stored, each on its way: stages on the pool, outcomes handed in
 * to the store, look-ups and pushes by accesspoint-send. Nothing waits in a thread for another program or
 * for a commit. Loop thread only. */
#pragma once

#include "accesspoint/work/errands.h"
#include "accesspoint/work/lookups.h"
#include "accesspoint/work/stage.h"
#include "runtime/loop/handover.h"
#include "runtime/loop/pool.h"

struct jobs;

struct jobs_config { /* all borrowed as long as jobs live */
    struct loop *loop;
    const struct workplace *place; /* of the jobs that begin; each holds its own */
    struct pool *pool;
    struct errands *errands;
    struct lookups *lookups;
    unsigned outward_max; /* what is made beyond is left to a later claim */
    loop_fn *ended;       /* one is gone: called with ctx */
    void *ctx;
};
struct jobs *jobs_new(const struct jobs_config *config);
void jobs_set_place(struct jobs *all, const struct workplace *place);
void jobs_drain(struct jobs *all); /* what would wait outside is given back instead */
void jobs_close(struct jobs *all); /* nothing goes on any more */
/* When the pool and the errands have ended: all but what the store has yet to write. Those end with it. */
void jobs_let_go(struct jobs *all);
void jobs_free(struct jobs *all); /* after the store; NULL is fine */

/* A message that was claimed, with its letter if that was read, too; both are copied. */
void jobs_take(struct jobs *all, const struct store_message *m, const struct store_row *letter);
/* A body that accesspoint-receive hands over: answered, and what it brought goes on as a job. */
void jobs_ask(struct jobs *all, struct handover_request *request);
/* A claim that failed with its messages: the store may have gone away after its commit. */
void jobs_give_back(struct jobs *all, const struct store_message *m);

unsigned jobs_count(const struct jobs *all);
/* Of those, that need accesspoint-send sooner or later. */
unsigned jobs_count_outward(const struct jobs *all);
