/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

static atomic_uint fail_countdown; /* 0: off, 1: fail now, n: after n - 1 calls */
static atomic_int fail_errno;
static atomic_bool fail_once, has_failed;

static void set_failure(unsigned calls, int error_number, bool once)
{
    fail_errno = error_number;
    fail_once = once;
    has_failed = false;
    fail_countdown = calls + 1;
}

void sys_fail_after(unsigned calls, int error_number)
{
    set_failure(calls, error_number, false);
}

void sys_fail_once(unsigned calls, int error_number)
{
    set_failure(calls, error_number, true);
}

bool sys_fail_never(void)
{
    fail_countdown = 0;
    return has_failed;
}

bool sys_must_fail(void)
{
    unsigned left = fail_countdown;
    if (left == 0)
        return false;
    if (left > 1) {
        fail_countdown = left - 1;
        return false;
    }
    if (fail_once)
        fail_countdown = 0;
    has_failed = true;
    errno = fail_errno;
    return true;
}

void sys_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int sys_take_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

bool sys_hold_standard_fds(struct error *e)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDWR};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", modes[fd]) != fd)
            return error_errno(e, "cannot open /dev/null");
    }
    return true;
}

bool sys_write_all(int fd, struct str octets, struct error *e)
{
    if (sys_must_fail())
        return error_errno(e, "cannot write");
    while (octets.len > 0) {
        ssize_t n = write(fd, octets.at, octets.len);
        if (n == -1 && errno != EINTR)
            return error_errno(e, "cannot write");
        octets = str_from(octets, n == -1 ? 0 : (size_t)n);
    }
    return true;
}

bool sys_pread_all(int fd, void *at, size_t len, uint64_t offset, struct error *e)
{
    unsigned char *left = at;
    while (len > 0) {
        ssize_t n = pread(fd, left, len, (off_t)offset);
        if (n == -1 && errno == EINTR)
            continue;
        if (n == -1)
            return error_errno(e, "cannot read");
        if (n == 0)
            return error_set(e, ERROR_REJECT, "the file ends %zu octets early", len);
        left += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return true;
}

bool sys_read_some(int fd, void *at, size_t len, size_t *got, struct error *e)
{
    ssize_t n;
    do
        n = read(fd, at, len);
    while (n == -1 && errno == EINTR);
    if (n == -1)
        return error_errno(e, "cannot read");
    *got = (size_t)n;
    return true;
}

bool sys_fsync(int fd, struct error *e)
{
    if (sys_must_fail() || fdatasync(fd) == -1)
        return error_errno(e, "cannot sync to disk");
    return true;
}

bool sys_fsync_dir(const char *path, struct error *e)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (sys_must_fail() || fd == -1 || fsync(fd) == -1)
        return error_errno(e, "cannot sync folder %s", path);
    return true;
}

bool sys_rename(const char *from, const char *to, struct error *e)
{
    if (sys_must_fail() || rename(from, to) == -1)
        return error_errno(e, "cannot rename %s to %s", from, to);
    return true;
}

bool sys_temp_file(const char *dir, int *fd, struct error *e)
{
    int opened = sys_must_fail() ? -1 : open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (opened == -1)
        return error_errno(e, "cannot make a temporary file in %s", dir);
    *fd = opened;
    return true;
}

bool sys_memory_file(int *fd, struct error *e)
{
    int opened = memfd_create("posthorn", MFD_CLOEXEC);
    if (opened == -1)
        return error_errno(e, "cannot make a file in memory");
    *fd = opened;
    return true;
}

bool sys_file_size(int fd, uint64_t *size, struct error *e)
{
    struct stat st;
    if (fstat(fd, &st) == -1)
        return error_errno(e, "cannot see the size of a file");
    *size = (uint64_t)st.st_size;
    return true;
}

bool sys_read_file(const char *path, struct buf *out, struct error *e)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint64_t size = 0;
    char *room = NULL;
    if (fd == -1)
        return error_errno(e, "%s", path);
    if (!sys_file_size(fd, &size, e))
        return error_prefix(e, "%s", path);
    if (size > out->limit - out->len)
        return error_set(e, ERROR_REJECT, "%s is larger than %zu octets", path,
                         out->limit - out->len);
    if (!buf_room(out, (size_t)size, &room, e) || !sys_pread_all(fd, room, (size_t)size, 0, e))
        return error_prefix(e, "%s", path);
    buf_grew(out, (size_t)size);
    return true;
}

const char *sys_schema_dir(void)
{
    const char *given = getenv("POSTHORN_SCHEMA_DIR");
    return given == NULL ? POSTHORN_SCHEMAS : given;
}

bool sys_make_dir(const char *path, mode_t mode, struct error *e)
{
    if (mkdir(path, mode) == -1 && errno != EEXIST)
        return error_errno(e, "cannot make folder %s", path);
    return true;
}

#if defined(__x86_64__)
#define TRAP_RESULT(c) ((c)->uc_mcontext.gregs[REG_RAX])
#elif defined(__aarch64__)
#define TRAP_RESULT(c) ((c)->uc_mcontext.regs[0])
#endif

bool sys_can_answer_trap(void)
{
#ifdef TRAP_RESULT
    return true;
#else
    return false;
#endif
}

void sys_answer_trap(void *context, int number)
{
#ifdef TRAP_RESULT
    TRAP_RESULT((ucontext_t *)context) = -number;
#else
    (void)context, (void)number;
#endif
}
