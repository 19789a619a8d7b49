/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: message receipts (accesspoint/receipt). What is accepted is written and accepted again. */
#include "accesspoint/receipt/receipt.h"
#include "tests/fuzz/formats.h"

static bool accept(const struct xml_doc *d, struct arena *a, struct receipt *r)
{
    struct error e = {0};
    struct xml_findings f = {0};
    check(receipt_check(fuzz_judge(JUDGE_RECEIPT), d, a, r, &f, &e));
    return f.count == 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_XML one = NULL;
    AUTO_XML two = NULL;
    AUTO_BUF text = BUF(8 << 20);
    struct receipt r = {0}, again = {0};
    struct sink_buf sink;
    fuzz_judge(JUDGE_RECEIPT);
    if (!xml_read(str_bytes(data, size), &xml_limits_envelope, &one, &e) || !accept(one, &a, &r))
        return 0;
    sink_buf_init(&sink, &text);
    check(receipt_write(&r, &sink.sink, &e));
    check(xml_read(buf_str(&text), &xml_limits_envelope, &two, &e));
    check(accept(two, &a, &again));
    check(r.is_accepted == again.is_accepted && r.line_count == again.line_count &&
          r.issued_ms == again.issued_ms && str_equal(r.reference, again.reference));
    return 0;
}
