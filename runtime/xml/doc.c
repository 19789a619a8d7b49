/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/doc.h"

#include <inttypes.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include "runtime/base/mem.h"
#include "runtime/xml/build.h"
#include "runtime/xml/loader.h"
#include "runtime/xml/prolog.h"
#include "runtime/xml/tree.h"
#include "runtime/xml/write.h"

enum { WRAPPER_OCTETS = 64 * 1024, RESERVED_OCTETS = 16 * 1024 };
static const struct str wrapper_end = STR_INIT("</posthorn-wrapper>");

const struct xml_limits xml_limits_envelope = {
    .octets = UINT64_MAX / 2,
    .skeleton = 1024 * 1024,
    .depth = 64,
    .namespaces = 64,
    .tag = 16 * 1024,
    .attributes = 64,
    .elements = 20000,
};

static void stay_silent(void *ctx, const char *format, ...)
{
    (void)ctx;
    (void)format;
}

void xml_setup(void)
{
    xmlInitParser();
    loader_setup();
    xmlSetGenericErrorFunc(NULL, stay_silent);
}

void xml_doc_free(struct xml_doc *d)
{
    if (d == NULL)
        return;
    build_release(d);
    xml_source_release(&d->source);
    mem_free(d->cuts);
    mem_free(d);
}

void xml_doc_free_at(struct xml_doc **d)
{
    xml_doc_free(*d);
    *d = NULL;
}

/* --- the skeleton and the parser */

struct parse {
    struct xml_doc *doc;
    struct xml_scan scan;
    struct buf skeleton;
    uint64_t start;  /* where the source's part of the skeleton begins, in the source */
    size_t wrapped;  /* octets before it in the skeleton */
    struct error *e; /* the first fault the parser finds */
    bool has_failed;
};

static void release_parse(struct parse *p)
{
    buf_release(&p->skeleton);
    mem_free(p->scan.cuts);
}

/* Where an octet of the skeleton came from. */
static uint64_t source_place(const struct parse *p, size_t at)
{
    uint64_t place = at < p->wrapped ? p->start : p->start + (at - p->wrapped);
    for (size_t i = 0; i < p->scan.cut_count; i++) {
        const struct xml_cut *cut = &p->scan.cuts[i];
        if (at >= cut->skeleton_at + cut->marker_len)
            place += cut->len - cut->marker_len;
    }
    return place;
}

static void on_fault(void *ctx, size_t at, const char *words)
{
    struct parse *p = ctx;
    uint64_t line = 0, column = 0;
    size_t len = strcspn(words, "\n");
    p->has_failed = true;
    xml_source_place(&p->doc->source, source_place(p, at), &line, &column);
    error_fill(p->e, ERROR_REJECT, "xml_parse", NULL, "line %" PRIu64 ", column %" PRIu64 ": %.*s",
               line, column, len > 160 ? 160 : (int)len, words);
}

static bool parse_skeleton(struct parse *p)
{
    if (build_tree(p->doc, buf_str(&p->skeleton), on_fault, p))
        return true;
    return p->has_failed ? false : error_set(p->e, ERROR_REJECT, "the XML is not well-formed");
}

static bool mark_cuts(struct parse *p)
{
    size_t found = 0;
    const xmlNode *top = xmlDocGetRootElement(p->doc->tree);
    if (p->scan.cut_count == 0)
        return true;
    for (const xmlNode *n = top; n != NULL; n = next_in(n, top)) {
        if (n->type != XML_TEXT_NODE)
            continue;
        struct xml_cut *cut =
            xml_scan_find(p->scan.cuts, p->scan.cut_count, p->scan.letters, text_of(n->content));
        writable(n)->_private = cut;
        found += cut != NULL;
    }
    if (found != p->scan.cut_count)
        return error_set(p->e, ERROR_BUG, "%zu texts were cut, %zu are found again",
                         p->scan.cut_count, found);
    return true;
}

static void put_namespace(struct xml_writer *w, const xmlNs *ns)
{
    xml_put(w, ns->prefix == NULL ? STR(" xmlns") : STR(" xmlns:"));
    xml_put(w, text_of(ns->prefix));
    xml_put(w, STR("=\""));
    xml_put_attribute(w, str_of(href_of(ns)));
    xml_put(w, STR("\""));
}

/* Those in scope at the context. */
static bool add_namespaces(struct buf *out, const struct xml_node *context, struct error *e)
{
    struct xml_writer w = xml_writer_into(out, e);
    const xmlNode *n = native(context);
    for (; n != NULL && n->type == XML_ELEMENT_NODE; n = n->parent)
        for (const xmlNs *ns = n->nsDef; ns != NULL; ns = ns->next)
            if (nearest_ns(native(context), ns->prefix) == ns)
                put_namespace(&w, ns);
    return xml_flush(&w);
}

static bool open_wrapper(struct parse *p, const struct xml_node *context)
{
    return buf_add(&p->skeleton, STR("<posthorn-wrapper"), p->e) &&
           (context == NULL || add_namespaces(&p->skeleton, context, p->e)) &&
           buf_add(&p->skeleton, STR(">"), p->e);
}

/* source.memory, or fd, offset and len are set in *p->doc. */
static bool read_steps(struct parse *p, bool wrap, const struct xml_node *context)
{
    if (!xml_prolog_read(&p->doc->source, &p->start, p->e))
        return false;
    if (wrap && !open_wrapper(p, context))
        return false;
    p->wrapped = p->skeleton.len;
    if (!xml_scan_run(&p->scan, p->start, p->e))
        return false;
    if (wrap) {
        p->skeleton.limit += wrapper_end.len;
        if (!buf_add(&p->skeleton, wrapper_end, p->e))
            return false;
    }
    return parse_skeleton(p) && mark_cuts(p);
}

static void settle(struct parse *p, bool wrap)
{
    struct xml_doc *d = p->doc;
    if (wrap)
        build_unwrap(d); /* so that paths and schemas see no wrapper */
    d->tree->_private = d;
    d->root = xmlDocGetRootElement(d->tree);
    d->cuts = p->scan.cuts;
    d->cut_count = p->scan.cut_count;
    p->scan.cuts = NULL;
}

struct wish { /* what one of the readers asks for */
    struct xml_source source;
    const struct xml_limits *limits;
    const struct xml_node *context;
    bool wrap;
};

/* An ordinary envelope's skeleton has its place at once, instead of growing step by step. */
static bool reserve(struct parse *p)
{
    size_t size = p->skeleton.limit < RESERVED_OCTETS ? p->skeleton.limit : RESERVED_OCTETS;
    uint64_t len = p->doc->source.len;
    char *room;
    return buf_room(&p->skeleton, len < size ? (size_t)len : size, &room, p->e);
}

static bool read_document(const struct wish *wish, struct xml_doc **out, struct error *e)
{
    AUTO_XML d = mem_new(sizeof(*d));
    struct parse p = {.doc = d, .e = e};
    d->source = wish->source;
    if (d->source.len > wish->limits->octets)
        return error_set(e, ERROR_REJECT, "the document has more than %" PRIu64 " octets",
                         wish->limits->octets);
    p.skeleton = BUF(wish->limits->skeleton + (wish->wrap ? WRAPPER_OCTETS : 0));
    p.scan =
        (struct xml_scan){.source = &d->source, .limits = wish->limits, .skeleton = &p.skeleton};
    if (d->source.memory.at == NULL && d->source.len <= XML_TRANSCODE_MAX &&
        !xml_source_load(&d->source, e))
        return false;
    bool ok = reserve(&p) && read_steps(&p, wish->wrap, wish->context);
    if (ok) {
        settle(&p, wish->wrap);
        *out = d;
        d = NULL;
    }
    release_parse(&p);
    return ok;
}

static struct xml_source in_memory(struct str octets)
{
    return (struct xml_source){.memory = octets.at == NULL ? STR("") : octets, .len = octets.len};
}

bool xml_read(struct str octets, const struct xml_limits *limits, struct xml_doc **out,
              struct error *e)
{
    struct wish wish = {.source = in_memory(octets), .limits = limits};
    return read_document(&wish, out, e);
}

bool xml_read_file(int fd, uint64_t offset, uint64_t len, const struct xml_limits *limits,
                   struct xml_doc **out, struct error *e)
{
    struct wish wish = {.source = {.fd = fd, .offset = offset, .len = len}, .limits = limits};
    return read_document(&wish, out, e);
}

bool xml_read_fragment(int fd, uint64_t offset, uint64_t len, const struct xml_node *context,
                       const struct xml_limits *limits, struct xml_doc **out, struct error *e)
{
    struct wish wish = {.source = {.fd = fd, .offset = offset, .len = len},
                        .limits = limits,
                        .context = context,
                        .wrap = true};
    return read_document(&wish, out, e);
}

bool xml_read_fragment_text(struct str octets, const struct xml_node *context,
                            const struct xml_limits *limits, struct xml_doc **out, struct error *e)
{
    struct wish wish = {
        .source = in_memory(octets), .limits = limits, .context = context, .wrap = true};
    return read_document(&wish, out, e);
}
