/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/plain.h"

#include <string.h>

#include "runtime/xml/block.h"
#include "runtime/xml/nodes.h"

/* libxml2 has limits of its own, beyond these. The last one bounds the search for prefixes. */
enum { OCTETS_MAX = 8 * 1024 * 1024, DEPTH_MAX = 200, NAME_OCTETS_MAX = 1000, LOOKS_MAX = 200000 };
#define XMLNS_URI "http://www.w3.org/2000/xmlns/"

/* All is read in a copy, where each name, value and text gets its NUL in place of the octet that ends it:
 * that one is at hand by then. */
struct plain {
    struct xml_doc *doc;
    xmlNode *open; /* the element whose content comes; NULL: outside of the root */
    char *at, *end;
    char c; /* the octet at hand; its place may hold a NUL by now. 0 at the end */
    int line;
    unsigned depth, looks;
};

static void step(struct plain *p)
{
    p->line += p->c == '\n';
    p->c = *++p->at;
}

static bool skip(struct plain *p, char c)
{
    if (p->c != c)
        return false;
    step(p);
    return true;
}

static bool skip_blanks(struct plain *p)
{
    const char *from = p->at;
    while (is_blank_char(p->c))
        step(p);
    return p->at > from;
}

/* What begins at `from` ends at `to`; the octet at `at` comes next. */
static xmlChar *take(struct plain *p, char *from, char *to, char *at)
{
    p->at = at;
    p->c = *at;
    *to = '\0';
    return (xmlChar *)from;
}

/* --- names */

static bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_in_name(char c)
{
    return begins_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

static bool read_part(struct plain *p, xmlChar **out)
{
    char *from = p->at, *at = from;
    if (!begins_name(p->c))
        return false;
    while (is_in_name(*at))
        at++;
    *out = take(p, from, at, at);
    return at - from <= NAME_OCTETS_MAX;
}

struct name {
    xmlChar *prefix; /* NULL: none */
    xmlChar *local;
};

static bool read_name(struct plain *p, struct name *out)
{
    out->prefix = NULL;
    if (!read_part(p, &out->local))
        return false;
    if (!skip(p, ':'))
        return true;
    out->prefix = out->local;
    return read_part(p, &out->local);
}

static bool is_same(const xmlChar *one, const xmlChar *two)
{
    if (one == NULL || two == NULL)
        return one == two;
    return strcmp((const char *)one, (const char *)two) == 0;
}

static bool is(const xmlChar *name, const char *wanted)
{
    return name != NULL && strcmp((const char *)name, wanted) == 0;
}

/* --- references */

static bool is_character(uint32_t c)
{
    if (c < ' ')
        return c == '\t' || c == '\n' || c == '\r';
    return c < 0xd800 || (c >= 0xe000 && c < 0xfffe) || (c >= 0x10000 && c < 0x110000);
}

/* "65" or "x41" */
static bool read_number(struct str digits, uint32_t *out)
{
    bool is_hex = digits.len > 0 && digits.at[0] == 'x';
    uint32_t value = 0;
    digits = str_from(digits, is_hex);
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.at[i], letter = (char)(c | 0x20);
        bool is_letter = is_hex && letter >= 'a' && letter <= 'f';
        if ((!is_letter && (c < '0' || c > '9')) || value >= 0x110000)
            return false;
        value = value * (is_hex ? 16 : 10) + (uint32_t)(is_letter ? letter - 'a' + 10 : c - '0');
    }
    *out = value;
    return digits.len > 0 && is_character(value);
}

static bool read_reference(struct str name, uint32_t *out)
{
    static const struct {
        struct str name;
        uint32_t character;
    } rows[] = {{STR_INIT("amp"), '&'},
                {STR_INIT("lt"), '<'},
                {STR_INIT("gt"), '>'},
                {STR_INIT("quot"), '"'},
                {STR_INIT("apos"), '\''}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (str_equal(name, rows[i].name)) {
            *out = rows[i].character;
            return true;
        }
    return str_starts(name, STR("#")) && read_number(str_from(name, 1), out);
}

/* References become their characters, which are shorter, and line ends LF, in place. NULL: not one we
 * know. */
static char *decode(char *from, const char *end)
{
    char *to = from;
    uint32_t character;
    while (from < end) {
        struct str rest = str_bytes(from, (size_t)(end - from));
        if (*from == '&') {
            size_t semicolon = str_find_char(rest, ';');
            if (semicolon == rest.len ||
                !read_reference(str_from(str_upto(rest, semicolon), 1), &character))
                return NULL;
            to += str_put_utf8(to, character);
            from += semicolon + 1;
            continue;
        }
        bool is_pair = str_starts(rest, STR("\r\n"));
        *to++ = *from == '\r' ? '\n' : *from;
        from += is_pair ? 2 : 1;
    }
    return to;
}

/* --- namespaces */

static size_t letters_at(const char *at, const char *more)
{
    size_t n = 0;
    while (at[n] != '\0' && (is_in_name(at[n]) || strchr(more, at[n]) != NULL))
        n++;
    return n;
}

/* "urn:..." or "http://host/path#fragment" without what libxml2 would look at twice. */
static bool is_usual_uri(const char *uri)
{
    size_t scheme = strcspn(uri, ":");
    const char *at = uri + scheme;
    for (size_t i = 0; i < scheme; i++)
        if (uri[i] < 'a' || uri[i] > 'z')
            return false;
    if (scheme == 0 || *at++ != ':')
        return false;
    if (strncmp(at, "//", 2) == 0) {
        size_t host = letters_at(at + 2, "");
        at += 2 + host;
        if (host == 0 || (*at != '/' && *at != '\0'))
            return false;
    } else if (!is_in_name(*at)) {
        return false;
    }
    at += letters_at(at, "/:");
    if (*at == '#')
        at += 1 + letters_at(at + 1, "/:");
    return *at == '\0';
}

static bool declare(struct plain *p, xmlNode *n, const xmlChar *prefix, const xmlChar *uri)
{
    xmlNs **end = &n->nsDef;
    bool is_empty = uri[0] == '\0';
    if (prefix != NULL && (is_empty || is(prefix, "xml") || is(prefix, "xmlns")))
        return false;
    if (!is_empty && (!is_usual_uri((const char *)uri) || is(uri, XMLNS_URI) ||
                      is(uri, (const char *)XML_XML_NAMESPACE)))
        return false;
    for (; *end != NULL; end = &(*end)->next)
        if (is_same((*end)->prefix, prefix))
            return false;
    *end = node_ns(p->doc, prefix, uri);
    return true;
}

/* The nearest declaration: that of an element of the same prefix on the way. */
static bool find_ns(struct plain *p, const xmlNode *n, const xmlChar *prefix, xmlNs **out)
{
    for (; n != NULL && n->type == XML_ELEMENT_NODE; n = n->parent) {
        xmlNs *ns = n->ns;
        if (ns == NULL || !is_same(ns->prefix, prefix))
            for (ns = n->nsDef; ns != NULL && !is_same(ns->prefix, prefix); ns = ns->next)
                p->looks++;
        if (++p->looks > LOOKS_MAX)
            return false;
        if (ns == NULL)
            continue;
        *out = ns->href[0] == '\0' ? NULL : ns;
        return true;
    }
    *out = NULL;
    return prefix == NULL;
}

static bool is_repeated(const xmlNode *n, const xmlAttr *a)
{
    const xmlAttr *b = n->properties;
    while (b != a && !(is_same(b->name, a->name) && strcmp(href_of(b->ns), href_of(a->ns)) == 0))
        b = b->next;
    return b != a;
}

/* All declarations of the tag are known now. An attribute has kept its prefix in _private. */
static bool resolve(struct plain *p, xmlNode *n, const xmlChar *prefix)
{
    if (!find_ns(p, n, prefix, &n->ns))
        return false;
    for (xmlAttr *a = n->properties; a != NULL; a = a->next) {
        if (a->_private != NULL && !find_ns(p, n, a->_private, &a->ns))
            return false;
        a->_private = NULL;
        if (is_repeated(n, a))
            return false;
    }
    return true;
}

/* --- tags */

/* A tab or line end in it would become a blank. */
static bool read_value(struct plain *p, xmlChar **out)
{
    char quote = p->c, *from = p->at + 1, *at = from;
    bool has_reference = false;
    if (quote != '"' && quote != '\'')
        return false;
    for (; *at != quote; at++) {
        if ((unsigned char)*at < ' ')
            return false;
        has_reference |= *at == '&';
    }
    char *to = has_reference ? decode(from, at) : at;
    if (to == NULL)
        return false;
    *out = take(p, from, to, at);
    step(p);
    return true;
}

static bool read_attribute(struct plain *p, xmlNode *n, xmlAttr **last)
{
    struct name name;
    xmlChar *value;
    if (!read_name(p, &name))
        return false;
    skip_blanks(p);
    if (!skip(p, '='))
        return false;
    skip_blanks(p);
    if (!read_value(p, &value))
        return false;
    if (name.prefix == NULL && is(name.local, "xmlns"))
        return declare(p, n, NULL, value);
    if (is(name.prefix, "xmlns"))
        return declare(p, n, name.local, value);
    *last = node_attribute(p->doc, n, *last, name.local, value);
    (*last)->_private = name.prefix;
    return !is(name.prefix, "xml");
}

static bool read_start_tag(struct plain *p)
{
    struct name name;
    xmlAttr *last = NULL;
    if (!read_name(p, &name))
        return false;
    xmlNode *n = node_add(p->doc, p->open, XML_ELEMENT_NODE, 0);
    n->name = name.local;
    while (skip_blanks(p) && p->c != '>' && p->c != '/')
        if (!read_attribute(p, n, &last))
            return false;
    n->line = node_line(p->line);
    bool is_empty = skip(p, '/');
    if (!skip(p, '>') || !resolve(p, n, name.prefix))
        return false;
    if (is_empty)
        return true;
    p->open = n;
    return ++p->depth <= DEPTH_MAX;
}

static bool read_end_tag(struct plain *p)
{
    struct name name;
    const xmlNode *n = p->open;
    if (n == NULL || !read_name(p, &name) || !is_same(name.local, n->name) ||
        !is_same(name.prefix, n->ns == NULL ? NULL : n->ns->prefix))
        return false;
    skip_blanks(p);
    p->open = n->parent->type == XML_ELEMENT_NODE ? n->parent : NULL;
    p->depth--;
    return skip(p, '>');
}

/* --- texts */

struct text {
    char *end;
    bool has_reference, has_return, has_greater;
};

static bool is_plain_block(octet_block b)
{
    return !block_has(block_is(b, '<') | block_is(b, '&') | block_is(b, '>') |
                      block_between(b, 0, ' ' - 1));
}

static struct text pass_text(struct plain *p)
{
    struct text t = {.end = p->at};
    while (t.end < p->end) {
        while (p->end - t.end >= BLOCK_OCTETS && is_plain_block(block_at(t.end)))
            t.end += BLOCK_OCTETS;
        const char *stop = p->end - t.end > BLOCK_OCTETS ? t.end + BLOCK_OCTETS : p->end;
        for (; t.end < stop; t.end++) {
            char c = *t.end;
            if (c == '<')
                return t;
            p->line += c == '\n';
            t.has_reference |= c == '&';
            t.has_return |= c == '\r';
            t.has_greater |= c == '>';
        }
    }
    return t;
}

/* Up to the next tag. "]]>" may not stand in it. */
static bool read_text(struct plain *p)
{
    char *from = p->at;
    struct text t = pass_text(p);
    struct str raw = str_bytes(from, (size_t)(t.end - from));
    if (raw.len == 0)
        return true;
    if (t.has_greater && str_find(raw, STR("]]>")) < raw.len)
        return false;
    char *to = t.has_reference || t.has_return ? decode(from, t.end) : t.end;
    if (to == NULL)
        return false;
    xmlNode *n = node_add(p->doc, p->open, XML_TEXT_NODE, p->line);
    n->name = xmlStringText;
    n->content = take(p, from, to, t.end);
    return true;
}

/* --- documents */

static bool read_tag(struct plain *p)
{
    if (!skip(p, '<'))
        return false;
    return skip(p, '/') ? read_end_tag(p) : read_start_tag(p);
}

static bool read_document(struct plain *p)
{
    skip_blanks(p);
    do {
        if (!read_tag(p) || (p->open != NULL && !read_text(p)))
            return false;
    } while (p->open != NULL);
    skip_blanks(p);
    return p->at == p->end;
}

bool plain_tree(struct xml_doc *d, struct str skeleton)
{
    if (skeleton.len > OCTETS_MAX)
        return false;
    char *copy = (char *)node_text(d, skeleton);
    struct plain p = {.doc = d, .at = copy, .end = copy + skeleton.len, .c = copy[0], .line = 1};
    if (read_document(&p))
        return true;
    d->tree->children = d->tree->last = NULL;
    arena_release(&d->nodes);
    return false;
}
