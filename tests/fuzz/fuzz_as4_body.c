/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: as4_file_head and as4_receive of a whole stored message with attachments
 * (posthorn/as4_file.c, accesspoint/as4). The lowest bit of the first octet chooses the lenient
 * mode, the next one whether encryption is demanded; the rest is the file. */
#include <stdlib.h>

#include "accesspoint/as4/in.h"
#include "posthorn/as4_file.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void read_parts(const struct as4_received *r)
{
    for (size_t i = 0; i < r->part_count; i++) {
        struct error e = {0};
        struct sink_count count;
        sink_count_init(&count, UINT64_MAX, NULL);
        if (!as4_part_read(&r->parts[i], 1 << 20, &count.sink, &e) && e.kind == ERROR_BUG)
            abort();
        if (count.octets > 1 << 20)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_AS4_RECEIVED r = {0};
    struct as4_pmode mode = as4_pmode_any();
    struct str type;
    size_t at;
    xml_setup();
    if (size < 2)
        return 0;
    struct str file = str_bytes(data + 1, size - 1);
    if (!as4_file_head(file, &a, &type, &at, &e))
        return 0;
    if (at > file.len)
        abort();
    mode.encrypt = (data[0] & 2) != 0;
    const struct as4_in_config config = {
        .modes = &mode, .mode_count = 1, .temp_dir = "/tmp", .lenient_lines = data[0] & 1};
    struct str rest = str_from(file, at);
    const struct as4_octets body = {.memory = rest.at == NULL ? STR("") : rest};
    bool taken = as4_receive(&config, type, &body, &r, &e);
    if (!taken && (e.kind == ERROR_BUG || (e.kind != ERROR_RETRY && e.code == NULL)))
        abort();
    if (taken)
        read_parts(&r);
    return 0;
}
