/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/smp/test_metadata.c */
#include "accesspoint/smp/service.h"

#include "runtime/base/clock.h"

#define SMC_NS "http://docs.oasis-open.org/bdxr/ns/SMP/2/AggregateComponents"
#define SMB_NS "http://docs.oasis-open.org/bdxr/ns/SMP/2/BasicComponents"

enum { VALUE_MAX = 2048, CERT_TEXT_MAX = 64 * 1024 };

struct reader {
    struct arena *arena;
    struct smp_metadata *out;
    struct error *e;
};

static bool read_value(struct reader *r, const struct xml_node *parent, const char *name,
                       struct str *out)
{
    const struct xml_node *n;
    return xml_one(parent, SMP_NS, name, &n, r->e) &&
           xml_trimmed(n, r->arena, VALUE_MAX, out, r->e);
}

static bool read_identifier(struct reader *r, const struct xml_node *parent, const char *name,
                            struct str *scheme, struct str *out)
{
    if (!read_value(r, parent, name, out))
        return false;
    if (!xml_attribute(xml_first(parent, SMP_NS, name), NULL, "scheme", r->arena, scheme))
        *scheme = STR("");
    *scheme = str_trim(*scheme);
    return true;
}

/* A certificate that cannot be read makes its endpoint useless, not the whole answer. */
static struct cert *read_cert(struct reader *r, const struct xml_node *n)
{
    AUTO_CERT struct cert *got = NULL;
    struct error why = {0};
    struct str text;
    if (n == NULL || !xml_text(n, r->arena, CERT_TEXT_MAX, &text, &why) ||
        !cert_from_text(text, &got, &why) || !cert_list_add(&r->out->certs, got))
        return NULL;
    return got; /* the list holds it */
}

static bool read_date(struct reader *r, const struct xml_node *endpoint, const char *name,
                      bool *has, int64_t *out)
{
    struct str text;
    *has = xml_first(endpoint, SMP_NS, name) != NULL;
    return !*has || (read_value(r, endpoint, name, &text) && clock_parse(text, out, NULL, r->e));
}

static bool read_endpoint(struct reader *r, const struct xml_node *n, struct smp_endpoint *out)
{
    if (!xml_attribute(n, NULL, "transportProfile", r->arena, &out->transport_profile))
        return error_set(r->e, ERROR_REJECT, "SMP: an Endpoint without transportProfile");
    out->transport_profile = str_trim(out->transport_profile);
    out->cert = read_cert(r, xml_first(n, SMP_NS, "Certificate"));
    return read_value(r, n, "EndpointURI", &out->url) &&
           read_date(r, n, "ServiceActivationDate", &out->has_activation, &out->activation_ms) &&
           read_date(r, n, "ServiceExpirationDate", &out->has_expiration, &out->expiration_ms);
}

static bool read_process(struct reader *r, const struct xml_node *process)
{
    const struct xml_node *list;
    struct str scheme, id;
    if (!read_identifier(r, process, "ProcessIdentifier", &scheme, &id))
        return false;
    if (xml_first(process, SMP_NS, "Redirect") != NULL)
        return error_set(r->e, ERROR_REJECT, "SMP: a Redirect; this federation has none");
    if (!xml_one(process, SMP_NS, "ServiceEndpointList", &list, r->e))
        return false;
    const struct xml_node *n = xml_first(list, SMP_NS, "Endpoint");
    for (; n != NULL; n = xml_next(n, SMP_NS, "Endpoint")) {
        if (r->out->endpoint_count == SMP_ENDPOINTS_MAX)
            return error_set(r->e, ERROR_REJECT, "SMP: more than %d endpoints", SMP_ENDPOINTS_MAX);
        struct smp_endpoint *endpoint = &r->out->endpoints[r->out->endpoint_count++];
        endpoint->process = id;
        endpoint->process_scheme = scheme;
        if (!read_endpoint(r, n, endpoint))
            return false;
    }
    return true;
}

static bool read_published(struct reader *r, const struct xml_node *n)
{
    const struct xml_node *type, *binary;
    struct smp_published got = {0};
    if (r->out->published_count == SMP_CERTS_MAX)
        return error_set(r->e, ERROR_REJECT, "SMP: more than %d published certificates",
                         SMP_CERTS_MAX);
    if (!xml_one(n, SMB_NS, "TypeCode", &type, r->e) ||
        !xml_trimmed(type, r->arena, VALUE_MAX, &got.type, r->e) ||
        !xml_one(n, SMB_NS, "ContentBinaryObject", &binary, r->e))
        return false;
    got.cert = read_cert(r, binary);
    if (got.cert != NULL)
        r->out->published[r->out->published_count++] = got;
    return true;
}

static bool read_extension(struct reader *r, const struct federation *f,
                           const struct xml_node *extension)
{
    struct str id;
    if (xml_first(extension, SMP_NS, "ExtensionID") == NULL)
        return true;
    if (!read_value(r, extension, "ExtensionID", &id))
        return false;
    if (!str_equal(id, f->certpub_extension))
        return true;
    const struct xml_node *n = xml_first(extension, SMC_NS, "Certificate");
    for (; n != NULL; n = xml_next(n, SMC_NS, "Certificate")) {
        if (!read_published(r, n))
            return false;
    }
    return true;
}

static bool check_asked(const struct smp_service *got, const struct smp_service *asked,
                        struct error *e)
{
    if (str_equal_nocase(got->participant_scheme, asked->participant_scheme) &&
        str_equal_nocase(got->participant, asked->participant) &&
        str_equal_nocase(got->document_scheme, asked->document_scheme) &&
        str_equal_nocase(got->document, asked->document))
        return true;
    return error_set(e, ERROR_DENY, "SMP: the answer is about another participant or document");
}

static bool read_service(struct reader *r, const struct smp_question *q,
                         const struct xml_node *information)
{
    struct smp_service *s = &r->out->service;
    const struct xml_node *list;
    if (!read_identifier(r, information, "ParticipantIdentifier", &s->participant_scheme,
                         &s->participant) ||
        !read_identifier(r, information, "DocumentIdentifier", &s->document_scheme, &s->document) ||
        !check_asked(s, &q->service, r->e) ||
        !xml_one(information, SMP_NS, "ProcessList", &list, r->e))
        return false;
    const struct xml_node *n = xml_first(list, SMP_NS, "Process");
    for (; n != NULL; n = xml_next(n, SMP_NS, "Process")) {
        if (!read_process(r, n))
            return false;
    }
    n = xml_first(information, SMP_NS, "Extension");
    for (; n != NULL; n = xml_next(n, SMP_NS, "Extension")) {
        if (!read_extension(r, q->federation, n))
            return false;
    }
    return true;
}

static bool read_metadata(struct reader *r, const struct smp_question *q, const struct xml_doc *d)
{
    const struct xml_node *metadata, *information;
    if (!xml_one(xml_root(d), SMP_NS, "ServiceMetadata", &metadata, r->e))
        return false;
    if (xml_first(metadata, SMP_NS, "Redirect") != NULL)
        return error_set(r->e, ERROR_REJECT, "SMP: a Redirect; this federation has none");
    return xml_one(metadata, SMP_NS, "ServiceInformation", &information, r->e) &&
           read_service(r, q, information);
}

bool smp_service_read(const struct xml_doc *d, const struct smp_question *q, struct arena *a,
                      struct smp_metadata *out, struct error *e)
{
    struct smp_metadata got = {0};
    struct reader r = {a, &got, e};
    got.endpoints = arena_array(a, SMP_ENDPOINTS_MAX, sizeof(*got.endpoints));
    got.published = arena_array(a, SMP_CERTS_MAX, sizeof(*got.published));
    if (!read_metadata(&r, q, d)) {
        smp_metadata_release(&got);
        return false;
    }
    *out = got;
    return true;
}
