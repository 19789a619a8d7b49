/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: SDK messages (accesspoint/sdk). What is accepted is written again and accepted again. */
#include "accesspoint/sdk/message.h"
#include "tests/fuzz/formats.h"

static bool accept(const struct xml_doc *d, size_t octets, struct arena *a, struct sdk_message *m)
{
    struct error e = {0};
    struct xml_findings f = {0};
    const struct federation federation = fuzz_federation();
    struct sdk_checks c = {fuzz_judge(JUDGE_MESSAGE), &federation, JUDGE_RECEIVED, octets};
    check(sdk_message_check(&c, d, a, m, &f, &e));
    for (size_t i = 0; i < f.count; i++)
        check(f.at[i].code.len > 0 && f.at[i].text.len > 0 && f.at[i].where.len > 0);
    return f.count == 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_XML one = NULL;
    AUTO_XML two = NULL;
    AUTO_BUF text = BUF(8 << 20);
    struct sdk_message m = {0}, again = {0};
    struct sink_buf sink;
    fuzz_judge(JUDGE_MESSAGE);
    if (!xml_read(str_bytes(data, size), &xml_limits_envelope, &one, &e) ||
        !accept(one, size, &a, &m))
        return 0;
    sink_buf_init(&sink, &text);
    check(sdk_message_write(&m, &sink.sink, &e));
    check(xml_read(buf_str(&text), &xml_limits_envelope, &two, &e));
    check(accept(two, 0, &a, &again));
    check(str_equal(m.id, again.id) && m.created_ms == again.created_ms &&
          m.document_count == again.document_count);
    return 0;
}
