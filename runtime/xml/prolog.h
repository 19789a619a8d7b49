/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* prolog.h - the first octets of a document: byte order mark, encoding, XML declaration. What is
 * not UTF-8 but taken (UTF-16, ISO-8859-1, up to 1 MiB) is written anew as UTF-8 in the source.
 * Inside of runtime/xml only. */
#pragma once

#include "runtime/xml/source.h"

enum { XML_TRANSCODE_MAX = 1024 * 1024 };
/* *start: the first octet behind mark and declaration, in the (possibly new) source. */
MUST_USE bool xml_prolog_read(struct xml_source *s, uint64_t *start, struct error *e);
