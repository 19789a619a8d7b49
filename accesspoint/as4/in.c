/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/in.h"

#include "accesspoint/as4/canon.h"
#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/header.h"
#include "accesspoint/as4/names.h"
#include "accesspoint/as4/verify.h"
#include "runtime/mime/gzip.h"

/* What is at hand while one body is read. */
struct receiving {
    const struct as4_in_config *config;
    struct as4_received *r;
    struct as4_body body;
    struct as4_envelope envelope;
    struct as4_security security;
    struct as4_opened *opened;
};

static void receiving_release(struct receiving *in)
{
    as4_envelope_release(&in->envelope);
}
#define AUTO_RECEIVING __attribute__((cleanup(receiving_release))) struct receiving

void as4_received_release(struct as4_received *r)
{
    cert_free_at(&r->signer);
    as4_store_free(r->store);
    arena_release(&r->arena);
    *r = (struct as4_received){0};
}

static bool refuse(struct error *e, const char *code, const char *what)
{
    return error_code(e, ERROR_DENY, code, "%s", what);
}

static bool is_user(const struct receiving *in)
{
    return in->r->messaging.kind == AS4_USER_MESSAGE;
}

/* --- steps 2 to 4: MIME, SOAP, eb:Messaging */

static bool read_structure(struct receiving *in, const struct as4_body_source *source,
                           struct error *e)
{
    struct as4_received *r = in->r;
    if (!as4_body_split(source, r->store, &r->arena, &in->body, e))
        return false;
    r->envelope = arena_copy(&r->arena, in->body.envelope);
    if (!as4_envelope_read(r->envelope, &r->arena, &in->envelope, e) ||
        !as4_header_read(in->envelope.messaging, &r->arena, &r->messaging, e))
        return false;
    r->has_fault = in->envelope.has_fault;
    return true;
}

static bool only_errors(const struct as4_messaging *m)
{
    for (size_t i = 0; i < m->signal_count; i++) {
        if (m->signals[i].kind != AS4_ERROR)
            return false;
    }
    return m->kind == AS4_SIGNALS;
}

static bool check_shape(const struct receiving *in, struct error *e)
{
    if (in->config->signals_only && is_user(in))
        return error_code(e, ERROR_REJECT, EBMS_VALUE_INCONSISTENT,
                          "a user message stands where a receipt or an error is wanted");
    if (!is_user(in) && in->body.attachment_count > 0)
        return error_code(e, ERROR_REJECT, EBMS_MIME_INCONSISTENCY, "a signal has attachments");
    return true;
}

/* --- step 5: the processing mode */

static bool choose_mode(struct receiving *in, struct error *e)
{
    const struct as4_in_config *c = in->config;
    struct as4_received *r = in->r;
    if (is_user(in))
        return as4_pmode_match(c->modes, c->mode_count, &r->messaging.user, &r->mode, e);
    struct as4_pmode *any = arena_new(&r->arena, sizeof(*any));
    *any = c->mode_count > 0 ? c->modes[0] : as4_pmode_any();
    any->styles = AS4_STYLES_ALL;
    r->mode = any;
    return true;
}

/* --- step 6: is it secured as agreed? */

static bool check_encryption(const struct receiving *in, struct error *e)
{
    size_t found = 0;
    for (size_t i = 0; i < in->body.attachment_count; i++) {
        if (as4_security_find(&in->security, in->body.attachments[i].cid) != NULL)
            found++;
        else if (in->r->mode->encrypt)
            return refuse(e, EBMS_POLICY, "an attachment is not encrypted");
    }
    if (found != in->security.data_count)
        return refuse(e, EBMS_POLICY, "EncryptedData names an attachment that is not there");
    in->r->is_encrypted = found > 0;
    return true;
}

static bool read_policy(struct receiving *in, struct error *e)
{
    if (!as4_security_read(&in->envelope, &in->r->arena, &in->security, e) ||
        !as4_security_allowed(&in->security, in->r->mode, e))
        return false;
    if (!in->security.is_signed && !only_errors(&in->r->messaging))
        return refuse(e, EBMS_POLICY, "the message is not signed");
    return check_encryption(in, e);
}

/* --- steps 7 and 8: decrypt, verify */

static bool bind_party(const struct receiving *in, struct error *e)
{
    const struct as4_received *r = in->r;
    if (!is_user(in) || !r->mode->party_is_common_name ||
        str_equal(r->messaging.user.from.id, cert_common_name(r->signer)))
        return true;
    return refuse(e, EBMS_FAILED_AUTHENTICATION,
                  "From/PartyId is not the common name of the signer's certificate");
}

static bool open_and_verify(struct receiving *in, struct error *e)
{
    struct as4_received *r = in->r;
    const struct as4_opener opener = {.config = in->config,
                                      .envelope = &in->envelope,
                                      .security = &in->security,
                                      .store = r->store,
                                      .arena = &r->arena};
    if (!as4_open_attachments(&opener, &in->body, &in->opened, e))
        return false;
    if (!in->security.is_signed)
        return true;
    const struct as4_verifier verifier = {.config = in->config,
                                          .mode = r->mode,
                                          .envelope = &in->envelope,
                                          .security = &in->security,
                                          .opened = in->opened,
                                          .opened_count = in->body.attachment_count,
                                          .arena = &r->arena};
    return as4_verify_coverage(&verifier, e) && as4_verify_signature(&verifier, r, e) &&
           bind_party(in, e);
}

/* --- step 10: the body is empty, PartInfo and parts are the same set */

static bool check_body(const struct receiving *in, struct error *e)
{
    const struct as4_received *r = in->r;
    if (in->envelope.body_is_empty || (only_errors(&r->messaging) && r->has_fault))
        return true;
    return error_code(e, ERROR_REJECT, EBMS_INVALID_HEADER,
                      "the SOAP Body is not empty; payloads are attachments");
}

static bool check_hrefs(const struct as4_user_message *m, struct error *e)
{
    for (size_t i = 0; i < m->part_count; i++) {
        struct str href = m->parts[i].href;
        if (m->parts[i].cid.len > 0)
            continue;
        if (href.len == 0 || href.at[0] == '#')
            return error_code(e, ERROR_REJECT, EBMS_INVALID_HEADER,
                              "part %zu names a payload in the SOAP Body; attachments (cid:) "
                              "are taken",
                              i + 1);
        return error_code(e, ERROR_REJECT, EBMS_EXTERNAL_PAYLOAD,
                          "part %zu names an external payload; attachments (cid:) are taken",
                          i + 1);
    }
    return true;
}

static const struct as4_opened *find_opened(const struct receiving *in, struct str cid)
{
    for (size_t i = 0; i < in->body.attachment_count; i++) {
        if (str_equal(in->opened[i].cid, cid))
            return &in->opened[i];
    }
    return NULL;
}

static bool match_parts(struct receiving *in, struct error *e)
{
    struct as4_received *r = in->r;
    const struct as4_user_message *m = &r->messaging.user;
    if (!check_body(in, e))
        return false;
    if (!is_user(in))
        return true;
    if (!check_hrefs(m, e))
        return false;
    if (m->part_count != in->body.attachment_count)
        return error_code(e, ERROR_REJECT, EBMS_MIME_INCONSISTENCY,
                          "PayloadInfo names %zu parts, the body has %zu attachments",
                          m->part_count, in->body.attachment_count);
    r->parts = arena_array(&r->arena, m->part_count + 1, sizeof(r->parts[0]));
    for (size_t i = 0; i < m->part_count; i++) {
        const struct as4_opened *o = find_opened(in, m->parts[i].cid);
        if (o == NULL)
            return error_code(e, ERROR_REJECT, EBMS_MIME_INCONSISTENCY,
                              "no attachment has the Content-ID of part %zu", i + 1);
        r->parts[i] = (struct as4_received_part){
            .info = m->parts[i], .type = as4_media_type(o->type), .stored = o->stored};
        if (r->parts[i].info.mime_type.len == 0)
            r->parts[i].info.mime_type = r->parts[i].type;
    }
    r->part_count = m->part_count;
    return true;
}

bool as4_receive(const struct as4_in_config *config, struct str content_type,
                 const struct as4_octets *body, struct as4_received *r, struct error *e)
{
    const struct as4_body_source source = {content_type, *body, config->lenient_lines};
    uint64_t size = as4_octets_count(body);
    if (config->body_octets_max > 0 && size > config->body_octets_max)
        return error_code(e, ERROR_REJECT, EBMS_VALUE_INCONSISTENT,
                          "the message has %llu octets; at most %llu are taken",
                          (unsigned long long)size, (unsigned long long)config->body_octets_max);
    AUTO_RECEIVING in = {.config = config, .r = r};
    r->store = as4_store_new(config->temp_dir);
    return read_structure(&in, &source, e) && check_shape(&in, e) && choose_mode(&in, e) &&
           read_policy(&in, e) && open_and_verify(&in, e) && match_parts(&in, e);
}

/* --- step 11, when asked for */

static bool read_compressed(const struct as4_received_part *p, uint64_t limit, struct sink *out,
                            struct error *e)
{
    struct sink_guard consumer; /* its faults are not the inflater's */
    AUTO_GZIP_SINK gunzip = {0};
    sink_guard_init(&consumer, out);
    gunzip_sink_init(&gunzip, limit, &consumer.sink);
    if (as4_octets_to(&p->stored, &gunzip.sink, e))
        return true;
    if (!consumer.has_failed && e->kind == ERROR_REJECT)
        e->code = EBMS_DECOMPRESSION;
    return false;
}

bool as4_part_read(const struct as4_received_part *p, uint64_t limit, struct sink *out,
                   struct error *e)
{
    if (p->info.compressed)
        return read_compressed(p, limit, out, e);
    uint64_t size = as4_octets_count(&p->stored);
    if (size > limit)
        return error_code(e, ERROR_REJECT, EBMS_VALUE_INCONSISTENT,
                          "a payload has %llu octets; at most %llu are taken",
                          (unsigned long long)size, (unsigned long long)limit);
    return as4_octets_to(&p->stored, out, e);
}
