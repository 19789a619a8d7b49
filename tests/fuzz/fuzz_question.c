/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: question_read (accesspoint/question.c): the head of a
 * hand-over. What was read is written, and reads back as the same. */
#include <stdlib.h>

#include "accesspoint/question.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void check_round(const struct question *q, struct arena *a)
{
    struct error e = {0};
    struct question again = {0};
    AUTO_BUF text = BUF(1 << 22);
    if (!question_write(q, &text, &e) || !question_read(buf_str(&text), a, &again, &e) ||
        !str_equal(q->content_type, again.content_type) || !str_equal(q->peer, again.peer) ||
        !str_equal(q->tls_subject, again.tls_subject) || !str_equal(q->trace, again.trace))
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    AUTO_ARENA a = {0};
    struct error e = {0};
    struct question q = {0};
    if (question_read(str_bytes(data, size), &a, &q, &e))
        check_round(&q, &a);
    else if (e.kind != ERROR_REJECT)
        abort();
    return 0;
}
