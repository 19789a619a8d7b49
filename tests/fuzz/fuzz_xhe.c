/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: envelopes, their signature and what EncryptedData says (accesspoint/xhe). */
#include "accesspoint/xhe/seal.h"
#include "tests/fuzz/formats.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_XML d = NULL;
    AUTO_BUF text = BUF(8 << 20);
    AUTO_CERT struct cert *signer = NULL;
    struct xml_findings f = {0};
    struct xhe x = {0};
    struct sink_buf sink;
    const struct federation federation = fuzz_federation();
    const struct seal_keys keys = {NULL, 0};
    const struct judge *judge = fuzz_judge(JUDGE_ENVELOPE);
    if (!xml_read(str_bytes(data, size), &xml_limits_envelope, &d, &e))
        return 0;
    check(xhe_check(judge, d, &a, &x, &f, &e));
    if (f.count > 0)
        return 0;
    check(x.content != NULL && x.from.len > 0 && x.to.len > 0 && x.document.len > 0);
    check(seal_verify(d, &x, NULL, &a, &signer, &e) == (signer != NULL));
    check(signer != NULL || e.kind == ERROR_DENY);
    sink_buf_init(&sink, &text);
    check(!seal_open(&x, &keys, &federation, &sink.sink, &e) && text.len == 0);
    check(e.kind == ERROR_REJECT || e.kind == ERROR_DENY);
    if (!xhe_payload_write(d, &x, &sink.sink, &e))
        check(e.kind == ERROR_REJECT);
    return 0;
}
