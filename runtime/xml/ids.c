/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "runtime/xml/tree.h"

#define WSU_URI "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

struct id {
    struct str value;
    const xmlNode *node;
};

/* Sorted, not hashed: a peer who chooses the values cannot make it slow. */
struct xml_ids {
    struct id *at;
    size_t count;
};

static bool is_id(const xmlAttr *at)
{
    const char *name = (const char *)at->name;
    bool is_Id = is_same_text(name, "Id"), is_id = is_same_text(name, "id");
    if (at->ns == NULL)
        return is_Id || is_id || is_same_text(name, "ID");
    return (is_Id && is_same_text(href_of(at->ns), WSU_URI)) ||
           (is_id && xmlStrEqual(at->ns->href, XML_XML_NAMESPACE));
}

static const xmlAttr *next_id(const xmlAttr *at)
{
    while (at != NULL && !is_id(at))
        at = at->next;
    return at;
}

/* Counts them; writes them where ids is not NULL. */
static size_t walk_ids(const struct xml_doc *d, struct arena *a, struct id *ids)
{
    size_t count = 0;
    for (const xmlNode *n = d->root; n != NULL; n = next_in(n, d->root)) {
        const xmlAttr *at = n->type == XML_ELEMENT_NODE ? next_id(n->properties) : NULL;
        for (; at != NULL; at = next_id(at->next), count++) {
            const xmlNode *text = at->children;
            if (ids != NULL && text != NULL)
                ids[count].value = arena_copy(a, text_of(text->content));
            if (ids != NULL)
                ids[count].node = n;
        }
    }
    return count;
}

static int compare_ids(const void *one, const void *two)
{
    const struct id *a = one, *b = two;
    return str_compare(a->value, b->value);
}

static bool check_ids(const struct xml_ids *ids, struct error *e)
{
    for (size_t i = 0; i < ids->count; i++) {
        const struct id *id = &ids->at[i];
        if (id->value.len == 0)
            return error_set(e, ERROR_REJECT, "line %u: an empty id", xml_line(foreign(id->node)));
        /* wsu:Id and Id of one element may say the same: no doubt which is meant */
        if (i > 0 && str_equal(id[-1].value, id->value) && id[-1].node != id->node)
            return error_set(e, ERROR_REJECT, "line %u: the id '%.*s' is used twice",
                             xml_line(foreign(id->node)), STR_ARG(str_upto(id->value, 100)));
    }
    return true;
}

bool xml_ids_collect(const struct xml_doc *d, struct arena *a, struct xml_ids **out,
                     struct error *e)
{
    struct xml_ids *ids = arena_new(a, sizeof(*ids));
    ids->count = walk_ids(d, a, NULL);
    ids->at = arena_array(a, ids->count + 1, sizeof(*ids->at));
    walk_ids(d, a, ids->at);
    qsort(ids->at, ids->count, sizeof(*ids->at), compare_ids);
    if (!check_ids(ids, e))
        return false;
    *out = ids;
    return true;
}

const struct xml_node *xml_ids_find(const struct xml_ids *ids, struct str id)
{
    struct id wanted = {id, NULL};
    const struct id *found = bsearch(&wanted, ids->at, ids->count, sizeof(*ids->at), compare_ids);
    return found == NULL ? NULL : foreign(found->node);
}
