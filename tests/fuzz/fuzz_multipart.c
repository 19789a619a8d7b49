/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: multipart scanner, part headers and media types (runtime/mime). The first octet chooses
 * the split, its lowest bit the lenient mode; the rest is a body with boundary "B". */
#include <stdlib.h>

#include "runtime/base/error.h"
#include "runtime/mime/multipart.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct record {
    struct buf text;
    struct sink_buf sink;
};

static bool on_part(void *ctx, unsigned index, const struct part_header *h, struct sink **sink,
                    struct error *e)
{
    struct record *r = ctx;
    AUTO_ARENA a = {0};
    struct media_type type = {0};
    if (!media_type_read(h->content_type, &a, &type, e))
        error_clear(e);
    sink_buf_init(&r->sink, &r->text);
    *sink = &r->sink.sink;
    return buf_addf(&r->text, e, "[%u %zu %zu]", index, type.type.len, h->content_id.len);
}

static bool on_part_end(void *ctx, unsigned index, uint64_t at, uint64_t octets, struct error *e)
{
    struct record *r = ctx;
    return buf_addf(&r->text, e, "<%u %llu %llu>", index, (unsigned long long)at,
                    (unsigned long long)octets);
}

static bool scan(struct str in, size_t step, bool lenient, struct record *r, struct error *e)
{
    struct multipart_limits limits = {20, 100000, lenient};
    struct multipart_events events = {on_part, on_part_end, r};
    AUTO_MULTIPART m = NULL;
    if (!multipart_new(STR("B"), &limits, &events, &m, e))
        abort();
    for (size_t at = 0; at < in.len; at += step) {
        if (!sink_write(multipart_sink(m), str_upto(str_from(in, at), step), e))
            return false;
    }
    return sink_finish(multipart_sink(m), e);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size == 0)
        return 0;
    struct error e = {0};
    struct str in = str_bytes(data + 1, size - 1);
    struct record whole = {.text = BUF(1 << 22)}, split = {.text = BUF(1 << 22)};
    bool one = scan(in, in.len + 1, data[0] & 1, &whole, &e);
    bool two = scan(in, (size_t)data[0] / 2 + 1, data[0] & 1, &split, &e);
    if (one != two || (one && !str_equal(buf_str(&whole.text), buf_str(&split.text))) ||
        e.kind == ERROR_BUG)
        abort();
    buf_release(&whole.text);
    buf_release(&split.text);
    return 0;
}
