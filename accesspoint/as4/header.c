/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/header.h"

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/field.h"
#include "accesspoint/as4/names.h"
#include "accesspoint/as4/part_info.h"
#include "accesspoint/as4/signal_read.h"
#include "runtime/base/clock.h"

/* Where the texts of an eb:MessageInfo go: user messages and signals both have one. */
struct info_places {
    struct str *message_id, *ref_to_message_id, *timestamp;
    int64_t *timestamp_ms;
};

static bool read_timestamp(const struct xml_node *info, struct arena *a, struct str *text,
                           int64_t *ms, struct error *e)
{
    const struct as4_field field = {"Timestamp", true, false};
    if (!as4_field_text(info, &field, a, text, e))
        return false;
    if (clock_parse(*text, ms, NULL, e))
        return true;
    error_clear(e);
    return as4_field_refuse(info, e, EBMS_INVALID_HEADER,
                            "eb:Timestamp is no xsd:dateTime such as 2026-11-20T12:00:00.123Z");
}

/* The id first: whatever is wrong later, the answer can name the message. */
static bool read_message_info(const struct xml_node *parent, struct arena *a,
                              const struct info_places *out, struct error *e)
{
    const struct as4_field id = {"MessageId", true, false};
    const struct as4_field ref = {"RefToMessageId", false, false};
    const struct xml_node *info;
    return as4_field_child(parent, "MessageInfo", true, &info, e) &&
           as4_field_text(info, &id, a, out->message_id, e) &&
           as4_field_only(info, "Timestamp|MessageId|RefToMessageId", e) &&
           as4_field_text(info, &ref, a, out->ref_to_message_id, e) &&
           read_timestamp(info, a, out->timestamp, out->timestamp_ms, e);
}

static bool read_typed(const struct xml_node *parent, const char *name, struct arena *a,
                       struct str *type, struct str *value, struct error *e)
{
    const struct xml_node *n;
    return as4_field_child(parent, name, true, &n, e) &&
           as4_field_attribute(n, "type", a, type, e) &&
           as4_field_own_text(n, AS4_TEXT_MAX, a, value, e);
}

static bool read_party(const struct xml_node *info, const char *name, struct arena *a,
                       struct as4_party *out, struct error *e)
{
    const struct as4_field role = {"Role", true, false};
    const struct xml_node *party;
    return as4_field_child(info, name, true, &party, e) &&
           as4_field_only(party, "PartyId|Role", e) &&
           read_typed(party, "PartyId", a, &out->type, &out->id, e) &&
           as4_field_text(party, &role, a, &out->role, e);
}

static bool read_parties(const struct xml_node *message, struct arena *a,
                         struct as4_user_message *out, struct error *e)
{
    const struct xml_node *info;
    return as4_field_child(message, "PartyInfo", true, &info, e) &&
           as4_field_only(info, "From|To", e) && read_party(info, "From", a, &out->from, e) &&
           read_party(info, "To", a, &out->to, e);
}

static bool read_agreement(const struct xml_node *info, struct arena *a,
                           struct as4_user_message *out, struct error *e)
{
    const struct xml_node *n;
    if (!as4_field_child(info, "AgreementRef", false, &n, e))
        return false;
    if (n == NULL)
        return true;
    return as4_field_attribute(n, "type", a, &out->agreement_type, e) &&
           as4_field_attribute(n, "pmode", a, &out->agreement_pmode, e) &&
           as4_field_own_text(n, AS4_TEXT_MAX, a, &out->agreement, e);
}

static bool read_collaboration(const struct xml_node *message, struct arena *a,
                               struct as4_user_message *out, struct error *e)
{
    const struct as4_field action = {"Action", true, false};
    const struct as4_field conversation = {"ConversationId", true, true};
    const struct xml_node *info;
    return as4_field_child(message, "CollaborationInfo", true, &info, e) &&
           as4_field_only(info, "AgreementRef|Service|Action|ConversationId", e) &&
           read_agreement(info, a, out, e) &&
           read_typed(info, "Service", a, &out->service_type, &out->service, e) &&
           as4_field_text(info, &action, a, &out->action, e) &&
           as4_field_text(info, &conversation, a, &out->conversation_id, e);
}

/* Two different values for one of the four corners: which one would be believed? */
static bool refuse_doubles(const struct xml_node *n, const struct as4_user_message *m,
                           struct error *e)
{
    static const char *const once[] = {"originalSender", "finalRecipient", "trackingIdentifier"};
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
        size_t count = 0;
        for (size_t k = 0; k < m->property_count; k++)
            count += str_is(m->properties[k].name, once[i]) ? 1 : 0;
        if (count > 1)
            return as4_field_refuse(n, e, EBMS_VALUE_INCONSISTENT,
                                    "originalSender, finalRecipient and trackingIdentifier may be "
                                    "there once");
    }
    return true;
}

static bool read_message_properties(const struct xml_node *message, struct arena *a,
                                    struct as4_user_message *out, struct error *e)
{
    const struct xml_node *n;
    if (!as4_field_child(message, "MessageProperties", false, &n, e))
        return false;
    if (n == NULL)
        return true;
    return as4_properties_read(n, a, &out->properties, &out->property_count, e) &&
           refuse_doubles(n, out, e);
}

static bool read_user(const struct xml_node *n, struct arena *a, struct as4_user_message *out,
                      struct error *e)
{
    const struct info_places places = {&out->message_id, &out->ref_to_message_id, &out->timestamp,
                                       &out->timestamp_ms};
    if (!read_message_info(n, a, &places, e) ||
        !as4_field_only(n, "MessageInfo|PartyInfo|CollaborationInfo|MessageProperties|PayloadInfo",
                        e) ||
        !as4_field_attribute(n, "mpc", a, &out->mpc, e))
        return false;
    if (out->mpc.len == 0)
        out->mpc = STR(AS4_DEFAULT_MPC);
    return read_parties(n, a, out, e) && read_collaboration(n, a, out, e) &&
           read_message_properties(n, a, out, e) &&
           as4_parts_read(n, a, &out->parts, &out->part_count, e);
}

static bool read_signals(const struct xml_node *messaging, size_t count, struct arena *a,
                         struct as4_messaging *out, struct error *e)
{
    out->signals = arena_array(a, count, sizeof(out->signals[0]));
    const struct xml_node *n = xml_first(messaging, NS_EB, "SignalMessage");
    for (; n != NULL; n = xml_next(n, NS_EB, "SignalMessage")) {
        struct as4_signal *s = &out->signals[out->signal_count++];
        const struct info_places places = {&s->message_id, &s->ref_to_message_id, &s->timestamp,
                                           &s->timestamp_ms};
        if (!read_message_info(n, a, &places, e) || !as4_signal_read(n, a, s, e))
            return false;
    }
    return true;
}

static bool check_children(const struct xml_node *messaging, struct error *e)
{
    const struct xml_node *n = xml_first(messaging, NULL, NULL);
    for (; n != NULL; n = xml_next(n, NULL, NULL)) {
        bool is_ours = xml_is(n, NS_EB, "UserMessage") || xml_is(n, NS_EB, "SignalMessage");
        if (!is_ours && str_is(xml_ns(n), NS_EB))
            return as4_field_refuse(n, e, EBMS_INVALID_HEADER, "does not belong here");
    }
    return true;
}

bool as4_header_read(const struct xml_node *messaging, struct arena *a, struct as4_messaging *out,
                     struct error *e)
{
    size_t users = xml_count(messaging, NS_EB, "UserMessage");
    size_t signals = xml_count(messaging, NS_EB, "SignalMessage");
    out->kind = users > 0 ? AS4_USER_MESSAGE : AS4_SIGNALS;
    if (users + signals == 0)
        return as4_field_refuse(messaging, e, EBMS_INVALID_HEADER, "holds no message");
    if (signals > AS4_SIGNALS_MAX)
        return as4_field_refuse(messaging, e, EBMS_INVALID_HEADER, "holds too many signals");
    if (!check_children(messaging, e))
        return false;
    if (users == 0)
        return read_signals(messaging, signals, a, out, e);
    if (!read_user(xml_first(messaging, NS_EB, "UserMessage"), a, &out->user, e))
        return false;
    if (users > 1)
        return as4_field_refuse(messaging, e, EBMS_INVALID_HEADER,
                                "holds two UserMessages; AS4 takes one");
    return true;
}
