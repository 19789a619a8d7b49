/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* floor.c - the OpenSSL operations that no access point can leave out for one SDK message, and nothing
 * else: no XML, no gzip, no disk, no store, no process beside it. What bench/as4.py divides by.
 * usage: floor out|in RSA-BITS OCTETS
 * prints "ready", works until SIGTERM, prints messages per CPU second
 *
 * out  the text opened (it lies encrypted at rest); XHE: AES-256-CBC, base64, SHA-256, RSA sign, OAEP wrap;
 *      AS4: SHA-256, AES-128-GCM, OAEP wrap, SHA-256 of the header, RSA sign; pushed over a TLS connection
 *      that is kept; the receipt read from it: SHA-256, RSA verify.
 * in   the same backwards: 2 OAEP unwrap, 2 RSA verify, ...; envelope and text sealed for rest; the AS4
 *      receipt: RSA sign; and the message receipt as a message of its own: 2 RSA sign, OAEP wrap, and the
 *      check of its AS4 receipt.
 * The other end of the connection is a process of its own and is not counted. Sizes are those of a real
 * message with a text of so many octets (the payloads' sizes in the store). */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>

enum {
    BUFFER = 4 * 1024 * 1024,
    SMALL = 2 * 1024,    /* of XML around a text */
    ENVELOPE = 7 * 1024, /* of XML around a payload; all of a message receipt's envelope */
    HEADER = 10 * 1024,  /* of an AS4 message, with its certificates */
    SIGNED = 6 * 1024,   /* of it, what is digested; all of an AS4 receipt */
};

static unsigned char in[BUFFER], out[2 * BUFFER], signature[1024], wrapped[1024];
static size_t signature_len, wrapped_len;
static EVP_PKEY *key;

static void must(int ok, const char *what)
{
    if (ok <= 0) {
        fprintf(stderr, "floor: %s failed: %s\n", what, strerror(errno));
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

/* --- the kept connection */

static SSL_CTX *tls_context(const SSL_METHOD *method)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    must(ctx != NULL && SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION), "TLS");
    return ctx;
}

/* A throw-away certificate: the handshake comes before the clock starts. */
static SSL_CTX *server_context(void)
{
    SSL_CTX *ctx = tls_context(TLS_server_method());
    X509 *cert = X509_new();
    EVP_PKEY *own = EVP_RSA_gen(2048);
    must(cert != NULL && own != NULL, "certificate");
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    must(X509_set_pubkey(cert, own) && X509_sign(cert, own, EVP_sha256()), "certificate");
    must(SSL_CTX_use_certificate(ctx, cert) && SSL_CTX_use_PrivateKey(ctx, own), "certificate");
    X509_free(cert);
    EVP_PKEY_free(own);
    return ctx;
}

static SSL *tls_on(SSL_CTX *ctx, int fd, int accepts)
{
    int on = 1;
    SSL *tls = SSL_new(ctx);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    must(tls != NULL && SSL_set_fd(tls, fd), "TLS");
    must(accepts ? SSL_accept(tls) : SSL_connect(tls), "TLS handshake");
    SSL_CTX_free(ctx);
    return tls;
}

static void put(SSL *tls, size_t octets)
{
    size_t done;
    must(SSL_write_ex(tls, in, octets, &done), "TLS write");
}

/* 0: the other end is gone */
static int get(SSL *tls, void *at, size_t octets)
{
    size_t done;
    for (size_t n = 0; n < octets; n += done)
        if (SSL_read_ex(tls, (char *)at + n, octets - n, &done) <= 0)
            return 0;
    return 1;
}

/* What the other end is asked: take so many octets after this, and answer with so many. */
struct turn {
    uint32_t takes, gives;
};

static void be_peer(SSL *tls)
{
    struct turn turn;
    cpu_set_t all;
    memset(&all, 0xff, sizeof(all));
    (void)sched_setaffinity(0, sizeof(all), &all); /* beside us, not instead of us */
    size_t done;
    int is_there = 1; /* at the end the other one goes without a word */
    while (is_there && get(tls, &turn, sizeof(turn)) && get(tls, out, turn.takes))
        if (turn.gives > 0)
            is_there = SSL_write_ex(tls, in, turn.gives, &done) > 0;
    _exit(0);
}

static SSL *kept_connection(pid_t *peer)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(listener, 1) == 0 &&
             getsockname(listener, (struct sockaddr *)&at, &len) == 0,
         "listen");
    *peer = fork();
    must(*peer != -1, "fork");
    if (*peer == 0) {
        close(fd);
        be_peer(tls_on(server_context(), accept(listener, NULL, NULL), 1));
    }
    close(listener);
    must(connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0, "connect");
    return tls_on(tls_context(TLS_client_method()), fd, 0);
}

/* The turn is the first octets of what is put. */
static void put_turn(SSL *tls, size_t octets, size_t gives)
{
    struct turn turn = {(uint32_t)(octets - sizeof(turn)), (uint32_t)gives};
    memcpy(in, &turn, sizeof(turn));
    put(tls, octets);
}

/* One push: so many octets there, an AS4 receipt back; and, where one is pushed to us, the next of it. */
static void push(SSL *tls, size_t octets, size_t next)
{
    put_turn(tls, octets, SIGNED + next);
    must(get(tls, out, SIGNED), "TLS read");
}

/* --- a message */

struct sizes { /* octets of one message at each stage */
    size_t message, envelope, compressed;
};

static struct sizes sizes_of(size_t octets)
{
    struct sizes s;
    s.message = octets + SMALL;
    s.envelope = s.message * 4 / 3 + ENVELOPE;
    s.compressed = s.envelope * 3 / 4; /* random octets in base64 */
    return s;
}

static void base64(size_t octets, int encodes)
{
    if (encodes)
        EVP_EncodeBlock(out, in, (int)octets);
    else
        EVP_DecodeBlock(out, in, (int)(octets * 4 / 3 & ~(size_t)3));
}

static void message_out(SSL *tls, const struct sizes *s)
{
    cipher(EVP_aes_256_gcm(), s->message, 0); /* at rest */
    cipher(EVP_aes_256_cbc(), s->message, 1);
    base64(s->message, 1);
    wrap();
    digest(s->envelope);
    sign();
    digest(s->compressed);
    cipher(EVP_aes_128_gcm(), s->compressed, 1);
    wrap();
    digest(SIGNED);
    sign();
    push(tls, s->compressed + HEADER, 0);
    digest(SIGNED);
    verify(); /* the AS4 receipt */
}

static void message_in(SSL *tls, const struct sizes *s)
{
    must(get(tls, out, s->compressed + HEADER), "TLS read");
    unwrap();
    cipher(EVP_aes_128_gcm(), s->compressed, 0);
    digest(s->compressed);
    digest(SIGNED);
    verify();
    cipher(EVP_aes_256_gcm(), s->envelope, 1); /* at rest */
    sign();
    put_turn(tls, SIGNED, 0);
    digest(s->envelope);
    verify();
    unwrap();
    base64(s->message, 0);
    cipher(EVP_aes_256_cbc(), s->message, 0);
    cipher(EVP_aes_256_gcm(), s->message, 1); /* at rest */
    digest(ENVELOPE); /* the message receipt: an envelope that is not encrypted end to end */
    sign();
    digest(ENVELOPE);
    cipher(EVP_aes_128_gcm(), ENVELOPE, 1);
    wrap();
    digest(SIGNED);
    sign();
    push(tls, ENVELOPE + HEADER, s->compressed + HEADER);
    digest(SIGNED);
    verify();
}

static volatile sig_atomic_t is_over;

static void end(int number)
{
    (void)number;
    is_over = 1;
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
    if (argc != 4) {
        fputs("usage: floor out|in RSA-BITS OCTETS\n", stderr);
        return 2;
    }
    size_t octets = (size_t)strtoul(argv[3], NULL, 10);
    struct sizes s = sizes_of(octets);
    if (s.envelope + HEADER > BUFFER) {
        fputs("floor: at most 1 MiB or so\n", stderr);
        return 2;
    }
    memset(in, 'A', sizeof(in));
    signal(SIGPIPE, SIG_IGN);
    key = EVP_RSA_gen((unsigned)strtoul(argv[2], NULL, 10));
    must(key != NULL, "key");
    sign();
    wrap();
    pid_t peer;
    SSL *tls = kept_connection(&peer);
    signal(SIGTERM, end);
    if (argv[1][0] == 'i')
        put_turn(tls, sizeof(struct turn), s.compressed + HEADER);
    puts("ready");
    fflush(stdout);
    double start = cpu_seconds();
    unsigned long count = 0;
    for (; !is_over; count++) {
        if (argv[1][0] == 'o')
            message_out(tls, &s);
        else
            message_in(tls, &s);
    }
    printf("%.1f\n", (double)count / (cpu_seconds() - start));
    close(SSL_get_fd(tls));
    waitpid(peer, NULL, 0);
    SSL_free(tls);
    EVP_PKEY_free(key);
    return 0;
}
