/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/as4/test_header.c */
#include "accesspoint/as4/message.h"

#include "accesspoint/as4/names.h"

struct str as4_messaging_id(const struct as4_messaging *m)
{
    if (m->kind == AS4_USER_MESSAGE)
        return m->user.message_id;
    return m->signal_count == 0 ? STR_NONE : m->signals[0].message_id;
}

bool as4_is_test(const struct as4_user_message *m)
{
    return str_is(m->service, AS4_TEST_SERVICE) && str_is(m->action, AS4_TEST_ACTION);
}

struct str as4_property_of(const struct as4_user_message *m, const char *name)
{
    for (size_t i = 0; i < m->property_count; i++) {
        if (str_is(m->properties[i].name, name))
            return m->properties[i].value;
    }
    return STR_NONE;
}
