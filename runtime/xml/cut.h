/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* cut.h - what the scan knows of a text while it reads it, and the marker it writes instead of a
 * long one. Inside of runtime/xml only. */
#pragma once

#include "runtime/xml/scan.h"

/* Well-formed UTF-8 of characters XML 1.0 allows (controls apart), in any pieces. */
struct utf8_state {
    unsigned left;      /* octets still to come of this character */
    uint32_t character; /* so far */
    uint32_t least;     /* what its length is for */
};
bool utf8_feed(struct utf8_state *s, struct str octets);

struct cut_run { /* a text between two tags */
    uint64_t offset, len;
    uint64_t letters, pads, pairs;
    bool may_cut;    /* nothing but plain characters so far, and it began behind a tag */
    bool is_cutting; /* its octets are held back */
    bool has_other, has_return, last_is_return;
    bool has_letter_behind_pad;
};
struct cut_piece {
    struct str text;
    size_t letters;
    bool has_other, has_pad, has_return;
};
/* Counts whole blocks (block.h) of printable ASCII without markup, '=' or '>' at the start of the
 * octets; how many octets these are. */
size_t cut_piece_blocks(struct cut_piece *piece, struct str octets);
void cut_run_feed(struct cut_run *run, const struct cut_piece *piece);
bool cut_run_is_blank(const struct cut_run *run);
void cut_random(char letters[static XML_RANDOM_LETTERS]);
/* Writes the marker and notes the cut. */
MUST_USE bool cut_add(struct xml_scan *scan, const struct cut_run *run, struct error *e);
