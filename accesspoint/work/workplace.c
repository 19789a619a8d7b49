/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/workplace.h"

#include "accesspoint/work/directory.h"
#include "runtime/base/mem.h"

enum { SKEW_MS = 60 * 1000, KEY_BITS_MIN = 2048 };

struct cert *identity_cert(const struct identity *i)
{
    return i->chain.at[0];
}

static bool identity_read(struct identity *i, struct str key, struct str chain, struct error *e)
{
    if (!key_read(key.at, NULL, &i->key, NULL, e) || !cert_list_read_pem(&i->chain, chain.at, e))
        return false;
    if (i->chain.count == 0 || !key_fits(i->key, i->chain.at[0]))
        return error_set(e, ERROR_REJECT,
                         "the key %s does not belong to the first certificate of %s", key.at,
                         chain.at);
    return true;
}

static void identity_release(struct identity *i)
{
    key_free(i->key);
    cert_list_release(&i->chain);
}

static bool trust_read(struct trust **out, struct str anchors, struct str crl, enum trust_crl mode,
                       struct error *e)
{
    struct trust_config config = {
        .anchors_path = anchors.at,
        .crl_path = crl.len == 0 ? NULL : crl.at,
        .crl = crl.len == 0 ? TRUST_CRL_NONE : mode,
        .use = TRUST_SIGN,
        .skew_ms = SKEW_MS,
    };
    return trust_new(&config, out, e);
}

/* An access point's certificate must be checkable now, or the message waits; for the others a stale
 * list is borne with an alarm (spec/sdk.md 9.5). */
static bool read_trust(struct workplace *w, struct error *e)
{
    const struct accesspoint_section *s = w->settings->accesspoint;
    return trust_read(&w->ap_trust, s->ap_anchors, s->ap_crl, TRUST_CRL_HARD, e) &&
           trust_read(&w->smp_trust, s->smp_anchors, s->smp_crl, TRUST_CRL_SOFT, e) &&
           trust_read(&w->o2o_trust, s->o2o_anchors, s->o2o_crl, TRUST_CRL_SOFT, e);
}

static bool read_participants(struct workplace *w, struct error *e)
{
    size_t count = settings_count(w->settings->all, "participant");
    w->participants = arena_array(&w->arena, count, sizeof(*w->participants));
    w->participant_count = count;
    for (size_t i = 0; i < count; i++) {
        struct participant *p = &w->participants[i];
        p->section = settings_nth(w->settings->all, "participant", i);
        if (!identity_read(&p->o2o, p->section->key, p->section->chain, e))
            return error_prefix(e, "[participant %.*s]", STR_ARG(p->section->id));
    }
    return true;
}

static bool read_partners(struct workplace *w, struct error *e)
{
    for (size_t i = 0; i < settings_count(w->settings->all, "partner"); i++) {
        const struct partner_section *p = settings_nth(w->settings->all, "partner", i);
        if (p->certificate.len > 0 && !cert_list_read_pem(&w->partners, p->certificate.at, e))
            return error_prefix(e, "[partner %.*s]", STR_ARG(p->party));
    }
    return true;
}

/* Base64 in the message and base64 around it, and the envelope; an access point must take 100 MB at
 * least (spec/sdk.md 2.8). What inflates to more is refused before it is stored. */
static uint64_t envelope_octets_max(const struct federation *f)
{
    uint64_t least = 100ULL * 1024 * 1024, message = (uint64_t)f->message_octets;
    uint64_t envelope = message + message / 2 + 1024 * 1024;
    return envelope > least ? envelope : least;
}

/* What the federation agreed on (spec/sdk.md 2.1). Roles and property types are never a reason to
 * refuse (Q3). Service and action are looked at later: an unknown one is "not serviced" (2.4 #7). */
static struct as4_pmode federation_mode(const struct workplace *w)
{
    struct as4_pmode mode = as4_pmode_any();
    mode.name = STR("sdk");
    mode.to_id = w->settings->accesspoint->party;
    mode.from_type = w->federation->party_type;
    mode.to_type = w->federation->party_type;
    mode.party_is_common_name = true;
    mode.encrypt = true;
    mode.four_corner = true;
    mode.styles = AS4_STYLES_ALL;
    mode.legacy = AS4_LEGACY_OAEP_MGF1P;
    mode.key_bits_min = KEY_BITS_MIN;
    mode.payload_octets_max = envelope_octets_max(w->federation);
    mode.parts_max = 1;
    return mode;
}

/* The federation's rules come first: nobody gets round them by another agreement. */
static bool read_modes(struct workplace *w, struct error *e)
{
    struct str path = w->settings->accesspoint->pmodes;
    struct as4_pmode *others = NULL;
    size_t count = 0;
    if (path.len > 0 && !as4_pmode_read(path.at, &w->arena, &others, &count, e))
        return false;
    w->mode_count = 1 + count;
    w->modes = arena_array(&w->arena, w->mode_count, sizeof(*w->modes));
    w->modes[0] = federation_mode(w);
    for (size_t i = 0; i < count; i++)
        w->modes[1 + i] = others[i];
    return true;
}

bool workplace_is_federated(const struct workplace *w, const struct as4_pmode *mode)
{
    return mode == &w->modes[0];
}

static bool read_judges(struct workplace *w, struct error *e)
{
    return judge_new(JUDGE_MESSAGE, &w->judge_message, e) &&
           judge_new(JUDGE_ENVELOPE, &w->judge_envelope, e) &&
           judge_new(JUDGE_RECEIPT, &w->judge_receipt, e);
}

static bool take_program_parts(struct workplace *w, const struct workplace *before, struct error *e)
{
    if (before == NULL)
        return read_judges(w, e);
    w->judge_message = before->judge_message;
    w->judge_envelope = before->judge_envelope;
    w->judge_receipt = before->judge_receipt;
    w->store = before->store;
    return true;
}

static bool open_all(struct workplace *w, struct error *e)
{
    const struct accesspoint_section *s = w->settings->accesspoint;
    if (!federation_read(s->profile.at, &w->federation_file, &w->federation, e) ||
        !identity_read(&w->ap, s->key, s->chain, e) || !read_trust(w, e) ||
        !read_participants(w, e) || !read_partners(w, e))
        return false;
    if (!str_equal(cert_common_name(identity_cert(&w->ap)), s->party))
        return error_set(
            e, ERROR_REJECT,
            "[accesspoint] party is '%.*s', but the certificate's common name is '%.*s'",
            STR_ARG(s->party), STR_ARG(cert_common_name(identity_cert(&w->ap))));
    w->own_key = (struct as4_own_key){w->ap.key, identity_cert(&w->ap)};
    return read_modes(w, e);
}

bool workplace_open(const struct settings *all, const struct workplace *before,
                    struct workplace **out, struct error *e)
{
    struct workplace *w = mem_new(sizeof(*w));
    atomic_init(&w->holders, 1);
    w->all = settings_hold(all);
    w->settings = &w->view;
    w->directory = directory_new();
    if (accesspoint_settings_view(all, &w->view, e) && take_program_parts(w, before, e) &&
        open_all(w, e)) {
        *out = w;
        return true;
    }
    if (before == NULL)
        workplace_close(w);
    workplace_drop(w);
    return false;
}

void workplace_close(struct workplace *w)
{
    if (w->store != NULL)
        store_close(w->store);
    judge_free(w->judge_message);
    judge_free(w->judge_envelope);
    judge_free(w->judge_receipt);
}

static struct workplace *counted(const struct workplace *w)
{
    union { /* the count alone changes */
        const struct workplace *read;
        struct workplace *held;
    } same = {.read = w};
    return same.held;
}

struct workplace *workplace_hold(const struct workplace *w)
{
    atomic_fetch_add(&counted(w)->holders, 1);
    return counted(w);
}

void workplace_drop(const struct workplace *held)
{
    struct workplace *w = counted(held);
    if (w == NULL || atomic_fetch_sub(&w->holders, 1) != 1)
        return;
    directory_free(w->directory);
    identity_release(&w->ap);
    for (size_t i = 0; i < w->participant_count; i++)
        identity_release(&w->participants[i].o2o);
    cert_list_release(&w->partners);
    trust_free(w->ap_trust);
    trust_free(w->smp_trust);
    trust_free(w->o2o_trust);
    settings_free(w->federation_file);
    settings_free(w->all);
    arena_release(&w->arena);
    mem_free(w);
}

const struct participant *workplace_participant(const struct workplace *w, struct str id)
{
    for (size_t i = 0; i < w->participant_count; i++)
        if (str_equal_nocase(w->participants[i].section->id, id))
            return &w->participants[i];
    return NULL;
}

static enum as4_token_style style_of(struct str name)
{
    enum as4_token_style style = AS4_TOKEN_BST;
    struct error e = {0};
    return as4_token_style_of(name, &style, &e) ? style : AS4_TOKEN_BST;
}

struct as4_signer workplace_signer(const struct workplace *w, struct str party)
{
    const struct partner_section *p = accesspoint_partner(w->settings, party);
    return (struct as4_signer){
        .key = w->ap.key,
        .cert = identity_cert(&w->ap),
        .style = p == NULL ? AS4_TOKEN_BST : style_of(p->sign_token),
    };
}

enum as4_token_style workplace_key_style(const struct workplace *w, struct str party)
{
    const struct partner_section *p = accesspoint_partner(w->settings, party);
    return p == NULL ? AS4_TOKEN_BST : style_of(p->key_token);
}
