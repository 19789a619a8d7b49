/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tls.h - TLS contexts, built once. TLS 1.2 and 1.3 only, ECDHE suites, no renegotiation, tickets. */
#pragma once

#include "runtime/crypto/key.h"
#include "runtime/crypto/trust.h"

struct tls; /* an SSL_CTX behind a wall */

struct tls_config {
    const char *key_path;   /* PEM or PKCS#12 */
    const char *chain_path; /* PEM, leaf first; NULL with PKCS#12 */
    const struct secret *password;
    const char *peer_anchors_path; /* NULL: server asks for no client certificate */
    const char *peer_crl_path;     /* NULL: no revocation check */
    enum trust_crl peer_crl;       /* with a path: NONE is taken as SOFT */
    bool is_server;
    bool verify_name; /* client: SAN must name the host that SSL_set1_host() or libcurl was told */
};
MUST_USE bool tls_new(const struct tls_config *config, struct tls **out, struct error *e);
struct tls *tls_hold(const struct tls *t); /* one more that has to tls_free() it */
void tls_free(struct tls *t);              /* the last one frees; streams hold what they began with */
/* Gives a foreign SSL_CTX (libcurl's, in CURLOPT_SSL_CTX_FUNCTION) our key, chain, suites and the
 * check of the peer; t must outlive it. The host's name stays the business of its owner. */
MUST_USE bool tls_lend(const struct tls *t, void *native_ctx, struct error *e);
void *tls_native(const struct tls *t); /* SSL_CTX *, for runtime/loop and runtime/http alone */
/* The verified peer certificate of a connection (SSL *), NULL where none was asked for. Held. */
struct cert *tls_peer_cert(void *native_ssl);
