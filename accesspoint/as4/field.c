/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/as4/test_header.c */
#include "accesspoint/as4/field.h"

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/message.h"
#include "accesspoint/as4/names.h"

bool as4_field_refuse(const struct xml_node *n, struct error *e, const char *code, const char *what)
{
    AUTO_ARENA a = {0};
    return error_code(e, ERROR_REJECT, code, "%.*s: %s", STR_ARG(xml_path(n, &a)), what);
}

static bool refuse_name(const struct xml_node *n, const char *name, const char *what,
                        struct error *e)
{
    AUTO_ARENA a = {0};
    return error_code(e, ERROR_REJECT, EBMS_INVALID_HEADER, "%.*s: eb:%s %s",
                      STR_ARG(xml_path(n, &a)), name, what);
}

bool as4_field_child(const struct xml_node *parent, const char *name, bool required,
                     const struct xml_node **out, struct error *e)
{
    size_t count = xml_count(parent, NS_EB, name);
    if (count == 0 && required)
        return refuse_name(parent, name, "is missing", e);
    if (count > 1)
        return refuse_name(parent, name, "is there more than once", e);
    *out = count == 0 ? NULL : xml_first(parent, NS_EB, name);
    return true;
}

bool as4_field_own_text(const struct xml_node *n, size_t most, struct arena *a, struct str *out,
                        struct error *e)
{
    struct str text;
    if (xml_first(n, NULL, NULL) != NULL)
        return as4_field_refuse(n, e, EBMS_INVALID_HEADER, "holds an element; a text is wanted");
    if (!xml_trimmed(n, a, most, &text, e)) {
        e->code = EBMS_INVALID_HEADER;
        return false;
    }
    if (text.len == 0)
        return as4_field_refuse(n, e, EBMS_INVALID_HEADER, "is empty");
    *out = text;
    return true;
}

bool as4_field_text(const struct xml_node *parent, const struct as4_field *field, struct arena *a,
                    struct str *out, struct error *e)
{
    const struct xml_node *n = NULL;
    if (!as4_field_child(parent, field->name, field->required, &n, e))
        return false;
    if (n == NULL) {
        *out = STR_NONE;
        return true;
    }
    if (field->may_be_empty && !xml_has_text(n) && xml_first(n, NULL, NULL) == NULL) {
        *out = STR("");
        return true;
    }
    return as4_field_own_text(n, AS4_TEXT_MAX, a, out, e);
}

bool as4_field_attribute(const struct xml_node *n, const char *name, struct arena *a,
                         struct str *out, struct error *e)
{
    struct str value = STR_NONE;
    if (!xml_attribute(n, NULL, name, a, &value)) {
        *out = STR_NONE;
        return true;
    }
    value = str_trim(value);
    if (value.len > AS4_TEXT_MAX)
        return as4_field_refuse(n, e, EBMS_INVALID_HEADER,
                                "an attribute is longer than 255 octets");
    *out = value;
    return true;
}

static bool is_one_of(struct str name, const char *names)
{
    struct str rest = str_of(names), word;
    while (str_next(&rest, '|', &word)) {
        if (str_equal(word, name))
            return true;
    }
    return false;
}

bool as4_field_only(const struct xml_node *parent, const char *names, struct error *e)
{
    const struct xml_node *n = xml_first(parent, NULL, NULL);
    for (; n != NULL; n = xml_next(n, NULL, NULL)) {
        if (!str_is(xml_ns(n), NS_EB) || !is_one_of(xml_name(n), names))
            return as4_field_refuse(n, e, EBMS_INVALID_HEADER, "does not belong here");
    }
    return xml_has_text(parent)
               ? as4_field_refuse(parent, e, EBMS_INVALID_HEADER, "holds text between its elements")
               : true;
}
