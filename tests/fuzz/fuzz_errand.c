/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: errand_read (accesspoint/errand.c): the head of a hand-over to accesspoint-send. What was
 * read is written, and reads back as the same. */
#include <stdlib.h>

#include "accesspoint/errand.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void check_round(const struct errand *errand)
{
    struct error e = {0};
    struct errand again = {0};
    AUTO_BUF text = BUF(1 << 22);
    if (!errand_write(errand, &text, &e) || !errand_read(buf_str(&text), &again, &e) ||
        !str_equal(errand->url, again.url) ||
        !str_equal(errand->content_type, again.content_type) || errand->before != again.before ||
        errand->octets != again.octets ||
        !str_equal(str_bytes(errand->sha256, 32), str_bytes(again.sha256, 32)))
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error e = {0};
    struct errand errand = {0};
    if (errand_read(str_bytes(data, size), &errand, &e))
        check_round(&errand);
    else if (e.kind != ERROR_REJECT)
        abort();
    return 0;
}
