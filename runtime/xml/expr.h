/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* expr.h - the part of XPath 1.0 that rules are written in (schemas/README.md), read into a tree and
 * asked of a document's nodes without copying any. Means what libxml2's XPath means by it: the unit
 * test compares both. Inside of runtime/xml only. */
#pragma once

#include <regex.h>

#include <libxml/tree.h>

#include "runtime/base/arena.h"

enum {
    EXPR_STEPS_MAX = 8,
    EXPR_TESTS_MAX = 4,   /* predicates of a step */
    EXPR_DEPTH_MAX = 8,   /* brackets in brackets */
    EXPR_REGEXES_MAX = 64 /* of all expressions read with one reader */
};

enum expr_axis {
    EXPR_CHILD,
    EXPR_DESCENDANT, /* in contexts alone */
    EXPR_ATTRIBUTE,  /* first in a context: of any element */
    EXPR_SELF,
    EXPR_PARENT,
    EXPR_ANCESTOR,
};
struct expr;
struct expr_step {
    enum expr_axis axis;
    const char *name; /* NULL: any */
    const char *ns;   /* NULL: none */
    bool in_any_ns;
    const struct expr *tests[EXPR_TESTS_MAX];
    size_t test_count;
};
struct expr_path {
    struct expr_step steps[EXPR_STEPS_MAX];
    size_t count;
    const struct expr_path *or_else; /* a context's next alternative */
};

/* --- reading */

struct expr_reader {
    struct arena *arena;                                       /* of all that is read */
    const char *(*namespace_of)(void *ctx, struct str prefix); /* NULL: there is none */
    void *ctx;
    regex_t *regexes; /* EXPR_REGEXES_MAX; the owner frees the first regex_count */
    size_t regex_count;
    struct str left;
    unsigned depth;
    bool is_unknown; /* why it failed: a function, prefix or regex that does not exist */
};
/* NULL where the text is not of the part of XPath that is known. */
const struct expr *expr_read(struct expr_reader *r, struct str text);
/* "/a/b | //c": absolute, one alternative at least. */
const struct expr_path *expr_read_context(struct expr_reader *r, struct str text);

/* --- asking */

/* Would the context's path (this alternative alone) select the node, an element or an attribute? */
bool expr_selects(const struct expr_path *p, const xmlNode *n, struct arena *scratch);
/* Is the expression true of the node? */
bool expr_holds(const struct expr *x, const xmlNode *n, struct arena *scratch);

/* --- the tree: between the two files */

enum expr_kind {
    EXPR_OR,
    EXPR_AND,
    EXPR_NOT,     /* left */
    EXPR_IS,      /* number: 1 true, 0 false */
    EXPR_EXISTS,  /* a node of the path */
    EXPR_FILLED,  /* the text is not only white space */
    EXPR_EQUAL,   /* the text, of any node where it is not normalized, is the literal */
    EXPR_MATCHES, /* the text fits the regex */
    EXPR_COUNT,   /* nodes of the path against the number */
    EXPR_LENGTH,  /* characters of the text against the number */
};
struct expr {
    enum expr_kind kind;
    const struct expr *left, *right;
    const struct expr_path *path; /* the text is that of its first node */
    bool is_normalized;
    bool is_at_most; /* against the number: <=, else = */
    struct str literal;
    const regex_t *regex;
    size_t number;
};
