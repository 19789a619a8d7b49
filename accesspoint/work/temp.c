/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/temp.h"

#include "runtime/base/sys.h"

bool temp_open(const struct workplace *w, int *fd, struct error *e)
{
    return sys_temp_file(w->settings->work->temp.at, fd, e);
}

bool temp_payload(const struct workplace *w, struct str message, struct str slot, int *fd,
                  uint64_t *octets, struct error *e)
{
    AUTO_FD int file = -1;
    struct sink_file into;
    AUTO_STORE_READER reader = NULL;
    if (!store_reader_open(w->store, message, slot, &reader, e) || !temp_open(w, &file, e))
        return false;
    *octets = store_reader_payload(reader)->octets;
    sink_file_init(&into, file, *octets);
    if (!store_reader_read(reader, 0, *octets, &into.sink, e))
        return false;
    *fd = file;
    file = -1;
    return true;
}
