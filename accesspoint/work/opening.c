/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/opening.h"

/* The texts of a message stay in its tree; its files do not. */
enum { MESSAGE_SKELETON_MAX = 40 * 1024 * 1024 };

void opening_release(struct opening *o)
{
    directory_entry_free(o->entry);
    cert_free(o->signer);
    xml_doc_free(o->payload);
    xml_doc_free(o->envelope);
    temp_release(&o->payload_octets);
    temp_release(&o->envelope_octets);
}

/* --- the payload: decrypted or clear, and read as a document */

bool opening_payload(struct opening *o, struct error *e)
{
    const struct workplace *w = o->run->w;
    const struct participant *p = workplace_participant(w, o->run->attributes.to);
    struct temp *octets = &o->payload_octets;
    if (p == NULL)
        return error_set(e, ERROR_REJECT, "participant %.*s is no longer served here",
                         STR_ARG(o->run->attributes.to));
    struct seal_key key = {p->o2o.key, identity_cert(&p->o2o)};
    struct seal_keys keys = {&key, 1};
    temp_open(octets, w, UINT64_MAX);
    bool ok = o->xhe.is_encrypted ? seal_open(&o->xhe, &keys, w->federation, &octets->sink, e)
                                  : xhe_payload_write(o->envelope, &o->xhe, &octets->sink, e);
    if (!ok)
        return false;
    struct xml_limits limits = xml_limits_envelope;
    limits.skeleton = MESSAGE_SKELETON_MAX;
    return temp_read_fragment(octets, o->xhe.encrypted_data, limits, &o->payload, e);
}
