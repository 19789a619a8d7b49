/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* plain.h - the tree of an ordinary skeleton without a parser: elements, attributes and texts with ASCII
 * names, as all of our formats are written. What else XML has (comments, CDATA, instructions, "xml:",
 * other names, odd URIs), and whatever is not well-formed, is left to libxml2, which alone refuses. So
 * that this takes less than libxml2 and never more is for the unit test and fuzz_build to show. Inside
 * of runtime/xml only. */
#pragma once

#include "runtime/xml/tree.h"

/* d->tree is there and empty. False: it was not ordinary; the tree is empty again. The scan has seen the
 * skeleton: it holds characters of XML in UTF-8 only, and no declaration but CDATA. */
bool plain_tree(struct xml_doc *d, struct str skeleton);
