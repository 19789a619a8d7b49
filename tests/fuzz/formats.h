/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* formats.h - a judge and a federation for the fuzz targets of the access point's formats. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "accesspoint/sdk/federation.h"
#include "accesspoint/sdk/judge.h"
#include "runtime/xml/doc.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static inline void check(bool holds)
{
    if (!holds)
        abort();
}

#ifdef FUZZ_SCHEMAS
/* Made once and kept. */
static inline const struct judge *fuzz_judge(enum judge_kind kind)
{
    static struct judge *judge;
    struct error e = {0};
    if (judge == NULL) {
        setenv("POSTHORN_SCHEMA_DIR", FUZZ_SCHEMAS, 0);
        xml_setup();
        if (!judge_new(kind, &judge, &e)) {
            fprintf(stderr, "%s\n", e.text);
            abort();
        }
    }
    return judge;
}
#endif

static inline struct federation fuzz_federation(void)
{
    static struct str profiles[] = {STR_INIT("t")};
    return (struct federation){
        .process = STR("p"),
        .process_scheme = STR("s"),
        .transport_profiles = {profiles, 1},
        .certpub_extension = STR("c"),
        .certpub_signing = STR("sign"),
        .send_octets = 1 << 20,
        .message_octets = 1 << 20,
        .content_octets = 1 << 20,
    };
}
