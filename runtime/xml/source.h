/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* source.h - where a document's octets stand: in memory or in a file. Inside of runtime/xml
 * only. */
#pragma once

#include "runtime/base/sink.h"

struct xml_source {
    struct str memory; /* at NULL: in the file */
    int fd;            /* borrowed */
    uint64_t offset;   /* of the document in the file */
    uint64_t len;
    struct buf own; /* what memory points to where the octets had to be changed or read in */
};

void xml_source_release(struct xml_source *s);
/* The octets from `at`, at most `most`: a view of the memory, or read into room (most octets). */
MUST_USE bool xml_source_peek(const struct xml_source *s, uint64_t at, size_t most, char *room,
                              struct str *out, struct error *e);
MUST_USE bool xml_source_to(const struct xml_source *s, uint64_t at, uint64_t len, struct sink *out,
                            struct error *e);
/* Reads a file's octets in, so that memory holds them. */
MUST_USE bool xml_source_load(struct xml_source *s, struct error *e);
/* Line and column (in characters), from 1, of an octet. False where it cannot be read. */
bool xml_source_place(const struct xml_source *s, uint64_t at, uint64_t *line, uint64_t *column);
