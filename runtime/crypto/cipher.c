/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/cipher.h"

#include <stddef.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "runtime/base/mem.h"
#include "runtime/base/uuid.h"
#include "runtime/crypto/ossl.h"

enum { GCM_IV = 12, CBC_IV = 16, TAG = 16, BLOCK = 16, CHUNK = 32 * 1024 };
static const uint64_t OCTETS_MAX = (1ULL << 36) - 32; /* NIST SP 800-38D §5.2.1.1, for one key and IV */

struct state {
    EVP_CIPHER_CTX *ctx;
    enum cipher_type type;
    size_t iv_len;               /* of a whole one */
    size_t iv_got;               /* seal: 0 or iv_len, written; open: read so far */
    unsigned char key[32];       /* open: until the IV is there */
    unsigned char iv[CBC_IV];
    unsigned char held[TAG];     /* open: the last 16 octets seen: tag, or the block with the padding */
    size_t held_len;
    uint64_t octets;             /* that went through the cipher */
    size_t plain_len;            /* open: the most that was in out */
    unsigned char out[CHUNK + BLOCK]; /* the last one: neither zeroed nor wiped whole */
};

size_t cipher_key_size(enum cipher_type type)
{
    return type == CIPHER_AES128_GCM ? 16 : 32;
}

static void free_state(struct state *t)
{
    EVP_CIPHER_CTX_free(t->ctx);
    mem_wipe(t, offsetof(struct state, out) + t->plain_len);
    mem_free(t);
}

static bool new_state(enum cipher_type type, struct str key, struct state **out, struct error *e)
{
    if (key.len != cipher_key_size(type))
        return error_set(e, ERROR_BUG, "a key of %zu octets does not fit the cipher", key.len);
    struct state *t = mem_room(sizeof(*t));
    memset(t, 0, offsetof(struct state, out));
    t->ctx = EVP_CIPHER_CTX_new();
    t->type = type;
    t->iv_len = type == CIPHER_AES256_CBC ? CBC_IV : GCM_IV;
    memcpy(t->key, key.at, key.len);
    if (t->ctx == NULL) {
        free_state(t);
        return ossl_error(e, ERROR_BUG, "cipher");
    }
    *out = t;
    return true;
}

void cipher_sink_release(struct cipher_sink *s)
{
    if (s->state != NULL)
        free_state(s->state);
    s->state = NULL;
}

static bool count_octets(struct state *t, size_t more, struct error *e)
{
    if (more > OCTETS_MAX - t->octets)
        return error_set(e, ERROR_REJECT, "more than 64 GiB under one key");
    t->octets += more;
    return true;
}

/* --- seal */

static bool write_iv_once(struct cipher_sink *s, struct error *e)
{
    struct state *t = s->state;
    if (t->iv_got > 0)
        return true;
    t->iv_got = t->iv_len;
    return sink_write(s->next, str_bytes(t->iv, t->iv_len), e);
}

static bool seal_write(struct sink *sink, struct str octets, struct error *e)
{
    struct cipher_sink *s = (struct cipher_sink *)sink;
    struct state *t = s->state;
    if (!count_octets(t, octets.len, e) || !write_iv_once(s, e))
        return false;
    while (octets.len > 0) {
        struct str part = str_upto(octets, CHUNK);
        int n = 0;
        if (EVP_EncryptUpdate(t->ctx, t->out, &n, (const unsigned char *)part.at, (int)part.len) !=
            1)
            return ossl_error(e, ERROR_BUG, "cannot encrypt");
        if (!sink_write(s->next, str_bytes(t->out, (size_t)n), e))
            return false;
        octets = str_from(octets, part.len);
    }
    return true;
}

static bool seal_finish(struct sink *sink, struct error *e)
{
    struct cipher_sink *s = (struct cipher_sink *)sink;
    struct state *t = s->state;
    int n = 0;
    if (!write_iv_once(s, e))
        return false;
    if (EVP_EncryptFinal_ex(t->ctx, t->out, &n) != 1)
        return ossl_error(e, ERROR_BUG, "cannot encrypt");
    size_t len = (size_t)n;
    if (t->type != CIPHER_AES256_CBC) {
        if (EVP_CIPHER_CTX_ctrl(t->ctx, EVP_CTRL_AEAD_GET_TAG, TAG, t->out + len) != 1)
            return ossl_error(e, ERROR_BUG, "cannot encrypt");
        len += TAG;
    }
    return sink_write(s->next, str_bytes(t->out, len), e) && sink_finish(s->next, e);
}

bool cipher_seal_sink_init(struct cipher_sink *s, enum cipher_type type, struct str key,
                           struct sink *next, struct error *e)
{
    struct state *t;
    if (!new_state(type, key, &t, e))
        return false;
    random_octets(t->iv, t->iv_len);
    /* CBC: OpenSSL's own padding (n octets of value n) is one of those XML-Enc allows, and the one
     * that every reader takes. */
    int ok = EVP_EncryptInit_ex2(t->ctx, ossl_cipher(type), t->key, t->iv, NULL);
    mem_wipe(t->key, sizeof(t->key));
    if (ok != 1) {
        free_state(t);
        return ossl_error(e, ERROR_BUG, "cipher");
    }
    *s = (struct cipher_sink){{seal_write, seal_finish}, next, t};
    return true;
}

/* --- open */

static bool cannot_open(struct error *e)
{
    ERR_clear_error(); /* SSL_get_error() of this thread would find it */
    return error_set(e, ERROR_DENY, "cannot be decrypted");
}

static bool take_iv(struct state *t, struct str *octets)
{
    size_t n = t->iv_len - t->iv_got;
    struct str part = str_upto(*octets, n);
    memcpy(t->iv + t->iv_got, part.at, part.len);
    t->iv_got += part.len;
    *octets = str_from(*octets, part.len);
    if (t->iv_got < t->iv_len)
        return true;
    int ok = EVP_DecryptInit_ex2(t->ctx, ossl_cipher(t->type), t->key, t->iv, NULL);
    mem_wipe(t->key, sizeof(t->key));
    return ok == 1 && EVP_CIPHER_CTX_set_padding(t->ctx, 0) == 1; /* XML-Enc's is checked here */
}

static bool decrypt(struct cipher_sink *s, struct str octets, struct error *e)
{
    struct state *t = s->state;
    if (!count_octets(t, octets.len, e))
        return false;
    while (octets.len > 0) {
        struct str part = str_upto(octets, CHUNK);
        int n = 0;
        if (t->plain_len < part.len + BLOCK)
            t->plain_len = part.len + BLOCK;
        if (EVP_DecryptUpdate(t->ctx, t->out, &n, (const unsigned char *)part.at, (int)part.len) !=
            1)
            return cannot_open(e);
        if (!sink_write(s->next, str_bytes(t->out, (size_t)n), e))
            return false;
        octets = str_from(octets, part.len);
    }
    return true;
}

static bool open_write(struct sink *sink, struct str octets, struct error *e)
{
    struct cipher_sink *s = (struct cipher_sink *)sink;
    struct state *t = s->state;
    if (t->iv_got < t->iv_len && !take_iv(t, &octets))
        return cannot_open(e);
    /* Everything but the last 16 octets seen so far may pass. */
    size_t have = t->held_len + octets.len;
    size_t pass = have > TAG ? have - TAG : 0;
    size_t from_held = pass < t->held_len ? pass : t->held_len;
    size_t from_new = pass - from_held;
    if (!decrypt(s, str_bytes(t->held, from_held), e) ||
        !decrypt(s, str_upto(octets, from_new), e))
        return false;
    memmove(t->held, t->held + from_held, t->held_len - from_held);
    t->held_len -= from_held;
    struct str rest = str_from(octets, from_new);
    if (rest.len > 0)
        memcpy(t->held + t->held_len, rest.at, rest.len);
    t->held_len += rest.len;
    return true;
}

static bool check_tag(struct cipher_sink *s, struct error *e)
{
    struct state *t = s->state;
    int n = 0;
    if (EVP_CIPHER_CTX_ctrl(t->ctx, EVP_CTRL_AEAD_SET_TAG, TAG, t->held) != 1 ||
        EVP_DecryptFinal_ex(t->ctx, t->out, &n) != 1)
        return cannot_open(e);
    return sink_write(s->next, str_bytes(t->out, (size_t)n), e);
}

/* XML-Enc §5.2.3: the last octet says how many of the last block's octets are padding; what the
 * others hold means nothing. */
static bool drop_padding(struct cipher_sink *s, struct error *e)
{
    struct state *t = s->state;
    int n = 0;
    t->plain_len = t->plain_len < BLOCK ? BLOCK : t->plain_len;
    if (t->octets % BLOCK != 0 || EVP_DecryptUpdate(t->ctx, t->out, &n, t->held, BLOCK) != 1 ||
        n != BLOCK || t->out[BLOCK - 1] < 1 || t->out[BLOCK - 1] > BLOCK)
        return cannot_open(e);
    return sink_write(s->next, str_bytes(t->out, (size_t)(BLOCK - t->out[BLOCK - 1])), e);
}

static bool open_finish(struct sink *sink, struct error *e)
{
    struct cipher_sink *s = (struct cipher_sink *)sink;
    struct state *t = s->state;
    if (t->iv_got < t->iv_len || t->held_len < TAG)
        return cannot_open(e);
    if (!(t->type == CIPHER_AES256_CBC ? drop_padding(s, e) : check_tag(s, e)))
        return false;
    return sink_finish(s->next, e);
}

bool cipher_open_sink_init(struct cipher_sink *s, enum cipher_type type, struct str key,
                           struct sink *next, struct error *e)
{
    struct state *t;
    if (!new_state(type, key, &t, e))
        return false;
    *s = (struct cipher_sink){{open_write, open_finish}, next, t};
    return true;
}

/* --- small values at once */

static void free_ctx_at(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}
#define AUTO_CIPHER_CTX __attribute__((cleanup(free_ctx_at))) EVP_CIPHER_CTX

static bool check_sizes(struct str key, struct str aad, struct str text, struct error *e)
{
    if (key.len != cipher_key_size(CIPHER_AES256_GCM))
        return error_set(e, ERROR_BUG, "a key of %zu octets does not fit the cipher", key.len);
    if (aad.len > INT32_MAX || text.len > INT32_MAX)
        return error_set(e, ERROR_BUG, "too large to be sealed at once");
    return true;
}

bool cipher_seal(struct str key, struct str aad, struct str plain, struct buf *out,
                 struct error *e)
{
    AUTO_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    char *room;
    if (!check_sizes(key, aad, plain, e) || !buf_room(out, GCM_IV + plain.len + TAG, &room, e))
        return false;
    unsigned char *at = (unsigned char *)room;
    int n = 0;
    random_octets(at, GCM_IV);
    if (ctx == NULL ||
        EVP_EncryptInit_ex2(ctx, ossl_cipher(CIPHER_AES256_GCM), (const unsigned char *)key.at, at,
                            NULL) != 1 ||
        (aad.len > 0 && EVP_EncryptUpdate(ctx, NULL, &n, (const unsigned char *)aad.at,
                                          (int)aad.len) != 1) ||
        (plain.len > 0 && EVP_EncryptUpdate(ctx, at + GCM_IV, &n, (const unsigned char *)plain.at,
                                            (int)plain.len) != 1) ||
        EVP_EncryptFinal_ex(ctx, at + GCM_IV + plain.len, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, at + GCM_IV + plain.len) != 1)
        return ossl_error(e, ERROR_BUG, "cannot encrypt");
    buf_grew(out, GCM_IV + plain.len + TAG);
    return true;
}

static bool open_gcm(EVP_CIPHER_CTX *ctx, struct str key, struct str aad, struct str sealed,
                     unsigned char *plain)
{
    const unsigned char *iv = (const unsigned char *)sealed.at;
    size_t len = sealed.len - GCM_IV - TAG;
    unsigned char tag[TAG];
    memcpy(tag, iv + GCM_IV + len, TAG);
    int n = 0;
    return ctx != NULL &&
           EVP_DecryptInit_ex2(ctx, ossl_cipher(CIPHER_AES256_GCM), (const unsigned char *)key.at,
                               iv, NULL) == 1 &&
           (aad.len == 0 || EVP_DecryptUpdate(ctx, NULL, &n, (const unsigned char *)aad.at,
                                              (int)aad.len) == 1) &&
           (len == 0 || EVP_DecryptUpdate(ctx, plain, &n, iv + GCM_IV, (int)len) == 1) &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1 &&
           EVP_DecryptFinal_ex(ctx, plain + len, &n) == 1;
}

bool cipher_open(struct str key, struct str aad, struct str sealed, struct buf *out,
                 struct error *e)
{
    AUTO_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    char *room;
    if (!check_sizes(key, aad, sealed, e))
        return false;
    if (sealed.len < GCM_IV + TAG)
        return cannot_open(e);
    size_t len = sealed.len - GCM_IV - TAG;
    if (!buf_room(out, len, &room, e))
        return false;
    if (!open_gcm(ctx, key, aad, sealed, (unsigned char *)room)) {
        mem_wipe(room, len); /* nothing unproven stays behind */
        return cannot_open(e);
    }
    buf_grew(out, len);
    return true;
}
