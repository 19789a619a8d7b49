/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* message.h - a row of the table message, for message.c and list.c. */
#pragma once

#include "runtime/store/tx.h"

/* As message_read() expects them. */
#define MESSAGE_COLUMNS                                                                       \
    "id, kind, state, mailbox, attributes, due_ms, created_ms, changed_ms, leased_until_ms, " \
    "owner, attempts, last_why, parked_from"
enum { MESSAGE_COLUMNS_COUNT = 13 };

void message_read(const struct sql_query *q, struct arena *a, void *row); /* a store_message */
