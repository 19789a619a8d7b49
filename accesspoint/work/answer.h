/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* answer.h - what accesspoint-receive is told: the receiving order of spec/sdk.md 2.4 and spec/as4.md 11.
 * The receipt is written only after the message is committed. */
#pragma once

#include "accesspoint/work/workplace.h"
#include "runtime/loop/handover.h"

/* Any thread. Always answers the request. */
void answer_question(const struct workplace *w, struct handover_request *request);
