/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/cert.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "runtime/base/mem.h"
#include "runtime/crypto/name.h"
#include "runtime/crypto/ready.h"

enum { DER_MAX = 64 * 1024, NAME_MAX_OCTETS = 16 * 1024 };

struct cert {
    atomic_uint owners;
    X509 *x509;
    EVP_PKEY *key; /* borrowed from x509 */
    struct ready *ready;
    struct digest_value sha256;
    struct arena arena; /* of the texts */
    struct str der, common_name, subject, issuer, serial, key_id;
    int64_t not_before_ms, not_after_ms;
};

X509 *cert_native(const struct cert *c)
{
    return c->x509;
}

EVP_PKEY *cert_public_key(const struct cert *c)
{
    return c->key;
}

/* --- life */

struct cert *cert_hold(struct cert *c)
{
    atomic_fetch_add(&c->owners, 1);
    return c;
}

void cert_free(struct cert *c)
{
    if (c == NULL || atomic_fetch_sub(&c->owners, 1) > 1)
        return;
    ready_free(c->ready);
    X509_free(c->x509);
    arena_release(&c->arena);
    mem_free(c);
}

void cert_free_at(struct cert **c)
{
    cert_free(*c);
    *c = NULL;
}

/* --- cache: reading the same certificates again and again is the rule, and d2i_X509 costs 77 us.
 * Four places per line, the line chosen by the digest; the oldest of a line goes. */

enum { CACHE_LINES = 128, CACHE_WAYS = 4 };
static struct cert *cache[CACHE_LINES][CACHE_WAYS];
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;

static struct cert *cache_find(const struct digest_value *sha256)
{
    struct cert *found = NULL;
    struct cert **line = cache[sha256->octets[0] % CACHE_LINES];
    pthread_mutex_lock(&cache_lock);
    for (size_t i = 0; i < CACHE_WAYS && found == NULL; i++)
        if (line[i] != NULL && str_equal(digest_str(&line[i]->sha256), digest_str(sha256)))
            found = cert_hold(line[i]);
    pthread_mutex_unlock(&cache_lock);
    return found;
}

static void cache_put(struct cert *c)
{
    struct cert **line = cache[c->sha256.octets[0] % CACHE_LINES];
    pthread_mutex_lock(&cache_lock);
    struct cert *gone = line[CACHE_WAYS - 1];
    memmove(line + 1, line, (CACHE_WAYS - 1) * sizeof(*line));
    line[0] = cert_hold(c);
    pthread_mutex_unlock(&cache_lock);
    cert_free(gone);
}

/* --- reading */

static bool fill_names(struct cert *c, struct error *e)
{
    AUTO_BUF subject = BUF(NAME_MAX_OCTETS);
    AUTO_BUF issuer = BUF(NAME_MAX_OCTETS);
    if (!name_show(X509_get_subject_name(c->x509), &subject, e) ||
        !name_write(X509_get_issuer_name(c->x509), &issuer, e))
        return false;
    c->subject = arena_copy(&c->arena, buf_str(&subject));
    c->issuer = arena_copy(&c->arena, buf_str(&issuer));
    const X509_NAME *name = X509_get_subject_name(c->x509);
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    unsigned char *text = NULL;
    int len = at < 0 ? 0
                     : ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(
                                                      X509_NAME_get_entry(name, at)));
    c->common_name = arena_copy(&c->arena, str_bytes(text, len < 0 ? 0 : (size_t)len));
    OPENSSL_free(text);
    return true;
}

static bool fill_serial(struct cert *c, struct error *e)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(c->x509), NULL);
    char *decimal = number == NULL ? NULL : BN_bn2dec(number);
    BN_free(number);
    if (decimal == NULL)
        return ossl_error(e, ERROR_REJECT, "a certificate's serial number");
    c->serial = arena_copy(&c->arena, str_of(decimal));
    OPENSSL_free(decimal);
    return true;
}

static bool fill_key_id(struct cert *c, struct error *e)
{
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(c->x509);
    unsigned char sha1[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (id != NULL) {
        c->key_id = arena_copy(&c->arena, str_bytes(ASN1_STRING_get0_data(id),
                                                    (size_t)ASN1_STRING_length(id)));
        return true;
    }
    /* RFC 5280 §4.2.1.2 (1) */
    if (X509_pubkey_digest(c->x509, ossl_digest(DIGEST_SHA1), sha1, &len) != 1)
        return ossl_error(e, ERROR_REJECT, "a certificate's key");
    c->key_id = arena_copy(&c->arena, str_bytes(sha1, len));
    return true;
}

static bool fill(struct cert *c, struct str der, struct error *e)
{
    const unsigned char *at = (const unsigned char *)der.at;
    c->x509 = d2i_X509(NULL, &at, (long)der.len);
    if (c->x509 == NULL || at != (const unsigned char *)der.at + der.len)
        return ossl_error(e, ERROR_REJECT, "not a certificate");
    c->key = X509_get0_pubkey(c->x509);
    if (c->key == NULL)
        return ossl_error(e, ERROR_REJECT, "a certificate's key cannot be read");
    if (!ossl_time_ms(X509_get0_notBefore(c->x509), &c->not_before_ms) ||
        !ossl_time_ms(X509_get0_notAfter(c->x509), &c->not_after_ms))
        return ossl_error(e, ERROR_REJECT, "a certificate's dates cannot be read");
    c->der = arena_copy(&c->arena, der);
    c->ready = ready_new(c->key, false);
    ERR_clear_error();
    return fill_names(c, e) && fill_serial(c, e) && fill_key_id(c, e);
}

bool cert_from_der(struct str der, struct cert **out, struct error *e)
{
    struct digest_value sha256;
    if (der.len == 0 || der.len > DER_MAX)
        return error_set(e, ERROR_REJECT, "not a certificate: %zu octets", der.len);
    if (!digest_of(DIGEST_SHA256, der, &sha256))
        return ossl_error(e, ERROR_BUG, "SHA-256");
    struct cert *cached = cache_find(&sha256);
    if (cached != NULL) {
        *out = cached;
        return true;
    }
    AUTO_CERT struct cert *c = mem_new(sizeof(*c));
    c->owners = 1;
    c->sha256 = sha256;
    if (!fill(c, der, e))
        return false;
    cache_put(c);
    *out = cert_hold(c);
    return true;
}

bool cert_from_native(X509 *x509, struct cert **out, struct error *e)
{
    unsigned char *der = NULL;
    int len = i2d_X509(x509, &der);
    bool ok = len > 0 ? cert_from_der(str_bytes(der, (size_t)len), out, e)
                      : ossl_error(e, ERROR_REJECT, "not a certificate");
    OPENSSL_free(der);
    return ok;
}

/* --- what it says */

struct str cert_der(const struct cert *c)
{
    return c->der;
}

struct str cert_sha256(const struct cert *c)
{
    return digest_str(&c->sha256);
}

struct str cert_common_name(const struct cert *c)
{
    return c->common_name;
}

struct str cert_subject(const struct cert *c)
{
    return c->subject;
}

struct str cert_issuer(const struct cert *c)
{
    return c->issuer;
}

struct str cert_serial(const struct cert *c)
{
    return c->serial;
}

struct str cert_key_id(const struct cert *c)
{
    return c->key_id;
}

int64_t cert_not_before_ms(const struct cert *c)
{
    return c->not_before_ms;
}

int64_t cert_not_after_ms(const struct cert *c)
{
    return c->not_after_ms;
}

unsigned cert_key_bits(const struct cert *c)
{
    int bits = EVP_PKEY_get_bits(c->key);
    return bits < 0 ? 0 : (unsigned)bits;
}

bool cert_is_rsa(const struct cert *c)
{
    return EVP_PKEY_get_base_id(c->key) == EVP_PKEY_RSA;
}

bool cert_equal(const struct cert *a, const struct cert *b)
{
    return str_equal(a->der, b->der);
}

bool cert_issued_as(const struct cert *c, struct str issuer_rfc2253, struct str serial_decimal)
{
    struct str serial = str_trim(serial_decimal);
    while (serial.len > 1 && serial.at[0] == '0')
        serial = str_from(serial, 1);
    return str_equal(serial, c->serial) &&
           name_matches(X509_get_issuer_name(c->x509), issuer_rfc2253);
}

/* --- what its key does */

bool cert_verify(const struct cert *c, enum digest_type type, const struct digest_value *digest,
                 struct str signature, struct error *e)
{
    AUTO_READY use = ready_signature(c->ready, type);
    bool holds = use.ctx != NULL && signature.at != NULL &&
                 EVP_PKEY_verify(use.ctx, (const unsigned char *)signature.at, signature.len,
                                 digest->octets, digest->len) == 1;
    if (holds)
        return true;
    ERR_clear_error();
    return error_set(e, ERROR_DENY, "the signature does not fit the certificate of '%.*s'",
                     STR_ARG(str_upto(c->subject, 120)));
}

bool cert_wrap_key(const struct cert *c, enum oaep_type type, struct str key, struct buf *out,
                   struct error *e)
{
    AUTO_READY use = ready_transport(c->ready, type);
    size_t len = (size_t)EVP_PKEY_get_size(c->key);
    char *room;
    if (use.ctx == NULL) {
        ERR_clear_error();
        return error_set(e, ERROR_REJECT, "the certificate of '%.*s' cannot encrypt: not RSA",
                         STR_ARG(str_upto(c->subject, 120)));
    }
    if (!buf_room(out, len, &room, e))
        return false;
    if (EVP_PKEY_encrypt(use.ctx, (unsigned char *)room, &len, (const unsigned char *)key.at,
                         key.len) != 1)
        return ossl_error(e, ERROR_REJECT, "cannot wrap a key");
    buf_grew(out, len);
    return true;
}
