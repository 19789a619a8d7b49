/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/xml/test_rules.c */
#include <libxml/xpathInternals.h>

#include "runtime/xml/rules.h"
#include "runtime/xml/tree.h"

/* One check may not take more: steps of libxml2's own count, some seconds at the very most. */
enum { STEPS_MAX = 50 * 1000 * 1000 };

static const regex_t *find_pattern(const struct xml_rules *r, const char *text)
{
    for (size_t i = 0; i < r->pattern_count; i++)
        if (str_equal(str_of(r->patterns[i].text), str_of(text)))
            return &r->patterns[i].compiled;
    return NULL;
}

/* matches(string, regex), with regexes that stand in the rules file alone. */
static void matches(xmlXPathParserContext *ctxt, int count)
{
    const struct xml_rules *r = ctxt->context->userData;
    if (count != 2) {
        xmlXPathErr(ctxt, XPATH_INVALID_ARITY);
        return;
    }
    xmlChar *regex = xmlXPathPopString(ctxt);
    xmlChar *text = xmlXPathPopString(ctxt);
    const regex_t *pattern = regex == NULL ? NULL : find_pattern(r, (const char *)regex);
    if (pattern == NULL || text == NULL)
        xmlXPathErr(ctxt, XPATH_EXPR_ERROR);
    else
        xmlXPathReturnBoolean(ctxt, regexec(pattern, (const char *)text, 0, NULL, 0) == 0);
    xmlFree(regex);
    xmlFree(text);
}

static void stay_silent(void *ctx, xmlErrorPtr fault)
{
    (void)ctx;
    (void)fault;
}

xmlXPathContext *rules_context(const struct xml_rules *r, xmlDoc *doc)
{
    xmlXPathContext *ctxt = xmlXPathNewContext(doc);
    if (ctxt == NULL)
        return NULL;
    ctxt->userData = writable((const xmlNode *)r);
    ctxt->error = stay_silent;
    ctxt->opLimit = STEPS_MAX;
    xmlXPathRegisterFunc(ctxt, (const xmlChar *)"matches", matches);
    for (size_t i = 0; i < r->prefix_count; i++)
        xmlXPathRegisterNs(ctxt, (const xmlChar *)r->prefixes[i].prefix,
                           (const xmlChar *)r->prefixes[i].uri);
    return ctxt;
}

static struct str place_of(const xmlNode *n, struct arena *a)
{
    if (n->type == XML_ATTRIBUTE_NODE)
        return arena_format(a, "%.*s/@%s", STR_ARG(xml_path(foreign(n->parent), a)),
                            (const char *)n->name);
    if (n->type == XML_ELEMENT_NODE)
        return xml_path(foreign(n), a);
    return n->parent == NULL || n->parent->type != XML_ELEMENT_NODE
               ? STR("/")
               : xml_path(foreign(n->parent), a);
}

static bool cannot_ask(const struct xml_rules *r, const struct rule *rule, struct error *e)
{
    return error_set(e, ERROR_BUG, "%s: rule %.*s cannot be asked", r->name, STR_ARG(rule->id));
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

static bool ask_nodes(const struct xml_rules *r, const struct rule *rule, xmlXPathContext *ctxt,
                      const xmlNodeSet *nodes, struct arena *a, struct xml_findings *f,
                      struct error *e)
{
    for (int i = 0; nodes != NULL && i < nodes->nodeNr; i++) {
        ctxt->node = nodes->nodeTab[i];
        int holds = xmlXPathCompiledEvalToBoolean(rule->test, ctxt);
        if (holds < 0)
            return cannot_ask(r, rule, e);
        if (holds == 0)
            add_finding(rule, nodes->nodeTab[i], a, f);
    }
    return true;
}

static bool ask(const struct xml_rules *r, const struct rule *rule, xmlXPathContext *ctxt,
                struct arena *a, struct xml_findings *f, struct error *e)
{
    ctxt->node = (xmlNode *)ctxt->doc;
    xmlXPathObject *found = xmlXPathCompiledEval(rule->context, ctxt);
    bool ok = found != NULL && found->type == XPATH_NODESET;
    if (!ok)
        cannot_ask(r, rule, e);
    else
        ok = ask_nodes(r, rule, ctxt, found->nodesetval, a, f, e);
    xmlXPathFreeObject(found);
    return ok;
}

bool rules_ask(const struct xml_rules *r, xmlXPathContext *ctxt, bool sending, struct arena *a,
               struct xml_findings *f, struct error *e)
{
    for (size_t i = 0; i < r->count; i++)
        if ((sending || !r->rules[i].only_sending) && !ask(r, &r->rules[i], ctxt, a, f, e))
            return false;
    return true;
}

bool xml_rules_check(const struct xml_rules *r, const struct xml_doc *d, bool sending,
                     struct arena *a, struct xml_findings *f, struct error *e)
{
    xmlXPathContext *ctxt = rules_context(r, d->tree);
    if (ctxt == NULL)
        return error_set(e, ERROR_BUG, "no XPath context");
    pthread_mutex_lock(r->lock);
    bool ok = rules_ask(r, ctxt, sending, a, f, e);
    pthread_mutex_unlock(r->lock);
    xmlXPathFreeContext(ctxt);
    return ok;
}
