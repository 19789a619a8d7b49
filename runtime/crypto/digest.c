/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/digest.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "runtime/base/secret.h"
#include "runtime/crypto/ossl.h"

struct str digest_str(const struct digest_value *d)
{
    return str_bytes(d->octets, d->len);
}

bool digest_equal(const struct digest_value *a, struct str octets)
{
    return secret_equal_octets(digest_str(a), octets);
}

bool digest_of(enum digest_type type, struct str octets, struct digest_value *out)
{
    unsigned len = 0;
    if (EVP_Digest(octets.len == 0 ? "" : octets.at, octets.len, out->octets, &len,
                   ossl_digest(type), NULL) != 1)
        return false;
    out->len = len;
    return true;
}

static bool digest_write(struct sink *s, struct str octets, struct error *e)
{
    struct digest_sink *d = (struct digest_sink *)s;
    if (EVP_DigestUpdate(d->state, octets.at, octets.len) != 1)
        return ossl_error(e, ERROR_BUG, "cannot digest");
    return d->next == NULL || sink_write(d->next, octets, e);
}

static bool digest_finish(struct sink *s, struct error *e)
{
    struct digest_sink *d = (struct digest_sink *)s;
    return d->next == NULL || sink_finish(d->next, e);
}

void digest_sink_init(struct digest_sink *s, enum digest_type type, struct sink *next)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (ctx == NULL || EVP_DigestInit_ex2(ctx, ossl_digest(type), NULL) != 1)
        abort(); /* out of memory, as mem_new() */
    *s = (struct digest_sink){{digest_write, digest_finish}, next, ctx, type};
}

void digest_sink_value(struct digest_sink *s, struct digest_value *out)
{
    unsigned len = 0;
    if (EVP_DigestFinal_ex(s->state, out->octets, &len) != 1)
        abort(); /* asked twice, or after release */
    out->len = len;
}

void digest_sink_release(struct digest_sink *s)
{
    EVP_MD_CTX_free(s->state);
    s->state = NULL;
}
