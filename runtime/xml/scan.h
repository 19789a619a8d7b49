/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* scan.h - the linear pass before the parser: refuses what doc.h says, cuts long texts out and
 * writes what is left, the skeleton. The result does not depend on how the octets are cut into
 * windows. Inside of runtime/xml only. */
#pragma once

#include "runtime/xml/doc.h"
#include "runtime/xml/source.h"

/* A marker: [one space, where the text begins with white space] then XML_MARKER_OCTETS octets: 8
 * first non-space octets of the text (base64 letters; '-' for any other), 32 random letters of
 * this document, 8 letters of the index, filling, the last 4 non-space octets. A text that is
 * not base64 (RFC 4648) has '-' in the filling, so that xs:base64Binary refuses the marker too. */
enum { XML_MARKER_OCTETS = 264, XML_RANDOM_LETTERS = 32 };

struct xml_cut {
    uint64_t offset; /* in the source */
    uint64_t len;
    uint64_t pairs;     /* CR LF pairs: each becomes one LF */
    bool has_cr;        /* the parser would have made LF of it */
    size_t skeleton_at; /* where the marker stands */
    size_t marker_len;
};

struct xml_scan {
    const struct xml_source *source;
    const struct xml_limits *limits;
    size_t window;        /* octets looked at at once; 0: what is best */
    struct buf *skeleton; /* added to; its limit is the skeleton's */
    char letters[XML_RANDOM_LETTERS];
    struct xml_cut *cuts; /* mem_free */
    size_t cut_count, cut_room;
};

/* From octet `start` to the end. On failure cuts and skeleton are the caller's to free. */
MUST_USE bool xml_scan_run(struct xml_scan *scan, uint64_t start, struct error *e);
/* The cut whose marker this text is; NULL: an ordinary text. */
struct xml_cut *xml_scan_find(struct xml_cut *cuts, size_t count, const char *letters,
                              struct str text);
