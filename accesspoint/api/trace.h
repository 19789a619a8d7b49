/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* trace.h - W3C Trace Context: the caller's trace goes on with a step of our own; what is missing or
 * broken is replaced. */
#pragma once

#include "runtime/base/str.h"

enum { TRACE_PARENT_LEN = 55, TRACE_ID_LEN = 32 };
struct trace {
    char parent[TRACE_PARENT_LEN + 1]; /* "00-<32 hex>-<16 hex>-<2 hex>", for the answer */
};

struct trace trace_continue(struct str traceparent);
struct str trace_id(const struct trace *t);
