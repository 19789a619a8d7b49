/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* rules.h - a rules file, compiled: what stands behind struct xml_rules. Inside of runtime/xml
 * only. */
#pragma once

#include "runtime/xml/expr.h"
#include "runtime/xml/schema.h"

enum { RULES_MAX = 200, RULES_PREFIXES_MAX = 32, RULES_BUCKETS = 64 };

struct rule {
    struct str id, code, text;
    bool only_sending;
    const struct expr_path *context;
    const struct expr *test;
};
/* One alternative of a rule's context, found by the name its nodes must have. */
struct rule_place {
    const struct expr_path *path;
    size_t rule;
    const struct rule_place *next;
};
struct xml_rules { /* only read once it is made */
    struct arena arena;
    const char *name;
    struct rule rules[RULES_MAX];
    size_t count;
    struct {
        struct str prefix;
        const char *uri;
    } prefixes[RULES_PREFIXES_MAX];
    size_t prefix_count;
    regex_t regexes[EXPR_REGEXES_MAX];
    size_t regex_count;
    const struct rule_place *elements[RULES_BUCKETS]; /* by rules_bucket of the name */
    const struct rule_place *any_element, *attributes;
};

size_t rules_bucket(struct str name);
