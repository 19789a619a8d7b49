/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/xhe/envelope.h"

#include <stddef.h>

#include "accesspoint/xhe/names.h"
#include "runtime/base/clock.h"
#include "runtime/xml/c14n.h"

enum { VALUE_MAX = 1024 };

static const struct {
    const char *type;
    size_t at;
} criteria[] = {
    {"DOCUMENTID", offsetof(struct xhe, document)},
    {"DOCUMENTID_SCHEME", offsetof(struct xhe, document_scheme)},
    {"PROCESSID", offsetof(struct xhe, process)},
    {"PROCESSID_SCHEME", offsetof(struct xhe, process_scheme)},
    {"FEDERATIONID", offsetof(struct xhe, federation)},
};

static bool read_value(const struct xml_node *parent, const char *name, struct arena *a,
                       struct str *out, struct error *e)
{
    const struct xml_node *n;
    return xml_one(parent, XHE_BASIC_NS, name, &n, e) && xml_trimmed(n, a, VALUE_MAX, out, e);
}

static bool read_criterion(const struct xml_node *n, struct arena *a, struct xhe *out,
                           struct error *e)
{
    struct str type, value;
    if (!read_value(n, "BusinessScopeCriterionTypeCode", a, &type, e) ||
        !read_value(n, "BusinessScopeCriterionValue", a, &value, e))
        return false;
    for (size_t i = 0; i < sizeof(criteria) / sizeof(criteria[0]); i++) {
        struct str *at = (struct str *)(void *)((char *)out + criteria[i].at);
        if (str_is(type, criteria[i].type))
            *at = value;
    }
    return true;
}

static bool read_party(const struct xml_node *header, const char *name, struct arena *a,
                       struct str *out, struct error *e)
{
    const struct xml_node *party, *identification;
    return xml_one(header, XHE_AGGREGATE_NS, name, &party, e) &&
           xml_one(party, XHE_AGGREGATE_NS, "PartyIdentification", &identification, e) &&
           read_value(identification, "ID", a, out, e);
}

static bool read_header(const struct xml_node *root, struct arena *a, struct xhe *out,
                        struct error *e)
{
    const struct xml_node *header, *scope;
    if (!xml_one(root, XHE_AGGREGATE_NS, "Header", &header, e) ||
        !read_value(header, "ID", a, &out->id, e) ||
        !read_value(header, "CreationDateTime", a, &out->created, e) ||
        !clock_parse(out->created, &out->created_ms, NULL, e) ||
        !xml_one(header, XHE_AGGREGATE_NS, "BusinessScope", &scope, e))
        return false;
    const struct xml_node *n = xml_first(scope, XHE_AGGREGATE_NS, "BusinessScopeCriterion");
    for (; n != NULL; n = xml_next(n, XHE_AGGREGATE_NS, "BusinessScopeCriterion")) {
        if (!read_criterion(n, a, out, e))
            return false;
    }
    return read_party(header, "FromParty", a, &out->from, e) &&
           read_party(header, "ToParty", a, &out->to, e);
}

static bool read_payload(const struct xml_node *root, struct arena *a, struct xhe *out,
                         struct error *e)
{
    const struct xml_node *payloads, *payload;
    struct str indicator;
    if (!xml_one(root, XHE_AGGREGATE_NS, "Payloads", &payloads, e) ||
        !xml_one(payloads, XHE_AGGREGATE_NS, "Payload", &payload, e) ||
        !read_value(payload, "DocumentTypeCode", a, &out->document_type, e) ||
        !read_value(payload, "ContentTypeCode", a, &out->content_type, e) ||
        !read_value(payload, "InstanceEncryptionIndicator", a, &indicator, e) ||
        !xml_one(payload, XHE_AGGREGATE_NS, "PayloadContent", &out->content, e))
        return false;
    out->is_encrypted = str_is(indicator, "true") || str_is(indicator, "1");
    out->encrypted_data = xml_first(out->content, XENC_NS, "EncryptedData");
    return xml_first(payload, XHE_BASIC_NS, "HandlingServiceID") == NULL ||
           read_value(payload, "HandlingServiceID", a, &out->handling_service, e);
}

bool xhe_read(const struct xml_doc *d, struct arena *a, struct xhe *out, struct error *e)
{
    struct xhe got = {0};
    const struct xml_node *root = xml_root(d);
    if (!read_header(root, a, &got, e) || !read_payload(root, a, &got, e))
        return false;
    got.signature = xml_first(root, DS_NS, "Signature");
    got.signature_count = xml_count(root, DS_NS, "Signature");
    *out = got;
    return true;
}

/* Encrypted or not is said by the indicator; beside EncryptedData nothing may stand, and what is clear
 * is one element or text (R12 and R13 do not see a second child). */
static void check_content(const struct xhe *x, struct arena *a, struct xml_findings *f)
{
    if (xml_count(x->content, NULL, NULL) > 1)
        judge_find(f, a, "R14-XHE", "XHE/profile", x->content,
                   "PayloadContent must hold one payload.");
}

bool xhe_check(const struct judge *j, const struct xml_doc *d, struct arena *a, struct xhe *out,
               struct xml_findings *f, struct error *e)
{
    size_t before = f->count;
    struct error why = {0};
    struct xhe got = {0};
    if (!judge_check(j, d, JUDGE_RECEIVED, a, f, e))
        return false;
    if (f->count > before)
        return true;
    if (!xhe_read(d, a, &got, &why)) {
        if (why.kind != ERROR_REJECT) {
            *e = why;
            return false;
        }
        judge_find(f, a, "form", "XHE/profile", NULL, arena_text(a, str_of(why.text)));
        return true;
    }
    check_content(&got, a, f);
    if (f->count == before)
        *out = got;
    return true;
}

static bool is_document(const struct xhe *x, const struct federation *f, struct str document)
{
    return str_equal_nocase(x->document_scheme, f->document_scheme) &&
           str_equal_nocase(x->document, document);
}

enum xhe_kind xhe_kind_of(const struct xhe *x, const struct federation *f)
{
    if (is_document(x, f, f->message_document))
        return XHE_MESSAGE;
    return is_document(x, f, f->receipt_document) ? XHE_RECEIPT : XHE_OTHER;
}

static bool fits(struct str got, struct str expected, const char *name, struct error *e)
{
    if (str_equal_nocase(got, expected))
        return true;
    return error_code(e, ERROR_REJECT, "XHE/profile", "%s must be %.*s in this federation", name,
                      STR_ARG(expected));
}

bool xhe_fits(const struct xhe *x, const struct federation *f, struct error *e)
{
    enum xhe_kind kind = xhe_kind_of(x, f);
    if (kind == XHE_OTHER)
        return error_code(e, ERROR_REJECT, "XHE/profile",
                          "DOCUMENTID is neither that of messages nor that of receipts");
    struct str type = kind == XHE_MESSAGE ? f->message_type : f->receipt_type;
    if (!str_equal(x->document_type, type))
        return error_code(e, ERROR_REJECT, "XHE/profile",
                          "DocumentTypeCode must be %.*s, as DOCUMENTID says", STR_ARG(type));
    return fits(x->federation, f->id, "FEDERATIONID", e) &&
           fits(x->process, f->process, "PROCESSID", e) &&
           fits(x->process_scheme, f->process_scheme, "PROCESSID_SCHEME", e) &&
           fits(x->content_type, STR("application/xml"), "ContentTypeCode", e);
}

bool xhe_payload_write(const struct xml_doc *d, const struct xhe *x, struct sink *out,
                       struct error *e)
{
    static const struct c14n_options options = {.type = C14N_1_0};
    const struct xml_node *payload = xml_first(x->content, NULL, NULL);
    if (payload == NULL || x->encrypted_data != NULL)
        return error_set(e, ERROR_REJECT, "the envelope's payload is not XML in clear");
    return c14n_write(d, payload, &options, out, e) && sink_finish(out, e);
}
