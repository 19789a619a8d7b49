/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/smp/metadata.h"

#include "accesspoint/smp/service.h"

#define DS_NS        "http://www.w3.org/2000/09/xmldsig#"
#define DS_ENVELOPED DS_NS "enveloped-signature"

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

static bool check_signature(const struct xml_doc *d, const struct smp_question *q, struct arena *a,
                            struct error *e)
{
    const struct xml_node *signature;
    AUTO_CERT struct cert *signer = NULL;
    if (!xml_is(xml_root(d), SMP_NS, "SignedServiceMetadata"))
        return error_set(e, ERROR_DENY, "SMP: the answer is not a SignedServiceMetadata");
    if (!xml_one(xml_root(d), DS_NS, "Signature", &signature, e) ||
        !check_transform(signature, a, e) || !dsig_verify_enveloped(d, signature, a, &signer, e)) {
        if (e->kind == ERROR_REJECT)
            e->kind = ERROR_DENY;
        return false;
    }
    return q->trust == NULL || trust_check(q->trust, signer, NULL, q->now_ms, NULL, e) ||
           error_prefix(e, "SMP signer");
}

bool smp_metadata_read(const struct xml_doc *d, const struct smp_question *q, struct arena *a,
                       struct smp_metadata *out, struct error *e)
{
    return check_signature(d, q, a, e) && smp_service_read(d, q, a, out, e);
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
