/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* name.h - inside runtime/crypto only: X.509 names as text and back. */
#pragma once

#include <openssl/x509.h>

#include "runtime/base/buf.h"

/* For people: RFC 2253 with short names and UTF-8. */
MUST_USE bool name_show(const X509_NAME *name, struct buf *out, struct error *e);
/* For peers: RFC 4514 to the letter. Types outside its table (serialNumber, organizationIdentifier,
 * emailAddress) are dotted numbers with #hex, which every reader takes. */
MUST_USE bool name_write(const X509_NAME *name, struct buf *out, struct error *e);
/* Reads RFC 2253/4514 text with the dialects seen (E=, S=, OID.2.5.4.97=, ';', quotes), in the
 * order written and reversed, and compares parsed RDNs. Unreadable text is no match. */
bool name_matches(const X509_NAME *name, struct str text);
