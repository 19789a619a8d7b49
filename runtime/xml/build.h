/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* build.h - the tree, made of what libxml2's parser tells while it reads the skeleton: all nodes of a
 * document stand in one arena and go with it. Parsers are kept for the next document, and with them
 * the names they have met; one whose names became many is not. Inside of runtime/xml only. */
#pragma once

#include "runtime/xml/tree.h"

/* The first fault: after how many octets of the skeleton, and libxml2's words. Once at most. */
typedef void build_fault(void *ctx, size_t at, const char *words);

/* Gives d its tree, of a skeleton with a NUL behind it. False where it is not well-formed; the fault may
 * have been told then. */
MUST_USE bool build_tree(struct xml_doc *d, struct str skeleton, build_fault *on_fault, void *ctx);
/* The first element becomes the root instead of the one around it, whose namespaces go with it. */
void build_unwrap(struct xml_doc *d);
void build_release(struct xml_doc *d);
