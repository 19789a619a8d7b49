/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/opening.h"

#include "accesspoint/work/temp.h"
#include "runtime/base/sys.h"

/* The texts of a message stay in its tree; its files do not. */
enum { MESSAGE_SKELETON_MAX = 40 * 1024 * 1024 };

void opening_release(struct opening *o)
{
    directory_entry_free(o->entry);
    cert_free(o->signer);
    xml_doc_free(o->payload);
    xml_doc_free(o->envelope);
    sys_close(&o->payload_fd);
    sys_close(&o->envelope_fd);
}

/* --- the payload: decrypted or clear, into a private file and read as a document */

bool opening_payload(struct opening *o, struct error *e)
{
    const struct workplace *w = o->run->w;
    const struct participant *p = workplace_participant(w, o->run->attributes.to);
    struct temp_sink file;
    if (p == NULL)
        return error_set(e, ERROR_REJECT, "participant %.*s is no longer served here",
                         STR_ARG(o->run->attributes.to));
    struct seal_key key = {p->o2o.key, identity_cert(&p->o2o)};
    struct seal_keys keys = {&key, 1};
    if (!temp_open(w, UINT64_MAX, &o->payload_fd, &file, e))
        return false;
    bool ok = o->xhe.is_encrypted ? seal_open(&o->xhe, &keys, w->federation, &file.sink, e)
                                  : xhe_payload_write(o->envelope, &o->xhe, &file.sink, e);
    if (!ok)
        return false;
    struct xml_limits limits = xml_limits_envelope;
    limits.octets = file.written;
    limits.skeleton = MESSAGE_SKELETON_MAX;
    o->payload_octets = file.written;
    return seal_payload_read(&o->xhe, o->payload_fd, file.written, &limits, &o->payload, e);
}
