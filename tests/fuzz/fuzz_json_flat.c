/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: json_flat_next (runtime/base/json_flat.c). What it takes jansson takes, with the same
 * values; and what jansson reads as an object of plain values it takes. */
#include <stdlib.h>

#include "runtime/base/json.h"
#include "runtime/base/json_flat.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static bool is_same(const struct json *value, const struct json_member *m)
{
    struct str text;
    int64_t number;
    bool boolean;
    switch (m->kind) {
    case JSON_TEXT:
        return json_as_text(value, &text) && str_equal(text, m->text);
    case JSON_INTEGER:
        return json_as_integer(value, &number) && number == m->number;
    case JSON_BOOLEAN:
        return json_as_boolean(value, &boolean) && boolean == (m->number == 1);
    case JSON_NULL:
    default:
        return json_holds_null(value);
    }
}

static bool is_plain(void *ctx, struct str name, const struct json *value)
{
    struct str text;
    int64_t number;
    bool boolean;
    (void)ctx;
    (void)name;
    return json_as_text(value, &text) || json_as_integer(value, &number) ||
           json_as_boolean(value, &boolean) || json_holds_null(value);
}

static bool should_be_taken(const struct json_doc *doc)
{
    return json_holds_object(doc->root) && json_count(doc->root) <= JSON_FLAT_MAX &&
           json_each(doc->root, is_plain, NULL);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    AUTO_ARENA a = {0};
    AUTO_JSON doc = {0};
    struct error e = {0}, why = {0};
    struct str text = str_bytes(data, size);
    bool is_json = json_read(text, &doc, &why);
    struct json_flat f = json_flat_of(text, &a, &e);
    struct json_member m;
    size_t count = 0;
    for (; json_flat_next(&f, &m); count++) {
        const char *name = arena_text(&a, m.name);
        if (is_json && !is_same(json_member(doc.root, name), &m))
            abort();
    }
    bool taken = json_flat_done(&f);
    if (taken ? !is_json || count != json_count(doc.root) : is_json && should_be_taken(&doc))
        abort();
    return 0;
}
