/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tree.h - what stands behind struct xml_doc and struct xml_node. Inside of runtime/xml only.
 * xmlDoc._private is the xml_doc; xmlNode._private of a text is its xml_cut, where it was cut. */
#pragma once

#include <string.h>

#include <libxml/tree.h>

#include "runtime/xml/doc.h"
#include "runtime/xml/scan.h"

struct xml_doc {
    xmlDoc *tree;           /* its nodes are not libxml2's to free: they stand in `nodes` */
    struct arena nodes;     /* and their texts; names are in `names` */
    struct _xmlDict *names; /* held; only the parser adds to it */
    xmlNode *root;
    struct xml_source source;
    struct xml_cut *cuts;
    size_t cut_count;
};

static inline const xmlNode *native(const struct xml_node *n)
{
    return (const xmlNode *)n;
}

static inline const struct xml_node *foreign(const xmlNode *n)
{
    return (const struct xml_node *)n;
}

/* libxml2 takes pointers to what it only reads: the one place where const is dropped. */
static inline xmlNode *writable(const xmlNode *n)
{
    union {
        const xmlNode *given;
        xmlNode *taken;
    } cast = {.given = n};
    return cast.taken;
}

static inline const struct xml_doc *doc_of(const xmlNode *n)
{
    return n->doc->_private;
}

static inline struct str text_of(const xmlChar *text)
{
    return str_of((const char *)text);
}

/* As strcmp, which most names need not be asked. */
static inline bool is_same_text(const char *a, const char *b)
{
    return *a == *b && strcmp(a, b) == 0;
}

/* "" where there is no namespace. */
static inline const char *href_of(const xmlNs *ns)
{
    return ns == NULL || ns->href == NULL ? "" : (const char *)ns->href;
}

/* The nearest declaration at n or above it: a prefix is one pointer in all of a document. */
static inline xmlNs *nearest_ns(const xmlNode *n, const xmlChar *prefix)
{
    for (; n != NULL && n->type == XML_ELEMENT_NODE; n = n->parent)
        for (xmlNs *ns = n->nsDef; ns != NULL; ns = ns->next)
            if (ns->prefix == prefix)
                return ns;
    return NULL;
}

static inline bool is_text(const xmlNode *n)
{
    return n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE;
}

/* The next node in document order below `top`; NULL at its end. */
static inline const xmlNode *next_in(const xmlNode *n, const xmlNode *top)
{
    if (n->type == XML_ELEMENT_NODE && n->children != NULL)
        return n->children;
    while (n != top && n->next == NULL)
        n = n->parent;
    return n == top ? NULL : n->next;
}

/* The text as the parser would have given it: line ends of a cut text become LF. */
MUST_USE bool xml_cut_to(const struct xml_doc *d, const struct xml_cut *cut, struct sink *out,
                         struct error *e);
uint64_t xml_cut_length(const struct xml_cut *cut);
