/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/as4/test_header.c */
#include "accesspoint/as4/part_info.h"

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/field.h"
#include "accesspoint/as4/names.h"
#include "runtime/base/text.h"

static bool read_property(const struct xml_node *n, struct arena *a, struct as4_property *out,
                          struct error *e)
{
    if (!as4_field_attribute(n, "name", a, &out->name, e) ||
        !as4_field_attribute(n, "type", a, &out->type, e))
        return false;
    if (out->name.len == 0)
        return as4_field_refuse(n, e, EBMS_INVALID_HEADER, "has no name");
    return as4_field_own_text(n, AS4_VALUE_MAX, a, &out->value, e);
}

bool as4_properties_read(const struct xml_node *container, struct arena *a,
                         struct as4_property **out, size_t *count, struct error *e)
{
    size_t n_properties = xml_count(container, NS_EB, "Property");
    if (n_properties == 0 || n_properties > AS4_PROPERTIES_MAX)
        return as4_field_refuse(container, e, EBMS_INVALID_HEADER, "wants 1 to 64 eb:Property");
    if (!as4_field_only(container, "Property", e))
        return false;
    struct as4_property *list = arena_array(a, n_properties, sizeof(list[0]));
    size_t i = 0;
    const struct xml_node *n = xml_first(container, NS_EB, "Property");
    for (; n != NULL; n = xml_next(n, NS_EB, "Property")) {
        if (!read_property(n, a, &list[i++], e))
            return false;
    }
    *out = list;
    *count = n_properties;
    return true;
}

bool as4_cid_of(struct str href, struct arena *a, struct str *cid)
{
    struct str trimmed = str_trim(href);
    if (!str_equal_nocase(str_upto(trimmed, 4), STR("cid:")) || trimmed.len == 4)
        return false;
    struct error ignored = {0};
    struct str raw = str_from(trimmed, 4);
    AUTO_BUF decoded = BUF(AS4_TEXT_MAX);
    *cid = percent_decode(&decoded, raw, &ignored) ? arena_copy(a, buf_str(&decoded))
                                                   : arena_copy(a, raw);
    return true;
}

/* What is no cid URL is refused when the signature has been looked at (spec/as4.md 11, step 10). */
static bool read_href(const struct xml_node *n, struct arena *a, struct as4_part_info *out,
                      struct error *e)
{
    if (!as4_field_attribute(n, "href", a, &out->href, e))
        return false;
    if (!as4_cid_of(out->href, a, &out->cid))
        out->cid = STR_NONE;
    return true;
}

/* An IANA charset name by its letters (RFC 2978 mime-charset, as XML's EncName). */
static bool is_charset(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool is_other = (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == ':';
        if (!is_letter && (i == 0 || !is_other))
            return false;
    }
    return s.len > 0 && s.len <= 40;
}

enum known_property { MIME_TYPE, CHARSET, COMPRESSION, KNOWN_PROPERTIES };
static const char *const known_names[KNOWN_PROPERTIES] = {
    [MIME_TYPE] = "MimeType", [CHARSET] = "CharacterSet", [COMPRESSION] = "CompressionType"};

/* Takes ours out of the list, so that what is left is the application's. */
static bool split_known(const struct xml_node *n, struct as4_part_info *p,
                        struct str known[static KNOWN_PROPERTIES], struct error *e)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->property_count; i++) {
        size_t k = 0;
        while (k < KNOWN_PROPERTIES && !str_is(p->properties[i].name, known_names[k]))
            k++;
        if (k == KNOWN_PROPERTIES) {
            p->properties[kept++] = p->properties[i];
            continue;
        }
        if (known[k].at != NULL)
            return as4_field_refuse(n, e, EBMS_VALUE_INCONSISTENT,
                                    "MimeType, CharacterSet and CompressionType may be there once");
        known[k] = p->properties[i].value;
    }
    p->property_count = kept;
    return true;
}

static bool take_known(const struct xml_node *n, struct as4_part_info *p, struct error *e)
{
    struct str known[KNOWN_PROPERTIES] = {STR_NONE};
    if (!split_known(n, p, known, e))
        return false;
    p->mime_type = known[MIME_TYPE];
    p->charset = known[CHARSET];
    p->compressed = known[COMPRESSION].at != NULL;
    if (p->compressed && !str_is(known[COMPRESSION], TYPE_GZIP))
        return as4_field_refuse(n, e, EBMS_DECOMPRESSION,
                                "CompressionType is not application/gzip");
    if (p->compressed && p->mime_type.at == NULL)
        return as4_field_refuse(n, e, EBMS_VALUE_INCONSISTENT,
                                "CompressionType without MimeType: the payload's own type is "
                                "wanted");
    if (p->charset.at != NULL && !is_charset(p->charset))
        return as4_field_refuse(n, e, EBMS_VALUE_INCONSISTENT,
                                "CharacterSet is no IANA charset name");
    return true;
}

static bool read_part(const struct xml_node *n, struct arena *a, struct as4_part_info *out,
                      struct error *e)
{
    const struct xml_node *properties;
    if (!read_href(n, a, out, e) || !as4_field_only(n, "Schema|Description|PartProperties", e) ||
        !as4_field_child(n, "PartProperties", false, &properties, e))
        return false;
    if (properties == NULL)
        return true;
    return as4_properties_read(properties, a, &out->properties, &out->property_count, e) &&
           take_known(properties, out, e);
}

static bool refuse_double_cids(const struct xml_node *n, const struct as4_part_info *list,
                               size_t count, struct error *e)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = i + 1; k < count; k++) {
            if (list[i].cid.len > 0 && str_equal(list[i].cid, list[k].cid))
                return as4_field_refuse(n, e, EBMS_INVALID_HEADER,
                                        "two eb:PartInfo name one attachment");
        }
    }
    return true;
}

bool as4_parts_read(const struct xml_node *message, struct arena *a, struct as4_part_info **out,
                    size_t *count, struct error *e)
{
    const struct xml_node *info;
    if (!as4_field_child(message, "PayloadInfo", false, &info, e))
        return false;
    *count = 0;
    if (info == NULL)
        return true;
    size_t n_parts = xml_count(info, NS_EB, "PartInfo");
    if (n_parts == 0 || n_parts > AS4_PARTS_MAX)
        return as4_field_refuse(info, e, EBMS_INVALID_HEADER, "wants 1 to 100 eb:PartInfo");
    if (!as4_field_only(info, "PartInfo", e))
        return false;
    struct as4_part_info *list = arena_array(a, n_parts, sizeof(list[0]));
    size_t i = 0;
    const struct xml_node *n = xml_first(info, NS_EB, "PartInfo");
    for (; n != NULL; n = xml_next(n, NS_EB, "PartInfo")) {
        if (!read_part(n, a, &list[i++], e))
            return false;
    }
    if (!refuse_double_cids(info, list, n_parts, e))
        return false;
    *out = list;
    *count = n_parts;
    return true;
}
