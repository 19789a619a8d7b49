/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* nodes.h - the nodes of a tree, in its document's arena: names, URIs and texts are borrowed, and must
 * live as long. Inside of runtime/xml only. */
#pragma once

#include <libxml/parserInternals.h>

#include "runtime/xml/tree.h"

static inline xmlChar *node_text(struct xml_doc *d, struct str text) /* a copy, with its NUL */
{
    union {
        const char *made;
        xmlChar *taken;
    } cast = {.made = arena_text(&d->nodes, text)};
    return cast.taken;
}

static inline unsigned short node_line(int line) /* cut to what a node can say */
{
    return (unsigned short)(line < UINT16_MAX ? line : UINT16_MAX);
}

/* The last one of `open`; of the document, where that is NULL. */
static inline xmlNode *node_add(struct xml_doc *d, xmlNode *open, xmlElementType type, int line)
{
    xmlNode *n = arena_new(&d->nodes, sizeof(*n));
    xmlNode *parent = open != NULL ? open : (xmlNode *)d->tree;
    n->type = type;
    n->line = node_line(line);
    n->doc = d->tree;
    n->parent = parent;
    n->prev = parent->last;
    if (parent->last == NULL)
        parent->children = n;
    else
        parent->last->next = n;
    parent->last = n;
    return n;
}

static inline xmlNs *node_ns(struct xml_doc *d, const xmlChar *prefix, const xmlChar *uri)
{
    xmlNs *ns = arena_new(&d->nodes, sizeof(*ns));
    ns->type = XML_LOCAL_NAMESPACE;
    ns->prefix = prefix;
    ns->href = uri;
    return ns;
}

struct node_attribute { /* with the one text it has: entities are known to be characters */
    xmlAttr attribute;
    xmlNode text;
};

/* Behind `last`, the one before it; NULL: it is the first one of n. */
static inline xmlAttr *node_attribute(struct xml_doc *d, xmlNode *n, xmlAttr *last,
                                      const xmlChar *name, xmlChar *value)
{
    struct node_attribute *a = arena_new(&d->nodes, sizeof(*a));
    a->attribute.type = XML_ATTRIBUTE_NODE;
    a->attribute.name = name;
    a->attribute.parent = n;
    a->attribute.doc = a->text.doc = n->doc;
    a->attribute.children = a->attribute.last = &a->text;
    a->attribute.prev = last;
    a->text.type = XML_TEXT_NODE;
    a->text.name = xmlStringText;
    a->text.parent = (xmlNode *)&a->attribute;
    a->text.content = value;
    if (last == NULL)
        n->properties = &a->attribute;
    else
        last->next = &a->attribute;
    return &a->attribute;
}
