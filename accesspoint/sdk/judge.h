/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* judge.h - one document type's XSD and rules, compiled once and shared by threads. Messages, envelopes
 * and receipts are all judged here; what each asks beyond it stands beside its reader. */
#pragma once

#include "runtime/xml/schema.h"

enum judge_kind { JUDGE_MESSAGE, JUDGE_ENVELOPE, JUDGE_RECEIPT };
enum judge_side { JUDGE_RECEIVED, JUDGE_SENDING /* strict: also the rules marked "when send" */ };

struct judge;
MUST_USE bool judge_new(enum judge_kind kind, struct judge **out, struct error *e);
void judge_free(struct judge *j);
void judge_free_at(struct judge **j);
#define AUTO_JUDGE __attribute__((cleanup(judge_free_at))) struct judge *
/* The XSD, and where it holds the rules: the first step that finds something is the last one
 * (spec/sdk.md 11 Q26). Codes: "SV/structure", "BV/invariant", ... for messages, "XHE/profile",
 * "RECEIPT/profile". False only for RETRY and BUG; findings live in the arena. */
MUST_USE bool judge_check(const struct judge *j, const struct xml_doc *d, enum judge_side side,
                          struct arena *a, struct xml_findings *f, struct error *e);
/* A finding of our own. `where` may be NULL: the document. */
void judge_find(struct xml_findings *f, struct arena *a, const char *rule, const char *code,
                const struct xml_node *where, const char *text);
