/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* url.h - where an SMP keeps what it knows of a participant's service (SMP 1.0 §3; spec/sdk.md 6.2).
 * Apart from metadata.h, since accesspoint-send builds addresses and reads no XML. The address is
 * also the key of the cached answer. */
#pragma once

#include "runtime/base/buf.h"

struct smp_service {                            /* what is asked for */
    struct str participant_scheme, participant; /* "iso6523-actorid-upis", "0203:b.example" */
    struct str document_scheme, document;       /* "busdox-docid-qns", "urn:..." */
};
/* {base}/{scheme}%3A%3A{id}/services/{docScheme}%3A%3A{docId}; every part percent-encoded, the slashes
 * between them literal. The participant is written lower-case, the document as registered. */
MUST_USE bool smp_service_url(struct str base, const struct smp_service *service, struct buf *out,
                              struct error *e);
