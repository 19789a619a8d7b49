/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* answer.h - what accesspoint-receive is told: the receiving order of spec/sdk.md 2.4 and spec/as4.md 11.
 * The receipt is written only after the message is committed. */
#pragma once

#include "accesspoint/work/stage.h"
#include "runtime/loop/handover.h"

/* Any thread. Always answers the request. True: what it brought is stored and ours, and run is made for
 * opening it: stage_open. False: there is nothing more to do; a lease of run's message is to be given back:
 * the store was away, and nobody knows whether it was stored. */
bool answer_question(struct stage_run *run, struct handover_request *request);
