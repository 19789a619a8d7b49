/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/question.h"
#include "tests/check.h"

TEST(a_question_arrives_as_it_was_asked)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_BUF head = BUF(4096);
    struct question q = {STR("multipart/related; boundary=\"x\""), STR("127.0.0.1:9"), STR("CN=ap"),
                         STR("t-1")};
    struct question got;
    CHECK_OK(question_write(&q, &head, &e), e);
    CHECK_OK(question_read(buf_str(&head), &a, &got, &e), e);
    CHECK_STR(got.content_type, q.content_type);
    CHECK_STR(got.peer, q.peer);
    CHECK_STR(got.tls_subject, q.tls_subject);
    CHECK_STR(got.trace, q.trace);
    CHECK(!question_read(STR("nonsense"), &a, &got, &e) && e.kind == ERROR_REJECT);
}

CHECK_MAIN
