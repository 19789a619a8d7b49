/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/as4/test_in.c */
#include "accesspoint/as4/open.h"

#include "accesspoint/as4/canon.h"
#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/names.h"
#include "accesspoint/as4/part_info.h"
#include "runtime/crypto/cipher.h"
#include "runtime/xml/c14n.h"

enum { CONTENT_KEY_SIZE = 16, XML_PART_SKELETON = 8 * 1024 * 1024 };
#define XML_PART_OCTETS (UINT64_C(256) * 1024 * 1024)

static bool not_decrypted(struct error *e)
{
    if (e->kind == ERROR_RETRY || e->kind == ERROR_BUG)
        return false;
    error_clear(e);
    return error_code(e, ERROR_DENY, EBMS_FAILED_DECRYPTION,
                      "an attachment could not be decrypted");
}

/* --- digest */

struct digester { /* octets -> digest, and on to next where there is one */
    struct digest_sink digest;
    struct as4_lines_sink lines;
    struct sink_tee tee;
    struct sink *in;
};

static void digester_release(struct digester *d)
{
    digest_sink_release(&d->digest);
}
#define AUTO_DIGESTER __attribute__((cleanup(digester_release))) struct digester

static void digester_init(struct digester *d, bool is_text, enum digest_type type,
                          struct sink *next)
{
    digest_sink_init(&d->digest, type, is_text ? NULL : next);
    d->in = &d->digest.sink;
    if (!is_text)
        return;
    as4_lines_sink_init(&d->lines, &d->digest.sink);
    d->in = &d->lines.sink;
    if (next == NULL)
        return;
    sink_tee_init(&d->tee, &d->lines.sink, next);
    d->in = &d->tee.sink;
}

/* The reference that asks for this attachment; NULL: it is not signed. */
static const struct dsig_reference *reference_for(const struct as4_opener *o, struct str cid)
{
    const struct dsig *s = &o->security->signature;
    for (size_t i = 0; o->security->is_signed && i < s->count; i++) {
        struct str named;
        if (s->references[i].attachment && as4_cid_of(s->references[i].uri, o->arena, &named) &&
            str_equal(named, cid))
            return &s->references[i];
    }
    return NULL;
}

static bool digest_xml(const struct as4_octets *octets, enum digest_type type,
                       struct digest_value *out, struct error *e)
{
    struct xml_limits limits = xml_limits_envelope;
    limits.octets = XML_PART_OCTETS;
    limits.skeleton = XML_PART_SKELETON;
    const struct c14n_options options = {.type = C14N_EXCLUSIVE};
    AUTO_XML doc = NULL;
    AUTO_DIGEST_SINK digest;
    digest_sink_init(&digest, type, NULL);
    bool parsed = octets->memory.at != NULL
                      ? xml_read(octets->memory, &limits, &doc, e)
                      : xml_read_file(octets->fd, octets->offset, octets->len, &limits, &doc, e);
    if (!parsed || !c14n_write(doc, NULL, &options, &digest.sink, e) ||
        !sink_finish(&digest.sink, e)) {
        if (e->kind == ERROR_REJECT) {
            e->kind = ERROR_DENY;
            e->code = EBMS_FAILED_AUTHENTICATION;
        }
        return false;
    }
    digest_sink_value(&digest, out);
    return true;
}

/* --- keys */

static bool find_own_key(const struct as4_opener *o, const struct as4_wrapped_key *wrapped,
                         const struct key **out, struct error *e)
{
    const struct as4_in_config *c = o->config;
    if (wrapped->key_info == NULL && c->key_count == 1) {
        *out = c->keys[0].key;
        return true;
    }
    AUTO_CERT_LIST own = {0};
    AUTO_TOKEN_READ named = {0};
    for (size_t i = 0; i < c->key_count; i++) {
        if (!cert_list_add(&own, c->keys[i].cert))
            return error_set(e, ERROR_BUG, "too many own keys");
    }
    if (!as4_token_resolve(wrapped->key_info, o->envelope->ids, &own, o->arena, &named, e))
        return false;
    for (size_t i = 0; i < c->key_count; i++) {
        if (cert_equal(c->keys[i].cert, named.cert)) {
            *out = c->keys[i].key;
            return true;
        }
    }
    return error_code(e, ERROR_DENY, EBMS_FAILED_DECRYPTION, "encrypted for another certificate");
}

static bool unwrap(const struct as4_opener *o, size_t index, struct secret *keys, struct error *e)
{
    const struct as4_wrapped_key *wrapped = &o->security->keys[index];
    const struct key *own = NULL;
    if (keys[index].len > 0)
        return true;
    if (!find_own_key(o, wrapped, &own, e) ||
        !key_unwrap(own, wrapped->oaep, wrapped->value, CONTENT_KEY_SIZE, &keys[index], e))
        return not_decrypted(e);
    return true;
}

/* --- one attachment */

static bool open_encrypted(const struct as4_opener *o, const struct as4_attachment *in,
                           const struct dsig_reference *r, struct str key, struct as4_opened *out,
                           struct error *e)
{
    enum as4_canon canon = as4_canon_of(out->type);
    struct as4_place *place = as4_place_new(o->store, UINT64_MAX);
    AUTO_DIGESTER digester;
    AUTO_CIPHER_SINK cipher = {0};
    digester_init(&digester, canon == AS4_CANON_TEXT, r == NULL ? DIGEST_SHA256 : r->digest_type,
                  as4_place_sink(place));
    if (!cipher_open_sink_init(&cipher, CIPHER_AES128_GCM, key, digester.in, e) ||
        !as4_octets_to(&in->octets, &cipher.sink, e))
        return not_decrypted(e);
    out->stored = as4_place_octets(place);
    out->was_encrypted = true;
    if (r == NULL)
        return true;
    if (canon == AS4_CANON_XML)
        return digest_xml(&out->stored, r->digest_type, &out->digest, e);
    digest_sink_value(&digester.digest, &out->digest);
    return true;
}

static bool digest_plain(const struct dsig_reference *r, struct as4_opened *out, struct error *e)
{
    enum as4_canon canon = as4_canon_of(out->type);
    if (r == NULL)
        return true;
    if (canon == AS4_CANON_XML)
        return digest_xml(&out->stored, r->digest_type, &out->digest, e);
    AUTO_DIGESTER digester;
    digester_init(&digester, canon == AS4_CANON_TEXT, r->digest_type, NULL);
    if (!as4_octets_to(&out->stored, digester.in, e))
        return false;
    digest_sink_value(&digester.digest, &out->digest);
    return true;
}

/* EncryptedData/@MimeType decides how the plaintext is digested; where it is missing, the part's
 * own type does (spec/as4.md 7.4). */
static struct str type_of(const struct as4_encrypted *data, const struct as4_attachment *in)
{
    return data != NULL && data->mime_type.len > 0 ? data->mime_type : in->type;
}

bool as4_open_attachments(const struct as4_opener *o, const struct as4_body *body,
                          struct as4_opened **out, struct error *e)
{
    struct as4_opened *list = arena_array(o->arena, body->attachment_count + 1, sizeof(list[0]));
    struct secret *keys = arena_array(o->arena, o->security->key_count + 1, sizeof(keys[0]));
    bool ok = true;
    for (size_t i = 0; ok && i < body->attachment_count; i++) {
        const struct as4_attachment *in = &body->attachments[i];
        const struct as4_encrypted *data = as4_security_find(o->security, in->cid);
        const struct dsig_reference *r = reference_for(o, in->cid);
        list[i] =
            (struct as4_opened){.cid = in->cid, .type = type_of(data, in), .stored = in->octets};
        if (data == NULL)
            ok = digest_plain(r, &list[i], e);
        else
            ok = unwrap(o, data->key, keys, e) &&
                 open_encrypted(o, in, r, secret_peek(&keys[data->key]), &list[i], e);
    }
    for (size_t i = 0; i < o->security->key_count; i++)
        secret_release(&keys[i]);
    if (ok)
        *out = list;
    return ok;
}
