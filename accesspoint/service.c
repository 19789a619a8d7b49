/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/service.h"

enum { URL_MAX = 2048 };

bool service_of(const struct federation *f, struct str kind, const struct attributes *a,
                struct smp_service *out, struct error *e)
{
    bool is_message = str_is(kind, KIND_SDK_OUT) || str_is(kind, KIND_PING_OUT);
    bool is_receipt = str_is(kind, KIND_RECEIPT_OUT);
    bool is_in = str_is(kind, KIND_SDK_IN) || str_is(kind, KIND_RECEIPT_IN);
    if (!is_message && !is_receipt && !is_in)
        return error_set(e, ERROR_BUG, "kind %.*s needs no directory", STR_ARG(kind));
    *out = (struct smp_service){
        .participant_scheme = f->participant_scheme,
        .participant = is_in ? a->from : a->to,
        .document_scheme = f->document_scheme,
        .document = is_message ? f->message_document : f->receipt_document,
    };
    return true;
}

bool service_url(const struct federation *f, struct str smp_url, struct str kind,
                 const struct attributes *a, struct arena *arena, struct str *url, struct error *e)
{
    struct smp_service service;
    AUTO_BUF text = BUF(URL_MAX);
    if (!service_of(f, kind, a, &service, e) || !smp_service_url(smp_url, &service, &text, e))
        return false;
    *url = arena_copy(arena, buf_str(&text));
    return true;
}
