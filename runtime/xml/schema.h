/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* schema.h - XSD validation of the skeleton, and rules as data (schemas/README.md): a context, a
 * test in a part of XPath 1.0 with matches(), a text. Compiled once, shared by threads. */
#pragma once

#include "runtime/xml/doc.h"

struct xml_schema;
struct xml_rules;

enum { XML_FINDINGS_MAX = 20 };
struct xml_finding {
    struct str rule;  /* "xsd", "R4-XHE", "M3" */
    struct str where; /* path */
    struct str text;  /* what is wrong and what would be right; never the content */
    struct str code;  /* of the rule; "" */
};
struct xml_findings {
    struct xml_finding at[XML_FINDINGS_MAX];
    size_t count;
    size_t more; /* beyond the maximum */
};
void xml_findings_add(struct xml_findings *f, struct xml_finding finding);

/* `name` is a file of the schema folder (POSTHORN_SCHEMA_DIR in the environment for tests, else
 * the installed one). */
MUST_USE bool xml_schema_new(const char *name, struct xml_schema **out, struct error *e);
void xml_schema_free(struct xml_schema *s);
/* True whether or not something was found (f->count says); findings live in the arena. False only
 * where the question could not be asked: ERROR_BUG/RETRY. */
MUST_USE bool xml_schema_check(const struct xml_schema *s, const struct xml_doc *d, struct arena *a,
                               struct xml_findings *f, struct error *e);
MUST_USE bool xml_rules_new(const char *name, struct xml_rules **out, struct error *e);
void xml_rules_free(struct xml_rules *r);
/* `sending`: also the rules marked "when send" (schemas/README.md). */
void xml_rules_check(const struct xml_rules *r, const struct xml_doc *d, bool sending,
                     struct arena *a, struct xml_findings *f);
