/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* lookups.h - questions to the directory (SMP): one for all messages that wait for the same answer, which
 * is put into the store's cache unread (directory.h reads it). Loop thread only. */
#pragma once

#include "accesspoint/work/errands.h"
#include "accesspoint/work/workplace.h"

struct lookups;

struct lookups *lookups_new(struct errands *errands, const struct workplace *w);
void lookups_set_place(struct lookups *all, const struct workplace *w);
void lookups_close(struct lookups *all); /* open questions are forgotten, without done() */
void lookups_free(struct lookups *all);  /* after the store, which may have an answer to write */

enum lookup_end {
    LOOKUP_CACHED,  /* the answer is in the cache */
    LOOKUP_UNKNOWN, /* nobody of that name, or not for this kind of message. Not kept: it may be
                       published any minute */
    LOOKUP_FAILED,  /* e: why */
};
/* Exactly once, never from inside lookups_ask(). */
typedef void lookup_done(void *ctx, enum lookup_end end, const struct error *e);
void lookups_ask(struct lookups *all, struct str url, lookup_done *done, void *ctx);
