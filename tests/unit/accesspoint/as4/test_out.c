/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/out.h"
#include "fixture.h"
#include "runtime/crypto/base64.h"
#include "runtime/xml/c14n.h"

static const struct payload three[] = {
    {"doc1@ap.kommun.example", "application/xml", STR_INIT("<a>first</a>"), false},
    {"doc2@ap.kommun.example", "text/plain", STR_INIT("second\n"), true},
    {"doc3@ap.kommun.example", "application/pdf", STR_INIT("%PDF third"), true},
};

static struct str envelope_of(const struct sent *s)
{
    return find_between(buf_str(&s->body), "<?xml", "</S12:Envelope>");
}

/* Canonical form of the node, made by libxml2 from what a receiver would read. */
static void canonical(const struct xml_doc *d, const struct xml_node *n, struct buf *out)
{
    struct error e = {0};
    const struct c14n_options options = {.type = C14N_EXCLUSIVE};
    struct sink_buf sink;
    sink_buf_init(&sink, out);
    CHECK_OK(c14n_write(d, n, &options, &sink.sink, &e), e);
}

static void check_digest(const struct xml_doc *d, const struct xml_node *n,
                         const struct as4_reference *r)
{
    AUTO_BUF text = BUF(1 << 20);
    struct digest_value digest;
    canonical(d, n, &text);
    CHECK(digest_of(DIGEST_SHA256, buf_str(&text), &digest));
    CHECK(digest_equal(&digest, digest_str(&r->digest)));
}

static const struct xml_node *walk(const struct xml_node *n, const char *ns, const char *name)
{
    n = xml_first(n, ns, name);
    CHECK(n != NULL);
    return n;
}

static void check_signature(const struct fixture *f, const struct xml_doc *d,
                            const struct xml_node *signature)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_BUF info = BUF(1 << 20);
    AUTO_BUF value = BUF(1024);
    struct str text;
    struct digest_value digest;
    canonical(d, walk(signature, NS_DS, "SignedInfo"), &info);
    CHECK(digest_of(DIGEST_SHA256, buf_str(&info), &digest));
    CHECK_OK(xml_text(walk(signature, NS_DS, "SignatureValue"), &a, 4096, &text, &e), e);
    CHECK_OK(base64_decode(&value, text, false, &e), e);
    CHECK_OK(cert_verify(f->kommun.certs.at[0], DIGEST_SHA256, &digest, buf_str(&value), &e), e);
}

TEST(what_is_written_is_its_own_canonical_form)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    for (unsigned style = AS4_TOKEN_BST; style <= AS4_TOKEN_ISSUER_SERIAL; style++) {
        struct error e = {0};
        const struct send_options o = {.style = (enum as4_token_style)style,
                                       .key_style = (enum as4_token_style)style,
                                       .with_timestamp = style == AS4_TOKEN_SKI};
        struct sent *s = fixture_send(&f, &o, three, 3);
        AUTO_XML d = NULL;
        CHECK_OK(xml_read(envelope_of(s), &xml_limits_envelope, &d, &e), e);
        const struct xml_node *header = walk(xml_root(d), NS_SOAP12, "Header");
        const struct xml_node *security = walk(header, NS_WSSE, "Security");
        check_digest(d, walk(header, NS_EB, "Messaging"), &s->wire.references.at[0]);
        check_digest(d, walk(xml_root(d), NS_SOAP12, "Body"), &s->wire.references.at[1]);
        if (o.with_timestamp)
            check_digest(d, walk(security, NS_WSU, "Timestamp"), &s->wire.references.at[2]);
        check_signature(&f, d, walk(security, NS_DS, "Signature"));
        sent_release(s);
    }
}

TEST(the_security_header_has_the_order_of_the_profile)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    static const char *const order[] = {
        "BinarySecurityToken", "EncryptedKey",        "EncryptedData", "EncryptedData",
        "EncryptedData",       "BinarySecurityToken", "Signature"};
    struct error e = {0};
    const struct send_options o = {0};
    struct sent *s = fixture_send(&f, &o, three, 3);
    AUTO_XML d = NULL;
    CHECK_OK(xml_read(envelope_of(s), &xml_limits_envelope, &d, &e), e);
    const struct xml_node *n = walk(walk(xml_root(d), NS_SOAP12, "Header"), NS_WSSE, "Security");
    n = xml_first(n, NULL, NULL);
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        CHECK_ROW(order[i], n != NULL && str_is(xml_name(n), order[i]));
        n = xml_next(n, NULL, NULL);
    }
    CHECK(n == NULL);
    sent_release(s);
}

TEST(any_split_of_a_payload_has_the_same_digest)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    static const size_t steps[] = {1, 2, 3, 7};
    static const struct payload text = {"t@x", "text/plain", STR_INIT("a\r\nb\nc\rd\r\r\n\ne"),
                                        true};
    const struct send_options whole = {.is_open = true};
    struct sent *expected = fixture_send(&f, &whole, &text, 1);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        const struct send_options o = {.is_open = true, .step = steps[i]};
        struct sent *s = fixture_send(&f, &o, &text, 1);
        CHECK(digest_equal(&s->wire.references.at[2].digest,
                           digest_str(&expected->wire.references.at[2].digest)));
        CHECK_STR(buf_str(&s->parts[0]), buf_str(&expected->parts[0]));
        sent_release(s);
    }
    struct digest_value want;
    CHECK(digest_of(DIGEST_SHA256, STR("a\r\nb\r\nc\r\nd\r\n\r\n\r\ne"), &want));
    CHECK(digest_equal(&want, digest_str(&expected->wire.references.at[2].digest)));
    sent_release(expected);
}

TEST(a_ping_is_plain_soap)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    const struct send_options o = {0};
    struct sent *s = fixture_send(&f, &o, NULL, 0);
    CHECK_STR(s->wire.content_type, STR("application/soap+xml; charset=UTF-8"));
    CHECK(s->wire.part_count == 0 && s->wire.references.count == 2);
    CHECK(str_starts(buf_str(&s->body), STR("<?xml")));
    CHECK(str_find(buf_str(&s->body), STR("EncryptedKey")) == s->body.len);
    sent_release(s);
}

TEST(a_timestamp_has_three_digits_and_no_zero_at_the_end)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {FIXTURE_NOW, ">2026-11-21T12:00:00.001Z<"},
        {FIXTURE_NOW + 120, ">2026-11-21T12:00:00.121Z<"},
        {FIXTURE_NOW + 129, ">2026-11-21T12:00:00.129Z<"},
        {FIXTURE_NOW + 990, ">2026-11-21T12:00:00.991Z<"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct as4_user_message m = fixture_message();
        m.timestamp_ms = rows[i].ms;
        const struct send_options o = {.message = &m};
        struct sent *s = fixture_send(&f, &o, NULL, 0);
        CHECK_ROW(rows[i].text, str_find(buf_str(&s->body), str_of(rows[i].text)) < s->body.len);
        sent_release(s);
    }
}

TEST(what_cannot_be_sent_is_refused_before_it_is_signed)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    static const struct {
        const char *row;
        struct as4_part_info info;
    } rows[] = {
        {"plus in a cid", {.cid = STR_INIT("a+b@c"), .mime_type = STR_INIT("a/b")}},
        {"percent in a cid", {.cid = STR_INIT("a%b"), .mime_type = STR_INIT("a/b")}},
        {"empty cid", {.cid = STR_INIT(""), .mime_type = STR_INIT("a/b")}},
        {"the root's cid", {.cid = STR_INIT("root@envelope"), .mime_type = STR_INIT("a/b")}},
        {"XML not compressed", {.cid = STR_INIT("a"), .mime_type = STR_INIT("text/xml")}},
        {"header injection", {.cid = STR_INIT("a"), .mime_type = STR_INIT("a/b\r\nX: y")}},
    };
    const struct as4_out_config config = {
        .signer = {f.kommun.key, f.kommun.certs.at[0], NULL, AS4_TOKEN_BST}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_AS4_OUT o = NULL;
        struct sink *in;
        AUTO_BUF b = BUF(100);
        struct sink_buf to;
        sink_buf_init(&to, &b);
        CHECK_OK(as4_out_new(&config, &o, &e), e);
        CHECK_ROW(rows[i].row, !as4_out_part(o, &rows[i].info, &to.sink, &in, &e));
        CHECK_ROW(rows[i].row, e.kind == ERROR_BUG);
    }
}

TEST(parts_must_be_those_of_the_header)
{
    AUTO_FIXTURE f;
    fixture_init(&f);
    struct error e = {0};
    struct as4_part_info info = {.cid = STR("a@b"), .mime_type = STR("a/b")};
    struct as4_user_message m = fixture_message();
    const struct as4_out_config config = {
        .signer = {f.kommun.key, f.kommun.certs.at[0], NULL, AS4_TOKEN_BST}};
    AUTO_AS4_OUT o = NULL;
    AUTO_BUF b = BUF(100);
    struct sink_buf to;
    struct sink *in;
    struct as4_wire wire;
    sink_buf_init(&to, &b);
    CHECK_OK(as4_out_new(&config, &o, &e), e);
    CHECK_OK(as4_out_part(o, &info, &to.sink, &in, &e), e);
    CHECK(!as4_out_seal(o, &m, 0, &wire, &e)); /* none in the header */
    m.parts = &info;
    m.part_count = 1;
    CHECK(!as4_out_seal(o, &m, 0, &wire, &e)); /* not finished */
    CHECK_OK(sink_finish(in, &e), e);
    struct as4_part_info other = {.cid = STR("other@b"), .mime_type = STR("a/b")};
    m.parts = &other;
    CHECK(!as4_out_seal(o, &m, 0, &wire, &e));
    m.parts = &info;
    m.message_id = STR("");
    CHECK(!as4_out_seal(o, &m, 0, &wire, &e));
    CHECK(e.kind == ERROR_BUG);
    m.message_id = STR("m-1@x");
    CHECK_OK(as4_out_seal(o, &m, 0, &wire, &e), e);
}

CHECK_MAIN
