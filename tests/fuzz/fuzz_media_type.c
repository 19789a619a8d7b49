/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: media_type_read (runtime/mime/media_type.c). */
#include <stdlib.h>

#include "runtime/mime/multipart.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static bool has_upper(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] >= 'A' && s.at[i] <= 'Z')
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    AUTO_ARENA a = {0};
    struct error e = {0};
    struct media_type type = {0};
    if (media_type_read(str_bytes(data, size), &a, &type, &e)) {
        if (type.type.len == 0 || has_upper(type.type))
            abort();
    } else if (e.kind != ERROR_REJECT || type.type.len != 0) {
        abort();
    }
    return 0;
}
