/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* service.h - what a ServiceMetadata says. Inside of accesspoint/smp, and for the fuzzer: nobody asks
 * here who said it (metadata.h does). */
#pragma once

#include "accesspoint/smp/metadata.h"

#define SMP_NS "http://docs.oasis-open.org/bdxr/ns/SMP/2016/05"

MUST_USE bool smp_service_read(const struct xml_doc *d, const struct smp_question *q,
                               struct arena *a, struct smp_metadata *out, struct error *e);
