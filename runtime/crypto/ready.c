/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/crypto/test_key.c */
#include "runtime/crypto/ready.h"

#include <stdatomic.h>

#include <openssl/rsa.h>

#include "runtime/base/mem.h"

/* Threads that use one key at once beyond KEPT make contexts of their own and throw them away. */
enum { KEPT = 4, SIGNATURES = DIGEST_SHA1 + 1, KINDS = SIGNATURES + OAEP_SHA256_MGF_SHA256 + 1 };

struct ready {
    EVP_PKEY *key;
    bool is_private;
    _Atomic(EVP_PKEY_CTX *) kept[KINDS][KEPT];
};

struct ready *ready_new(EVP_PKEY *key, bool is_private)
{
    struct ready *r = mem_new(sizeof(*r));
    r->key = key;
    r->is_private = is_private;
    return r;
}

void ready_free(struct ready *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < KINDS; i++)
        for (size_t j = 0; j < KEPT; j++)
            EVP_PKEY_CTX_free(r->kept[i][j]);
    mem_free(r);
}

static void free_ctx_at(EVP_PKEY_CTX **ctx)
{
    EVP_PKEY_CTX_free(*ctx);
}
#define AUTO_PKEY_CTX __attribute__((cleanup(free_ctx_at))) EVP_PKEY_CTX

static EVP_PKEY_CTX *take_kept(struct ready *r, size_t kind)
{
    EVP_PKEY_CTX *ctx = NULL;
    for (size_t i = 0; i < KEPT && ctx == NULL; i++)
        ctx = atomic_exchange(&r->kept[kind][i], NULL);
    return ctx;
}

static EVP_PKEY_CTX *new_signature(const struct ready *r, enum digest_type type)
{
    AUTO_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, r->key, NULL);
    if (ctx == NULL || EVP_PKEY_get_base_id(r->key) != EVP_PKEY_RSA)
        return NULL;
    int is_ready = r->is_private ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx);
    if (is_ready != 1 || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_CTX_set_signature_md(ctx, ossl_digest(type)) != 1)
        return NULL;
    EVP_PKEY_CTX *made = ctx;
    ctx = NULL;
    return made;
}

static EVP_PKEY_CTX *new_transport(const struct ready *r, enum oaep_type type)
{
    AUTO_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, r->key, NULL);
    if (ctx == NULL || EVP_PKEY_get_base_id(r->key) != EVP_PKEY_RSA)
        return NULL;
    int is_ready = r->is_private ? EVP_PKEY_decrypt_init(ctx) : EVP_PKEY_encrypt_init(ctx);
    enum digest_type md = type == OAEP_SHA1_MGF_SHA1 ? DIGEST_SHA1 : DIGEST_SHA256;
    enum digest_type mgf = type == OAEP_SHA256_MGF_SHA256 ? DIGEST_SHA256 : DIGEST_SHA1;
    if (is_ready != 1 || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_oaep_md(ctx, ossl_digest(md)) != 1 ||
        EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, ossl_digest(mgf)) != 1)
        return NULL;
    EVP_PKEY_CTX *made = ctx;
    ctx = NULL;
    return made;
}

struct ready_use ready_signature(struct ready *r, enum digest_type type)
{
    size_t kind = (size_t)type;
    EVP_PKEY_CTX *kept = take_kept(r, kind);
    return (struct ready_use){kept != NULL ? kept : new_signature(r, type), r, kind};
}

struct ready_use ready_transport(struct ready *r, enum oaep_type type)
{
    size_t kind = SIGNATURES + (size_t)type;
    EVP_PKEY_CTX *kept = take_kept(r, kind);
    return (struct ready_use){kept != NULL ? kept : new_transport(r, type), r, kind};
}

/* Whatever came of it: a context holds no state between two uses, and time must not tell a good
 * unwrapping from a bad one. */
void ready_end(struct ready_use *u)
{
    for (size_t i = 0; i < KEPT && u->ctx != NULL; i++) {
        EVP_PKEY_CTX *none = NULL;
        if (atomic_compare_exchange_strong(&u->of->kept[u->kind][i], &none, u->ctx))
            u->ctx = NULL;
    }
    EVP_PKEY_CTX_free(u->ctx);
}
