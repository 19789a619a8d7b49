/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: build_tree (runtime/xml). What is taken becomes the very tree that libxml2's own builder makes
 * of it; what the parser refuses behind the wall, libxml2 finds fault with, too. */
#include <libxml/parser.h>

#include "runtime/xml/tree.h"
#include "tests/unit/runtime/xml/tree_text.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { MOST = 64 * 1024 * 1024 };

/* That an xml:id comes twice is for xml_ids_collect to say. */
static void note_fault(void *seen, xmlErrorPtr fault)
{
    *(bool *)seen |= fault->level >= XML_ERR_ERROR && fault->domain != XML_FROM_VALID;
}

/* NULL where libxml2 finds a fault. */
static xmlDoc *judge(struct str octets)
{
    bool has_fault = false;
    xmlParserCtxt *ctxt = xmlNewParserCtxt();
    xmlSetStructuredErrorFunc(&has_fault, note_fault);
    xmlDoc *doc = xmlCtxtReadMemory(ctxt, octets.at, (int)octets.len, NULL, NULL,
                                    XML_PARSE_NONET | XML_PARSE_NOENT);
    xmlSetStructuredErrorFunc(NULL, NULL);
    has_fault |= !ctxt->nsWellFormed;
    xmlFreeParserCtxt(ctxt);
    if (has_fault && doc != NULL)
        xmlFreeDoc(doc);
    return has_fault ? NULL : doc;
}

static void compare(const struct xml_doc *d, const xmlDoc *theirs)
{
    AUTO_BUF got = BUF(MOST);
    AUTO_BUF expected = BUF(MOST);
    tree_text(&got, d->tree->children, d->tree);
    tree_text(&expected, theirs->children, theirs);
    tree_must(str_equal(buf_str(&got), buf_str(&expected)));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error e = {0};
    struct str octets = str_bytes(data, size);
    AUTO_XML d = NULL;
    xml_setup();
    if (size < 4 || data[0] != '<' || data[1] == 0 || str_starts(octets, STR("<?xml")))
        return 0; /* another encoding: the prolog's */
    bool is_taken = xml_read(octets, &xml_limits_envelope, &d, &e);
    if (!is_taken && !str_is(str_of(e.where), "xml_parse"))
        return 0; /* the wall */
    xmlDoc *theirs = judge(octets);
    tree_must(is_taken == (theirs != NULL));
    if (is_taken && d->cut_count == 0)
        compare(d, theirs);
    xmlFreeDoc(theirs);
    return 0;
}
