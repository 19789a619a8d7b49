/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: certificates and their names (runtime/crypto/cert.c, cert_list.c, name.c). The first octet
 * chooses what the rest is. */
#include <stdlib.h>

#include <openssl/x509.h>

#include "runtime/crypto/cert.h"
#include "runtime/crypto/name.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void read_der(struct str in)
{
    struct error e = {0};
    AUTO_CERT struct cert *c = NULL;
    if (!cert_from_der(in, &c, &e)) {
        check(c == NULL && e.kind == ERROR_REJECT);
        return;
    }
    check(str_equal(cert_der(c), in) && cert_sha256(c).len == 32 && cert_serial(c).len > 0);
    struct digest_value digest;
    check(digest_of(DIGEST_SHA256, in, &digest));
    check(!cert_verify(c, DIGEST_SHA256, &digest, in, &e) && e.kind == ERROR_DENY);
    (void)cert_issued_as(c, cert_issuer(c), cert_serial(c));
}

static void read_text(struct str in)
{
    struct error e = {0};
    AUTO_CERT struct cert *c = NULL;
    AUTO_CERT_LIST list = {0};
    check(cert_from_text(in, &c, &e) || (c == NULL && e.kind == ERROR_REJECT));
    check(cert_list_add_pem(&list, in, &e) || (list.count == 0 && e.kind == ERROR_REJECT));
}

/* What is read is written the same. */
static void read_pkipath(struct str in)
{
    struct error e = {0};
    AUTO_CERT_LIST list = {0};
    AUTO_BUF again = BUF(1 << 20);
    if (!cert_list_from_pkipath(&list, in, &e)) {
        check(list.count == 0 && e.kind == ERROR_REJECT);
        return;
    }
    check(cert_to_pkipath(&list, &again, &e));
    AUTO_CERT_LIST back = {0};
    check(cert_list_from_pkipath(&back, buf_str(&again), &e) && back.count == list.count);
}

static void read_name(struct str in)
{
    X509_NAME *name = X509_NAME_new();
    check(!name_matches(name, in)); /* no text says "no name" */
    X509_NAME_free(name);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    static void (*const read[])(struct str in) = {read_der, read_text, read_pkipath, read_name};
    if (size > 0)
        read[data[0] % 4](str_bytes(data + 1, size - 1));
    return 0;
}
