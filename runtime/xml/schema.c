/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/schema.h"

#include <libxml/xmlschemas.h>

#include "runtime/base/cursor.h"
#include "runtime/base/mem.h"
#include "runtime/xml/loader.h"
#include "runtime/xml/redact.h"
#include "runtime/xml/tree.h"

struct xml_schema {
    xmlSchema *native; /* only read once it is parsed */
    char *name;
};

void xml_findings_add(struct xml_findings *f, struct xml_finding finding)
{
    if (f->count < XML_FINDINGS_MAX)
        f->at[f->count++] = finding;
    else
        f->more++;
}

/* --- loading */

struct load {
    const char *name;
    struct error *e;
    bool has_failed;
};

static void on_load_fault(void *ctx, xmlErrorPtr fault)
{
    struct load *l = ctx;
    if (l->has_failed || fault->level < XML_ERR_ERROR)
        return;
    l->has_failed = true;
    error_set(l->e, ERROR_BUG, "%s, line %d: %s", l->name, fault->line,
              fault->message == NULL ? "?" : fault->message);
}

static xmlSchema *load(const char *path, struct load *l)
{
    xmlSchemaParserCtxt *ctxt = xmlSchemaNewParserCtxt(path);
    if (ctxt == NULL)
        return NULL;
    xmlSchemaSetParserStructuredErrors(ctxt, on_load_fault, l);
    loader_open();
    xmlSchema *schema = xmlSchemaParse(ctxt);
    loader_close();
    xmlSchemaFreeParserCtxt(ctxt);
    return schema;
}

bool xml_schema_new(const char *name, struct xml_schema **out, struct error *e)
{
    char path[LOADER_PATH_SIZE];
    struct load l = {.name = name, .e = e};
    if (!loader_path(name, path, e))
        return false;
    xmlSchema *native = load(path, &l);
    if (native == NULL || l.has_failed) {
        xmlSchemaFree(native);
        return l.has_failed ? false : error_set(e, ERROR_BUG, "cannot load the schema %s", path);
    }
    struct xml_schema *s = mem_new(sizeof(*s));
    s->native = native;
    s->name = mem_text(name);
    *out = s;
    return true;
}

void xml_schema_free(struct xml_schema *s)
{
    if (s == NULL)
        return;
    xmlSchemaFree(s->native);
    mem_free(s->name);
    mem_free(s);
}

/* --- checking */

struct check {
    struct arena *a;
    struct xml_findings *findings;
};

static struct str path_of(const xmlNode *n, struct arena *a)
{
    while (n != NULL && n->type != XML_ELEMENT_NODE)
        n = n->parent;
    return n == NULL ? STR("/") : xml_path(foreign(n), a);
}

/* libxml2 gives the element alone for what is wrong with an attribute, but names it in its
 * words. */
static struct str with_attribute(struct str where, struct str words, struct arena *a)
{
    struct cursor c = cursor_of(words);
    struct str element, name;
    if (!cursor_skip(&c, STR("Element '")) || !cursor_until(&c, STR("'"), &element) ||
        !cursor_skip(&c, STR(", attribute '")) || !cursor_until(&c, STR("'"), &name))
        return where;
    size_t at = str_find_char(name, '}');
    name = at < name.len ? str_from(name, at + 1) : name;
    return arena_format(a, "%.*s/@%.*s", STR_ARG(where), STR_ARG(name));
}

static void on_fault(void *ctx, xmlErrorPtr fault)
{
    struct check *c = ctx;
    if (fault->level < XML_ERR_ERROR)
        return;
    if (c->findings->count == XML_FINDINGS_MAX) {
        c->findings->more++;
        return;
    }
    struct str words = str_trim(str_of(fault->message == NULL ? "not valid" : fault->message));
    xml_findings_add(c->findings, (struct xml_finding){.rule = STR("xsd"),
                                                       .where = with_attribute(
                                                           path_of(fault->node, c->a), words, c->a),
                                                       .text = redact_schema_message(words, c->a),
                                                       .code = STR("")});
}

bool xml_schema_check(const struct xml_schema *s, const struct xml_doc *d, struct arena *a,
                      struct xml_findings *f, struct error *e)
{
    struct check c = {a, f};
    size_t before = f->count + f->more;
    xmlSchemaValidCtxt *ctxt = xmlSchemaNewValidCtxt(s->native);
    if (ctxt == NULL)
        return error_set(e, ERROR_BUG, "no validation by %s", s->name);
    xmlSchemaSetValidStructuredErrors(ctxt, on_fault, &c);
    int result = xmlSchemaValidateDoc(ctxt, d->tree);
    xmlSchemaFreeValidCtxt(ctxt);
    if (result < 0 || (result > 0) != (f->count + f->more > before))
        return error_set(e, ERROR_BUG, "validation by %s ended with %d", s->name, result);
    return true;
}
