/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/smp/metadata.h"

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"

#define SMP_NS "http://docs.oasis-open.org/bdxr/ns/SMP/2016/05"
#define SMC_NS "http://docs.oasis-open.org/bdxr/ns/SMP/2/AggregateComponents"
#define SMB_NS "http://docs.oasis-open.org/bdxr/ns/SMP/2/BasicComponents"
#define DS_NS "http://www.w3.org/2000/09/xmldsig#"
#define DS_ENVELOPED DS_NS "enveloped-signature"

enum { VALUE_MAX = 2048, CERT_TEXT_MAX = 64 * 1024 };

struct reader {
    struct arena *arena;
    struct smp_metadata *out;
    struct error *e;
};

void smp_metadata_release(struct smp_metadata *m)
{
    cert_list_release(&m->certs);
    *m = (struct smp_metadata){0};
}

/* --- who says it */

/* SMP 1.0 §3.6.2 and spec/sdk.md 6.4: exactly one transform. */
static bool check_transform(const struct xml_node *signature, struct arena *a, struct error *e)
{
    const struct xml_node *info, *reference, *transforms, *transform;
    struct str algorithm;
    if (!xml_one(signature, DS_NS, "SignedInfo", &info, e) ||
        !xml_one(info, DS_NS, "Reference", &reference, e) ||
        !xml_one(reference, DS_NS, "Transforms", &transforms, e) ||
        !xml_one(transforms, DS_NS, "Transform", &transform, e) ||
        !xml_attribute(transform, NULL, "Algorithm", a, &algorithm) ||
        !str_is(algorithm, DS_ENVELOPED))
        return error_set(e, ERROR_DENY,
                         "SMP: the signature must have the enveloped transform and no other");
    return true;
}

static bool check_signature(const struct xml_doc *d, const struct smp_question *q,
                            struct arena *a, struct error *e)
{
    const struct xml_node *signature;
    AUTO_CERT struct cert *signer = NULL;
    if (!xml_is(xml_root(d), SMP_NS, "SignedServiceMetadata"))
        return error_set(e, ERROR_DENY, "SMP: the answer is not a SignedServiceMetadata");
    if (!xml_one(xml_root(d), DS_NS, "Signature", &signature, e) ||
        !check_transform(signature, a, e) ||
        !dsig_verify_enveloped(d, signature, a, &signer, e)) {
        if (e->kind == ERROR_REJECT)
            e->kind = ERROR_DENY;
        return false;
    }
    return q->trust == NULL || trust_check(q->trust, signer, NULL, q->now_ms, NULL, e) ||
           error_prefix(e, "SMP signer");
}

/* --- what it says */

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
    return !*has || (read_value(r, endpoint, name, &text) &&
                     clock_parse(text, out, NULL, r->e));
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
        !read_identifier(r, information, "DocumentIdentifier", &s->document_scheme,
                         &s->document) ||
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

bool smp_metadata_read(const struct xml_doc *d, const struct smp_question *q, struct arena *a,
                       struct smp_metadata *out, struct error *e)
{
    struct smp_metadata got = {0};
    struct reader r = {a, &got, e};
    if (!check_signature(d, q, a, e))
        return false;
    got.endpoints = arena_array(a, SMP_ENDPOINTS_MAX, sizeof(*got.endpoints));
    got.published = arena_array(a, SMP_CERTS_MAX, sizeof(*got.published));
    if (!read_metadata(&r, q, d)) {
        smp_metadata_release(&got);
        return false;
    }
    *out = got;
    return true;
}

/* --- choosing */

static bool is_active(const struct smp_endpoint *n, int64_t now_ms)
{
    return (!n->has_activation || n->activation_ms <= now_ms) &&
           (!n->has_expiration || now_ms < n->expiration_ms);
}

static bool is_our_process(const struct smp_endpoint *n, const struct federation *f)
{
    return str_equal_nocase(n->process, f->process) &&
           str_equal_nocase(n->process_scheme, f->process_scheme);
}

/* How near an endpoint came, for the refusal's text. */
enum near { NEAR_NOTHING, NEAR_PROCESS, NEAR_PROFILE, NEAR_ACTIVE, NEAR_USABLE };

static enum near how_near(const struct smp_endpoint *n, const struct smp_question *q,
                          struct str profile)
{
    if (!is_our_process(n, q->federation))
        return NEAR_NOTHING;
    if (!str_equal(n->transport_profile, profile))
        return NEAR_PROCESS;
    if (!is_active(n, q->now_ms))
        return NEAR_PROFILE;
    return n->cert == NULL ? NEAR_ACTIVE : NEAR_USABLE;
}

bool smp_metadata_endpoint(const struct smp_metadata *m, const struct smp_question *q,
                           const struct smp_endpoint **out, struct error *e)
{
    static const char *const missing[] = {
        [NEAR_NOTHING] = "no endpoint for the federation's process",
        [NEAR_PROCESS] = "no endpoint with an accepted transport profile",
        [NEAR_PROFILE] = "the endpoint is not active now",
        [NEAR_ACTIVE] = "the endpoint has no readable certificate",
    };
    const struct str_list *profiles = &q->federation->transport_profiles;
    enum near nearest = NEAR_NOTHING;
    for (size_t p = 0; p < profiles->count; p++) {
        for (size_t i = 0; i < m->endpoint_count; i++) {
            enum near near = how_near(&m->endpoints[i], q, profiles->at[p]);
            if (near == NEAR_USABLE) {
                *out = &m->endpoints[i];
                return true;
            }
            nearest = near > nearest ? near : nearest;
        }
    }
    return error_set(e, ERROR_REJECT, "SMP: %s", missing[nearest]);
}

bool smp_metadata_certs(const struct smp_metadata *m, struct str type, struct cert_list *out,
                        struct error *e)
{
    size_t found = 0;
    for (size_t i = 0; i < m->published_count; i++) {
        if (!str_equal(m->published[i].type, type))
            continue;
        if (!cert_list_add(out, m->published[i].cert))
            return error_set(e, ERROR_REJECT, "SMP: too many certificates");
        found++;
    }
    if (found == 0)
        return error_set(e, ERROR_REJECT, "SMP: no certificate of type %.*s is published",
                         STR_ARG(type));
    return true;
}
