/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: dsig_read, dsig_verify_enveloped, xml_ids_collect (runtime/xml). No input made here may
 * verify but by the key of its author: a signature that holds is only checked to hold again. */
#include <stdlib.h>

#include "runtime/xml/dsig.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define DSIG_URI "http://www.w3.org/2000/09/xmldsig#"

static void fail_if(bool wrong)
{
    if (wrong)
        abort();
}

static bool verify(const struct xml_doc *d, const struct xml_node *signature)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_CERT struct cert *signer = NULL;
    bool ok = dsig_verify_enveloped(d, signature, &a, &signer, &e);
    fail_if(!ok && (e.kind == ERROR_BUG || e.text[0] == '\0'));
    fail_if(ok != (signer != NULL));
    return ok;
}

static void check_signature(const struct xml_doc *d, const struct xml_node *signature,
                            const struct xml_ids *ids)
{
    struct error e = {0};
    struct dsig s;
    AUTO_ARENA a = {0};
    if (!dsig_read(signature, &a, &s, &e)) {
        fail_if(e.kind != ERROR_DENY);
        return;
    }
    fail_if(s.count == 0 || s.count > DSIG_REFERENCES_MAX);
    for (size_t i = 0; i < s.count && i < 4; i++) {
        struct str uri = s.references[i].uri;
        const struct xml_node *n = uri.len > 0 ? xml_ids_find(ids, str_from(uri, 1)) : NULL;
        bool can_check = !s.references[i].attachment && (uri.len == 0 || n != NULL);
        if (can_check && !dsig_check_reference(d, &s, &s.references[i], n, &e))
            fail_if(e.kind == ERROR_BUG);
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    AUTO_ARENA a = {0};
    struct xml_ids *ids;
    xml_setup();
    if (!xml_read(str_bytes(data, size), &xml_limits_envelope, &d, &e) ||
        !xml_ids_collect(d, &a, &ids, &e))
        return 0;
    const struct xml_node *n = xml_first(xml_root(d), DSIG_URI, "Signature");
    if (xml_is(xml_root(d), DSIG_URI, "Signature"))
        n = xml_root(d);
    if (n == NULL)
        return 0;
    check_signature(d, n, ids);
    fail_if(verify(d, n) != verify(d, n));
    return 0;
}
