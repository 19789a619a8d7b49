/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <inttypes.h>

#include "accesspoint/sdk/message.h"
#include "accesspoint/sdk/names.h"

struct checking {
    const struct sdk_checks *c;
    struct arena *arena;
    struct xml_findings *f;
    uint64_t octets; /* of files and texts, decoded */
};

/* The federation's own words for it (spec/sdk.md 5.4 step 6), and what we took. */
static void find_too_long(struct checking *k, uint64_t limit)
{
    xml_findings_add(
        k->f,
        (struct xml_finding){
            .rule = STR("size"),
            .where = STR("/"),
            .text = arena_format(
                k->arena, "Message size to large. At most %" PRIu64 " octets are taken.", limit),
            .code = STR("BV/too-long"),
        });
}

static uint64_t content_limit(const struct checking *k)
{
    const struct federation *f = k->c->federation;
    return (uint64_t)(k->c->side == JUDGE_SENDING ? f->send_octets : f->content_octets);
}

static bool is_taken_type(const struct federation *f, struct str type)
{
    bool is_taken = f->content_types.count == 0;
    for (size_t i = 0; i < f->content_types.count; i++)
        is_taken = is_taken || str_equal_nocase(f->content_types.at[i], type);
    return is_taken;
}

/* Every file must decode to its last letter; nothing is kept of it (M8 sees the first letter only). */
static bool check_file(struct checking *k, const struct sdk_file *f, struct error *e)
{
    struct sink_count counter;
    struct error why = {0};
    sink_count_init(&counter, UINT64_MAX, NULL);
    if (!sdk_file_content(f, &counter.sink, &why)) {
        if (why.kind != ERROR_REJECT) {
            *e = why;
            return false;
        }
        judge_find(k->f, k->arena, "M8", "BV/invariant", f->content.node,
                   "In content, the value must be base64 (RFC 4648) to its end.");
    }
    k->octets += counter.octets;
    if (!is_taken_type(k->c->federation, f->type))
        judge_find(k->f, k->arena, "type", "BV/not-supported", xml_parent(f->content.node),
                   "In contentType, the value is not allowed here.");
    return true;
}

static bool check_contents(struct checking *k, const struct sdk_message *m, struct error *e)
{
    for (size_t i = 0; i < m->document_count; i++) {
        const struct sdk_document *d = &m->documents[i];
        for (size_t j = 0; j < d->file_count; j++) {
            if (!check_file(k, &d->files[j], e))
                return false;
        }
        for (size_t j = 0; j < d->text_count; j++)
            k->octets += xml_text_length(d->texts[j].content.node);
    }
    if (k->octets > content_limit(k))
        find_too_long(k, content_limit(k));
    return true;
}

/* What stops the reader is the sender's fault too: it becomes a finding. */
static bool read_message(struct checking *k, const struct xml_doc *d, struct sdk_message *out,
                         struct error *e)
{
    struct error why = {0};
    if (sdk_message_read(d, k->arena, out, &why))
        return true;
    if (why.kind != ERROR_REJECT) {
        *e = why;
        return false;
    }
    xml_findings_add(k->f, (struct xml_finding){
                               .rule = STR("form"),
                               .where = STR("/"),
                               .text = arena_copy(k->arena, str_of(why.text)),
                               .code = str_of(why.code == NULL ? "SV/structure" : why.code),
                           });
    return true;
}

bool sdk_message_check(const struct sdk_checks *c, const struct xml_doc *d, struct arena *a,
                       struct sdk_message *out, struct xml_findings *f, struct error *e)
{
    struct checking k = {c, a, f, 0};
    struct sdk_message got = {0};
    size_t before = f->count;
    if (c->octets > (uint64_t)c->federation->message_octets)
        find_too_long(&k, (uint64_t)c->federation->message_octets);
    if (f->count > before)
        return true;
    if (!judge_check(c->judge, d, c->side, a, f, e))
        return false;
    if (f->count > before)
        return true;
    if (!read_message(&k, d, &got, e))
        return false;
    if (f->count > before)
        return true;
    if (!check_contents(&k, &got, e))
        return false;
    if (f->count == before)
        *out = got;
    return true;
}

/* Participant identifiers are compared as SMP does: without regard to case (spec/sdk.md 6.1). */
static void match(struct xml_findings *f, struct str one, struct str two, const char *where,
                  const char *text)
{
    if (str_equal_nocase(str_trim(one), str_trim(two)))
        return;
    xml_findings_add(f, (struct xml_finding){
                            .rule = STR("envelope"),
                            .where = str_of(where),
                            .text = str_of(text),
                            .code = STR("BV/security"),
                        });
}

#define HEADER "/m:messagePayload/m:message/m:messageHeader"

void sdk_message_match(const struct sdk_message *m, const struct sdk_envelope *x,
                       struct xml_findings *f)
{
    match(f, m->recipient.id.extension, x->to, HEADER "/m:recipient/m:recipientID/m:extension",
          "recipientId is not identical to value in XHE envelope.");
    match(f, m->sender.id.extension, x->from, HEADER "/m:sender/m:senderID/m:extension",
          "senderID is not identical to value in XHE envelope.");
    match(f, m->recipient.attention.organization.extension, x->handling_service,
          HEADER "/m:recipient/m:attention/m:subOrganization/m:organizationId/m:extension",
          "ns:subOrganization/ns:organizationId must equal xha:HandlingServiceID");
    match(f, m->id, x->id, HEADER "/m:messageId",
          "messageId is not identical to the ID of the XHE envelope.");
}
