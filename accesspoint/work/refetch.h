/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* refetch.h - what the directory said does not hold: before that is called final, its answer is asked
 * for anew, once for each message (spec/sdk.md 6.5). */
#pragma once

#include "accesspoint/work/directory.h"
#include "accesspoint/work/stage.h"

/* May it be asked again: the answer did not hold, and this message has not asked yet? */
bool refetch_is_due(const struct stage_run *run, const struct error *why);
/* Forgets the answer and moves the message back to `state`, where the directory is asked. */
MUST_USE bool refetch(struct stage_run *run, const char *state, const struct error *why,
                      struct error *e);
