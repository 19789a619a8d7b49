/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* temp.h - the octets of what is being opened: in memory while they are few, in a private unnamed file
 * from TEMP_MEMORY_MAX on. */
#pragma once

#include "accesspoint/work/workplace.h"
#include "runtime/xml/doc.h"

enum { TEMP_MEMORY_MAX = 1024 * 1024 };

struct temp { /* a sink; may be moved when all is written. {.fd = -1} before temp_open */
    struct sink sink;
    const struct workplace *w;
    struct buf memory;
    int fd; /* -1: all in memory */
    uint64_t octets, limit;
};
void temp_open(struct temp *t, const struct workplace *w, uint64_t limit);
void temp_release(struct temp *t);
/* A payload of the store, whole. */
MUST_USE bool temp_load(struct temp *t, const struct workplace *w, struct str message,
                        struct str slot, struct error *e);
/* As a document, which stands on the octets: they must outlive it. Its limit of octets is theirs. */
MUST_USE bool temp_read_xml(const struct temp *t, struct xml_limits limits, struct xml_doc **out,
                            struct error *e);
/* The same as a fragment (xml_read_fragment). */
MUST_USE bool temp_read_fragment(const struct temp *t, const struct xml_node *context,
                                 struct xml_limits limits, struct xml_doc **out, struct error *e);
/* A payload of the store, whole, in such a file. */
MUST_USE bool temp_payload(const struct workplace *w, struct str message, struct str slot, int *fd,
                           uint64_t *octets, struct error *e);
