/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/temp.h"

#include <fcntl.h>
#include <unistd.h>

#include "runtime/base/sys.h"

static bool move_to_disk(struct temp_sink *t, struct error *e)
{
    AUTO_FD int disk = -1;
    struct sink_file file;
    if (!sys_temp_file(t->w->settings->work->temp.at, &disk, e))
        return false;
    sink_file_init(&file, disk, t->written);
    if (!sink_from_file(&file.sink, t->fd, 0, t->written, e))
        return false;
    if (dup3(disk, t->fd, O_CLOEXEC) == -1)
        return error_errno(e, "temporary file");
    t->is_on_disk = true;
    return true;
}

static bool temp_write(struct sink *s, struct str octets, struct error *e)
{
    struct temp_sink *t = (struct temp_sink *)s;
    if (octets.len > t->limit || t->written > t->limit - octets.len)
        return error_set(e, ERROR_REJECT, "more than %llu octets", (unsigned long long)t->limit);
    if (!t->is_on_disk && t->written + octets.len > TEMP_MEMORY_MAX && !move_to_disk(t, e))
        return false;
    if (!sys_write_all(t->fd, octets, e))
        return false;
    t->written += octets.len;
    return true;
}

bool temp_open(const struct workplace *w, uint64_t limit, int *fd, struct temp_sink *sink,
               struct error *e)
{
    if (!sys_memory_file(fd, e))
        return false;
    *sink = (struct temp_sink){.sink = {temp_write, NULL}, .w = w, .fd = *fd, .limit = limit};
    return true;
}

bool temp_payload(const struct workplace *w, struct str message, struct str slot, int *fd,
                  uint64_t *octets, struct error *e)
{
    AUTO_FD int file = -1;
    struct temp_sink into;
    AUTO_STORE_READER reader = NULL;
    if (!store_reader_open(w->store, message, slot, &reader, e))
        return false;
    *octets = store_reader_payload(reader)->octets;
    if (!temp_open(w, *octets, &file, &into, e) ||
        !store_reader_read(reader, 0, *octets, &into.sink, e))
        return false;
    *fd = file;
    file = -1;
    return true;
}
