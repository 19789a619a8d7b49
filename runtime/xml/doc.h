/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* doc.h - the wall before libxml2. A linear pre-scan refuses DOCTYPE, entities, too deep, too
 * many namespaces, too long tags before the parser sees an octet; text runs longer than
 * XML_CUT_OCTETS (base64 of a payload) are cut out, so that the parsed tree (the skeleton) stays
 * small whatever the document's size. A cut text node holds a marker instead: base64 letters, a
 * multiple of four and more than 256 of them, that begins with the text's own first non-space
 * octets (and one space, where the text begins with white space) and ends with its last four;
 * '-' stands in it where the text is not base64. A text that is only white space is never cut,
 * nor one with a reference, '>', CDATA, a comment or an instruction in or beside it. The octets
 * stay in the source and are put back when the node is read or canonicalised. Nothing reaches
 * the network or the file system. Not thread-shared; one thread each. */
#pragma once

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/sink.h"

struct xml_limits {
    uint64_t octets;     /* of the whole document */
    size_t skeleton;     /* octets left after cutting; envelopes: 128 KiB */
    unsigned depth;      /* 64 */
    unsigned namespaces; /* xmlns declarations per document: 64 */
    size_t tag;          /* octets of one tag: 16 KiB */
    size_t attributes;   /* per element: 64 */
    unsigned elements;   /* per document: 20000 */
};
extern const struct xml_limits xml_limits_envelope; /* skeleton 1 MiB, as above */
enum { XML_CUT_OCTETS = 4 * 1024 };

struct xml_doc;  /* skeleton + where the cut texts stand */
struct xml_node; /* an element; borrowed from its document */

void xml_setup(void); /* once per process before threads; libxml2's globals, errors off stderr */

/* From memory (borrowed until xml_doc_free) or from a file (fd borrowed; octets [offset, +len)).
 * UTF-8 (a BOM is taken); documents up to 1 MiB also UTF-16 and ISO-8859-1. Errors: REJECT with
 * line and column. */
MUST_USE bool xml_read(struct str octets, const struct xml_limits *limits, struct xml_doc **out,
                       struct error *e);
MUST_USE bool xml_read_file(int fd, uint64_t offset, uint64_t len, const struct xml_limits *limits,
                            struct xml_doc **out, struct error *e);
/* Parses a fragment whose prefixes may be declared outside of it: wraps it in an element that
 * carries the namespaces in scope at `context` (may be NULL); xml_root is the fragment's own
 * root. The element alone is meant: comments, PIs around it are taken, a second element is
 * refused. */
MUST_USE bool xml_read_fragment(int fd, uint64_t offset, uint64_t len,
                                const struct xml_node *context, const struct xml_limits *limits,
                                struct xml_doc **out, struct error *e);
/* The same from memory (borrowed until xml_doc_free). */
MUST_USE bool xml_read_fragment_text(struct str octets, const struct xml_node *context,
                                     const struct xml_limits *limits, struct xml_doc **out,
                                     struct error *e);
void xml_doc_free(struct xml_doc *d);
void xml_doc_free_at(struct xml_doc **d);
#define AUTO_XML __attribute__((cleanup(xml_doc_free_at))) struct xml_doc *

/* --- walking: elements only; ns and name both must match; NULL name matches any */
const struct xml_node *xml_root(const struct xml_doc *d);
bool xml_is(const struct xml_node *n, const char *ns, const char *name);
struct str xml_name(const struct xml_node *n);
struct str xml_ns(const struct xml_node *n);
const struct xml_node *xml_first(const struct xml_node *parent, const char *ns, const char *name);
/* The next sibling of that name. */
const struct xml_node *xml_next(const struct xml_node *n, const char *ns, const char *name);
const struct xml_node *xml_parent(const struct xml_node *n); /* NULL at the root */
size_t xml_count(const struct xml_node *parent, const char *ns, const char *name);
/* The one child of that name: none or two are refused, text says which and where. */
MUST_USE bool xml_one(const struct xml_node *parent, const char *ns, const char *name,
                      const struct xml_node **out, struct error *e);
bool xml_has_text(const struct xml_node *n); /* any non-space text child */
/* Attribute value; ns NULL: no namespace. False: not there. Lives as long as arena. */
bool xml_attribute(const struct xml_node *n, const char *ns, const char *name, struct arena *a,
                   struct str *out);
/* Text of the element and what is below it, white space kept; at most `most` octets, cut texts
 * count. */
MUST_USE bool xml_text(const struct xml_node *n, struct arena *a, size_t most, struct str *out,
                       struct error *e);
MUST_USE bool xml_trimmed(const struct xml_node *n, struct arena *a, size_t most, struct str *out,
                          struct error *e);
/* Text of any size into a sink (not finished); cut texts are read from the source. */
MUST_USE bool xml_text_to(const struct xml_node *n, struct sink *out, struct error *e);
uint64_t xml_text_length(const struct xml_node *n); /* octets, with cut texts */
/* "/x:XHE/xha:Header/xhb:ID[2]": for findings; prefixes as in the document. */
struct str xml_path(const struct xml_node *n, struct arena *a);
unsigned xml_line(const struct xml_node *n); /* in the skeleton's source */
/* The wsu:Id, Id, ID, id and xml:id of every element; one value on two elements is refused. */
struct xml_ids;
MUST_USE bool xml_ids_collect(const struct xml_doc *d, struct arena *a, struct xml_ids **out,
                              struct error *e);
const struct xml_node *xml_ids_find(const struct xml_ids *ids, struct str id);
