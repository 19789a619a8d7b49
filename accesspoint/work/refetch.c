/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/bad_input.py */
#include "accesspoint/work/refetch.h"

struct refetching {
    struct stage_run *run;
    const char *state, *why;
    int64_t due_ms;
};

static bool is_stale(const struct error *why)
{
    return str_is(str_of(why->code), "directory:stale");
}

bool refetch_is_due(const struct stage_run *run, const struct error *why)
{
    return is_stale(why) || (why->kind != ERROR_RETRY && !run->attributes.refetched);
}

static bool write_refetch(struct store_tx *tx, void *ctx, struct error *e)
{
    struct refetching *r = ctx;
    struct stage_run *run = r->run;
    return directory_forget(tx, run->w, run->message.kind, &run->attributes, e) &&
           stage_move(tx, run, r->state, r->due_ms, r->why, e);
}

bool refetch(struct stage_run *run, const char *state, const struct error *why, struct error *e)
{
    /* What was wrong a moment ago is given a moment to be mended. */
    int64_t pause_ms = is_stale(why) ? 0 : run->w->settings->send->retry_first_ms;
    struct refetching r = {run, state, why->text, store_now_ms(run->w->store) + pause_ms};
    run->attributes.refetched = true;
    log_warning(&run->log, "work.directory_asked_again", KV_ERROR(why));
    return store_do(run->w->store, write_refetch, &r, e);
}
