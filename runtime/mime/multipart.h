/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* multipart.h - multipart/related and multipart/form-data as a push scanner: any split of the input
 * gives the same events. It never holds a part; headers are bounded. And the writer's pieces. */
#pragma once

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/sink.h"

struct media_type {
    struct str type; /* "multipart/related", lower case */
    struct str boundary, start, start_type /* type= */, charset, name, filename;
};
/* Content-Type or Content-Disposition value; strict parameters, quoted strings; arena owns. Twice the
 * same parameter is refused. <> around start are dropped, as they are from content_id. */
MUST_USE bool media_type_read(struct str value, struct arena *a, struct media_type *out,
                              struct error *e);

enum { MULTIPART_HEADERS_MAX = 64, MULTIPART_HEADER_OCTETS_MAX = 16 * 1024 };
struct part_header {
    struct str content_type, content_id /* without <> and white space */, transfer_encoding,
        disposition;
};
struct multipart_limits {
    unsigned parts;       /* most parts */
    uint64_t part_octets; /* most octets of one part, as they stand in the body */
    bool lenient;         /* bare LF ends lines too: third-party sample files, never the network */
};
struct multipart_events {
    /* A part begins: give the sink its octets go to (finished by the scanner at the part's end), or
     * NULL to skip it. `header` lives as long as the call. False ends the scan. base64 and quoted-printable are decoded before the sink. */
    bool (*part)(void *ctx, unsigned index, const struct part_header *header, struct sink **sink,
                 struct error *e);
    bool (*part_end)(void *ctx, unsigned index, uint64_t raw_offset, uint64_t raw_octets,
                     struct error *e);
    void *ctx;
};
/* The scanner is itself a sink: write the body into it, then finish (a missing end boundary is
 * refused). `limits` and `events` are copied. part_end may be NULL. All refusals are REJECT. */
struct multipart;
MUST_USE bool multipart_new(struct str boundary, const struct multipart_limits *limits,
                            const struct multipart_events *events, struct multipart **out,
                            struct error *e);
struct sink *multipart_sink(struct multipart *m);
void multipart_free(struct multipart *m);
void multipart_free_at(struct multipart **m);
#define AUTO_MULTIPART __attribute__((cleanup(multipart_free_at))) struct multipart *
/* A fresh boundary of 128 random bits, letters safe everywhere. */
struct str multipart_boundary(struct arena *a);
