/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/c14n.h"

#include "runtime/base/mem.h"
#include "runtime/xml/tree.h"
#include "runtime/xml/write.h"

/* Our own walk over the tree, not xmlC14NExecute: that one asks a callback about every node of the
 * whole document for one subtree, cannot put cut texts back, and is quadratic in namespaces. The
 * unit test compares both on every official file and on generated documents. */

enum { HOLD_OCTETS = 8 * 1024, ATTRIBUTES_MAX = 1024 };

struct rendered { /* a namespace written, and not closed yet */
    const xmlNode *by;
    const xmlNs *ns; /* where it is known: NULL else */
    struct str prefix, uri;
};

struct attributes { /* of one tag, sorted; its room is used again for the next one */
    const xmlAttr **at;
    size_t count, room;
};

struct canon {
    const struct xml_doc *doc;
    const xmlNode *top;
    const struct c14n_options *options;
    struct sink *out;
    struct xml_writer w;
    struct rendered *stack;
    size_t depth, room;
    struct attributes attributes;
};

bool c14n_type_of(struct str uri, enum c14n_type *out)
{
    static const char *const uris[] = {
        [C14N_1_0] = C14N_1_0_URI,
        [C14N_1_1] = C14N_1_1_URI,
        [C14N_EXCLUSIVE] = C14N_EXCLUSIVE_URI,
    };
    for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        if (str_is(uri, uris[i])) {
            *out = (enum c14n_type)i;
            return true;
        }
    }
    return false;
}

/* --- namespaces */

/* What the prefix means where the next tag is written; "" where it was never written. */
static struct str rendered_uri(const struct canon *c, struct str prefix)
{
    for (size_t i = c->depth; i-- > 0;)
        if (str_equal(c->stack[i].prefix, prefix))
            return c->stack[i].uri;
    return STR("");
}

static void push(struct canon *c, struct rendered r)
{
    if (c->depth == c->room) {
        size_t more = c->room == 0 ? 16 : c->room * 2;
        c->stack = mem_grow(c->stack, c->room * sizeof(r), more * sizeof(r));
        c->room = more;
    }
    c->stack[c->depth++] = r;
}

static void need_namespace(struct canon *c, const xmlNode *n, struct str prefix, struct str uri)
{
    if (str_is(prefix, "xml") || str_equal(rendered_uri(c, prefix), uri))
        return;
    /* C14N 1.0 section 1.3: a relative URI must be an error */
    if (uri.len > 0 && str_find_char(uri, ':') == uri.len && !c->w.failed) {
        c->w.failed = true;
        error_set(c->w.e, ERROR_REJECT, "line %u: the namespace '%.*s' is relative",
                  xml_line(foreign(n)), STR_ARG(str_upto(uri, 100)));
    }
    push(c, (struct rendered){n, NULL, prefix, uri});
}

static struct str prefix_of(const xmlNs *ns)
{
    return ns == NULL || ns->prefix == NULL ? STR("") : text_of(ns->prefix);
}

static struct str uri_of(const xmlNs *ns)
{
    return str_of(href_of(ns));
}

/* Does its prefix mean this very declaration where the next tag is written? */
static bool is_rendered(const struct canon *c, const xmlNs *ns)
{
    struct str prefix = prefix_of(ns);
    for (size_t i = c->depth; i-- > 0;) {
        if (c->stack[i].ns == ns)
            return true;
        if (str_equal(c->stack[i].prefix, prefix))
            return false;
    }
    return false;
}

static void need_own(struct canon *c, const xmlNode *n, const xmlNs *ns)
{
    size_t before = c->depth;
    if (ns != NULL && is_rendered(c, ns))
        return;
    need_namespace(c, n, prefix_of(ns), uri_of(ns));
    if (c->depth > before)
        c->stack[before].ns = ns;
}

/* Inclusive: all in scope for the apex, its own declarations for what is below. */
static void need_in_scope(struct canon *c, const xmlNode *n)
{
    const xmlNode *end = n == c->top ? NULL : n->parent;
    for (const xmlNode *at = n; at != end && at->type == XML_ELEMENT_NODE; at = at->parent)
        for (const xmlNs *ns = at->nsDef; ns != NULL; ns = ns->next)
            if (nearest_ns(n, ns->prefix) == ns)
                need_own(c, n, ns);
}

static struct str uri_in_scope(const xmlNode *n, struct str prefix)
{
    for (; n != NULL && n->type == XML_ELEMENT_NODE; n = n->parent)
        for (const xmlNs *ns = n->nsDef; ns != NULL; ns = ns->next)
            if (str_equal(prefix_of(ns), prefix))
                return uri_of(ns);
    return STR("");
}

/* Exclusive: those the tag itself uses, and those of the list (exc-c14n section 3). */
static void need_used(struct canon *c, const xmlNode *n)
{
    const char *const *listed = c->options->inclusive_prefixes;
    need_own(c, n, n->ns);
    for (const xmlAttr *at = n->properties; at != NULL; at = at->next)
        if (at->ns != NULL)
            need_own(c, n, at->ns);
    for (; listed != NULL && *listed != NULL; listed++) {
        struct str prefix = str_is(str_of(*listed), "#default") ? STR("") : str_of(*listed);
        struct str uri = uri_in_scope(n, prefix);
        if (uri.len > 0 || prefix.len == 0)
            need_namespace(c, n, prefix, uri);
    }
}

static void sort_namespaces(struct rendered *at, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct rendered moved = at[i];
        size_t k = i;
        for (; k > 0 && str_compare(at[k - 1].prefix, moved.prefix) > 0; k--)
            at[k] = at[k - 1];
        at[k] = moved;
    }
}

static void put_namespaces(struct canon *c, const xmlNode *n)
{
    size_t before = c->depth;
    if (c->options->type == C14N_EXCLUSIVE)
        need_used(c, n);
    else
        need_in_scope(c, n);
    if (c->depth == before)
        return;
    sort_namespaces(c->stack + before, c->depth - before);
    for (size_t i = before; i < c->depth; i++) {
        xml_put(&c->w, c->stack[i].prefix.len > 0 ? STR(" xmlns:") : STR(" xmlns"));
        xml_put(&c->w, c->stack[i].prefix);
        xml_put(&c->w, STR("=\""));
        xml_put_attribute(&c->w, c->stack[i].uri);
        xml_put(&c->w, STR("\""));
    }
}

/* --- attributes */

static int compare_attributes(const xmlAttr *a, const xmlAttr *b)
{
    int by_uri = str_compare(uri_of(a->ns), uri_of(b->ns));
    return by_uri != 0 ? by_uri : str_compare(text_of(a->name), text_of(b->name));
}

static bool add_attribute(struct attributes *list, const xmlAttr *new)
{
    size_t k = list->count;
    if (k == ATTRIBUTES_MAX)
        return false;
    if (k == list->room) {
        size_t more = k == 0 ? 16 : k * 2, size = sizeof(*list->at);
        list->at = mem_grow(list->at, k * size, more * size);
        list->room = more;
    }
    for (; k > 0 && compare_attributes(list->at[k - 1], new) > 0; k--)
        list->at[k] = list->at[k - 1];
    list->at[k] = new;
    list->count++;
    return true;
}

static bool is_xml(const xmlAttr *at)
{
    return at->ns != NULL && xmlStrEqual(at->ns->href, XML_XML_NAMESPACE);
}

static bool has_attribute(const struct attributes *list, const xmlAttr *wanted)
{
    for (size_t i = 0; i < list->count; i++)
        if (compare_attributes(list->at[i], wanted) == 0)
            return true;
    return false;
}

/* xml:* of what stands above the apex (C14N 1.0 section 2.4; 1.1: lang and space alone). */
static bool inherit(struct canon *c, struct attributes *list, struct error *e)
{
    for (const xmlNode *n = c->top->parent; n != NULL && n->type == XML_ELEMENT_NODE;
         n = n->parent) {
        for (const xmlAttr *at = n->properties; at != NULL; at = at->next) {
            bool is_base = is_xml(at) && str_is(text_of(at->name), "base");
            bool is_id = is_xml(at) && str_is(text_of(at->name), "id");
            if (is_base && c->options->type == C14N_1_1)
                return error_set(e, ERROR_REJECT, "xml:base above a part under C14N 1.1");
            if (!is_xml(at) || (is_id && c->options->type == C14N_1_1) || has_attribute(list, at))
                continue;
            if (!add_attribute(list, at))
                return error_set(e, ERROR_REJECT, "too many attributes");
        }
    }
    return true;
}

static void put_attribute(struct canon *c, const xmlAttr *at)
{
    struct str prefix = prefix_of(at->ns);
    xml_put(&c->w, STR(" "));
    xml_put(&c->w, prefix);
    if (prefix.len > 0)
        xml_put(&c->w, STR(":"));
    xml_put(&c->w, text_of(at->name));
    xml_put(&c->w, STR("=\""));
    for (const xmlNode *text = at->children; text != NULL; text = text->next)
        if (text->content != NULL)
            xml_put_attribute(&c->w, text_of(text->content));
    xml_put(&c->w, STR("\""));
}

static bool put_attributes(struct canon *c, const xmlNode *n, struct error *e)
{
    if (n->properties == NULL && (n != c->top || c->options->type == C14N_EXCLUSIVE))
        return true;
    struct attributes *list = &c->attributes;
    list->count = 0;
    for (const xmlAttr *at = n->properties; at != NULL; at = at->next)
        if (!add_attribute(list, at))
            return error_set(e, ERROR_REJECT, "too many attributes");
    if (n == c->top && c->options->type != C14N_EXCLUSIVE && !inherit(c, list, e))
        return false;
    for (size_t i = 0; i < list->count; i++)
        put_attribute(c, list->at[i]);
    return true;
}

/* --- nodes */

static void put_name(struct canon *c, const xmlNode *n)
{
    struct str prefix = prefix_of(n->ns);
    xml_put(&c->w, prefix);
    if (prefix.len > 0)
        xml_put(&c->w, STR(":"));
    xml_put(&c->w, text_of(n->name));
}

static bool open_element(struct canon *c, const xmlNode *n, struct error *e)
{
    xml_put(&c->w, STR("<"));
    put_name(c, n);
    put_namespaces(c, n);
    if (!put_attributes(c, n, e))
        return false;
    xml_put(&c->w, STR(">"));
    return !c->w.failed;
}

static void close_element(struct canon *c, const xmlNode *n)
{
    xml_put(&c->w, STR("</"));
    put_name(c, n);
    xml_put(&c->w, STR(">"));
    while (c->depth > 0 && c->stack[c->depth - 1].by == n)
        c->depth--;
}

/* A cut text has no '&', '<' or '>', and its CR were made LF: nothing to escape. */
static bool put_text(struct canon *c, const xmlNode *n, struct error *e)
{
    if (n->_private != NULL)
        return xml_flush(&c->w) && xml_cut_to(c->doc, n->_private, c->out, e);
    xml_put_text(&c->w, text_of(n->content));
    return !c->w.failed;
}

static void put_instruction(struct canon *c, const xmlNode *n)
{
    struct str data = n->content == NULL ? STR("") : text_of(n->content);
    xml_put(&c->w, STR("<?"));
    xml_put(&c->w, text_of(n->name));
    if (data.len > 0)
        xml_put(&c->w, STR(" "));
    xml_put(&c->w, data); /* a CR cannot be there: the parser made LF of it */
    xml_put(&c->w, STR("?>"));
}

static bool enter(struct canon *c, const xmlNode *n, struct error *e)
{
    if (n->type == XML_ELEMENT_NODE)
        return open_element(c, n, e);
    if (is_text(n))
        return put_text(c, n, e);
    if (n->type == XML_PI_NODE)
        put_instruction(c, n);
    return true;
}

/* Depth first with a path of its own making: no recursion, so depth is no danger. */
static bool write_subtree(struct canon *c, const xmlNode *top, struct error *e)
{
    const xmlNode *n = top;
    c->top = top;
    while (n != NULL) {
        bool is_left_out = foreign(n) == c->options->without;
        if (!is_left_out && !enter(c, n, e))
            return false;
        if (!is_left_out && n->type == XML_ELEMENT_NODE && n->children != NULL) {
            n = n->children;
            continue;
        }
        if (!is_left_out && n->type == XML_ELEMENT_NODE)
            close_element(c, n);
        while (n != top && n->next == NULL) {
            n = n->parent;
            close_element(c, n);
        }
        n = n == top ? NULL : n->next;
    }
    return true;
}

/* Instructions outside of the root stand on lines of their own. */
static bool write_document(struct canon *c, struct error *e)
{
    bool is_before = true;
    for (const xmlNode *n = c->doc->tree->children; n != NULL; n = n->next) {
        if (n->type == XML_ELEMENT_NODE) {
            if (!write_subtree(c, n, e))
                return false;
            is_before = false;
        }
        if (n->type != XML_PI_NODE)
            continue;
        if (!is_before)
            xml_put(&c->w, STR("\n"));
        put_instruction(c, n);
        if (is_before)
            xml_put(&c->w, STR("\n"));
    }
    return true;
}

bool c14n_write(const struct xml_doc *d, const struct xml_node *top,
                const struct c14n_options *options, struct sink *out, struct error *e)
{
    AUTO_BUF hold = BUF(HOLD_OCTETS);
    struct canon c = {.doc = d, .options = options, .out = out, .w = xml_writer_on(out, &hold, e)};
    char *room; /* all of it at once, instead of growing eight times */
    bool ok = buf_room(&hold, HOLD_OCTETS, &room, e) &&
              (top == NULL ? write_document(&c, e) : write_subtree(&c, native(top), e));
    ok = ok && xml_flush(&c.w);
    mem_free(c.attributes.at);
    mem_free(c.stack);
    return ok;
}
