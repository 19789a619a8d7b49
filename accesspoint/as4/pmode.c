/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/pmode.h"

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/names.h"

enum { KEY_BITS_MIN = 2048 };
#define PAYLOAD_OCTETS_MAX (UINT64_C(2) * 1024 * 1024 * 1024)

struct as4_pmode as4_pmode_any(void)
{
    return (struct as4_pmode){
        .name = STR("any"),
        .encrypt = true,
        .styles = AS4_STYLES_ALL,
        .key_bits_min = KEY_BITS_MIN,
        .payload_octets_max = PAYLOAD_OCTETS_MAX,
        .parts_max = AS4_PARTS_MAX,
    };
}

static bool takes(struct str wanted, struct str given)
{
    return wanted.len == 0 || str_equal(wanted, given);
}

static bool takes_from(const struct as4_pmode *p, const struct as4_user_message *m)
{
    return takes(p->from_id, m->from.id) && takes(p->from_type, m->from.type);
}

static bool takes_to(const struct as4_pmode *p, const struct as4_user_message *m)
{
    return takes(p->to_id, m->to.id) && takes(p->to_type, m->to.type);
}

static bool takes_roles(const struct as4_pmode *p, const struct as4_user_message *m)
{
    return takes(p->from_role, m->from.role) && takes(p->to_role, m->to.role);
}

/* A test message has the test service of everybody: parties alone decide. */
static bool takes_service(const struct as4_pmode *p, const struct as4_user_message *m)
{
    return as4_is_test(m) ||
           (takes(p->service, m->service) && takes(p->service_type, m->service_type));
}

static bool takes_action(const struct as4_pmode *p, const struct as4_user_message *m)
{
    for (size_t i = 0; i < p->action_count; i++) {
        if (str_equal(p->actions[i], m->action))
            return true;
    }
    return p->action_count == 0 || as4_is_test(m);
}

static bool takes_mpc(const struct as4_pmode *p, const struct as4_user_message *m)
{
    return str_equal(p->mpc.len == 0 ? STR(AS4_DEFAULT_MPC) : p->mpc, m->mpc);
}

static bool takes_agreement(const struct as4_pmode *p, const struct as4_user_message *m)
{
    if (m->agreement.len == 0)
        return !p->agreement_required || as4_is_test(m);
    return takes(p->agreement, m->agreement);
}

/* In the order in which a fault is told. */
static const struct {
    const char *what;
    bool (*takes)(const struct as4_pmode *p, const struct as4_user_message *m);
} criteria[] = {
    {"To party", takes_to},
    {"From party", takes_from},
    {"role", takes_roles},
    {"Service", takes_service},
    {"Action", takes_action},
    {"MPC", takes_mpc},
    {"AgreementRef", takes_agreement},
};
enum { CRITERIA = sizeof(criteria) / sizeof(criteria[0]) };

static const struct as4_pmode *find_mode(const struct as4_pmode *modes, size_t count,
                                         const struct as4_user_message *m)
{
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < CRITERIA && criteria[k].takes(&modes[i], m))
            k++;
        if (k == CRITERIA)
            return &modes[i];
    }
    return NULL;
}

static bool tell_why(const struct as4_pmode *modes, size_t count, const struct as4_user_message *m,
                     struct error *e)
{
    for (size_t k = 0; k < CRITERIA; k++) {
        bool is_known = false;
        for (size_t i = 0; i < count; i++)
            is_known = is_known || criteria[k].takes(&modes[i], m);
        if (!is_known)
            return error_code(e, ERROR_REJECT, EBMS_VALUE_NOT_RECOGNIZED,
                              "no processing mode here has the %s of this message",
                              criteria[k].what);
    }
    return error_code(e, ERROR_REJECT, EBMS_MODE_MISMATCH,
                      "each value is known, but no processing mode has them together");
}

static bool check_properties(const struct as4_pmode *p, const struct as4_user_message *m,
                             struct error *e)
{
    if (m->part_count > p->parts_max)
        return error_code(e, ERROR_REJECT, EBMS_VALUE_INCONSISTENT,
                          "%zu payloads; the processing mode takes %u", m->part_count,
                          p->parts_max);
    if (!p->four_corner || as4_is_test(m))
        return true;
    if (as4_property_of(m, "originalSender").len == 0)
        return error_code(e, ERROR_REJECT, EBMS_VALUE_INCONSISTENT,
                          "message property originalSender is missing");
    if (as4_property_of(m, "finalRecipient").len == 0)
        return error_code(e, ERROR_REJECT, EBMS_VALUE_INCONSISTENT,
                          "message property finalRecipient is missing");
    return true;
}

bool as4_pmode_match(const struct as4_pmode *modes, size_t count, const struct as4_user_message *m,
                     const struct as4_pmode **out, struct error *e)
{
    const struct as4_pmode *mode = find_mode(modes, count, m);
    if (mode == NULL)
        return tell_why(modes, count, m, e);
    if (!check_properties(mode, m, e))
        return false;
    *out = mode;
    return true;
}
