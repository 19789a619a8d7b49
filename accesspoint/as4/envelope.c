/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/envelope.h"

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/names.h"

void as4_envelope_release(struct as4_envelope *v)
{
    xml_doc_free(v->doc);
    v->doc = NULL;
}

static bool invalid(struct error *e, const char *what)
{
    return error_code(e, ERROR_REJECT, EBMS_INVALID_HEADER, "%s", what);
}

static bool find_blocks(struct as4_envelope *v, struct error *e)
{
    const struct xml_node *root = xml_root(v->doc);
    if (xml_is(root, NS_SOAP11, "Envelope"))
        return invalid(e, "SOAP 1.1; eDelivery AS4 is SOAP 1.2");
    if (!xml_is(root, NS_SOAP12, "Envelope"))
        return invalid(e, "the document is no SOAP 1.2 envelope");
    if (xml_count(root, NS_SOAP12, "Header") != 1 || xml_count(root, NS_SOAP12, "Body") != 1)
        return invalid(e, "a SOAP envelope has one Header and one Body");
    v->header = xml_first(root, NS_SOAP12, "Header");
    v->body = xml_first(root, NS_SOAP12, "Body");
    if (xml_count(v->header, NS_EB, "Messaging") != 1)
        return invalid(e, "the SOAP header wants one eb:Messaging");
    v->messaging = xml_first(v->header, NS_EB, "Messaging");
    if (xml_count(v->header, NS_WSSE, "Security") > 1)
        return error_code(e, ERROR_DENY, EBMS_POLICY, "more than one wsse:Security header");
    v->security = xml_first(v->header, NS_WSSE, "Security");
    v->has_fault = xml_first(v->body, NS_SOAP12, "Fault") != NULL;
    v->body_is_empty = xml_first(v->body, NULL, NULL) == NULL && !xml_has_text(v->body);
    return true;
}

static bool must_be_understood(const struct xml_node *block, struct arena *a)
{
    struct str value;
    return xml_attribute(block, NS_SOAP12, "mustUnderstand", a, &value) &&
           (str_is(str_trim(value), "true") || str_is(str_trim(value), "1"));
}

static bool check_understood(const struct as4_envelope *v, struct arena *a, struct error *e)
{
    const struct xml_node *n = xml_first(v->header, NULL, NULL);
    for (; n != NULL; n = xml_next(n, NULL, NULL)) {
        if (n == v->messaging || n == v->security || !must_be_understood(n, a))
            continue;
        return error_code(e, ERROR_REJECT, EBMS_FEATURE_NOT_SUPPORTED,
                          "header block '%.*s' must be understood and is not",
                          STR_ARG(xml_name(n)));
    }
    return true;
}

bool as4_envelope_read(struct str octets, struct arena *a, struct as4_envelope *out,
                       struct error *e)
{
    AUTO_AS4_ENVELOPE v = {0};
    /* Stacks such as WSS4J declare their prefixes anew for each payload; all canonicalisation here is
     * exclusive, whose cost does not grow with what is declared and not used. */
    struct xml_limits limits = xml_limits_envelope;
    limits.namespaces = 2048;
    if (!xml_read(octets, &limits, &v.doc, e)) {
        if (e->kind == ERROR_REJECT)
            e->code = EBMS_INVALID_HEADER;
        return false;
    }
    if (!find_blocks(&v, e) || !check_understood(&v, a, e))
        return false;
    if (!xml_ids_collect(v.doc, a, &v.ids, e)) {
        if (e->kind != ERROR_REJECT)
            return false;
        e->kind = ERROR_DENY;
        e->code = EBMS_POLICY;
        return false;
    }
    *out = v;
    v.doc = NULL;
    return true;
}
