/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/key.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "runtime/base/mem.h"
#include "runtime/base/uuid.h"
#include "runtime/crypto/ready.h"

enum { KEY_FILE_MAX = 256 * 1024, KEY_OCTETS_MAX = 2048, PASSWORD_MAX = 1024 };

struct key {
    EVP_PKEY *native;
    struct ready *ready;
};

EVP_PKEY *key_native(const struct key *k)
{
    return k->native;
}

void key_free(struct key *k)
{
    if (k == NULL)
        return;
    ready_free(k->ready);
    EVP_PKEY_free(k->native); /* wipes */
    mem_free(k);
}

void key_free_at(struct key **k)
{
    key_free(*k);
    *k = NULL;
}

/* --- reading */

/* pem_password_cb: without one, never ask at a terminal. */
static int give_password(char *at, int size, int is_writing, void *ctx)
{
    const struct secret *password = ctx;
    (void)is_writing;
    if (password == NULL || password->len > (size_t)size)
        return -1;
    memcpy(at, password->at, password->len);
    return (int)password->len;
}

static EVP_PKEY *read_pem(struct str content, const struct secret *password)
{
    union { /* the callback's context is not const */
        const struct secret *read;
        void *given;
    } ctx = {.read = password};
    BIO *bio = BIO_new_mem_buf(content.at, (int)content.len);
    EVP_PKEY *key =
        bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, give_password, ctx.given);
    BIO_free(bio);
    return key;
}

static bool add_native_cert(struct cert_list *certs, X509 *x509, struct error *e)
{
    AUTO_CERT struct cert *c = NULL;
    return cert_from_native(x509, &c, e) &&
           (cert_list_add(certs, c) || error_set(e, ERROR_REJECT, "too many certificates"));
}

struct pkcs12_parts {
    EVP_PKEY *key;
    X509 *leaf;
    STACK_OF(X509) * others;
};

static void free_parts(struct pkcs12_parts *p)
{
    EVP_PKEY_free(p->key);
    X509_free(p->leaf);
    sk_X509_pop_free(p->others, X509_free);
}

static bool parse_pkcs12(struct str content, const struct secret *password,
                         struct pkcs12_parts *parts, struct error *e)
{
    char text[PASSWORD_MAX + 1] = "";
    size_t len = password == NULL ? 0 : password->len;
    if (len > PASSWORD_MAX)
        return error_set(e, ERROR_REJECT, "the password is too long");
    if (len > 0)
        memcpy(text, password->at, len);
    const unsigned char *at = (const unsigned char *)content.at;
    PKCS12 *p12 = d2i_PKCS12(NULL, &at, (long)content.len);
    int ok = p12 == NULL ? 0 : PKCS12_parse(p12, text, &parts->key, &parts->leaf, &parts->others);
    PKCS12_free(p12);
    mem_wipe(text, sizeof(text));
    if (ok != 1)
        return ossl_error(e, ERROR_REJECT,
                          "neither a PEM key nor PKCS#12 that this password opens (an old file "
                          "may need 'openssl pkcs12 -legacy' once)");
    return parts->key != NULL || error_set(e, ERROR_REJECT, "the PKCS#12 file holds no key");
}

static bool take_certs(const struct pkcs12_parts *parts, struct cert_list *certs, struct error *e)
{
    if (certs == NULL)
        return true;
    if (parts->leaf != NULL && !add_native_cert(certs, parts->leaf, e))
        return false;
    for (int i = 0; i < sk_X509_num(parts->others); i++)
        if (!add_native_cert(certs, sk_X509_value(parts->others, i), e))
            return false;
    return true;
}

static bool read_pkcs12(struct str content, const struct secret *password, EVP_PKEY **key,
                        struct cert_list *certs, struct error *e)
{
    __attribute__((cleanup(free_parts))) struct pkcs12_parts parts = {0};
    if (!parse_pkcs12(content, password, &parts, e) || !take_certs(&parts, certs, e))
        return false;
    *key = parts.key;
    parts.key = NULL;
    return true;
}

static bool read_content(struct str content, const struct secret *password, EVP_PKEY **key,
                         struct cert_list *certs, struct error *e)
{
    if (str_find(content, STR("-----BEGIN ")) == content.len)
        return read_pkcs12(content, password, key, certs, e);
    *key = read_pem(content, password);
    if (*key == NULL)
        return ossl_error(e, ERROR_REJECT, "no key in PEM form that this password opens");
    return true;
}

/* PKCS#12 behind a password is encrypted itself; a PEM key in a file others can read is refused. */
static bool read_key_file(struct secret *content, const char *path, const struct secret *password,
                          struct error *e)
{
    if (password == NULL || password->len == 0)
        return secret_read_file(content, path, KEY_FILE_MAX, e);
    if (!secret_read_sealed_file(content, path, KEY_FILE_MAX, e))
        return false;
    struct str text = secret_peek(content);
    return str_find(text, STR("-----BEGIN ")) == text.len ||
           secret_read_file(content, path, KEY_FILE_MAX, e);
}

bool key_read(const char *path, const struct secret *password, struct key **out,
              struct cert_list *certs, struct error *e)
{
    AUTO_SECRET content = {0};
    AUTO_CERT_LIST found = {0};
    EVP_PKEY *native = NULL;
    if (!read_key_file(&content, path, password, e))
        return false;
    if (!read_content(secret_peek(&content), password, &native, certs == NULL ? NULL : &found, e))
        return error_prefix(e, "%s", path);
    ERR_clear_error();
    AUTO_KEY struct key *k = mem_new(sizeof(*k));
    k->native = native;
    k->ready = ready_new(native, true);
    if (EVP_PKEY_get_security_bits(native) < 112) /* RSA 2048, P-224: TLS's level 2 */
        return error_set(e, ERROR_REJECT, "%s: a key of %d bits is too short", path,
                         EVP_PKEY_get_bits(native));
    for (size_t i = 0; i < found.count; i++)
        if (!cert_list_add(certs, found.at[i]))
            return error_set(e, ERROR_REJECT, "%s: too many certificates", path);
    *out = k;
    k = NULL;
    return true;
}

bool key_fits(const struct key *k, const struct cert *c)
{
    bool fits = EVP_PKEY_eq(k->native, cert_public_key(c)) == 1;
    ERR_clear_error();
    return fits;
}

/* --- using */

size_t key_signature_size(const struct key *k)
{
    int size = EVP_PKEY_get_size(k->native);
    return size < 0 ? 0 : (size_t)size;
}

bool key_sign(const struct key *k, enum digest_type type, const struct digest_value *digest,
              struct buf *signature, struct error *e)
{
    AUTO_READY use = ready_signature(k->ready, type);
    size_t len = key_signature_size(k);
    char *room;
    if (use.ctx == NULL)
        return ossl_error(e, ERROR_REJECT, "the key cannot sign with RSA");
    if (!buf_room(signature, len, &room, e))
        return false;
    if (EVP_PKEY_sign(use.ctx, (unsigned char *)room, &len, digest->octets, digest->len) != 1)
        return ossl_error(e, ERROR_BUG, "cannot sign");
    buf_grew(signature, len);
    return true;
}

/* 0xff where both hold, else 0, without a branch. */
static unsigned char mask_of(bool decrypted, size_t len, size_t expected)
{
    size_t difference = len ^ expected;
    size_t equal = ((difference | (0 - difference)) >> (sizeof(size_t) * 8 - 1)) ^ 1;
    return (unsigned char)(0 - (equal & (size_t)decrypted));
}

bool key_unwrap(const struct key *k, enum oaep_type type, struct str wrapped, size_t key_size,
                struct secret *out, struct error *e)
{
    AUTO_READY use = ready_transport(k->ready, type);
    unsigned char plain[KEY_OCTETS_MAX] = {0}, chosen[64];
    size_t len = sizeof(plain);
    if (use.ctx == NULL)
        return ossl_error(e, ERROR_BUG, "the key cannot unwrap with RSA");
    if (key_size == 0 || key_size > sizeof(chosen) || key_signature_size(k) > sizeof(plain))
        return error_set(e, ERROR_BUG, "cannot unwrap a key of %zu octets", key_size);
    /* Drawn before and always: failure is neither told nor shown by time (spec: implicit rejection). */
    random_octets(chosen, key_size);
    int result = EVP_PKEY_decrypt(use.ctx, plain, &len,
                                  (const unsigned char *)(wrapped.len == 0 ? "" : wrapped.at),
                                  wrapped.len);
    ERR_clear_error();
    unsigned char mask = mask_of(result == 1, len, key_size);
    for (size_t i = 0; i < key_size; i++)
        chosen[i] = (unsigned char)((plain[i] & mask) | (chosen[i] & (unsigned char)~mask));
    secret_set(out, chosen, key_size);
    mem_wipe(plain, sizeof(plain));
    mem_wipe(chosen, sizeof(chosen));
    return true;
}
