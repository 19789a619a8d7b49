/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* floor_large.c - the passes over a large file that no access point can leave out, and nothing else: the
 * file is read once, each piece goes through all stages while it is in the processor's cache, and what
 * comes out is written once. No XML, no store, no second copy. What bench/large.py divides by.
 * usage: floor_large out|in FILE     prints CPU seconds and wall seconds
 *
 * out  the upload's TLS; base64 (SDK message), AES-256-CBC, base64 (XHE), SHA-256 (its signature), gzip,
 *      SHA-256 (AS4), AES-128-GCM, the push's TLS.
 * in   the same backwards, and the download's TLS. What is inflated was made before the clock started. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <isa-l/igzip_lib.h>
#include <openssl/evp.h>

enum { PIECE = 48 * 3 * 1024, ROOM = 4 * PIECE };

static unsigned char piece[ROOM], message[ROOM], sealed[ROOM], envelope[ROOM], packed[ROOM],
    cipher_out[ROOM];
static uint8_t level_buf[ISAL_DEF_LVL1_DEFAULT];

static void must(int ok, const char *what)
{
    if (ok <= 0) {
        fprintf(stderr, "floor_large: %s failed\n", what);
        exit(1);
    }
}

struct passes {
    EVP_CIPHER_CTX *near, *far, *cbc, *gcm; /* near: TLS with the city's system; far: with the peer */
    EVP_MD_CTX *envelope_digest, *payload_digest;
    struct isal_zstream deflate;
    struct inflate_state inflate;
    int fd; /* written once */
};

static EVP_CIPHER_CTX *cipher_of(const EVP_CIPHER *type, int encrypts)
{
    static const unsigned char secret[32], iv[16];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    must(EVP_CipherInit_ex(ctx, type, NULL, secret, iv, encrypts), "cipher");
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    return ctx;
}

static EVP_MD_CTX *digest_of(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(EVP_DigestInit_ex(ctx, EVP_sha256(), NULL), "digest");
    return ctx;
}

static size_t cipher(EVP_CIPHER_CTX *ctx, unsigned char *out, const unsigned char *in, size_t len)
{
    int n = 0;
    must(EVP_CipherUpdate(ctx, out, &n, in, (int)len), "cipher");
    return (size_t)n;
}

static void digest(EVP_MD_CTX *ctx, const unsigned char *in, size_t len)
{
    must(EVP_DigestUpdate(ctx, in, len), "digest");
}

static size_t pack(struct passes *p, size_t len)
{
    p->deflate.next_in = envelope;
    p->deflate.avail_in = (uint32_t)len;
    p->deflate.next_out = packed;
    p->deflate.avail_out = ROOM;
    must(isal_deflate(&p->deflate) == COMP_OK, "gzip");
    return ROOM - p->deflate.avail_out;
}

static void unpack(struct passes *p, size_t packed_len)
{
    p->inflate.next_in = packed;
    p->inflate.avail_in = (uint32_t)packed_len;
    p->inflate.next_out = envelope;
    p->inflate.avail_out = ROOM;
    must(isal_inflate(&p->inflate) == ISAL_DECOMP_OK, "gunzip");
}

static void put(const struct passes *p, const unsigned char *octets, size_t len)
{
    must(write(p->fd, octets, len) == (ssize_t)len, "write");
}

static void piece_out(struct passes *p, size_t len)
{
    cipher(p->near, piece, piece, len);
    size_t n = (size_t)EVP_EncodeBlock(message, piece, (int)len);
    n = cipher(p->cbc, sealed, message, n & ~(size_t)15);
    n = (size_t)EVP_EncodeBlock(envelope, sealed, (int)n);
    digest(p->envelope_digest, envelope, n);
    n = pack(p, n);
    digest(p->payload_digest, packed, n);
    cipher(p->gcm, cipher_out, packed, n);
    put(p, cipher_out, n);
    cipher(p->far, cipher_out, cipher_out, n);
}

/* The envelope of this piece, packed: the work of the other side, not counted. */
static size_t prepare(struct passes *p, size_t len, size_t *envelope_len)
{
    size_t n = (size_t)EVP_EncodeBlock(message, piece, (int)len) & ~(size_t)15;
    cipher(p->cbc, sealed, message, n);
    *envelope_len = (size_t)EVP_EncodeBlock(envelope, sealed, (int)n);
    return pack(p, *envelope_len);
}

static void piece_in(struct passes *p, EVP_CIPHER_CTX *opens, size_t packed_len, size_t len)
{
    cipher(p->far, cipher_out, packed, packed_len);
    cipher(p->gcm, cipher_out, cipher_out, packed_len);
    digest(p->payload_digest, packed, packed_len);
    unpack(p, packed_len);
    digest(p->envelope_digest, envelope, len);
    int n = EVP_DecodeBlock(sealed, envelope, (int)len);
    must(n, "base64");
    size_t octets = cipher(opens, message, sealed, (size_t)n & ~(size_t)15);
    n = EVP_DecodeBlock(piece, message, (int)(octets & ~(size_t)3));
    put(p, piece, n > 0 ? (size_t)n : octets * 3 / 4);
    cipher(p->near, piece, piece, octets * 3 / 4);
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct spent {
    double cpu, wall;
};

static struct spent run_out(struct passes *p, int in)
{
    struct spent start = {cpu_seconds(), wall_seconds()};
    for (ssize_t n; (n = read(in, piece, PIECE)) > 0;)
        piece_out(p, (size_t)n);
    fsync(p->fd);
    return (struct spent){cpu_seconds() - start.cpu, wall_seconds() - start.wall};
}

static struct spent run_in(struct passes *p, int in)
{
    EVP_CIPHER_CTX *opens = cipher_of(EVP_aes_256_cbc(), 0);
    struct spent sum = {0, 0};
    for (;;) {
        struct spent start = {cpu_seconds(), wall_seconds()};
        ssize_t n = read(in, piece, PIECE);
        struct spent reading = {cpu_seconds(), wall_seconds()};
        sum.cpu += reading.cpu - start.cpu;
        sum.wall += reading.wall - start.wall;
        if (n <= 0)
            break;
        size_t envelope_len, packed_len = prepare(p, (size_t)n, &envelope_len);
        start = (struct spent){cpu_seconds(), wall_seconds()};
        piece_in(p, opens, packed_len, envelope_len);
        sum.cpu += cpu_seconds() - start.cpu;
        sum.wall += wall_seconds() - start.wall;
    }
    double before = wall_seconds();
    fsync(p->fd);
    sum.wall += wall_seconds() - before;
    EVP_CIPHER_CTX_free(opens);
    return sum;
}

static void open_passes(struct passes *p, const char *path)
{
    char name[4096];
    snprintf(name, sizeof(name), "%s.floor", path);
    p->fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    must(p->fd >= 0, "open");
    unlink(name);
    p->near = cipher_of(EVP_aes_256_gcm(), 1);
    p->far = cipher_of(EVP_aes_256_gcm(), 1);
    p->cbc = cipher_of(EVP_aes_256_cbc(), 1);
    p->gcm = cipher_of(EVP_aes_128_gcm(), 1);
    p->envelope_digest = digest_of();
    p->payload_digest = digest_of();
    isal_deflate_init(&p->deflate);
    p->deflate.level = 1;
    p->deflate.level_buf = level_buf;
    p->deflate.level_buf_size = sizeof(level_buf);
    p->deflate.flush = SYNC_FLUSH;
    isal_inflate_init(&p->inflate);
}

int main(int argc, char **argv)
{
    static struct passes p;
    if (argc != 3) {
        fputs("usage: floor_large out|in FILE\n", stderr);
        return 2;
    }
    int in = open(argv[2], O_RDONLY);
    must(in >= 0, "open");
    open_passes(&p, argv[2]);
    struct spent s = argv[1][0] == 'o' ? run_out(&p, in) : run_in(&p, in);
    printf("%.2f %.2f\n", s.cpu, s.wall);
    return 0;
}
