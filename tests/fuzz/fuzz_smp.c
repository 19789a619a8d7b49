/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: SMP metadata, with its signature and behind it (accesspoint/smp). */
#include "accesspoint/smp/service.h"
#include "tests/fuzz/formats.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_XML d = NULL;
    AUTO_SMP_METADATA m = {0};
    AUTO_SMP_METADATA whole = {0};
    AUTO_CERT_LIST certs = {0};
    const struct smp_endpoint *endpoint = NULL;
    const struct federation federation = fuzz_federation();
    const struct smp_question q = {
        .service = {STR("a"), STR("b"), STR("c"), STR("d")},
        .federation = &federation,
        .now_ms = INT64_C(1769853600000),
    };
    xml_setup();
    if (!xml_read(str_bytes(data, size), &xml_limits_envelope, &d, &e))
        return 0;
    if (!smp_metadata_read(d, &q, &a, &whole, &e))
        check((e.kind == ERROR_DENY || e.kind == ERROR_REJECT) && whole.certs.count == 0);
    if (!smp_service_read(d, &q, &a, &m, &e)) {
        check((e.kind == ERROR_DENY || e.kind == ERROR_REJECT) && m.certs.count == 0);
        return 0;
    }
    if (smp_metadata_endpoint(&m, &q, &endpoint, &e))
        check(endpoint->cert != NULL && str_is(endpoint->process, "p"));
    check(smp_metadata_certs(&m, STR("sign"), &certs, &e) == (certs.count > 0));
    return 0;
}
