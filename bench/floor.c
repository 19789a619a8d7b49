/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* floor.c - the OpenSSL operations that no access point can leave out for one SDK message, and nothing
 * else: no XML, no gzip, no disk, no handshake. What bench/as4.py divides by.
 * usage: floor out|in RSA-BITS OCTETS SECONDS     prints messages per CPU second
 *
 * out  XHE: AES-256-CBC of the payload, 2 x base64, SHA-256, RSA sign, OAEP wrap; AS4: SHA-256, AES-128-GCM,
 *      OAEP wrap, SHA-256 of the header, RSA sign; TLS records; the receipt: SHA-256, RSA verify.
 * in   the same backwards: 2 OAEP unwrap, 2 RSA verify, ...; the AS4 receipt: RSA sign; and the message
 *      receipt as a message of its own: 2 RSA sign, OAEP wrap, and the check of its AS4 receipt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

enum { BUFFER = 4 * 1024 * 1024, HEADER = 6 * 1024, SMALL = 2 * 1024, ENVELOPE = 6 * 1024 };

static unsigned char in[BUFFER], out[2 * BUFFER], signature[1024], wrapped[1024];
static size_t signature_len, wrapped_len;
static EVP_PKEY *key;

static void must(int ok, const char *what)
{
    if (ok <= 0) {
        fprintf(stderr, "floor: %s failed\n", what);
        exit(1);
    }
}

static void digest(size_t len)
{
    unsigned char value[32];
    must(EVP_Digest(in, len, value, NULL, EVP_sha256(), NULL), "digest");
}

static void cipher(const EVP_CIPHER *type, size_t len, int encrypts)
{
    static const unsigned char secret[32], iv[16];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n;
    must(EVP_CipherInit_ex(ctx, type, NULL, secret, iv, encrypts), "cipher");
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    must(EVP_CipherUpdate(ctx, out, &n, in, (int)(len & ~(size_t)15)), "cipher");
    EVP_CIPHER_CTX_free(ctx);
}

static void sign(void)
{
    static const unsigned char value[32];
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    signature_len = sizeof(signature);
    must(EVP_PKEY_sign_init(ctx), "sign");
    must(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), "sign");
    must(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), "sign");
    must(EVP_PKEY_sign(ctx, signature, &signature_len, value, sizeof(value)), "sign");
    EVP_PKEY_CTX_free(ctx);
}

static void verify(void)
{
    static const unsigned char value[32];
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    must(EVP_PKEY_verify_init(ctx), "verify");
    must(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), "verify");
    must(EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()), "verify");
    must(EVP_PKEY_verify(ctx, signature, signature_len, value, sizeof(value)), "verify");
    EVP_PKEY_CTX_free(ctx);
}

static void wrap(void)
{
    static const unsigned char secret[32];
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    wrapped_len = sizeof(wrapped);
    must(EVP_PKEY_encrypt_init(ctx), "wrap");
    must(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), "wrap");
    must(EVP_PKEY_encrypt(ctx, wrapped, &wrapped_len, secret, sizeof(secret)), "wrap");
    EVP_PKEY_CTX_free(ctx);
}

static void unwrap(void)
{
    unsigned char secret[1024];
    size_t len = sizeof(secret);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    must(EVP_PKEY_decrypt_init(ctx), "unwrap");
    must(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING), "unwrap");
    must(EVP_PKEY_decrypt(ctx, secret, &len, wrapped, wrapped_len), "unwrap");
    EVP_PKEY_CTX_free(ctx);
}

struct sizes { /* octets of one message at each stage */
    size_t message, envelope, compressed;
};

static struct sizes sizes_of(size_t octets)
{
    struct sizes s;
    s.message = octets * 4 / 3 + SMALL;
    s.envelope = s.message * 4 / 3 + ENVELOPE;
    s.compressed = s.envelope * 3 / 4;
    return s;
}

static void base64(size_t octets, int encodes)
{
    if (encodes)
        EVP_EncodeBlock(out, in, (int)octets);
    else
        EVP_DecodeBlock(out, in, (int)(octets * 4 / 3 & ~(size_t)3));
}

static void message_out(const struct sizes *s, size_t octets)
{
    base64(octets, 1);
    cipher(EVP_aes_256_cbc(), s->message, 1);
    base64(s->message, 1);
    wrap();
    digest(s->envelope);
    sign();
    digest(s->compressed);
    cipher(EVP_aes_128_gcm(), s->compressed, 1);
    wrap();
    digest(HEADER);
    sign();
    cipher(EVP_aes_128_gcm(), s->compressed + HEADER, 1); /* TLS */
    digest(HEADER);
    verify(); /* the AS4 receipt */
}

static void message_in(const struct sizes *s, size_t octets)
{
    cipher(EVP_aes_128_gcm(), s->compressed + HEADER, 0); /* TLS */
    unwrap();
    cipher(EVP_aes_128_gcm(), s->compressed, 0);
    digest(s->compressed);
    digest(HEADER);
    verify();
    sign(); /* the AS4 receipt */
    digest(s->envelope);
    verify();
    unwrap();
    base64(s->message, 0);
    cipher(EVP_aes_256_cbc(), s->message, 0);
    base64(octets, 0);
    digest(ENVELOPE); /* the message receipt: an envelope that is not encrypted end to end */
    sign();
    digest(ENVELOPE);
    cipher(EVP_aes_128_gcm(), ENVELOPE, 1);
    wrap();
    digest(HEADER);
    sign();
    cipher(EVP_aes_128_gcm(), ENVELOPE + HEADER, 1);
    digest(HEADER);
    verify();
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: floor out|in RSA-BITS OCTETS SECONDS\n", stderr);
        return 2;
    }
    size_t octets = (size_t)strtoul(argv[3], NULL, 10);
    struct sizes s = sizes_of(octets);
    if (s.envelope + HEADER > BUFFER) {
        fputs("floor: at most 1 MiB or so\n", stderr);
        return 2;
    }
    memset(in, 'A', sizeof(in));
    key = EVP_RSA_gen((unsigned)strtoul(argv[2], NULL, 10));
    must(key != NULL, "key");
    sign();
    wrap();
    double start = cpu_seconds(), end = start + strtod(argv[4], NULL);
    unsigned long count = 0;
    for (; cpu_seconds() < end; count++) {
        if (argv[1][0] == 'o')
            message_out(&s, octets);
        else
            message_in(&s, octets);
    }
    printf("%.1f\n", (double)count / (cpu_seconds() - start));
    EVP_PKEY_free(key);
    return 0;
}
