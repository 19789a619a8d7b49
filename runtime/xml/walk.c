/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "runtime/xml/tree.h"

const struct xml_node *xml_root(const struct xml_doc *d)
{
    return foreign(d->root);
}

struct str xml_name(const struct xml_node *n)
{
    return text_of(native(n)->name);
}

struct str xml_ns(const struct xml_node *n)
{
    return native(n)->ns == NULL ? STR("") : text_of(native(n)->ns->href);
}

/* ns NULL: none. */
static bool is_in(const xmlNs *found, const char *ns)
{
    return is_same_text(href_of(found), ns == NULL ? "" : ns);
}

bool xml_is(const struct xml_node *n, const char *ns, const char *name)
{
    const xmlNode *node = native(n);
    if (node == NULL || node->type != XML_ELEMENT_NODE)
        return false;
    return name == NULL || (is_same_text((const char *)node->name, name) && is_in(node->ns, ns));
}

static const struct xml_node *first_from(const xmlNode *n, const char *ns, const char *name)
{
    while (n != NULL && !xml_is(foreign(n), ns, name))
        n = n->next;
    return foreign(n);
}

const struct xml_node *xml_first(const struct xml_node *parent, const char *ns, const char *name)
{
    return parent == NULL ? NULL : first_from(native(parent)->children, ns, name);
}

const struct xml_node *xml_next(const struct xml_node *n, const char *ns, const char *name)
{
    return n == NULL ? NULL : first_from(native(n)->next, ns, name);
}

const struct xml_node *xml_parent(const struct xml_node *n)
{
    const xmlNode *node = native(n);
    if (node->parent == NULL || node->parent->type != XML_ELEMENT_NODE)
        return NULL;
    return foreign(node->parent);
}

size_t xml_count(const struct xml_node *parent, const char *ns, const char *name)
{
    size_t count = 0;
    for (const struct xml_node *n = xml_first(parent, ns, name); n != NULL;
         n = xml_next(n, ns, name))
        count++;
    return count;
}

bool xml_one(const struct xml_node *parent, const char *ns, const char *name,
             const struct xml_node **out, struct error *e)
{
    const struct xml_node *n = xml_first(parent, ns, name);
    if (n == NULL || xml_next(n, ns, name) != NULL) {
        AUTO_ARENA a = {0};
        struct str path = xml_path(parent, &a);
        return error_set(e, ERROR_REJECT, "%.*s: %s %s where exactly one must be",
                         STR_ARG(str_upto(path, 160)), n == NULL ? "no" : "more than one",
                         name == NULL ? "element" : name);
    }
    *out = n;
    return true;
}

bool xml_has_text(const struct xml_node *n)
{
    for (const xmlNode *child = native(n)->children; child != NULL; child = child->next)
        if (is_text(child) && str_trim(text_of(child->content)).len > 0)
            return true;
    return false;
}

static bool is_named(const xmlAttr *attribute, const char *ns, const char *name)
{
    return is_same_text((const char *)attribute->name, name) && is_in(attribute->ns, ns);
}

/* Without entities an attribute's value is one text. */
static struct str value_of(const xmlAttr *attribute)
{
    const xmlNode *text = attribute->children;
    return text == NULL || text->content == NULL ? STR("") : text_of(text->content);
}

bool xml_attribute(const struct xml_node *n, const char *ns, const char *name, struct arena *a,
                   struct str *out)
{
    for (const xmlAttr *at = native(n)->properties; at != NULL; at = at->next) {
        if (is_named(at, ns, name)) {
            *out = arena_copy(a, value_of(at));
            return true;
        }
    }
    return false;
}

static bool is_same_name(const xmlNode *a, const xmlNode *b)
{
    return b->type == XML_ELEMENT_NODE && xmlStrEqual(a->name, b->name) && a->ns == b->ns;
}

/* [2] where a sibling of the same name exists. */
static struct str position(const xmlNode *n, struct arena *a)
{
    unsigned before = 0;
    bool has_more = false;
    for (const xmlNode *at = n->prev; at != NULL; at = at->prev)
        before += is_same_name(n, at);
    for (const xmlNode *at = n->next; at != NULL && !has_more; at = at->next)
        has_more = is_same_name(n, at);
    return before == 0 && !has_more ? STR("") : arena_format(a, "[%u]", before + 1);
}

struct str xml_path(const struct xml_node *n, struct arena *a)
{
    struct str path = STR("");
    for (; n != NULL; n = xml_parent(n)) {
        const xmlNode *node = native(n);
        const char *prefix = node->ns == NULL ? NULL : (const char *)node->ns->prefix;
        struct str place = position(node, a);
        path = arena_format(a, "/%s%s%s%.*s%.*s", prefix == NULL ? "" : prefix,
                            prefix == NULL ? "" : ":", (const char *)node->name, STR_ARG(place),
                            STR_ARG(path));
    }
    return path;
}

unsigned xml_line(const struct xml_node *n)
{
    long line = xmlGetLineNo(native(n));
    return line < 0 ? 0 : (unsigned)line;
}
