/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/crypto/test_cert.c */
/* cert_list.c - certificates as text (PEM, base64) and in lists (PEM file, PKIPath). */
#include "runtime/crypto/cert.h"

#include <openssl/asn1.h>
#include <openssl/err.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/crypto/base64.h"

enum { TEXT_MAX = 128 * 1024, FILE_MAX = 4 * 1024 * 1024, LIST_MAX = 1000, PATH_MAX_CERTS = 10 };

static const struct str pem_begin = STR_INIT("-----BEGIN CERTIFICATE-----");
static const struct str pem_end = STR_INIT("-----END CERTIFICATE-----");

/* The base64 of the next block; false where there is none. *text moves behind it. */
static bool next_pem_block(struct str *text, struct str *base64)
{
    size_t begin = str_find(*text, pem_begin);
    struct str body = str_from(*text, begin + pem_begin.len);
    size_t end = str_find(body, pem_end);
    if (begin == text->len || end == body.len)
        return false;
    *base64 = str_upto(body, end);
    *text = str_from(body, end + pem_end.len);
    return true;
}

static bool cert_from_base64(struct str base64, struct cert **out, struct error *e)
{
    AUTO_BUF der = BUF(TEXT_MAX);
    return base64_decode(&der, base64, true, e) && cert_from_der(buf_str(&der), out, e);
}

bool cert_from_text(struct str text, struct cert **out, struct error *e)
{
    struct str block;
    if (text.len > TEXT_MAX)
        return error_set(e, ERROR_REJECT, "not a certificate: %zu octets", text.len);
    if (next_pem_block(&text, &block))
        return cert_from_base64(block, out, e);
    AUTO_BUF octets = BUF(TEXT_MAX);
    if (!base64_decode(&octets, text, true, e))
        return error_prefix(e, "not a certificate");
    struct str inner = buf_str(&octets);
    return next_pem_block(&inner, &block) ? cert_from_base64(block, out, e)
                                          : cert_from_der(inner, out, e);
}

/* --- lists */

void cert_list_release(struct cert_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        cert_free(l->at[i]);
    mem_free(l->at);
    *l = (struct cert_list){0};
}

static void cut_list(struct cert_list *l, size_t count)
{
    while (l->count > count)
        cert_free(l->at[--l->count]);
}

bool cert_list_add(struct cert_list *l, struct cert *c)
{
    if (l->count == LIST_MAX)
        return false;
    size_t size = sizeof(struct cert *);
    l->at = mem_grow(l->at, l->count * size, (l->count + 1) * size);
    l->at[l->count++] = cert_hold(c);
    return true;
}

static bool add_blocks(struct cert_list *l, struct str text, struct error *e)
{
    struct str block;
    while (next_pem_block(&text, &block)) {
        AUTO_CERT struct cert *c = NULL;
        if (!cert_from_base64(block, &c, e))
            return error_prefix(e, "certificate %zu", l->count + 1);
        if (!cert_list_add(l, c))
            return error_set(e, ERROR_REJECT, "more than %d certificates", LIST_MAX);
    }
    return true;
}

bool cert_list_add_pem(struct cert_list *l, struct str text, struct error *e)
{
    size_t before = l->count;
    if (add_blocks(l, text, e))
        return true;
    cut_list(l, before);
    return false;
}

bool cert_list_read_pem(struct cert_list *l, const char *path, struct error *e)
{
    AUTO_BUF text = BUF(FILE_MAX);
    size_t before = l->count;
    if (!sys_read_file(path, &text, e))
        return false;
    if (!cert_list_add_pem(l, buf_str(&text), e))
        return error_prefix(e, "%s", path);
    if (l->count == before)
        return error_set(e, ERROR_REJECT, "%s holds no certificate in PEM form", path);
    return true;
}

/* --- X509PKIPathv1 */

/* The content of a SEQUENCE that starts `der`, its whole length in *total. */
static bool open_sequence(struct str der, struct str *content, size_t *total)
{
    const unsigned char *start = (const unsigned char *)der.at, *at = start;
    long len = 0;
    int tag = 0, class = 0;
    int form = der.len == 0 ? 0x80 : ASN1_get_object(&at, &len, &tag, &class, (long)der.len);
    ERR_clear_error();
    if (form != V_ASN1_CONSTRUCTED || tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL)
        return false; /* 0x80 is an error, 1 an indefinite length */
    *content = str_bytes(at, (size_t)len);
    *total = (size_t)(at - start) + (size_t)len;
    return true;
}

static bool add_path(struct cert_list *l, struct str certs, struct error *e)
{
    for (size_t count = 0; certs.len > 0; count++) {
        AUTO_CERT struct cert *c = NULL;
        struct str content;
        size_t total;
        if (count == PATH_MAX_CERTS)
            return error_set(e, ERROR_REJECT, "a PKIPath of more than %d certificates",
                             PATH_MAX_CERTS);
        if (!open_sequence(certs, &content, &total))
            return error_set(e, ERROR_REJECT, "not a PKIPath");
        if (!cert_from_der(str_upto(certs, total), &c, e))
            return false;
        if (!cert_list_add(l, c))
            return error_set(e, ERROR_REJECT, "more than %d certificates", LIST_MAX);
        certs = str_from(certs, total);
    }
    return true;
}

bool cert_list_from_pkipath(struct cert_list *l, struct str der, struct error *e)
{
    struct str certs;
    size_t total, before = l->count;
    if (der.len > FILE_MAX || !open_sequence(der, &certs, &total) || total != der.len ||
        certs.len == 0)
        return error_set(e, ERROR_REJECT, "not a PKIPath");
    if (add_path(l, certs, e))
        return true;
    cut_list(l, before);
    return false;
}

bool cert_to_pkipath(const struct cert_list *leaf_last, struct buf *der, struct error *e)
{
    size_t len = 0;
    for (size_t i = 0; i < leaf_last->count; i++)
        len += cert_der(leaf_last->at[i]).len;
    if (leaf_last->count == 0 || leaf_last->count > PATH_MAX_CERTS)
        return error_set(e, ERROR_BUG, "a PKIPath of %zu certificates", leaf_last->count);
    int total = ASN1_object_size(1, (int)len, V_ASN1_SEQUENCE);
    char *room;
    if (!buf_room(der, (size_t)total, &room, e))
        return false;
    unsigned char *at = (unsigned char *)room;
    ASN1_put_object(&at, 1, (int)len, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    buf_grew(der, (size_t)total - len);
    for (size_t i = 0; i < leaf_last->count; i++)
        if (!buf_add(der, cert_der(leaf_last->at[i]), e))
            return false;
    return true;
}
