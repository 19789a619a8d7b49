/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* canon.h - the octets of an attachment that are digested: canon() of the SwA profile's
 * Attachment-Content-Signature-Transform (spec/as4.md 6.3), by media type. */
#pragma once

#include "runtime/base/sink.h"

enum as4_canon { AS4_CANON_RAW, AS4_CANON_TEXT /* every line end as CR LF */, AS4_CANON_XML };
/* Of a Content-Type value: parameters and case do not count. */
enum as4_canon as4_canon_of(struct str media_type);
/* The media type alone, without parameters. */
struct str as4_media_type(struct str content_type);

struct as4_lines_sink { /* CR, LF and CR LF become CR LF */
    struct sink sink;
    struct sink *next;
    bool after_cr;
};
void as4_lines_sink_init(struct as4_lines_sink *s, struct sink *next);
