/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* json_flat.h - the reader for small JSON objects of our own that hold plain values only: member by
 * member, without a tree, as strict as json.h.
 *     struct json_flat f = json_flat_of(text, arena, e);
 *     struct json_member m;
 *     while (json_flat_next(&f, &m)) ...
 *     return json_flat_done(&f); */
#pragma once

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/error.h"

enum { JSON_FLAT_MAX = 64 /* members */ };

struct json_flat {
    struct str text, left;
    struct arena *arena;
    struct error *e;
    bool failed;
    struct str names[JSON_FLAT_MAX]; /* seen: none comes twice */
    size_t count;
};

enum json_kind { JSON_TEXT, JSON_INTEGER, JSON_BOOLEAN, JSON_NULL };
struct json_member {
    struct str name;
    enum json_kind kind;
    struct str text; /* a view into the JSON; one that was escaped is in the arena */
    int64_t number;  /* of a boolean: 1 is true */
};

struct json_flat json_flat_of(struct str text, struct arena *a, struct error *e);
bool json_flat_next(struct json_flat *f, struct json_member *out); /* false at the end */
/* REJECT where it was no JSON object, had other than plain values, or a name twice. */
MUST_USE bool json_flat_done(const struct json_flat *f);
