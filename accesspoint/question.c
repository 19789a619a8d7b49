/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/question.h"

#include "runtime/base/json.h"
#include "runtime/base/json_flat.h"

bool question_write(const struct question *q, struct buf *out, struct error *e)
{
    struct json_writer w = json_writer_on(out, e);
    json_open_object(&w, NULL);
    json_put_text(&w, "contentType", q->content_type);
    json_put_text(&w, "peer", q->peer);
    json_put_text(&w, "tlsSubject", q->tls_subject);
    json_put_text(&w, "trace", q->trace);
    json_close(&w);
    return json_done(&w);
}

static void take_text(struct question *q, const struct json_member *m)
{
    const struct {
        struct str name;
        struct str *to;
    } rows[] = {
        {STR("contentType"), &q->content_type},
        {STR("peer"), &q->peer},
        {STR("tlsSubject"), &q->tls_subject},
        {STR("trace"), &q->trace},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (str_equal(m->name, rows[i].name))
            *rows[i].to = m->text;
}

bool question_read(struct str head, struct arena *a, struct question *out, struct error *e)
{
    struct question q = {STR(""), STR(""), STR(""), STR("")};
    struct json_member m;
    struct json_flat f = json_flat_of(arena_copy(a, head), a, e);
    while (json_flat_next(&f, &m))
        if (m.kind == JSON_TEXT)
            take_text(&q, &m);
    if (!json_flat_done(&f))
        return error_prefix(e, "hand-over");
    *out = q;
    return true;
}
