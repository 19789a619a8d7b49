/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* answer.h - what accesspoint-receive is told: the receiving order of spec/sdk.md 2.4 and spec/as4.md 11.
 * The receipt is written only after the message is committed. */
#pragma once

#include "accesspoint/work/workplace.h"
#include "runtime/loop/handover.h"

struct unsettled { /* zero before */
    struct arena arena;
    struct store_message message; /* in the arena; no lease: nothing is left */
};
/* Any thread. Always answers the request; what it stored is opened then. *left: a message whose outcome
 * the store does not know, as it was away; the lease is still ours to give back. */
void answer_question(const struct workplace *w, struct handover_request *request,
                     struct unsettled *left);
