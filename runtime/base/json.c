/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/json.h"

#include <jansson.h>

/* struct json is jansson's json_t under a name that does not spread its header. */
static const json_t *inside(const struct json *value)
{
    return (const json_t *)(const void *)value;
}

static const struct json *outside(const json_t *value)
{
    return (const struct json *)(const void *)value;
}

static bool read_strictly(struct str text, size_t flags, struct json_doc *out, struct error *e)
{
    /* jansson 2.14 swallows a NUL right after a number. */
    if (str_find_char(text, '\0') < text.len)
        return error_set(e, ERROR_REJECT, "JSON must not hold a NUL character");
    json_error_t fault;
    json_t *root = json_loadb(text.at == NULL ? "" : text.at, text.len,
                              JSON_REJECT_DUPLICATES | flags, &fault);
    if (root == NULL)
        return error_set(e, ERROR_REJECT, "not JSON at line %d, column %d: %s", fault.line,
                         fault.column, fault.text);
    json_release(out);
    out->root = (struct json *)(void *)root;
    return true;
}

bool json_read(struct str text, struct json_doc *out, struct error *e)
{
    return read_strictly(text, 0, out, e);
}

bool json_read_with_nul(struct str text, struct json_doc *out, struct error *e)
{
    return read_strictly(text, JSON_ALLOW_NUL, out, e);
}

void json_release(struct json_doc *doc)
{
    if (doc->root != NULL)
        json_decref((json_t *)(void *)doc->root);
    doc->root = NULL;
}

const struct json *json_member(const struct json *object, const char *name)
{
    return object == NULL ? NULL : outside(json_object_get(inside(object), name));
}

bool json_as_text(const struct json *value, struct str *out)
{
    if (value == NULL || !json_is_string(inside(value)))
        return false;
    *out = str_bytes(json_string_value(inside(value)), json_string_length(inside(value)));
    return true;
}

bool json_as_integer(const struct json *value, int64_t *out)
{
    if (value == NULL || json_typeof(inside(value)) != JSON_INTEGER)
        return false;
    *out = json_integer_value(inside(value));
    return true;
}

bool json_as_boolean(const struct json *value, bool *out)
{
    if (value == NULL || !json_is_boolean(inside(value)))
        return false;
    *out = json_is_true(inside(value));
    return true;
}

bool json_holds_object(const struct json *value)
{
    return value != NULL && json_typeof(inside(value)) == JSON_OBJECT;
}

bool json_holds_array(const struct json *value)
{
    return value != NULL && json_typeof(inside(value)) == JSON_ARRAY;
}

bool json_holds_null(const struct json *value)
{
    return value != NULL && json_typeof(inside(value)) == JSON_NULL;
}

size_t json_count(const struct json *value)
{
    return json_holds_array(value) ? json_array_size(inside(value))
                                   : json_object_size(inside(value));
}

const struct json *json_item(const struct json *array, size_t index)
{
    return outside(json_array_get(inside(array), index));
}

bool json_each(const struct json *object,
               bool (*visit)(void *ctx, struct str name, const struct json *value), void *ctx)
{
    json_t *iterated = (json_t *)(void *)(size_t)(const void *)object;
    void *at = json_object_iter(iterated);
    for (; at != NULL; at = json_object_iter_next(iterated, at))
        if (!visit(ctx, str_of(json_object_iter_key(at)), outside(json_object_iter_value(at))))
            return false;
    return true;
}
