/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: what callers of the API write into header fields (accesspoint/api/fields.c, trace.c). The
 * input is one field, read as each of them. */
#include <stdlib.h>
#include <string.h>

#include "accesspoint/api/fields.h"
#include "accesspoint/api/trace.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void read_name(struct str in)
{
    AUTO_ARENA a = {0};
    struct str name = STR_NONE;
    if (field_file_name(in, &a, &name) != FILE_NAME_GOOD)
        check(name.at == NULL);
    else if (name.len > 0)
        check(memchr(name.at, '/', name.len) == NULL && memchr(name.at, 0, name.len) == NULL &&
              memchr(name.at, '\n', name.len) == NULL);
}

static void read_values(struct str in)
{
    struct str key = STR_NONE;
    unsigned char digest[32];
    if (field_idempotency_key(in, &key))
        check(key.len >= 8 && key.len <= 64);
    else
        check(key.at == NULL);
    (void)!field_content_digest(in, digest);
    check(field_bearer(in).len <= in.len);
    struct trace t = trace_continue(in);
    check(strlen(t.parent) == TRACE_PARENT_LEN && trace_id(&t).len == TRACE_ID_LEN);
}

static void read_range(struct str in, uint64_t size)
{
    uint64_t offset = 0, length = 0;
    if (field_range(in, size, &offset, &length) == RANGE_PART)
        check(length > 0 && offset < size && length <= size - offset);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct str in = str_bytes(data, size);
    field_accepts(in, STR("application/json"));
    field_prefers_swedish(in);
    field_holds_etag(in, STR("\"x\""));
    read_name(in);
    read_values(in);
    read_range(in, 0);
    read_range(in, 1000);
    read_range(in, UINT64_MAX);
    return 0;
}
