/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* receipt.h - the message receipt (meddelandekvittens; spec/sdk.md 5): UBL ApplicationResponse with
 * ACCEPTED or REJECTED and the reasons. Texts are views into an arena. */
#pragma once

#include "accesspoint/sdk/judge.h"

enum { RECEIPT_LINES_MAX = 20 };

struct receipt_line {
    struct str where;  /* XPath of the faulty element, "NA" */
    struct str code;   /* SV, BV, SIG */
    struct str detail; /* structure, invariant, ...; none where a peer left it out */
    struct str text;   /* never holds what the message said */
};
struct receipt {
    struct str id; /* ours: the UUID of its envelope */
    int64_t issued_ms;
    struct str sender, receiver; /* participants; sender is who acknowledges */
    struct str reference;        /* XHE id of the acknowledged message */
    bool is_accepted;
    struct receipt_line lines[RECEIPT_LINES_MAX];
    size_t line_count; /* at least 1 where not accepted */
};

/* Canonical XML without declaration; finishes the sink. BUG where is_accepted and line_count differ. */
MUST_USE bool receipt_write(const struct receipt *r, struct sink *out, struct error *e);
/* XSD and R1-R9; *out is read where f->count is 0 afterwards (lines beyond 20 are left out). Codes
 * RECEIPT/profile. False only for RETRY and BUG. */
MUST_USE bool receipt_check(const struct judge *j, const struct xml_doc *d, struct arena *a,
                            struct receipt *out, struct xml_findings *f, struct error *e);
/* Findings with codes such as "BV/invariant" become lines; the receipt is REJECTED then. */
void receipt_add_findings(struct receipt *r, const struct xml_findings *f, struct arena *a);
/* One line; code "SIG/security". `where` none: NA. Beyond 20 lines it is left out. */
void receipt_add(struct receipt *r, struct arena *a, struct str code, struct str where,
                 struct str text);
