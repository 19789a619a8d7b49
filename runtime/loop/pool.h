/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* pool.h - threads for work that may block or burn: XML, RSA, disk. One bounded queue, jobs start
 * in the order of submission. Results go back by loop_post(). */
#pragma once

#include "runtime/base/error.h"

struct pool;

struct pool_config {
    unsigned threads;   /* 1 to 256 */
    unsigned queue_max; /* jobs that wait; more are refused */
};
typedef void pool_job(void *ctx);

/* After the sandbox: Landlock holds for threads born later only. */
MUST_USE bool pool_new(const struct pool_config *config, struct pool **out, struct error *e);
/* Any thread. RETRY when the queue is full or the pool is stopping. */
MUST_USE bool pool_submit(struct pool *p, pool_job *job, void *ctx, struct error *e);
/* No new jobs; every one in the queue is still done; then the threads are joined. NULL is fine. */
void pool_free(struct pool *p);
