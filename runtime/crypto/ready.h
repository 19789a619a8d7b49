/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* ready.h - inside runtime/crypto only: OpenSSL's contexts for what is done with one key again and
 * again. Making one costs 8 us, so those that were used are kept, a few for each kind of use. */
#pragma once

#include "runtime/crypto/ossl.h"

struct ready; /* any number of threads */
/* Borrows the key. is_private: it signs and unwraps; else it verifies and wraps. */
struct ready *ready_new(EVP_PKEY *key, bool is_private);
void ready_free(struct ready *r); /* NULL is fine */

struct ready_use {
    EVP_PKEY_CTX *ctx; /* this thread's alone; NULL: the key cannot do it */
    struct ready *of;
    size_t kind;
};
/* PKCS#1 v1.5 padding with this digest; and OAEP. Kept again at the end of the scope. */
struct ready_use ready_signature(struct ready *r, enum digest_type type);
struct ready_use ready_transport(struct ready *r, enum oaep_type type);
void ready_end(struct ready_use *u);
#define AUTO_READY __attribute__((cleanup(ready_end))) struct ready_use
