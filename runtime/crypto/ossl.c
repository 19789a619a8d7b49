/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/crypto/test_key.c */
#include "runtime/crypto/ossl.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/err.h>

enum { DIGESTS = DIGEST_SHA1 + 1, CIPHERS = CIPHER_AES256_CBC + 1 };

/* Filled once, read-only afterwards. */
static EVP_MD *digests[DIGESTS];
static EVP_CIPHER *ciphers[CIPHERS];
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void fetch_all(void)
{
    static const char *const digest_names[DIGESTS] = {
        [DIGEST_SHA256] = "SHA256",
        [DIGEST_SHA384] = "SHA384",
        [DIGEST_SHA512] = "SHA512",
        [DIGEST_SHA1] = "SHA1",
    };
    static const char *const cipher_names[CIPHERS] = {
        [CIPHER_AES128_GCM] = "AES-128-GCM",
        [CIPHER_AES256_GCM] = "AES-256-GCM",
        [CIPHER_AES256_CBC] = "AES-256-CBC",
    };
    for (size_t i = 0; i < DIGESTS; i++)
        digests[i] = EVP_MD_fetch(NULL, digest_names[i], NULL);
    for (size_t i = 0; i < CIPHERS; i++)
        ciphers[i] = EVP_CIPHER_fetch(NULL, cipher_names[i], NULL);
}

const EVP_MD *ossl_digest(enum digest_type type)
{
    pthread_once(&fetched, fetch_all);
    if ((size_t)type >= DIGESTS || digests[type] == NULL)
        abort(); /* no library to work with: nothing after this could be right */
    return digests[type];
}

const EVP_CIPHER *ossl_cipher(enum cipher_type type)
{
    pthread_once(&fetched, fetch_all);
    if ((size_t)type >= CIPHERS || ciphers[type] == NULL)
        abort();
    return ciphers[type];
}

bool ossl_error(struct error *e, enum error_kind kind, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
    ERR_clear_error();
    return error_set(e, kind, "%s: %s", what, reason == NULL ? "refused" : reason);
}

bool ossl_time_ms(const ASN1_TIME *t, int64_t *ms)
{
    struct tm parts;
    if (ASN1_TIME_to_tm(t, &parts) != 1)
        return false;
    *ms = (int64_t)timegm(&parts) * 1000;
    return true;
}
