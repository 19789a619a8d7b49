/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: letter_read_new and letter_unpack (accesspoint/letter.h). A new letter without faults reads
 * back packed; what unpacks packs to the same octets. */
#include <stdlib.h>

#include "accesspoint/letter.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static const struct federation federation = {
    .participant_scheme = STR_INIT("iso6523-actorid-upis"),
    .address_root = STR_INIT("urn:riv:infrastructure:messaging:functionalAddress"),
};

static void complete(struct letter *l)
{
    struct sdk_message *m = &l->message;
    m->id = STR("01943f5e-7c00-7a3b-9d2e-5f0a1b2c3d4e");
    if (m->conversation.len == 0)
        m->conversation = m->id;
    if (m->sender.id.extension.len == 0)
        m->sender.id.extension = STR("0203:a.example");
    for (size_t i = 0; i < l->file_count; i++) {
        struct letter_file *f = &l->files[i];
        f->slot = STR("file-1");
        f->sha256 = STR("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    }
}

static void check_same(struct buf *one, struct buf *two)
{
    if (!str_equal(buf_str(one), buf_str(two)))
        abort();
}

static void check_round(struct letter *l, struct arena *a)
{
    AUTO_BUF packed = BUF(1 << 22), first = BUF(1 << 22), second = BUF(1 << 22);
    struct error e = {0};
    struct letter again = {0};
    complete(l);
    if (!letter_pack(l, &packed, &e) ||
        !letter_unpack(buf_str(&packed), &federation, a, &again, &e) ||
        !letter_write(l, &first, &e) || !letter_write(&again, &second, &e))
        abort();
    check_same(&first, &second);
}

static void check_packed(struct str octets, struct arena *a)
{
    AUTO_BUF given = BUF(1 << 22), packed = BUF(1 << 22);
    struct error e = {0};
    struct letter l = {0};
    if (!letter_unpack(octets, &federation, a, &l, &e)) {
        if (e.kind != ERROR_BUG)
            abort();
        return;
    }
    if (!buf_add(&given, octets, &e) || !letter_pack(&l, &packed, &e))
        abort();
    check_same(&given, &packed);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    AUTO_ARENA a = {0};
    struct error e = {0};
    struct letter l = {0};
    struct letter_faults faults = {.swedish = size % 2 == 1};
    struct str octets = str_bytes(data, size);
    if (letter_read_new(octets, &federation, &a, &l, &faults, &e) && faults.count == 0)
        check_round(&l, &a);
    check_packed(octets, &a);
    return 0;
}
