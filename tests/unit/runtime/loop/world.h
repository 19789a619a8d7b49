/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* world.h - TLS contexts of the test world (certs/make-world). */
#pragma once

#include <stdlib.h>

#include "runtime/crypto/tls.h"

/* "kommun/tls", "bad/tls-expired"; NULL: nobody, a client without a certificate. */
static inline struct tls *world_tls(const char *who, bool is_server, bool asks_peer)
{
    struct error e = {0};
    char key[512], chain[512], anchors[512], crl[512];
    const char *world = getenv("POSTHORN_WORLD");
    if (world == NULL)
        world = "test-world";
    snprintf(key, sizeof key, "%s/open-test/%s.key", world, who);
    snprintf(chain, sizeof chain, "%s/open-test/%s.pem", world, who);
    snprintf(anchors, sizeof anchors, "%s/open-test/trust/tls.pem", world);
    snprintf(crl, sizeof crl, "%s/open-test/crl/tls.pem", world);
    struct tls *t = NULL;
    struct tls_config config = {
        .key_path = who == NULL ? NULL : key,
        .chain_path = who == NULL ? NULL : chain,
        .peer_anchors_path = asks_peer ? anchors : NULL,
        .peer_crl_path = asks_peer ? crl : NULL,
        .is_server = is_server,
        .verify_name = !is_server,
    };
    CHECK_OK(tls_new(&config, &t, &e), e);
    return t;
}
