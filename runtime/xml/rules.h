/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* rules.h - a rules file, compiled: what stands behind struct xml_rules. Inside of runtime/xml
 * only. */
#pragma once

#include <pthread.h>
#include <regex.h>

#include <libxml/xpath.h>

#include "runtime/base/arena.h"
#include "runtime/xml/schema.h"

enum { RULES_MAX = 200, RULES_PREFIXES_MAX = 32, RULES_PATTERNS_MAX = 100 };

struct rule {
    struct str id, code, text;
    bool only_sending;
    xmlXPathCompExpr *context, *test;
};
struct rule_pattern {
    const char *text;
    regex_t compiled;
};
struct xml_rules {
    struct arena arena;
    const char *name;
    struct rule rules[RULES_MAX];
    size_t count;
    struct {
        const char *prefix, *uri;
    } prefixes[RULES_PREFIXES_MAX];
    size_t prefix_count;
    struct rule_pattern patterns[RULES_PATTERNS_MAX];
    size_t pattern_count;
    /* libxml2 notes in a compiled expression which function it calls: one check at a time */
    pthread_mutex_t *lock;
};

/* A context with the prefixes and matches(); xmlXPathFreeContext. */
xmlXPathContext *rules_context(const struct xml_rules *r, xmlDoc *doc);
/* Asks every rule; findings may be NULL: only whether each can be asked (at load time). */
MUST_USE bool rules_ask(const struct xml_rules *r, xmlXPathContext *ctxt, bool sending,
                        struct arena *a, struct xml_findings *f, struct error *e);
