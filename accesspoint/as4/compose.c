/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/as4/test_out.c */
#include "accesspoint/as4/compose.h"

#include "accesspoint/as4/names.h"
#include "runtime/base/clock.h"

/* Exclusive canonical form: namespaces by prefix, then attributes by namespace URI. */
#define MESSAGING_BEGIN                                                                    \
    "<eb:Messaging xmlns:S12=\"" NS_SOAP12 "\" xmlns:eb=\"" NS_EB "\" xmlns:wsu=\"" NS_WSU \
    "\" wsu:Id=\"" AS4_ID_MESSAGING "\" S12:mustUnderstand=\"true\">"
#define MESSAGING_END "</eb:Messaging>"
#define BODY_BEGIN \
    "<S12:Body xmlns:S12=\"" NS_SOAP12 "\" xmlns:wsu=\"" NS_WSU "\" wsu:Id=\"" AS4_ID_BODY "\">"

static void put_attribute(struct xml_writer *w, const char *lead, struct str value)
{
    if (value.at == NULL)
        return;
    xml_put(w, str_of(lead));
    xml_put_attribute(w, value);
    xml_put(w, STR("\""));
}

/* Three digits of a second, the last never 0: a Domibus that re-serialises the header before it
 * verifies drops a trailing zero, and one reads no other number of digits (spec/as4.md P31). */
static void put_timestamp(struct xml_writer *w, int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];
    xml_put_element(w, "eb:Timestamp", str_of(clock_format(ms % 10 == 0 ? ms + 1 : ms, text)));
}

static void put_message_info(struct xml_writer *w, int64_t ms, struct str id, struct str ref)
{
    xml_put(w, STR("<eb:MessageInfo>"));
    put_timestamp(w, ms);
    xml_put_element(w, "eb:MessageId", id);
    xml_put_element(w, "eb:RefToMessageId", ref);
    xml_put(w, STR("</eb:MessageInfo>"));
}

static void put_typed(struct xml_writer *w, const char *name, struct str type, struct str value)
{
    xml_put(w, STR("<"));
    xml_put(w, str_of(name));
    put_attribute(w, " type=\"", type);
    xml_put(w, STR(">"));
    xml_put_text(w, value);
    xml_put(w, STR("</"));
    xml_put(w, str_of(name));
    xml_put(w, STR(">"));
}

static void put_party(struct xml_writer *w, const struct as4_party *p)
{
    put_typed(w, "eb:PartyId", p->type, p->id);
    xml_put_element(w, "eb:Role", p->role);
}

static void put_parties(struct xml_writer *w, const struct as4_user_message *m)
{
    xml_put(w, STR("<eb:PartyInfo><eb:From>"));
    put_party(w, &m->from);
    xml_put(w, STR("</eb:From><eb:To>"));
    put_party(w, &m->to);
    xml_put(w, STR("</eb:To></eb:PartyInfo>"));
}

static void put_collaboration(struct xml_writer *w, const struct as4_user_message *m)
{
    xml_put(w, STR("<eb:CollaborationInfo>"));
    if (m->agreement.at != NULL) {
        xml_put(w, STR("<eb:AgreementRef"));
        put_attribute(w, " pmode=\"", m->agreement_pmode);
        put_attribute(w, " type=\"", m->agreement_type);
        xml_put(w, STR(">"));
        xml_put_text(w, m->agreement);
        xml_put(w, STR("</eb:AgreementRef>"));
    }
    put_typed(w, "eb:Service", m->service_type, m->service);
    xml_put_element(w, "eb:Action", m->action);
    xml_put_element(w, "eb:ConversationId", m->conversation_id);
    xml_put(w, STR("</eb:CollaborationInfo>"));
}

static void put_property(struct xml_writer *w, struct str name, struct str type, struct str value)
{
    xml_put(w, STR("<eb:Property name=\""));
    xml_put_attribute(w, name);
    xml_put(w, STR("\""));
    put_attribute(w, " type=\"", type);
    xml_put(w, STR(">"));
    xml_put_text(w, value);
    xml_put(w, STR("</eb:Property>"));
}

static void put_properties(struct xml_writer *w, const struct as4_property *p, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_property(w, p[i].name, p[i].type, p[i].value);
}

static void put_part(struct xml_writer *w, const struct as4_part_info *p)
{
    xml_put(w, STR("<eb:PartInfo href=\"cid:"));
    xml_put_attribute(w, p->cid);
    xml_put(w, STR("\"><eb:PartProperties>"));
    put_property(w, STR("MimeType"), STR_NONE, p->mime_type);
    if (p->charset.at != NULL)
        put_property(w, STR("CharacterSet"), STR_NONE, p->charset);
    if (p->compressed)
        put_property(w, STR("CompressionType"), STR_NONE, STR(TYPE_GZIP));
    put_properties(w, p->properties, p->property_count);
    xml_put(w, STR("</eb:PartProperties></eb:PartInfo>"));
}

static void put_user_message(struct xml_writer *w, const struct as4_user_message *m)
{
    xml_put(w, STR(MESSAGING_BEGIN "<eb:UserMessage"));
    put_attribute(w, " mpc=\"", m->mpc);
    xml_put(w, STR(">"));
    put_message_info(w, m->timestamp_ms, m->message_id, m->ref_to_message_id);
    put_parties(w, m);
    put_collaboration(w, m);
    if (m->property_count > 0) {
        xml_put(w, STR("<eb:MessageProperties>"));
        put_properties(w, m->properties, m->property_count);
        xml_put(w, STR("</eb:MessageProperties>"));
    }
    if (m->part_count > 0) {
        xml_put(w, STR("<eb:PayloadInfo>"));
        for (size_t i = 0; i < m->part_count; i++)
            put_part(w, &m->parts[i]);
        xml_put(w, STR("</eb:PayloadInfo>"));
    }
    xml_put(w, STR("</eb:UserMessage>" MESSAGING_END));
}

static bool check_text(const char *what, struct str text, bool required, size_t most,
                       struct error *e)
{
    if (text.len == 0 && required)
        return error_set(e, ERROR_BUG, "the AS4 message has no %s", what);
    if (text.len > most)
        return error_set(e, ERROR_BUG, "%s has %zu octets; at most %zu", what, text.len, most);
    if (text.len > 0 && !xml_text_is_legal(text))
        return error_set(e, ERROR_BUG, "%s holds characters that XML cannot carry", what);
    return true;
}

static bool check_properties(const struct as4_property *p, size_t count, struct error *e)
{
    if (count > AS4_PROPERTIES_MAX)
        return error_set(e, ERROR_BUG, "%zu properties; at most %d", count, AS4_PROPERTIES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!check_text("the name of a property", p[i].name, true, AS4_TEXT_MAX, e) ||
            !check_text("the type of a property", p[i].type, false, AS4_TEXT_MAX, e) ||
            !check_text("the value of a property", p[i].value, true, AS4_VALUE_MAX, e))
            return false;
    }
    return true;
}

static bool check_parts(const struct as4_user_message *m, struct error *e)
{
    for (size_t i = 0; i < m->part_count; i++) {
        const struct as4_part_info *p = &m->parts[i];
        if (!check_text("the cid of a part", p->cid, true, AS4_TEXT_MAX, e) ||
            !check_text("the MimeType of a part", p->mime_type, true, AS4_TEXT_MAX, e) ||
            !check_text("the CharacterSet of a part", p->charset, false, AS4_TEXT_MAX, e) ||
            !check_properties(p->properties, p->property_count, e))
            return false;
    }
    return true;
}

static bool check_user_message(const struct as4_user_message *m, struct error *e)
{
    const struct {
        const char *what;
        struct str text;
        bool required;
    } rows[] = {
        {"MessageId", m->message_id, true},
        {"RefToMessageId", m->ref_to_message_id, false},
        {"mpc", m->mpc, false},
        {"From/PartyId", m->from.id, true},
        {"From/PartyId type", m->from.type, false},
        {"From/Role", m->from.role, true},
        {"To/PartyId", m->to.id, true},
        {"To/PartyId type", m->to.type, false},
        {"To/Role", m->to.role, true},
        {"AgreementRef", m->agreement, false},
        {"AgreementRef type", m->agreement_type, false},
        {"AgreementRef pmode", m->agreement_pmode, false},
        {"Service", m->service, true},
        {"Service type", m->service_type, false},
        {"Action", m->action, true},
        {"ConversationId", m->conversation_id, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!check_text(rows[i].what, rows[i].text, rows[i].required, AS4_TEXT_MAX, e))
            return false;
    }
    return check_properties(m->properties, m->property_count, e) && check_parts(m, e);
}

bool as4_compose_user(const struct as4_user_message *m, struct buf *out, struct error *e)
{
    if (!check_user_message(m, e))
        return false;
    struct xml_writer w = xml_writer_into(out, e);
    put_user_message(&w, m);
    return xml_flush(&w);
}

static void put_signal_begin(struct xml_writer *w, const struct as4_signal_head *h)
{
    xml_put(w, STR(MESSAGING_BEGIN "<eb:SignalMessage>"));
    put_message_info(w, h->now_ms, h->message_id, h->ref_to_message_id);
}

#define SIGNAL_END "</eb:SignalMessage>" MESSAGING_END

bool as4_compose_receipt(const struct as4_signal_head *h, const struct str *references,
                         size_t count, struct buf *out, struct error *e)
{
    struct xml_writer w = xml_writer_into(out, e);
    put_signal_begin(&w, h);
    xml_put(&w, STR("<eb:Receipt><ebbp:NonRepudiationInformation xmlns:ebbp=\"" NS_EBBP "\">"));
    for (size_t i = 0; i < count; i++) {
        xml_put(&w, STR("<ebbp:MessagePartNRInformation>"));
        xml_put(&w, references[i]);
        xml_put(&w, STR("</ebbp:MessagePartNRInformation>"));
    }
    xml_put(&w, STR("</ebbp:NonRepudiationInformation></eb:Receipt>" SIGNAL_END));
    return xml_flush(&w);
}

bool as4_compose_error(const struct as4_signal_head *h, const struct as4_answer *answer,
                       struct buf *out, struct error *e)
{
    const struct as4_error_code *code = answer->code;
    struct xml_writer w = xml_writer_into(out, e);
    put_signal_begin(&w, h);
    xml_put(&w, STR("<eb:Error"));
    put_attribute(&w, " category=\"", str_of(code->category));
    put_attribute(&w, " errorCode=\"", str_of(code->code));
    put_attribute(&w, " origin=\"", str_of(code->origin));
    put_attribute(&w, " refToMessageInError=\"", h->ref_to_message_id);
    put_attribute(&w, " severity=\"", code->is_warning ? STR("warning") : STR("failure"));
    put_attribute(&w, " shortDescription=\"", str_of(code->short_description));
    xml_put(&w, STR("><eb:Description xml:lang=\"en\">"));
    xml_put_text(&w, str_of(code->short_description));
    xml_put(&w, STR("</eb:Description>"));
    xml_put_element(&w, "eb:ErrorDetail", str_of(answer->detail));
    xml_put(&w, STR("</eb:Error>" SIGNAL_END));
    return xml_flush(&w);
}

bool as4_compose_pull(const struct as4_signal_head *h, struct str mpc, struct buf *out,
                      struct error *e)
{
    struct xml_writer w = xml_writer_into(out, e);
    put_signal_begin(&w, h);
    xml_put(&w, STR("<eb:PullRequest"));
    put_attribute(&w, " mpc=\"", mpc);
    xml_put(&w, STR("></eb:PullRequest>" SIGNAL_END));
    return xml_flush(&w);
}

bool as4_compose_body(const struct as4_answer *fault, struct buf *out, struct error *e)
{
    struct xml_writer w = xml_writer_into(out, e);
    xml_put(&w, STR(BODY_BEGIN));
    if (fault != NULL) {
        xml_put(&w, STR("<S12:Fault><S12:Code><S12:Value>"));
        xml_put(&w, fault->http_status == 503 ? STR("S12:Receiver") : STR("S12:Sender"));
        xml_put(&w, STR("</S12:Value></S12:Code><S12:Reason><S12:Text xml:lang=\"en\">"));
        xml_put_text(&w, str_of(fault->code->code));
        xml_put(&w, STR(" "));
        xml_put_text(&w, str_of(fault->code->short_description));
        xml_put(&w, STR("</S12:Text></S12:Reason></S12:Fault>"));
    }
    xml_put(&w, STR("</S12:Body>"));
    return xml_flush(&w);
}
