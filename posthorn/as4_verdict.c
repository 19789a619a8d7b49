/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/interop/as4_samples.sh */
#include "posthorn/as4_verdict.h"

#include <inttypes.h>
#include <stdio.h>

#include "accesspoint/as4/errors.h"
#include "posthorn/as4_file.h"
#include "posthorn/output.h"
#include "runtime/base/json.h"
#include "runtime/base/text.h"

enum { LINE_MAX_OCTETS = 1024 * 1024, HEX_MAX = 2 * DIGEST_SIZE_MAX };

/* --- one file */

struct verdict {
    bool is_accepted;
    struct error why;
    struct as4_received received;
    struct buf sums[AS4_PARTS_MAX]; /* SHA-256 of each payload, hexadecimal */
    uint64_t octets[AS4_PARTS_MAX];
    size_t summed;
};

static void verdict_release(struct verdict *d)
{
    as4_received_release(&d->received);
    for (size_t i = 0; i < AS4_PARTS_MAX; i++)
        buf_release(&d->sums[i]);
}
#define AUTO_VERDICT __attribute__((cleanup(verdict_release))) struct verdict

static bool sum_payload(struct verdict *d, const struct as4_received_part *p, uint64_t limit,
                        struct error *e)
{
    struct digest_value value;
    struct sink_count count;
    AUTO_DIGEST_SINK digest;
    digest_sink_init(&digest, DIGEST_SHA256, NULL);
    sink_count_init(&count, limit, &digest.sink);
    if (!as4_part_read(p, limit, &count.sink, e))
        return false;
    digest_sink_value(&digest, &value);
    d->octets[d->summed] = count.octets;
    d->sums[d->summed] = BUF(HEX_MAX);
    return hex_encode(&d->sums[d->summed++], digest_str(&value), e);
}

static bool judge(const struct as4_judge *v, const struct as4_file *file, struct verdict *d)
{
    struct as4_received *r = &d->received;
    if (!as4_receive(&v->config, file->content_type, &file->body, r, &d->why))
        return false;
    for (size_t i = 0; i < r->part_count; i++) {
        if (!sum_payload(d, &r->parts[i], r->mode->payload_octets_max, &d->why))
            return false;
    }
    return true;
}

static const char *kind_of(const struct as4_messaging *m)
{
    if (m->kind == AS4_USER_MESSAGE)
        return as4_is_test(&m->user) ? "test" : "user-message";
    if (m->kind == AS4_UNREAD || m->signal_count == 0)
        return "";
    static const char *const kinds[] = {
        [AS4_RECEIPT] = "receipt", [AS4_ERROR] = "error", [AS4_PULL_REQUEST] = "pull-request"};
    return kinds[m->signals[0].kind];
}

/* --- output */

static void put_payloads(struct json_writer *w, const struct verdict *d)
{
    json_open_array(w, "payloads");
    for (size_t i = 0; d->is_accepted && i < d->summed; i++) {
        const struct as4_part_info *info = &d->received.parts[i].info;
        json_open_object(w, NULL);
        json_put_text(w, "href", info->cid);
        json_put_text(w, "mime_type", info->mime_type);
        json_put_integer(w, "octets", (int64_t)d->octets[i]);
        json_put_text(w, "sha256", buf_str(&d->sums[i]));
        json_close(w);
    }
    json_close(w);
}

/* Faults of a header begin with the path of the element. */
static void put_finding(struct json_writer *w, struct str text, struct str code)
{
    size_t at = str_starts(text, STR("/")) ? str_find(text, STR(": ")) : text.len;
    bool has_path = at < text.len;
    json_open_object(w, NULL);
    json_put_text(w, "rule", code);
    json_put_text(w, "where", has_path ? str_upto(text, at) : STR(""));
    json_put_text(w, "text", has_path ? str_from(text, at + 2) : text);
    json_close(w);
}

static void put_findings(struct json_writer *w, const struct verdict *d, struct str code)
{
    json_open_array(w, "findings");
    if (!d->is_accepted)
        put_finding(w, str_of(d->why.text), code);
    json_close(w);
}

static bool print_json(const char *path, const struct verdict *d, struct str code, struct error *e)
{
    const struct as4_messaging *m = &d->received.messaging;
    AUTO_BUF line = BUF(LINE_MAX_OCTETS);
    struct json_writer w = json_writer_on(&line, e);
    json_open_object(&w, NULL);
    json_put_text(&w, "file", str_of(path));
    json_put_text(&w, "verdict", d->is_accepted ? STR("accept") : STR("refuse"));
    if (!d->is_accepted) {
        json_put_text(&w, "code", code);
        json_put_text(&w, "why", str_of(d->why.text));
    }
    json_put_text(&w, "kind", str_of(kind_of(m)));
    json_put_text(&w, "message_id", as4_messaging_id(m));
    put_payloads(&w, d);
    put_findings(&w, d, code);
    json_close(&w);
    if (!json_done(&w))
        return false;
    printf("%.*s\n", (int)line.len, line.at);
    return true;
}

static void print_text(const char *path, const struct verdict *d, struct str code)
{
    const struct as4_messaging *m = &d->received.messaging;
    AUTO_ARENA a = {0};
    struct str id = output_safe(&a, as4_messaging_id(m), false);
    if (!d->is_accepted) {
        printf("%s: refuse %.*s %s\n", path, STR_ARG(code), d->why.text);
        return;
    }
    printf("%s: accept %s %.*s%s\n", path, kind_of(m), STR_ARG(id),
           d->received.is_signed ? "" : " (not signed)");
    for (size_t i = 0; i < d->summed; i++) {
        const struct as4_part_info *info = &d->received.parts[i].info;
        printf("  %.*s %.*s %llu octets, sha256 %.*s\n", STR_ARG(output_safe(&a, info->cid, false)),
               STR_ARG(output_safe(&a, info->mime_type, false)), (unsigned long long)d->octets[i],
               STR_ARG(buf_str(&d->sums[i])));
    }
}

static int could_not(const struct as4_judge *v, const char *path, const struct error *e)
{
    (void)fprintf(stderr, "posthorn as4 verify: %s: %s\n", path, e->text);
    if (v->as_json)
        output_not_judged(path, "", e);
    return AS4_VERDICT_NOT_RUN;
}

int as4_verdict(const struct as4_judge *v, const char *path)
{
    struct error e = {0};
    AUTO_ARENA arena = {0};
    AUTO_AS4_FILE file = {0};
    AUTO_VERDICT d = {0};
    bool is_open = as4_file_open(path, &arena, &file, &d.why);
    if (!is_open && d.why.kind != ERROR_REJECT)
        return could_not(v, path, &d.why);
    d.is_accepted = is_open && judge(v, &file, &d);
    if (!d.is_accepted && (d.why.kind == ERROR_RETRY || d.why.kind == ERROR_BUG))
        return could_not(v, path, &d.why);
    struct str code = STR("");
    if (!d.is_accepted)
        code = str_of(as4_answer_for(&d.why).code->code);
    if (!v->as_json)
        print_text(path, &d, code);
    else if (!print_json(path, &d, code, &e))
        return could_not(v, path, &e);
    return d.is_accepted ? AS4_VERDICT_ACCEPTED : AS4_VERDICT_REFUSED;
}
