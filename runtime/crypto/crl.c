/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/crl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "runtime/crypto/name.h"
#include "runtime/crypto/ossl.h"

enum { NAME_MAX_OCTETS = 4096 };

static void crl_free_at(X509_CRL **crl)
{
    X509_CRL_free(*crl);
}

static void bio_free_at(BIO **bio)
{
    BIO_free(*bio);
}

static bool take_facts(X509_CRL *crl, struct arena *a, struct crl_facts *out, struct error *e)
{
    AUTO_BUF name = BUF(NAME_MAX_OCTETS);
    struct crl_facts f = {0};
    STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(crl);
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
    if (!name_show(X509_CRL_get_issuer(crl), &name, e))
        return false;
    if (!ossl_time_ms(X509_CRL_get0_lastUpdate(crl), &f.issued_ms) ||
        (next != NULL && !ossl_time_ms(next, &f.next_ms)))
        return error_set(e, ERROR_REJECT, "a revocation list holds a time that is none");
    f.issuer = arena_copy(a, buf_str(&name));
    f.revoked = revoked == NULL ? 0 : (size_t)sk_X509_REVOKED_num(revoked);
    *out = f;
    return true;
}

bool crl_read_facts(const char *path, struct arena *a, struct crl_facts **out, size_t *count,
                    struct error *e)
{
    __attribute__((cleanup(bio_free_at))) BIO *bio = BIO_new_file(path, "r");
    if (bio == NULL) {
        ERR_clear_error();
        return error_errno(e, "%s", path);
    }
    struct crl_facts *facts = arena_array(a, CRL_FACTS_MAX, sizeof(*facts));
    size_t n = 0;
    for (;;) {
        __attribute__((cleanup(crl_free_at))) X509_CRL *crl =
            PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
        if (crl == NULL)
            break;
        if (n == CRL_FACTS_MAX)
            return error_set(e, ERROR_REJECT, "%s holds more than %d revocation lists", path,
                             CRL_FACTS_MAX);
        if (!take_facts(crl, a, &facts[n++], e))
            return error_prefix(e, "%s", path);
    }
    unsigned long last = ERR_peek_last_error();
    bool is_end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!is_end)
        return error_set(e, ERROR_REJECT, "%s holds a revocation list that cannot be read", path);
    *out = facts;
    *count = n;
    return true;
}
