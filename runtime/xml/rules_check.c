/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/xml/test_rules.c */
#include "runtime/xml/rules.h"
#include "runtime/xml/tree.h"

/* One walk over the document finds the nodes each rule is about; then the rules are asked of them,
 * one rule after the other, so that findings come in the order of the file. */

struct hit { /* a node a rule is about */
    const xmlNode *node;
    struct hit *next;
};
struct hits {
    struct hit *first, *last;
};

struct asking {
    const struct xml_rules *rules;
    bool sending;
    struct arena arena;   /* of the hits */
    struct arena scratch; /* while one node is looked at */
    struct hits *of;      /* per rule */
};

static void add_hit(struct asking *k, struct hits *hits, const xmlNode *n)
{
    struct hit *hit = arena_new(&k->arena, sizeof(*hit));
    hit->node = n;
    if (hits->last != NULL)
        hits->last->next = hit;
    else
        hits->first = hit;
    hits->last = hit;
}

static void note(struct asking *k, const struct rule_place *place, const xmlNode *n)
{
    for (; place != NULL; place = place->next) {
        struct hits *hits = &k->of[place->rule];
        bool is_noted = hits->last != NULL && hits->last->node == n;
        if (is_noted || (k->rules->rules[place->rule].only_sending && !k->sending))
            continue;
        if (expr_selects(place->path, n, &k->scratch))
            add_hit(k, hits, n);
        arena_release(&k->scratch);
    }
}

static void note_all(struct asking *k, const xmlNode *root)
{
    const struct xml_rules *r = k->rules;
    for (const xmlNode *n = root; n != NULL; n = next_in(n, root)) {
        if (n->type != XML_ELEMENT_NODE)
            continue;
        note(k, r->elements[rules_bucket(text_of(n->name))], n);
        note(k, r->any_element, n);
        const xmlAttr *at = r->attributes == NULL ? NULL : n->properties;
        for (; at != NULL; at = at->next)
            note(k, r->attributes, (const xmlNode *)at);
    }
}

static struct str place_of(const xmlNode *n, struct arena *a)
{
    if (n->type == XML_ATTRIBUTE_NODE)
        return arena_format(a, "%.*s/@%s", STR_ARG(xml_path(foreign(n->parent), a)),
                            (const char *)n->name);
    return xml_path(foreign(n), a);
}

static void add_finding(const struct rule *rule, const xmlNode *n, struct arena *a,
                        struct xml_findings *f)
{
    if (f->count == XML_FINDINGS_MAX) {
        f->more++;
        return;
    }
    xml_findings_add(f, (struct xml_finding){arena_copy(a, rule->id), place_of(n, a),
                                             arena_copy(a, rule->text), arena_copy(a, rule->code)});
}

static void ask(struct asking *k, size_t index, struct arena *a, struct xml_findings *f)
{
    const struct rule *rule = &k->rules->rules[index];
    for (const struct hit *hit = k->of[index].first; hit != NULL; hit = hit->next) {
        if (!expr_holds(rule->test, hit->node, &k->scratch))
            add_finding(rule, hit->node, a, f);
        arena_release(&k->scratch);
    }
}

void xml_rules_check(const struct xml_rules *r, const struct xml_doc *d, bool sending,
                     struct arena *a, struct xml_findings *f)
{
    struct asking k = {.rules = r, .sending = sending};
    k.of = arena_array(&k.arena, r->count, sizeof(*k.of));
    note_all(&k, d->root);
    for (size_t i = 0; i < r->count; i++)
        ask(&k, i, a, f);
    arena_release(&k.arena);
}
