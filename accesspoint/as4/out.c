/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/out.h"

#include "accesspoint/as4/canon.h"
#include "accesspoint/as4/compose.h"
#include "accesspoint/as4/names.h"
#include "accesspoint/as4/seal.h"
#include "runtime/base/mem.h"
#include "runtime/base/uuid.h"
#include "runtime/crypto/cipher.h"
#include "runtime/mime/gzip.h"
#include "runtime/mime/multipart.h"

#define ROOT_CID          "root@envelope"
#define ID_RECEIVER_TOKEN "_receiver"
#define GCM_OCTETS_MAX    ((UINT64_C(1) << 36) - 32) /* under one key and IV (spec/as4.md 24) */
enum { ROOT_MAX = 1024 * 1024, ROOT_USUAL = 16 * 1024, CONTENT_KEY_SIZE = 16 };

/* One payload's way: gzip -> [lines ->] digest and cipher -> count -> the caller's sink. */
struct part_out {
    struct as4_sealed_part sealed;
    struct gzip_sink gzip;
    struct sink_tee tee;
    struct as4_lines_sink lines;
    struct digest_sink digest;
    struct cipher_sink cipher;
    struct part_end {
        struct sink sink;
        struct sink *next;
        uint64_t octets;
        bool is_finished;
    } end;
};

struct as4_out {
    const struct as4_out_config *config;
    struct arena arena;
    struct secret content_key;
    struct buf root; /* the envelope; where there are parts, between its MIME head and theirs */
    struct part_out *parts[AS4_PARTS_MAX];
    size_t part_count;
};

bool as4_out_new(const struct as4_out_config *config, struct as4_out **out, struct error *e)
{
    if (config->signer.key == NULL || config->signer.cert == NULL)
        return error_set(e, ERROR_BUG, "an AS4 message needs a signing key and its certificate");
    struct as4_out *o = mem_new(sizeof(*o));
    unsigned char key[CONTENT_KEY_SIZE];
    random_octets(key, sizeof(key));
    secret_set(&o->content_key, key, sizeof(key));
    mem_wipe(key, sizeof(key));
    o->config = config;
    o->root = BUF(ROOT_MAX);
    *out = o;
    return true;
}

static void part_free(struct part_out *p)
{
    gzip_sink_release(&p->gzip);
    digest_sink_release(&p->digest);
    cipher_sink_release(&p->cipher);
    mem_free(p);
}

void as4_out_free(struct as4_out *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; i < o->part_count; i++)
        part_free(o->parts[i]);
    secret_release(&o->content_key);
    buf_release(&o->root);
    arena_release(&o->arena);
    mem_free(o);
}

void as4_out_free_at(struct as4_out **o)
{
    as4_out_free(*o);
    *o = NULL;
}

/* --- payloads */

static bool end_write(struct sink *sink, struct str octets, struct error *e)
{
    struct part_end *s = (struct part_end *)sink;
    s->octets += octets.len;
    if (s->octets > GCM_OCTETS_MAX)
        return error_set(e, ERROR_REJECT, "a payload of more than 64 GiB cannot be encrypted");
    return sink_write(s->next, octets, e);
}

static bool end_finish(struct sink *sink, struct error *e)
{
    struct part_end *s = (struct part_end *)sink;
    if (!sink_finish(s->next, e))
        return false;
    s->is_finished = true;
    return true;
}

/* Only what WSS4J reads the same encoded and decoded (spec/as4.md 5.1, P2). */
static bool check_cid(const struct as4_out *o, struct str cid, struct error *e)
{
    for (size_t i = 0; i < cid.len; i++) {
        char c = cid.at[i];
        bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alnum && c != '.' && c != '_' && c != '@' && c != '-')
            return error_set(e, ERROR_BUG, "cid '%.*s': letters, digits and ._@- only",
                             STR_ARG(cid));
    }
    for (size_t i = 0; i < o->part_count; i++) {
        if (str_equal(o->parts[i]->sealed.cid, cid))
            return error_set(e, ERROR_BUG, "cid '%.*s' is used twice", STR_ARG(cid));
    }
    if (cid.len == 0 || cid.len > AS4_TEXT_MAX || str_is(cid, ROOT_CID))
        return error_set(e, ERROR_BUG, "cid '%.*s' cannot be used", STR_ARG(cid));
    return true;
}

static bool check_part(const struct as4_out *o, const struct as4_part_info *info, struct error *e)
{
    if (o->part_count == AS4_PARTS_MAX)
        return error_set(e, ERROR_BUG, "more than %d payloads", AS4_PARTS_MAX);
    if (o->part_count > 0 && !o->parts[o->part_count - 1]->end.is_finished)
        return error_set(e, ERROR_BUG, "payload %zu is not finished yet", o->part_count);
    if (!info->compressed && as4_canon_of(info->mime_type) == AS4_CANON_XML)
        return error_set(e, ERROR_BUG,
                         "an XML payload is sent compressed: uncompressed, its digest would "
                         "depend on its canonical form (spec/as4.md 6.3)");
    for (size_t i = 0; i < info->mime_type.len; i++) {
        if (info->mime_type.at[i] < ' ' || info->mime_type.at[i] > '~')
            return error_set(e, ERROR_BUG, "the MimeType of a payload is no media type");
    }
    return check_cid(o, info->cid, e);
}

/* Digest and cipher see the same octets, except text whose line ends are evened for the digest. */
static struct sink *join_digest(struct part_out *p, bool is_text, struct sink *wire)
{
    if (!is_text) {
        digest_sink_init(&p->digest, DIGEST_SHA256, wire);
        return &p->digest.sink;
    }
    digest_sink_init(&p->digest, DIGEST_SHA256, NULL);
    as4_lines_sink_init(&p->lines, &p->digest.sink);
    sink_tee_init(&p->tee, &p->lines.sink, wire);
    return &p->tee.sink;
}

bool as4_out_part(struct as4_out *o, const struct as4_part_info *info, struct sink *to,
                  struct sink **in, struct error *e)
{
    if (!check_part(o, info, e))
        return false;
    struct part_out *p = mem_new(sizeof(*p));
    p->end = (struct part_end){.sink = {end_write, end_finish}, .next = to};
    struct sink *wire = &p->end.sink;
    if (o->config->receiver != NULL) {
        if (!cipher_seal_sink_init(&p->cipher, CIPHER_AES128_GCM, secret_peek(&o->content_key),
                                   wire, e)) {
            mem_free(p);
            return false;
        }
        wire = &p->cipher.sink;
    }
    p->sealed.cid = arena_copy(&o->arena, info->cid);
    p->sealed.type = info->compressed ? STR(TYPE_GZIP) : arena_copy(&o->arena, info->mime_type);
    *in = join_digest(p, as4_canon_of(p->sealed.type) == AS4_CANON_TEXT, wire);
    if (info->compressed) {
        gzip_sink_init(&p->gzip, *in);
        *in = &p->gzip.sink;
    }
    o->parts[o->part_count++] = p;
    return true;
}

/* --- envelope */

static bool check_message(const struct as4_out *o, const struct as4_user_message *m,
                          struct error *e)
{
    if (m->part_count != o->part_count)
        return error_set(e, ERROR_BUG, "PayloadInfo names %zu parts, %zu were written",
                         m->part_count, o->part_count);
    for (size_t i = 0; i < o->part_count; i++) {
        if (!o->parts[i]->end.is_finished)
            return error_set(e, ERROR_BUG, "payload %zu was not finished", i + 1);
        if (!str_equal(o->parts[i]->sealed.cid, m->parts[i].cid))
            return error_set(e, ERROR_BUG, "payload %zu was written as cid '%.*s'", i + 1,
                             STR_ARG(o->parts[i]->sealed.cid));
    }
    return true;
}

static const struct as4_sealed_part *sealed_parts(struct as4_out *o)
{
    struct as4_sealed_part *list =
        arena_array(&o->arena, o->part_count + 1, sizeof(struct as4_sealed_part));
    for (size_t i = 0; i < o->part_count; i++) {
        digest_sink_value(&o->parts[i]->digest, &o->parts[i]->sealed.digest);
        list[i] = o->parts[i]->sealed;
    }
    return list;
}

static bool write_envelope(struct as4_out *o, const struct as4_user_message *m, int64_t now_ms,
                           struct as4_references *references, struct error *e)
{
    AUTO_BUF messaging = BUF(ROOT_MAX), body = BUF(1024), wrapped = BUF(1024);
    struct as4_token receiver = {.style = o->config->receiver_style,
                                 .cert = o->config->receiver,
                                 .chain = o->config->receiver_chain,
                                 .id = ID_RECEIVER_TOKEN};
    bool encrypts = o->config->receiver != NULL && o->part_count > 0;
    if (!as4_compose_user(m, &messaging, e) || !as4_compose_body(NULL, &body, e))
        return false;
    if (encrypts && !cert_wrap_key(o->config->receiver, OAEP_SHA256_MGF_SHA256,
                                   secret_peek(&o->content_key), &wrapped, e))
        return false;
    struct as4_seal seal = {.signer = &o->config->signer,
                            .messaging = buf_str(&messaging),
                            .body = buf_str(&body),
                            .parts = sealed_parts(o),
                            .part_count = o->part_count,
                            .receiver = encrypts ? &receiver : NULL,
                            .wrapped_key = buf_str(&wrapped),
                            .with_timestamp = o->config->with_timestamp,
                            .now_ms = now_ms};
    return as4_seal_write(&seal, &o->arena, &o->root, references, e);
}

/* --- MIME: spec/as4.md 5.1, to the letter */

static struct str part_head(struct as4_out *o, struct str boundary, size_t i)
{
    const struct as4_sealed_part *p = &o->parts[i]->sealed;
    struct str type = o->config->receiver != NULL ? STR(TYPE_OCTETS) : p->type;
    return arena_format(&o->arena,
                        "\r\n--%.*s\r\nContent-Type: %.*s\r\nContent-Transfer-Encoding: binary\r\n"
                        "Content-ID: <%.*s>\r\n\r\n",
                        STR_ARG(boundary), STR_ARG(type), STR_ARG(p->cid));
}

static bool begin_root(struct as4_out *o, struct str boundary, struct error *e)
{
    char *room; /* made once, mostly */
    if (!buf_room(&o->root, ROOT_USUAL, &room, e))
        return false;
    return o->part_count == 0 ||
           buf_addf(&o->root, e,
                    "--%.*s\r\nContent-Type: " TYPE_SOAP "; charset=UTF-8\r\n"
                    "Content-Transfer-Encoding: binary\r\nContent-ID: <" ROOT_CID ">\r\n\r\n",
                    STR_ARG(boundary));
}

static bool write_pieces(struct as4_out *o, struct str boundary, struct as4_wire *w,
                         struct error *e)
{
    w->before = arena_array(&o->arena, o->part_count, sizeof(w->before[0]));
    w->part_octets = arena_array(&o->arena, o->part_count, sizeof(w->part_octets[0]));
    w->part_count = o->part_count;
    if (!buf_add(&o->root, part_head(o, boundary, 0), e))
        return false;
    w->before[0] = buf_str(&o->root);
    for (size_t i = 1; i < o->part_count; i++)
        w->before[i] = part_head(o, boundary, i);
    w->after = arena_format(&o->arena, "\r\n--%.*s--\r\n", STR_ARG(boundary));
    w->content_type = arena_format(&o->arena,
                                   "multipart/related; type=\"" TYPE_SOAP
                                   "\"; boundary=\"%.*s\"; start=\"<" ROOT_CID ">\"",
                                   STR_ARG(boundary));
    return true;
}

static void count_octets(const struct as4_out *o, struct as4_wire *w)
{
    w->content_length = w->after.len;
    for (size_t i = 0; i < w->part_count; i++) {
        w->part_octets[i] = o->parts[i]->end.octets;
        w->content_length += w->before[i].len + w->part_octets[i];
    }
}

bool as4_out_seal(struct as4_out *o, const struct as4_user_message *m, int64_t now_ms,
                  struct as4_wire *wire, struct error *e)
{
    struct as4_wire w = {0};
    struct str boundary = multipart_boundary(&o->arena);
    if (!check_message(o, m, e) || !begin_root(o, boundary, e) ||
        !write_envelope(o, m, now_ms, &w.references, e))
        return false;
    if (o->part_count == 0) {
        w.after = buf_str(&o->root);
        w.content_type = STR(TYPE_SOAP "; charset=UTF-8");
    } else if (!write_pieces(o, boundary, &w, e)) {
        return false;
    }
    count_octets(o, &w);
    *wire = w;
    return true;
}

static bool write_octets(const struct as4_octets *o, struct sink *out, struct error *e)
{
    return o->memory.at != NULL ? sink_write(out, o->memory, e)
                                : sink_from_file(out, o->fd, o->offset, o->len, e);
}

uint64_t as4_octets_count(const struct as4_octets *o)
{
    return o->memory.at != NULL ? o->memory.len : o->len;
}

bool as4_octets_to(const struct as4_octets *o, struct sink *out, struct error *e)
{
    return write_octets(o, out, e) && sink_finish(out, e);
}

static bool write_part(const struct as4_octets *o, uint64_t expected, struct sink *out,
                       struct error *e)
{
    uint64_t have = as4_octets_count(o);
    if (have != expected)
        return error_set(e, ERROR_BUG, "a part has %llu octets where %llu were written",
                         (unsigned long long)have, (unsigned long long)expected);
    return write_octets(o, out, e);
}

bool as4_wire_write(const struct as4_wire *w, const struct as4_octets *parts, struct sink *out,
                    struct error *e)
{
    for (size_t i = 0; i < w->part_count; i++) {
        if (!sink_write(out, w->before[i], e) || !write_part(&parts[i], w->part_octets[i], out, e))
            return false;
    }
    return sink_write(out, w->after, e);
}
