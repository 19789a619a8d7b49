/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: gunzip_sink (runtime/mime/gzip.c). The first octet chooses the split. */
#include <stdlib.h>

#include "runtime/base/error.h"
#include "runtime/mime/gzip.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static bool inflate(struct str in, size_t step, struct buf *out, struct error *e)
{
    struct sink_buf end;
    sink_buf_init(&end, out);
    AUTO_GZIP_SINK g = {0};
    gunzip_sink_init(&g, 1 << 20, &end.sink);
    for (size_t at = 0; at < in.len; at += step) {
        if (!sink_write(&g.sink, str_upto(str_from(in, at), step), e))
            return false;
    }
    return sink_finish(&g.sink, e);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size == 0)
        return 0;
    struct error e = {0};
    struct str in = str_bytes(data + 1, size - 1);
    AUTO_BUF whole = BUF(1 << 20), split = BUF(1 << 20);
    bool one = inflate(in, in.len + 1, &whole, &e);
    bool two = inflate(in, (size_t)data[0] + 1, &split, &e);
    if (one != two || (one && !str_equal(buf_str(&whole), buf_str(&split))))
        abort();
    return 0;
}
