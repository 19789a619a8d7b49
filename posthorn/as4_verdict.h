/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* as4_verdict.h - one stored AS4 message judged and told on standard output. */
#pragma once

#include "accesspoint/as4/in.h"

enum { AS4_VERDICT_ACCEPTED = 0, AS4_VERDICT_REFUSED = 1, AS4_VERDICT_NOT_RUN = 2 };

struct as4_judge {
    struct as4_in_config config;
    bool as_json; /* one object a line */
};

/* Returns one of the three above; the reason why it could not run goes to standard error. */
int as4_verdict(const struct as4_judge *v, const char *path);
