/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/sdk/federation.h"

#include <stddef.h>

#define EBMS         "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
#define UBL_RESPONSE "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"
#define MESSAGE_NS   "urn:riv:infrastructure:messaging:MessageWithAttachments:3"

#define AT(field) offsetof(struct federation, field)
#define TEXT(key, field, fallback, help)                           \
    {                                                              \
        key, SETTING_TEXT, AT(field), 1, 512, fallback, help, NULL \
    }

static const struct setting settings[] = {
    TEXT("federation-id", id, NULL, "FEDERATIONID of every envelope."),
    TEXT("party-type", party_type, "urn:fdc:digg.se:edelivery:transportprofile:as4:partytype:ap",
         "Type of the access points' PartyId."),
    TEXT("initiator-role", initiator_role, EBMS "initiator", "Role of the sending access point."),
    TEXT("responder-role", responder_role, EBMS "responder", "Role of the receiving access point."),
    TEXT("mpc", mpc, EBMS "defaultMPC", "Message partition channel of AS4."),
    TEXT("participant-scheme", participant_scheme, "iso6523-actorid-upis",
         "Scheme of participant identifiers."),
    TEXT("process", process, "bdx:noprocess", "Process identifier, and AS4 Service."),
    TEXT("process-scheme", process_scheme, "urn:fdc:digg.se:edelivery:process",
         "Scheme of the process, and type of the AS4 Service."),
    TEXT("document-scheme", document_scheme, "busdox-docid-qns", "Scheme of document identifiers."),
    TEXT("message-document", message_document,
         MESSAGE_NS "::messagePayload##3.0::tm-base-ext-sigenc", "DocumentIdentifier of messages."),
    TEXT("receipt-document", receipt_document,
         UBL_RESPONSE "::ApplicationResponse##fdc:digg.se:edelivery:messagetype:response:1::2.1"
                      "::tm-base-ext-sigenc",
         "DocumentIdentifier of message receipts."),
    TEXT("message-type", message_type, "Q{" MESSAGE_NS "}messagePayload",
         "DocumentTypeCode of messages."),
    TEXT("receipt-type", receipt_type, "Q{" UBL_RESPONSE "}ApplicationResponse",
         "DocumentTypeCode of message receipts."),
    {"transport-profiles", SETTING_LIST, AT(transport_profiles), 1, 16,
     "digg-transport-as4-v1_2 digg-transport-as4-v1_0",
     "Transport profiles accepted in SMP metadata, best first.", NULL},
    TEXT("address-root", address_root, "urn:riv:infrastructure:messaging:functionalAddress",
         "Root of function addresses."),
    TEXT("certpub-extension", certpub_extension,
         "urn:fdc:digg.se:edelivery:xml-extension:smp-certpub:1.0",
         "ExtensionID of published certificates."),
    TEXT("certpub-signing", certpub_signing, "urn:fdc:digg.se:edelivery:certpub:signing-cert",
         "TypeCode of certificates that sign envelopes."),
    TEXT("certpub-encryption", certpub_encryption,
         "urn:fdc:digg.se:edelivery:certpub:encryption-cert",
         "TypeCode of certificates that envelopes are encrypted to."),
    {"gcm-accepted", SETTING_BOOLEAN, AT(gcm_accepted), 0, 0, "no",
     "Whether envelopes encrypted with AES-256-GCM are taken.", NULL},
    {"duplicate-repeats-receipt", SETTING_BOOLEAN, AT(duplicate_repeats_receipt), 0, 0, "yes",
     "Whether an envelope that comes again octet by octet gets its receipt again.", NULL},
    {"send-octets", SETTING_SIZE, AT(send_octets), 1, INT64_C(1) << 40, "22000000",
     "Most octets of files and texts in a message that is sent.", NULL},
    {"message-octets", SETTING_SIZE, AT(message_octets), 1, INT64_C(1) << 40, "42000000",
     "Most octets of a message that is received, as XML.", NULL},
    {"content-octets", SETTING_SIZE, AT(content_octets), 1, INT64_C(1) << 40, "31457280",
     "Most octets of files and texts in a message that is received.", NULL},
    {"content-types", SETTING_LIST, AT(content_types), 0, 200, "",
     "Media types of files that are taken; none: all.", NULL},
    {0},
};

static const struct settings_section federation_sections[] = {
    {"federation", settings, sizeof(struct federation), false, 0,
     "What the federation decides; the fallbacks are those of its v1.0 documents."},
    {0},
};

bool federation_read(const char *path, struct settings **owner, const struct federation **out,
                     struct error *e)
{
    struct settings *all = NULL;
    if (!settings_read(path, federation_sections, &all, e))
        return false;
    *owner = all;
    *out = settings_section(all, "federation");
    return true;
}
