/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: the HTTP/1.1 request reader, queries and path segments (runtime/http). The first octet
 * chooses the split; the rest is what a client sends. */
#include <stdlib.h>

#include "runtime/base/error.h"
#include "runtime/http/http1.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static bool note_head(const struct http1_head *h, struct buf *out, struct error *e)
{
    AUTO_ARENA arena = {0};
    struct http1_query query = {0};
    struct str segment = STR_NONE;
    struct error ignored = {0};
    bool ok = http1_query_read(&arena, h->query, &query, &ignored);
    bool is_segment = http1_segment_read(&arena, str_from(h->path, 1), &segment, &ignored);
    if (ignored.kind == ERROR_BUG || (h->is_chunked && h->content_length != 0) ||
        (!h->has_body && (h->is_chunked || h->content_length != 0)))
        abort();
    return buf_addf(out, e, "[%zu %zu %zu %zu %d %llu %d %zu]", h->method.len, h->path.len,
                    h->host.len, h->field_count, h->is_chunked,
                    (unsigned long long)h->content_length, ok, is_segment ? segment.len : 0);
}

/* False: refused; nothing may come after that. */
static bool feed(struct http1 *h, struct str in, struct buf *out, struct error *e)
{
    struct str body;
    for (;;) {
        enum http1_event event = http1_next(h, &in, &body, e);
        bool ok = true;
        if (event == HTTP1_MORE)
            return true;
        if (event == HTTP1_HEAD)
            ok = note_head(http1_head(h), out, e);
        if (event == HTTP1_BODY)
            ok = body.len > 0 && buf_add(out, body, e);
        if (event == HTTP1_END)
            ok = buf_add_char(out, '.', e);
        if (event == HTTP1_REFUSED) {
            if (http1_status(h) < 400 || http1_status(h) > 505 ||
                http1_next(h, &in, &body, e) != HTTP1_REFUSED)
                abort();
            return false;
        }
        if (!ok)
            abort();
    }
}

static unsigned read_all(struct str in, size_t step, struct buf *out, struct error *e)
{
    static const struct http1_limits limits = {256, 1024, 16, 128};
    struct http1 *h = http1_new(&limits);
    bool ok = true;
    for (size_t at = 0; ok && at < in.len; at += step)
        ok = feed(h, str_upto(str_from(in, at), step), out, e);
    unsigned status = ok ? 0 : http1_status(h);
    http1_free(h);
    return status;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size == 0)
        return 0;
    struct error e = {0};
    struct str in = str_bytes(data + 1, size - 1);
    AUTO_BUF whole = BUF(1 << 24);
    AUTO_BUF split = BUF(1 << 24);
    unsigned one = read_all(in, in.len + 1, &whole, &e);
    unsigned two = read_all(in, (size_t)data[0] % 16 + 1, &split, &e);
    if (one != two || !str_equal(buf_str(&whole), buf_str(&split)) || e.kind == ERROR_BUG)
        abort();
    return 0;
}
