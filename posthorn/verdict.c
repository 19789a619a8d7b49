/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_validate.sh */
#include "posthorn/verdict.h"

#include <inttypes.h>
#include <stdio.h>

#include "posthorn/output.h"
#include "runtime/base/json.h"

enum { LINE_MAX_OCTETS = 4 * 1024 * 1024 };

static void put_payloads(struct json_writer *w, const struct verdict *v)
{
    json_open_array(w, "payloads");
    for (size_t i = 0; i < v->payload_count; i++) {
        json_open_object(w, NULL);
        json_put_text(w, "href", v->payloads[i].href);
        json_put_text(w, "mime_type", v->payloads[i].mime_type);
        json_put_integer(w, "octets", (int64_t)v->payloads[i].octets);
        json_put_text(w, "sha256", v->payloads[i].sha256);
        json_close(w);
    }
    json_close(w);
}

static void put_findings(struct json_writer *w, const struct xml_findings *f)
{
    json_open_array(w, "findings");
    for (size_t i = 0; i < f->count; i++) {
        json_open_object(w, NULL);
        json_put_text(w, "rule", f->at[i].rule);
        json_put_text(w, "where", f->at[i].where);
        json_put_text(w, "text", f->at[i].text);
        json_close(w);
    }
    json_close(w);
}

static bool print_json(const struct verdict *v, struct error *e)
{
    AUTO_BUF line = BUF(LINE_MAX_OCTETS);
    struct json_writer w = json_writer_on(&line, e);
    json_open_object(&w, NULL);
    json_put_text(&w, "file", str_of(v->file));
    json_put_text(&w, "verdict", v->is_accepted ? STR("accept") : STR("refuse"));
    if (!v->is_accepted) {
        json_put_text(&w, "code", v->code);
        json_put_text(&w, "why", v->why);
    }
    json_put_text(&w, "kind", str_of(v->kind));
    if (v->message_id.at != NULL)
        json_put_text(&w, "message_id", v->message_id);
    put_payloads(&w, v);
    put_findings(&w, &v->findings);
    json_close(&w);
    if (!json_done(&w))
        return false;
    printf("%s\n", buf_text(&line));
    return true;
}

static void print_people(const struct verdict *v)
{
    AUTO_ARENA a = {0};
    printf("%s: %s %s", v->file, v->kind, v->is_accepted ? "accepted" : "refused");
    if (v->message_id.at != NULL)
        printf(" %.*s", STR_ARG(output_safe(&a, v->message_id, false)));
    if (!v->is_accepted)
        printf(" (%.*s)", STR_ARG(v->code));
    for (size_t i = 0; i < v->findings.count; i++) {
        const struct xml_finding *f = &v->findings.at[i];
        printf("\n    %.*s at %.*s: %.*s", STR_ARG(f->rule),
               STR_ARG(output_safe(&a, f->where, false)), STR_ARG(output_safe(&a, f->text, false)));
    }
    if (v->findings.more > 0)
        printf("\n    and %zu more", v->findings.more);
    for (size_t i = 0; i < v->payload_count; i++) {
        const struct verdict_payload *p = &v->payloads[i];
        printf("\n    %.*s: %.*s, %" PRIu64 " octets, SHA-256 %.*s", STR_ARG(p->href),
               STR_ARG(output_safe(&a, p->mime_type, false)), p->octets, STR_ARG(p->sha256));
    }
    putchar('\n');
}

bool verdict_print(const struct verdict *v, bool as_json, struct error *e)
{
    if (as_json)
        return print_json(v, e);
    print_people(v);
    return true;
}
