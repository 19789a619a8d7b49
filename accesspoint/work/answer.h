/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* answer.h - what accesspoint-receive is told: the receiving order of spec/sdk.md 2.4 and spec/as4.md 11.
 * The receipt is written only after the message is committed. */
#pragma once

#include "accesspoint/work/stage.h"
#include "runtime/loop/handover.h"

/* A question that accesspoint-receive asks: run has an exchange until it is answered. */
void exchange_begin(struct stage_run *run, struct handover_request *request);
/* The next three on a worker thread. Answered at once, or what came with it is handed in: one of the other
 * two answers it, once that is committed or is not. */
void answer_question(struct stage_run *run);
/* Committed. Then it is opened, where it is ours. A stage: the second time there is nothing to answer. */
stage_fn stage_answer;
/* Not committed, or nobody knows: a repetition is answered as before, the rest refused. A lease of run's
 * message is to be given back. */
void answer_unstored(struct stage_run *run, const struct error *fault);

/* Where nobody will answer, accesspoint-receive is told to try again. NULL is fine. */
void exchange_free(struct exchange *x);
