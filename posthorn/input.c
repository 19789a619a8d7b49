/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/input.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "runtime/base/sys.h"

enum { STEP = 8 * 1024 };

static bool copy(int from, int to, uint64_t limit, uint64_t *copied, struct error *e)
{
    char octets[STEP];
    size_t got;
    for (*copied = 0;; *copied += got) {
        if (!sys_read_some(from, octets, sizeof(octets), &got, e))
            return false;
        if (got == 0)
            return true;
        if (got > limit - *copied)
            return error_set(e, ERROR_RETRY, "the pipe holds more than %" PRIu64 " octets", limit);
        if (!sys_write_all(to, str_bytes(octets, got), e))
            return false;
    }
}

bool input_open(const char *path, uint64_t limit, int *fd, uint64_t *size, struct error *e)
{
    struct stat st;
    AUTO_FD int opened = open(path, O_RDONLY | O_CLOEXEC);
    AUTO_FD int copied = -1;
    uint64_t octets;
    if (opened == -1 || fstat(opened, &st) == -1)
        return error_errno(e, "cannot open it");
    if (S_ISREG(st.st_mode)) {
        *size = (uint64_t)st.st_size;
        *fd = sys_take_fd(&opened);
        return true;
    }
    if (!S_ISFIFO(st.st_mode))
        return error_set(e, ERROR_RETRY, "it is a %s; a file or a pipe is wanted",
                         S_ISDIR(st.st_mode) ? "folder" : "device");
    if (!sys_temp_file("/tmp", &copied, e) || !copy(opened, copied, limit, &octets, e))
        return false;
    *size = octets;
    *fd = sys_take_fd(&copied);
    return true;
}
