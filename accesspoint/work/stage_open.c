/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/arrival.h"
#include "accesspoint/work/opening.h"
#include "accesspoint/work/refetch.h"

/* --- the envelope, read again from the store */

/* It was checked before it was stored, and the store vouches for its octets: read, not judged anew. */
static bool load_envelope(struct opening *o, struct error *e)
{
    struct error fault = {0};
    if (!temp_load(&o->envelope_octets, o->run->w, o->run->message.id, STR(SLOT_XHE), e))
        return false;
    if (temp_read_xml(&o->envelope_octets, xml_limits_envelope, &o->envelope, &fault) &&
        xhe_read(o->envelope, o->run->arena, &o->xhe, &fault))
        return true;
    return error_set(e, fault.kind == ERROR_RETRY ? ERROR_RETRY : ERROR_BUG, "stored envelope: %s",
                     fault.text);
}

/* --- who says so: the signature against CertPub (spec/sdk.md 3.6) */

static bool published_certs(struct opening *o, struct cert_list *out, struct error *e)
{
    const struct workplace *w = o->run->w;
    return directory_find(o->run, &o->entry, e) &&
           smp_metadata_certs(directory_metadata(o->entry), w->federation->certpub_signing, out, e);
}

static bool check_signer(struct opening *o, struct error *e)
{
    const struct workplace *w = o->run->w;
    int64_t now = store_now_ms(w->store);
    bool stale = false;
    if (!trust_check(w->o2o_trust, o->signer, NULL, now, &stale, e)) {
        if (w->settings->accesspoint->o2o_chain_enforced || e->kind == ERROR_RETRY)
            return false;
        log_warning(&o->run->log, "o2o.chain_unverified", KV_ERROR(e));
        error_clear(e);
    }
    if (stale)
        log_warning(&o->run->log, "o2o.crl_stale", KV_STR("signer", cert_common_name(o->signer)));
    return true;
}

static bool verify_signature(struct opening *o, struct error *e)
{
    AUTO_CERT_LIST published = {0};
    if (!published_certs(o, &published, e))
        return false;
    if (o->xhe.signature_count != 1)
        return error_code(e, ERROR_DENY, "SIG/security", "Sender signature not validated");
    return seal_verify(o->envelope, &o->xhe, &published, o->run->arena, &o->signer, e) &&
           check_signer(o, e);
}

static bool open_verified(struct opening *o, const struct error *denied, struct error *e)
{
    return str_is(o->run->message.kind, KIND_SDK_IN) ? open_message(o, denied, e)
                                                     : open_receipt(o, denied, e);
}

static bool open_as_verified(struct opening *o, struct error *e)
{
    struct error denied = {0};
    if (verify_signature(o, &denied))
        return open_verified(o, NULL, e);
    if (refetch_is_due(o->run, &denied)) /* the certificate may have been changed */
        return refetch(o->run, STATE_RECEIVED, &denied, e);
    if (denied.kind != ERROR_RETRY)
        return open_verified(o, &denied, e);
    *e = denied;
    return false;
}

/* The envelope that was judged a moment ago is taken over with its octets; once, the next time it is
 * loaded. */
static bool take_envelope(struct opening *o, struct arrival *a)
{
    if (a == NULL || a->envelope == NULL)
        return false;
    o->envelope_octets = a->octets;
    o->envelope = a->envelope;
    o->xhe = a->xhe;
    a->octets = (struct temp){.fd = -1};
    a->envelope = NULL;
    return true;
}

bool stage_open(struct stage_run *run, struct error *e)
{
    struct opening o = {.run = run, .envelope_octets = {.fd = -1}, .payload_octets = {.fd = -1}};
    bool ok = (take_envelope(&o, run->arrival) || load_envelope(&o, e)) && open_as_verified(&o, e);
    opening_release(&o);
    return ok;
}
