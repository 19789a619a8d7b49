/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tree_text.h - a tree as text: all that the rest of the code looks at, of every node. So that a tree of
 * ours can be compared with the one that libxml2's own builder makes. Ends the process where the nodes
 * do not hang together. */
#pragma once

#include <stdlib.h>

#include "runtime/xml/tree.h"

static inline void tree_must(bool holds)
{
    if (!holds)
        abort();
}

static inline void tree_put(struct buf *out, const char *what, const xmlChar *text)
{
    struct error e = {0};
    tree_must(buf_addf(out, &e, " %s=", what) &&
              buf_add(out, str_of(text == NULL ? "(none)" : (const char *)text), &e));
}

static inline void tree_put_ns(struct buf *out, const char *what, const xmlNs *ns)
{
    tree_put(out, what, ns == NULL ? NULL : ns->href);
    tree_put(out, "prefix", ns == NULL ? NULL : ns->prefix);
}

static inline void tree_put_attribute(struct buf *out, const xmlAttr *a, const xmlNode *n)
{
    tree_put(out, "attribute", a->name);
    tree_put_ns(out, "in", a->ns);
    tree_put(out, "value", a->children == NULL ? (const xmlChar *)"" : a->children->content);
    tree_must(a->children == NULL || (a->children->next == NULL && a->last == a->children));
    tree_must(a->parent == n && a->doc == n->doc && (a->prev == NULL || a->prev->next == a));
}

/* A cut text as if it had stayed. */
static inline void tree_put_content(struct buf *out, const xmlNode *n)
{
    struct error e = {0};
    struct sink_buf into;
    tree_put(out, "content", n->_private == NULL ? n->content : (const xmlChar *)"");
    sink_buf_init(&into, out);
    tree_must(n->_private == NULL || xml_cut_to(doc_of(n), n->_private, &into.sink, &e));
}

static inline void tree_put_node(struct buf *out, const xmlNode *n)
{
    struct error e = {0};
    bool is_element = n->type == XML_ELEMENT_NODE;
    tree_must(
        buf_addf(out, &e, "\n%u line %ld", (unsigned)n->type, is_element ? xmlGetLineNo(n) : 0));
    tree_put(out, "name", n->name);
    if (!is_element) {
        tree_put_content(out, n);
        return;
    }
    tree_put_ns(out, "in", n->ns);
    for (const xmlNs *ns = n->nsDef; ns != NULL; ns = ns->next)
        tree_put_ns(out, "declares", ns);
    for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
        tree_put_attribute(out, a, n);
}

/* The nodes from `first` on and what is below them. */
static inline void tree_text(struct buf *out, const xmlNode *first, const xmlDoc *doc)
{
    struct error e = {0};
    for (const xmlNode *n = first; n != NULL; n = n->next) {
        tree_put_node(out, n);
        tree_must(n->doc == doc && (n->prev == NULL || n->prev->next == n));
        tree_must(n->next != NULL || n->parent->last == n);
        if (n->type != XML_ELEMENT_NODE)
            continue;
        tree_must(n->children == NULL || n->children->parent == n);
        tree_must(buf_add(out, STR(" {"), &e));
        tree_text(out, n->children, doc);
        tree_must(buf_add(out, STR("}"), &e));
    }
}
