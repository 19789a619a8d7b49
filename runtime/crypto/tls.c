/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/tls.h"

#include <stdatomic.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/crypto/ossl.h"
#include "runtime/crypto/verdict.h"

/* spec/as4.md 22; AES first, ChaCha20 for peers without it. */
static const char suites_12[] = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!PSK:!SRP:@SECLEVEL=2";
static const char suites_13[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
enum { SKEW_MS = 60 * 1000, CHAIN_MAX = 10, SESSION_S = 3600 };
enum { READ_AHEAD = 64 * 1024 }; /* held only while there is something in it */

struct tls {
    SSL_CTX *native;
    struct key *key;          /* NULL: a client that does not say who it is */
    struct cert_list chain;   /* leaf first */
    struct trust *trust;      /* NULL: nobody is asked */
    bool is_server, verify_name;
    atomic_uint holders;      /* whoever made it, and each session */
};

/* --- the check of a peer */

static bool untrusted_of(X509_STORE_CTX *ctx, struct cert_list *others, struct error *e)
{
    STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(ctx);
    for (int i = 0; i < sk_X509_num(sent) && i < CHAIN_MAX; i++) {
        AUTO_CERT struct cert *c = NULL;
        if (!cert_from_native(sk_X509_value(sent, i), &c, e) || !cert_list_add(others, c))
            return false;
    }
    return true;
}

/* The name that SSL_set1_host() asked for; none asked: libcurl checks by itself. */
static bool name_fits(X509_STORE_CTX *ctx, X509 *leaf)
{
    const char *host = X509_VERIFY_PARAM_get0_host(X509_STORE_CTX_get0_param(ctx), 0);
    if (host == NULL)
        return true;
    return X509_check_host(leaf, host, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1 ||
           X509_check_ip_asc(leaf, host, 0) == 1;
}

static bool judge_peer(const struct tls *t, X509_STORE_CTX *ctx, int *code)
{
    struct error e;
    struct verdict verdict;
    AUTO_CERT struct cert *c = NULL;
    AUTO_CERT_LIST others = {0};
    X509 *leaf = X509_STORE_CTX_get0_cert(ctx);
    *code = X509_V_ERR_UNSPECIFIED;
    if (leaf == NULL || !cert_from_native(leaf, &c, &e) || !untrusted_of(ctx, &others, &e))
        return false;
    trust_judge(t->trust, c, &others, clock_now_ms(), &verdict);
    *code = verdict.code;
    if (!verdict.is_good)
        return false;
    *code = X509_V_OK;
    if (t->is_server || !t->verify_name || name_fits(ctx, leaf))
        return true;
    *code = X509_V_ERR_HOSTNAME_MISMATCH;
    return false;
}

/* In place of OpenSSL's own run: the same judge as everywhere, with fresh CRLs. */
static int on_peer(X509_STORE_CTX *ctx, void *tls)
{
    int code;
    bool is_good = judge_peer(tls, ctx, &code);
    X509_STORE_CTX_set_error(ctx, code);
    ERR_clear_error();
    return is_good ? 1 : 0;
}

/* --- building */

static bool set_protocols(SSL_CTX *ctx, struct error *e)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(ctx, suites_12) != 1 ||
        SSL_CTX_set_ciphersuites(ctx, suites_13) != 1)
        return ossl_error(e, ERROR_BUG, "TLS suites");
    return true;
}

static bool set_identity(const struct tls *t, SSL_CTX *ctx, struct error *e)
{
    if (t->key == NULL)
        return true;
    if (SSL_CTX_use_certificate(ctx, cert_native(t->chain.at[0])) != 1 ||
        SSL_CTX_use_PrivateKey(ctx, key_native(t->key)) != 1 ||
        SSL_CTX_clear_chain_certs(ctx) != 1)
        return ossl_error(e, ERROR_REJECT, "the TLS certificate");
    for (size_t i = 1; i < t->chain.count; i++)
        if (SSL_CTX_add1_chain_cert(ctx, cert_native(t->chain.at[i])) != 1)
            return ossl_error(e, ERROR_REJECT, "the TLS chain");
    return true;
}

static bool set_peer_check(const struct tls *t, SSL_CTX *ctx, struct error *e)
{
    union { /* OpenSSL's argument is not const */
        const struct tls *read;
        void *given;
    } arg = {.read = t};
    if (t->trust == NULL) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
        return true;
    }
    SSL_CTX_set_cert_store(ctx, trust_store(t->trust));
    SSL_CTX_set_cert_verify_callback(ctx, on_peer, arg.given);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    const struct cert_list *anchors = trust_anchors(t->trust);
    for (size_t i = 0; t->is_server && i < anchors->count; i++)
        if (SSL_CTX_add_client_CA(ctx, cert_native(anchors->at[i])) != 1)
            return ossl_error(e, ERROR_BUG, "TLS anchors");
    return true;
}

/* A peer that comes back with a ticket shows no certificate: the one of its first visit is judged again,
 * so that a revoked one does not live on in its tickets. If it fails, the whole handshake is made. */
static SSL_TICKET_RETURN on_ticket(SSL *ssl, SSL_SESSION *session, const unsigned char *name,
                                   size_t name_size, SSL_TICKET_STATUS status, void *tls)
{
    struct error e;
    struct verdict verdict = {0};
    const struct tls *t = tls;
    AUTO_CERT struct cert *c = NULL;
    (void)ssl, (void)name, (void)name_size;
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    if (t->trust == NULL)
        return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
    X509 *leaf = SSL_SESSION_get0_peer(session);
    if (leaf != NULL && cert_from_native(leaf, &c, &e))
        trust_judge(t->trust, c, NULL, clock_now_ms(), &verdict);
    ERR_clear_error();
    if (!verdict.is_good)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
}

/* A server's sessions live in tickets under keys of this process, nowhere else; resumption keeps the
 * peer's certificate, and the context id keeps sessions of other listeners out. */
static bool set_sessions(const struct tls *t, SSL_CTX *ctx, struct error *e)
{
    static const unsigned char context[] = "posthorn";
    union { /* OpenSSL's argument is not const */
        const struct tls *read;
        void *given;
    } arg = {.read = t};
    SSL_CTX_set_timeout(ctx, SESSION_S);
    SSL_CTX_set_session_cache_mode(
        ctx, t->is_server ? SSL_SESS_CACHE_OFF : SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    if (t->is_server && (SSL_CTX_set_session_id_context(ctx, context, sizeof(context) - 1) != 1 ||
                         SSL_CTX_set_session_ticket_cb(ctx, NULL, on_ticket, arg.given) != 1))
        return ossl_error(e, ERROR_BUG, "TLS sessions");
    return true;
}

bool tls_lend(const struct tls *t, void *native_ctx, struct error *e)
{
    return set_protocols(native_ctx, e) && set_identity(t, native_ctx, e) &&
           set_peer_check(t, native_ctx, e);
}

static bool read_identity(struct tls *t, const struct tls_config *config, struct error *e)
{
    if (config->key_path == NULL)
        return !config->is_server || error_set(e, ERROR_REJECT, "a TLS server needs a key");
    struct cert_list *from_key = config->chain_path == NULL ? &t->chain : NULL;
    if (!key_read(config->key_path, config->password, &t->key, from_key, e))
        return false;
    if (config->chain_path != NULL && !cert_list_read_pem(&t->chain, config->chain_path, e))
        return false;
    if (t->chain.count == 0)
        return error_set(e, ERROR_REJECT, "%s holds no certificate; give the chain as well",
                         config->key_path);
    if (!key_fits(t->key, t->chain.at[0]))
        return error_set(e, ERROR_REJECT, "%s is not the key of '%.*s', the first certificate",
                         config->key_path,
                         STR_ARG(str_upto(cert_subject(t->chain.at[0]), 120)));
    return true;
}

static bool read_trust(struct tls *t, const struct tls_config *config, struct error *e)
{
    enum trust_crl crl = config->peer_crl_path == NULL          ? TRUST_CRL_NONE
                         : config->peer_crl == TRUST_CRL_NONE ? TRUST_CRL_SOFT
                                                              : config->peer_crl;
    const struct trust_config trust = {
        .anchors_path = config->peer_anchors_path,
        .crl_path = config->peer_crl_path,
        .crl = crl,
        .use = config->is_server ? TRUST_TLS_CLIENT : TRUST_TLS_SERVER,
        .skew_ms = SKEW_MS,
    };
    if (config->peer_anchors_path != NULL)
        return trust_new(&trust, &t->trust, e);
    return config->is_server ||
           error_set(e, ERROR_REJECT, "a TLS client needs anchors to know its peers by");
}

static bool build(struct tls *t, const struct tls_config *config, struct error *e)
{
    if (!read_identity(t, config, e) || !read_trust(t, config, e))
        return false;
    t->native = SSL_CTX_new(config->is_server ? TLS_server_method() : TLS_client_method());
    if (t->native == NULL)
        return ossl_error(e, ERROR_BUG, "TLS");
    /* Our own streams ask what was read ahead (tls_session_holds); libcurl does not. */
    SSL_CTX_set_read_ahead(t->native, 1);
    SSL_CTX_set_default_read_buffer_len(t->native, READ_AHEAD);
    return tls_lend(t, t->native, e) && set_sessions(t, t->native, e);
}

bool tls_new(const struct tls_config *config, struct tls **out, struct error *e)
{
    struct tls *t = mem_new(sizeof(*t));
    atomic_init(&t->holders, 1);
    t->is_server = config->is_server;
    t->verify_name = config->verify_name;
    if (!build(t, config, e)) {
        tls_free(t);
        return false;
    }
    *out = t;
    return true;
}

struct tls *tls_hold(const struct tls *t)
{
    union { /* the count alone changes */
        const struct tls *read;
        struct tls *held;
    } same = {.read = t};
    atomic_fetch_add(&same.held->holders, 1);
    return same.held;
}

void tls_free(struct tls *t)
{
    if (t == NULL || atomic_fetch_sub(&t->holders, 1) != 1)
        return;
    SSL_CTX_free(t->native);
    trust_free(t->trust);
    cert_list_release(&t->chain);
    key_free(t->key);
    mem_free(t);
}

void *tls_native(const struct tls *t)
{
    return t->native;
}

struct cert *tls_peer_cert(void *native_ssl)
{
    struct error ignored;
    struct cert *c = NULL;
    X509 *x509 = SSL_get0_peer_certificate(native_ssl);
    if (x509 == NULL || SSL_get_verify_result(native_ssl) != X509_V_OK ||
        !cert_from_native(x509, &c, &ignored))
        return NULL;
    return c;
}
