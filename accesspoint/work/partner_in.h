/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* partner_in.h - a message of a partner outside of the federation ([accesspoint] pmodes): no envelope
 * rules, any number of payloads; it waits in the inbox state as it came. */
#pragma once

#include "accesspoint/work/arrival.h"

/* Inflates the payloads into the store (EBMS:0303 where one does not), then hands in one transaction:
 * message, payloads, name, evidence, receipt. */
MUST_USE bool partner_store(struct arrival *a, struct stage_run *run, struct error *e);
