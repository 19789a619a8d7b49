/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* page.h - lists a page at a time: the query of a list, and _meta and _links of its answer. */
#pragma once

#include "accesspoint/api/call.h"

#define PAGE_NAMES      "page|limit"
#define PAGE_TIME_NAMES PAGE_NAMES "|sort|createdFrom|createdTo|status"

struct page {
    uint64_t page, limit;
    bool newest_first;
    int64_t from_ms, to_ms; /* to 0: no end */
    struct str status;      /* empty: any */
};
/* False: answered with 400. */
bool page_read(struct call *c, bool newest_first, struct page *out);
/* Members _meta and _links; path as "/messages". */
void page_put(struct call *c, struct json_writer *w, const struct page *p, struct str path,
              uint64_t total, size_t count);
