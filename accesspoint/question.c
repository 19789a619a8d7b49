/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/question.h"

#include "runtime/base/json.h"

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

static struct str text_of(const struct json_doc *doc, const char *name, struct arena *a)
{
    struct str text = STR_NONE;
    json_as_text(json_member(doc->root, name), &text);
    return arena_copy(a, text);
}

bool question_read(struct str head, struct arena *a, struct question *out, struct error *e)
{
    AUTO_JSON doc = {0};
    if (!json_read(head, &doc, e))
        return error_prefix(e, "hand-over");
    *out = (struct question){
        .content_type = text_of(&doc, "contentType", a),
        .peer = text_of(&doc, "peer", a),
        .tls_subject = text_of(&doc, "tlsSubject", a),
        .trace = text_of(&doc, "trace", a),
    };
    return true;
}
