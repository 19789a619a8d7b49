/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/expr.h"

#include <string.h>

#include "runtime/xml/tree.h"

/* --- nodes by name */

static bool is_same(const char *wanted, const xmlChar *found)
{
    return found != NULL && is_same_text(wanted, (const char *)found);
}

static bool is_named(const struct expr_step *s, const xmlNode *n)
{
    if (s->name != NULL && !is_same(s->name, n->name))
        return false;
    if (s->in_any_ns)
        return true;
    return s->ns == NULL ? n->ns == NULL : n->ns != NULL && is_same(s->ns, n->ns->href);
}

static bool passes(const struct expr_step *s, const xmlNode *n, struct arena *scratch)
{
    if (!is_named(s, n))
        return false;
    for (size_t i = 0; i < s->test_count; i++)
        if (!expr_holds(s->tests[i], n, scratch))
            return false;
    return true;
}

static const xmlNode *parent_of(const xmlNode *n)
{
    return n->parent != NULL && n->parent->type == XML_ELEMENT_NODE ? n->parent : NULL;
}

/* --- contexts: from the node upwards */

static bool selects_up_to(const struct expr_path *p, size_t i, const xmlNode *n,
                          struct arena *scratch)
{
    const struct expr_step *s = &p->steps[i];
    const xmlNode *parent = parent_of(n);
    bool is_attribute = n->type == XML_ATTRIBUTE_NODE;
    if (is_attribute != (s->axis == EXPR_ATTRIBUTE) || !passes(s, n, scratch))
        return false;
    if (i == 0)
        return s->axis != EXPR_CHILD || parent == NULL;
    for (; parent != NULL; parent = parent_of(parent)) {
        if (selects_up_to(p, i - 1, parent, scratch))
            return true;
        if (s->axis != EXPR_DESCENDANT)
            return false;
    }
    return false;
}

bool expr_selects(const struct expr_path *p, const xmlNode *n, struct arena *scratch)
{
    return selects_up_to(p, p->count - 1, n, scratch);
}

/* --- paths of tests: from the node onwards */

struct visit {
    bool (*found)(struct visit *v, const xmlNode *n); /* true: no more are asked for */
    const struct expr *x;
    struct arena *scratch;
    size_t count;
    const xmlNode *first;
};

static bool walk(const struct expr_path *p, size_t i, const xmlNode *n, struct visit *v);

static bool walk_on(const struct expr_path *p, size_t i, const xmlNode *n, struct visit *v)
{
    return passes(&p->steps[i], n, v->scratch) && walk(p, i + 1, n, v);
}

static bool walk_children(const struct expr_path *p, size_t i, const xmlNode *n, struct visit *v)
{
    for (const xmlNode *at = n->children; at != NULL; at = at->next)
        if (at->type == XML_ELEMENT_NODE && walk_on(p, i, at, v))
            return true;
    return false;
}

static bool walk_attributes(const struct expr_path *p, size_t i, const xmlNode *n, struct visit *v)
{
    if (n->type != XML_ELEMENT_NODE)
        return false;
    for (const xmlAttr *at = n->properties; at != NULL; at = at->next)
        if (walk_on(p, i, (const xmlNode *)at, v))
            return true;
    return false;
}

static bool walk(const struct expr_path *p, size_t i, const xmlNode *n, struct visit *v)
{
    if (i == p->count)
        return v->found(v, n);
    switch (p->steps[i].axis) {
    case EXPR_CHILD:
        return walk_children(p, i, n, v);
    case EXPR_ATTRIBUTE:
        return walk_attributes(p, i, n, v);
    case EXPR_SELF:
        return n->type == XML_ELEMENT_NODE && walk_on(p, i, n, v);
    case EXPR_PARENT:
        n = parent_of(n);
        return n != NULL && walk_on(p, i, n, v);
    case EXPR_ANCESTOR:
        for (n = parent_of(n); n != NULL; n = parent_of(n))
            if (walk_on(p, i, n, v))
                return true;
        return false;
    case EXPR_DESCENDANT:
        break;
    }
    return false;
}

static bool take_first(struct visit *v, const xmlNode *n)
{
    v->first = n;
    return true;
}

static bool count_one(struct visit *v, const xmlNode *n)
{
    (void)n;
    v->count++;
    return false;
}

static const xmlNode *first_of(const struct expr *x, const xmlNode *n, struct arena *scratch)
{
    struct visit v = {.found = take_first, .scratch = scratch};
    walk(x->path, 0, n, &v);
    return v.first;
}

/* --- texts */

/* Views where one text is all there is; else gathered. */
static struct str text_below(const xmlNode *top, struct arena *scratch)
{
    const xmlNode *only = top->children;
    size_t len = 0;
    if (only == NULL)
        return STR("");
    if (only->next == NULL && is_text(only))
        return text_of(only->content);
    for (const xmlNode *n = next_in(top, top); n != NULL; n = next_in(n, top))
        len += is_text(n) ? text_of(n->content).len : 0;
    char *all = arena_new(scratch, len + 1), *end = all;
    for (const xmlNode *n = next_in(top, top); n != NULL; n = next_in(n, top)) {
        struct str text = is_text(n) ? text_of(n->content) : STR("");
        if (text.len > 0)
            memcpy(end, text.at, text.len);
        end += text.len;
    }
    return (struct str){all, len};
}

static bool is_normal(struct str trimmed)
{
    for (size_t i = 0; i < trimmed.len; i++)
        if (is_blank_char(trimmed.at[i]) && (trimmed.at[i] != ' ' || trimmed.at[i - 1] == ' '))
            return false;
    return true;
}

static struct str normalized(struct str text, struct arena *scratch)
{
    text = str_trim(text);
    if (is_normal(text))
        return text;
    char *copy = arena_new(scratch, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_blank_char(text.at[i]))
            copy[len++] = text.at[i];
        else if (copy[len - 1] != ' ') /* it begins with no blank */
            copy[len++] = ' ';
    }
    return (struct str){copy, len};
}

/* Of the path's first node; "" where there is none. */
static struct str text_for(const struct expr *x, const xmlNode *n, struct arena *scratch)
{
    const xmlNode *first = first_of(x, n, scratch);
    struct str text = first == NULL ? STR("") : text_below(first, scratch);
    return x->is_normalized ? normalized(text, scratch) : text;
}

static bool is_blank(const xmlChar *text)
{
    while (is_blank_char((char)*text))
        text++;
    return *text == '\0';
}

/* Ends at the first octet that is not blank. */
static bool is_filled(const xmlNode *top, struct arena *scratch)
{
    if (top == NULL || top->type == XML_ATTRIBUTE_NODE)
        return top != NULL && str_trim(text_below(top, scratch)).len > 0;
    for (const xmlNode *n = next_in(top, top); n != NULL; n = next_in(n, top))
        if (is_text(n) && !is_blank(n->content))
            return true;
    return false;
}

static bool is_literal(struct visit *v, const xmlNode *n)
{
    return str_equal(text_below(n, v->scratch), v->x->literal);
}

static bool equals(const struct expr *x, const xmlNode *n, struct arena *scratch)
{
    struct visit v = {.found = is_literal, .x = x, .scratch = scratch};
    if (x->is_normalized)
        return str_equal(text_for(x, n, scratch), x->literal);
    return walk(x->path, 0, n, &v);
}

static bool matches(const struct expr *x, const xmlNode *n, struct arena *scratch)
{
    const char *text = arena_text(scratch, text_for(x, n, scratch));
    return regexec(x->regex, text, 0, NULL, 0) == 0;
}

static size_t characters(struct str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return count;
}

/* --- expressions */

static bool compare(const struct expr *x, size_t found)
{
    return x->is_at_most ? found <= x->number : found == x->number;
}

static bool counts(const struct expr *x, const xmlNode *n, struct arena *scratch)
{
    struct visit v = {.found = count_one, .scratch = scratch};
    walk(x->path, 0, n, &v);
    return compare(x, v.count);
}

bool expr_holds(const struct expr *x, const xmlNode *n, struct arena *scratch)
{
    switch (x->kind) {
    case EXPR_OR:
        return expr_holds(x->left, n, scratch) || expr_holds(x->right, n, scratch);
    case EXPR_AND:
        return expr_holds(x->left, n, scratch) && expr_holds(x->right, n, scratch);
    case EXPR_NOT:
        return !expr_holds(x->left, n, scratch);
    case EXPR_IS:
        return x->number == 1;
    case EXPR_EXISTS:
        return first_of(x, n, scratch) != NULL;
    case EXPR_FILLED:
        return is_filled(first_of(x, n, scratch), scratch);
    case EXPR_EQUAL:
        return equals(x, n, scratch);
    case EXPR_MATCHES:
        return matches(x, n, scratch);
    case EXPR_COUNT:
        return counts(x, n, scratch);
    case EXPR_LENGTH:
        return compare(x, characters(text_for(x, n, scratch)));
    }
    return false;
}
