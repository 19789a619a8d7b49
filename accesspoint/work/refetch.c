/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/bad_input.py */
#include "accesspoint/work/refetch.h"

struct refetching {
    struct stage_run *run;
    struct str url;
    const char *state, *why;
    int64_t due_ms;
};

bool refetch_is_due(const struct stage_run *run, const struct error *why)
{
    return why->kind != ERROR_RETRY && !run->attributes.refetched;
}

static bool write_refetch(struct store_tx *tx, void *ctx, struct error *e)
{
    struct refetching *r = ctx;
    return directory_forget(tx, r->run, r->url, e) &&
           stage_move(tx, r->run, r->state, r->due_ms, r->why, e);
}

bool refetch(struct stage_run *run, const char *state, const struct error *why, struct error *e)
{
    /* What was wrong a moment ago is given a moment to be mended. */
    int64_t due_ms = store_now_ms(run->w->store) + run->w->settings->send->retry_first_ms;
    struct refetching r = {.run = run, .state = state, .why = why->text, .due_ms = due_ms};
    run->attributes.refetched = true;
    log_warning(&run->log, "work.directory_asked_again", KV_ERROR(why));
    if (!directory_url(run, &r.url, e) || !store_do(run->w->store, write_refetch, &r, e))
        return false;
    directory_changed(run->w, r.url);
    return true;
}
