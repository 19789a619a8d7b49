/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: base64_decode and its sink (runtime/crypto/base64.c). The first octet chooses the split
 * and whether space is skipped. */
#include <stdlib.h>

#include "runtime/crypto/base64.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static bool decode(struct str in, bool skip_space, size_t step, struct buf *out)
{
    struct error e = {0};
    struct sink_buf end;
    struct base64_sink s;
    sink_buf_init(&end, out);
    base64_decode_sink_init(&s, skip_space, &end.sink);
    for (; in.len > 0; in = str_from(in, step))
        if (!sink_write(&s.sink, str_upto(in, step), &e))
            return false;
    return sink_finish(&s.sink, &e);
}

static void add_without_space(struct buf *out, struct str in)
{
    struct error e;
    for (size_t i = 0; i < in.len; i++)
        if (in.at[i] != ' ' && in.at[i] != '\t' && in.at[i] != '\r' && in.at[i] != '\n' &&
            !buf_add_char(out, in.at[i], &e))
            abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size == 0)
        return 0;
    struct error e = {0};
    struct str in = str_bytes(data + 1, size - 1);
    bool skip_space = data[0] % 2 == 1;
    AUTO_BUF whole = BUF(1 << 20);
    AUTO_BUF split = BUF(1 << 20);
    AUTO_BUF text = BUF(1 << 20);
    AUTO_BUF given = BUF(1 << 20);
    bool one = base64_decode(&whole, in, skip_space, &e);
    bool two = decode(in, skip_space, data[0] / 2 + 1, &split);
    if (one != two || (one && !str_equal(buf_str(&whole), buf_str(&split))))
        abort();
    if (!one)
        return 0;
    add_without_space(&given, in); /* one text alone stands for some octets */
    if (!base64_encode(&text, buf_str(&whole), &e) || !str_equal(buf_str(&text), buf_str(&given)))
        abort();
    return 0;
}
