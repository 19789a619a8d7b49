/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/as4/test_pmode.c */
#include <stddef.h>

#include "accesspoint/as4/pmode.h"
#include "runtime/config/settings.h"

enum { MODES_MAX = 1000 };

struct mode_settings { /* one [pmode NAME] */
    struct str name;
    struct str from, from_type, from_role, to, to_type, to_role;
    struct str service, service_type;
    struct str_list actions;
    struct str agreement;
    bool agreement_required;
    struct str mpc;
    bool party_is_common_name, encrypt, four_corner;
    struct str_list styles, legacy;
    int64_t key_bits_min, payload_limit, parts_max;
};

#define AT(field) offsetof(struct mode_settings, field)
#define TEXT(key, field, help)                                        \
    {                                                                 \
        key, SETTING_TEXT, AT(field), 0, AS4_TEXT_MAX, "", help, NULL \
    }

static const struct setting mode_keys[] = {
    TEXT("from", from, "PartyId of the sender; empty: any."),
    TEXT("from-type", from_type, "Its type; empty: any."),
    TEXT("from-role", from_role, "Its role; empty: any."),
    TEXT("to", to, "PartyId of the receiver; empty: any."),
    TEXT("to-type", to_type, "Its type; empty: any."),
    TEXT("to-role", to_role, "Its role; empty: any."),
    TEXT("service", service, "Service; empty: any. The test service is always taken."),
    TEXT("service-type", service_type, "Its type; empty: any."),
    {"actions", SETTING_LIST, AT(actions), 0, AS4_ACTIONS_MAX, "", "Actions taken; empty: any.",
     NULL},
    TEXT("agreement", agreement, "AgreementRef that a message may carry; empty: any."),
    {"agreement-required", SETTING_BOOLEAN, AT(agreement_required), 0, 0, "no",
     "Must a message carry it?", NULL},
    TEXT("mpc", mpc, "Message partition channel; empty: the default one."),
    {"party-is-common-name", SETTING_BOOLEAN, AT(party_is_common_name), 0, 0, "no",
     "Must From/PartyId be the common name of the signer's certificate?", NULL},
    {"encrypt", SETTING_BOOLEAN, AT(encrypt), 0, 0, "yes", "Must payloads be encrypted?", NULL},
    {"four-corner", SETTING_BOOLEAN, AT(four_corner), 0, 0, "no",
     "Must originalSender and finalRecipient be there?", NULL},
    {"token-styles", SETTING_LIST, AT(styles), 0, 4, "bst pkipath ski issuerserial",
     "How the signer's certificate may be named.", NULL},
    {"legacy", SETTING_LIST, AT(legacy), 0, 4, "",
     "Algorithms beyond eDelivery 1.15 that are taken: rsa-oaep-mgf1p rsa-oaep-sha1 rsa-sha384 "
     "rsa-sha512.",
     NULL},
    {"key-bits-min", SETTING_NUMBER, AT(key_bits_min), 2048, 16384, "2048",
     "Smallest RSA key of a signer.", NULL},
    {"payload-limit", SETTING_SIZE, AT(payload_limit), 1, INT64_MAX, "2G",
     "Largest payload, after inflating.", NULL},
    {"parts-max", SETTING_NUMBER, AT(parts_max), 0, AS4_PARTS_MAX, "100", "Most payloads.", NULL},
    {0},
};

static const struct settings_section sections[] = {
    {"pmode", mode_keys, sizeof(struct mode_settings), true, MODES_MAX,
     "What is agreed with a partner, or with all of a federation."},
    {0},
};

static bool read_styles(const struct mode_settings *s, struct as4_pmode *out, struct error *e)
{
    for (size_t i = 0; i < s->styles.count; i++) {
        enum as4_token_style style;
        if (!as4_token_style_of(s->styles.at[i], &style, e))
            return false;
        out->styles |= 1U << style;
    }
    return true;
}

static bool read_legacy(const struct mode_settings *s, struct as4_pmode *out, struct error *e)
{
    static const char *const words[] = {"rsa-oaep-mgf1p", "rsa-oaep-sha1", "rsa-sha384",
                                        "rsa-sha512"};
    for (size_t i = 0; i < s->legacy.count; i++) {
        unsigned k = 0;
        while (k < 4 && !str_is(s->legacy.at[i], words[k]))
            k++;
        if (k == 4)
            return error_set(e, ERROR_REJECT, "legacy: '%.*s' is not known; %s, %s, %s or %s",
                             STR_ARG(s->legacy.at[i]), words[0], words[1], words[2], words[3]);
        out->legacy |= 1U << k;
    }
    return true;
}

static struct as4_pmode copy_texts(const struct mode_settings *s, struct arena *a)
{
    return (struct as4_pmode){
        .name = arena_copy(a, s->name),
        .from_id = arena_copy(a, s->from),
        .from_type = arena_copy(a, s->from_type),
        .from_role = arena_copy(a, s->from_role),
        .to_id = arena_copy(a, s->to),
        .to_type = arena_copy(a, s->to_type),
        .to_role = arena_copy(a, s->to_role),
        .service = arena_copy(a, s->service),
        .service_type = arena_copy(a, s->service_type),
        .agreement = arena_copy(a, s->agreement),
        .mpc = arena_copy(a, s->mpc),
    };
}

static bool read_mode(const struct mode_settings *s, struct arena *a, struct as4_pmode *out,
                      struct error *e)
{
    struct as4_pmode m = copy_texts(s, a);
    if (s->actions.count > AS4_ACTIONS_MAX)
        return error_set(e, ERROR_REJECT, "[pmode %.*s] more than %d actions", STR_ARG(s->name),
                         AS4_ACTIONS_MAX);
    for (size_t i = 0; i < s->actions.count; i++)
        m.actions[m.action_count++] = arena_copy(a, s->actions.at[i]);
    m.agreement_required = s->agreement_required;
    m.party_is_common_name = s->party_is_common_name;
    m.encrypt = s->encrypt;
    m.four_corner = s->four_corner;
    m.key_bits_min = (unsigned)s->key_bits_min;
    m.payload_octets_max = (uint64_t)s->payload_limit;
    m.parts_max = (unsigned)s->parts_max;
    if (!read_styles(s, &m, e) || !read_legacy(s, &m, e))
        return error_prefix(e, "[pmode %.*s]", STR_ARG(s->name));
    *out = m;
    return true;
}

static bool read_modes(const struct settings *s, struct arena *a, struct as4_pmode **modes,
                       size_t *count, struct error *e)
{
    size_t n = settings_count(s, "pmode");
    if (n == 0)
        return error_set(e, ERROR_REJECT, "no [pmode NAME] section");
    struct as4_pmode *list = arena_array(a, n, sizeof(list[0]));
    for (size_t i = 0; i < n; i++) {
        if (!read_mode(settings_nth(s, "pmode", i), a, &list[i], e))
            return false;
    }
    *modes = list;
    *count = n;
    return true;
}

bool as4_pmode_read(const char *path, struct arena *a, struct as4_pmode **modes, size_t *count,
                    struct error *e)
{
    struct settings *s = NULL;
    if (!settings_read(path, sections, &s, e))
        return false;
    bool ok = read_modes(s, a, modes, count, e);
    settings_free(s);
    return ok;
}
