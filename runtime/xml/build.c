/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/build.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "runtime/base/mem.h"

/* What libxml2's own builder (SAX2.c) makes of the same document, node by node: the unit test compares
 * both. It takes three allocations for an attribute and as many steps to free it. */

enum {
    KEPT = 16, /* parsers; threads beyond that make their own and throw them away */
    NAMES_MAX = 1000,
    NAMES_OCTETS_MAX = 64 * 1024,
    TEXT_KEPT_MAX = 64 * 1024,
    LINES_MAX = UINT16_MAX
};

struct builder {
    xmlParserCtxt *parser; /* its _private is this */
    struct xml_doc *doc;
    xmlNode *open;   /* the element whose content comes; NULL: outside of the root */
    xmlNs *xml;      /* of the prefix "xml", where it was met */
    struct buf text; /* of `open`, so far */
    bool has_text, is_cdata;
    build_fault *on_fault;
    void *ctx;
    bool has_failed;
};

/* --- faults */

static void fail(struct builder *b, const char *words)
{
    if (b->has_failed)
        return;
    b->has_failed = true;
    long consumed = b->parser->input == NULL ? 0 : xmlByteConsumed(b->parser);
    b->on_fault(b->ctx, consumed < 0 ? 0 : (size_t)consumed, words);
}

static struct builder *builder_of(void *parser)
{
    return ((xmlParserCtxt *)parser)->_private;
}

static void on_error(void *parser, xmlErrorPtr fault)
{
    if (fault != NULL && fault->level >= XML_ERR_ERROR)
        fail(builder_of(parser), fault->message == NULL ? "not well-formed" : fault->message);
}

/* --- nodes */

static void append(struct builder *b, xmlNode *n)
{
    xmlNode *parent = b->open != NULL ? b->open : (xmlNode *)b->doc->tree;
    n->doc = b->doc->tree;
    n->parent = parent;
    n->prev = parent->last;
    if (parent->last == NULL)
        parent->children = n;
    else
        parent->last->next = n;
    parent->last = n;
}

static xmlNode *add_node(struct builder *b, xmlElementType type, const xmlChar *name)
{
    xmlNode *n = arena_new(&b->doc->nodes, sizeof(*n));
    int line = b->parser->input == NULL ? 0 : b->parser->input->line;
    n->type = type;
    n->name = name;
    n->line = (unsigned short)(line < LINES_MAX ? line : LINES_MAX);
    append(b, n);
    return n;
}

static xmlChar *keep(struct builder *b, struct str text)
{
    union {
        const char *made;
        xmlChar *taken;
    } cast = {.made = arena_text(&b->doc->nodes, text)};
    return cast.taken;
}

/* Text comes in pieces; what follows it says that it is whole. */
static void end_text(struct builder *b)
{
    if (!b->has_text)
        return;
    xmlNode *n = b->is_cdata ? add_node(b, XML_CDATA_SECTION_NODE, NULL)
                             : add_node(b, XML_TEXT_NODE, xmlStringText);
    n->content = keep(b, buf_str(&b->text));
    b->has_text = false;
    buf_clear(&b->text);
}

/* Sections that follow one another are one node, as pieces of text are; both together are two. */
static void add_text(struct builder *b, struct str piece, bool is_cdata)
{
    struct error never;
    if (b->is_cdata != is_cdata)
        end_text(b);
    if (b->has_text && !is_cdata && b->text.len + piece.len > XML_MAX_TEXT_LENGTH) {
        fail(b, "a text of more than 10 MB in pieces");
        xmlStopParser(b->parser);
        return;
    }
    b->has_text = b->open != NULL;
    b->is_cdata = is_cdata;
    if (b->has_text && !buf_add(&b->text, piece, &never))
        abort(); /* it is shorter than its skeleton, which fits into memory */
}

static void on_text(void *parser, const xmlChar *at, int len)
{
    add_text(builder_of(parser), str_bytes(at, (size_t)len), false);
}

static void on_cdata(void *parser, const xmlChar *at, int len)
{
    add_text(builder_of(parser), str_bytes(at, (size_t)len), true);
}

static void on_comment(void *parser, const xmlChar *text)
{
    struct builder *b = builder_of(parser);
    end_text(b);
    add_node(b, XML_COMMENT_NODE, xmlStringComment)->content = keep(b, text_of(text));
}

static void on_instruction(void *parser, const xmlChar *target, const xmlChar *data)
{
    struct builder *b = builder_of(parser);
    end_text(b);
    xmlNode *n = add_node(b, XML_PI_NODE, keep(b, text_of(target)));
    n->content = data == NULL ? NULL : keep(b, text_of(data));
}

/* --- elements */

static xmlNs *new_ns(struct builder *b, const xmlChar *prefix, const xmlChar *uri)
{
    xmlNs *ns = arena_new(&b->doc->nodes, sizeof(*ns));
    ns->type = XML_LOCAL_NAMESPACE;
    ns->prefix = prefix;
    ns->href = uri;
    return ns;
}

static xmlNs *find_ns(struct builder *b, const xmlNode *n, const xmlChar *prefix)
{
    if (prefix == b->parser->str_xml) {
        if (b->xml == NULL)
            b->xml = new_ns(b, prefix, b->parser->str_xml_ns);
        return b->xml;
    }
    return nearest_ns(n, prefix);
}

/* Pairs of prefix and URI. */
static void declare(struct builder *b, xmlNode *n, int count, const xmlChar *const *pairs)
{
    xmlNs **end = &n->nsDef;
    for (int i = 0; i < count; i++, end = &(*end)->next)
        *end = new_ns(b, pairs[2 * i], pairs[2 * i + 1]);
}

struct attribute { /* with the one text it has: entities are known to be characters */
    xmlAttr attribute;
    xmlNode text;
    char value[];
};

/* The parser's five words of it: name, prefix, URI, and its value from here to there. */
enum { NAME, PREFIX, URI, FROM, TO, WORDS };

static struct attribute *new_attribute(struct builder *b, xmlNode *n, const xmlChar *const *words)
{
    struct str value = str_bytes(words[FROM], (size_t)(words[TO] - words[FROM]));
    struct attribute *a = arena_new(&b->doc->nodes, sizeof(*a) + value.len + 1);
    if (value.len > 0)
        memcpy(a->value, value.at, value.len);
    a->attribute.type = XML_ATTRIBUTE_NODE;
    a->attribute.name = words[NAME];
    a->attribute.parent = n;
    a->attribute.doc = a->text.doc = n->doc;
    a->attribute.ns = words[PREFIX] == NULL ? NULL : find_ns(b, n, words[PREFIX]);
    a->attribute.children = a->attribute.last = &a->text;
    a->text.type = XML_TEXT_NODE;
    a->text.name = xmlStringText;
    a->text.parent = (xmlNode *)&a->attribute;
    a->text.content = (xmlChar *)a->value;
    return a;
}

/* xml:id, section 4: the value must be a name. */
static void check_id(struct builder *b, const struct attribute *a)
{
    if (a->attribute.ns == NULL || a->attribute.ns != b->xml ||
        !str_is(text_of(a->attribute.name), "id") ||
        xmlValidateNCName((const xmlChar *)a->value, 1) == 0)
        return;
    fail(b,
         arena_format(&b->doc->nodes, "xml:id : attribute value %s is not an NCName", a->value).at);
}

static void add_attributes(struct builder *b, xmlNode *n, int count, const xmlChar *const *words)
{
    xmlAttr *last = NULL;
    for (int i = 0; i < count; i++, words += WORDS) {
        struct attribute *a = new_attribute(b, n, words);
        a->attribute.prev = last;
        if (last == NULL)
            n->properties = &a->attribute;
        else
            last->next = &a->attribute;
        last = &a->attribute;
        check_id(b, a);
    }
}

static void on_element(void *parser, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                       int ns_count, const xmlChar **pairs, int count, int defaulted,
                       const xmlChar **words)
{
    struct builder *b = builder_of(parser);
    (void)defaulted; /* there is no DTD */
    end_text(b);
    xmlNode *n = add_node(b, XML_ELEMENT_NODE, name);
    declare(b, n, ns_count, pairs);
    n->ns = uri == NULL ? NULL : find_ns(b, n, prefix);
    add_attributes(b, n, count, words);
    b->open = n;
}

static void on_element_end(void *parser, const xmlChar *name, const xmlChar *prefix,
                           const xmlChar *uri)
{
    struct builder *b = builder_of(parser);
    (void)name, (void)prefix, (void)uri;
    end_text(b);
    if (b->open != NULL)
        b->open = b->open->parent->type == XML_ELEMENT_NODE ? b->open->parent : NULL;
}

/* --- parsers */

/* The process's, for whichever thread reads next: to make a parser with its dictionary costs more than
 * most documents, and who reads one has no place where it could be kept. It holds nothing of a document
 * when it is given back. */
static _Atomic(struct builder *) kept[KEPT];

static void builder_free(struct builder *b)
{
    xmlFreeParserCtxt(b->parser);
    buf_release(&b->text);
    mem_free(b);
}

static struct builder *builder_new(void)
{
    struct builder *b = mem_new(sizeof(*b));
    b->text = BUF(SIZE_MAX / 4);
    b->parser = xmlNewParserCtxt();
    if (b->parser == NULL)
        abort(); /* out of memory, as mem_new() */
    *b->parser->sax = (xmlSAXHandler){
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_element,
        .endElementNs = on_element_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_cdata,
        .comment = on_comment,
        .processingInstruction = on_instruction,
        .serror = on_error,
    };
    /* NOENT: "&amp;" in an attribute is '&', not a text to be read again; no entity is ever declared,
     * the scan has seen to that. */
    xmlCtxtUseOptions(b->parser, XML_PARSE_NONET | XML_PARSE_NOENT);
    b->parser->_private = b;
    return b;
}

static struct builder *builder_take(void)
{
    struct builder *b = NULL;
    for (size_t i = 0; i < KEPT && b == NULL; i++)
        b = atomic_exchange(&kept[i], NULL);
    return b != NULL ? b : builder_new();
}

/* What a peer made large, or what may have stopped in the middle, is not kept. */
static bool may_be_kept(const struct builder *b, bool is_well_formed)
{
    return is_well_formed && b->text.size <= TEXT_KEPT_MAX &&
           xmlDictSize(b->parser->dict) <= NAMES_MAX &&
           xmlDictGetUsage(b->parser->dict) <= NAMES_OCTETS_MAX;
}

static void builder_give_back(struct builder *b, bool is_well_formed)
{
    bool is_kept = false;
    if (may_be_kept(b, is_well_formed)) {
        xmlCtxtReset(b->parser);
        *b = (struct builder){.parser = b->parser, .text = b->text};
        for (size_t i = 0; i < KEPT && !is_kept; i++) {
            struct builder *none = NULL;
            is_kept = atomic_compare_exchange_strong(&kept[i], &none, b);
        }
    }
    if (!is_kept)
        builder_free(b);
}

/* --- documents */

/* The parser looks at the octets where they are; it trusts that a NUL follows them. */
static void read_octets(xmlParserCtxt *parser, struct str octets)
{
    xmlParserInput *input = xmlNewInputStream(parser);
    if (input == NULL)
        abort(); /* out of memory, as mem_new() */
    input->base = input->cur = (const xmlChar *)octets.at;
    input->end = input->base + octets.len;
    inputPush(parser, input);
    xmlParseDocument(parser);
}

bool build_tree(struct xml_doc *d, struct str skeleton, build_fault *on_fault, void *ctx)
{
    struct builder *b = builder_take();
    d->tree = xmlNewDoc((const xmlChar *)"1.0");
    if (d->tree == NULL)
        abort(); /* out of memory, as mem_new() */
    d->names = b->parser->dict;
    xmlDictReference(d->names);
    b->doc = d;
    b->on_fault = on_fault;
    b->ctx = ctx;
    read_octets(b->parser, skeleton);
    bool ok = !b->has_failed && b->parser->wellFormed && b->parser->nsWellFormed;
    builder_give_back(b, ok);
    return ok && xmlDocGetRootElement(d->tree) != NULL;
}

void build_unwrap(struct xml_doc *d)
{
    xmlNode *wrapper = xmlDocGetRootElement(d->tree);
    xmlNode *top = xmlFirstElementChild(wrapper);
    xmlNs **end = &top->nsDef;
    while (*end != NULL)
        end = &(*end)->next;
    *end = wrapper->nsDef;
    top->parent = (xmlNode *)d->tree;
    top->prev = top->next = NULL;
    d->tree->children = d->tree->last = top;
}

/* libxml2 frees what it has added itself: a table of ids, when a schema asks for it. */
void build_release(struct xml_doc *d)
{
    if (d->tree != NULL) {
        d->tree->children = d->tree->last = NULL;
        xmlFreeDoc(d->tree);
        xmlDictFree(d->names);
    }
    arena_release(&d->nodes);
}
