/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_sandbox.c */
#include "runtime/loop/sandbox_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/sys.h"

/* What came with later ABIs than that of Debian 12's headers. */
#define ACCESS_TRUNCATE (UINT64_C(1) << 14) /* ABI 3 */
#define ACCESS_IOCTL    (UINT64_C(1) << 15) /* ABI 5: of device files */
#define ACCESS_BIND     (UINT64_C(1) << 0)  /* ABI 4: TCP */
#define ACCESS_CONNECT  (UINT64_C(1) << 1)
#define SCOPE_SIGNAL    (UINT64_C(1) << 1) /* ABI 6: to processes outside */
#define ACCESS_READ     (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_FILE                                                                              \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE | \
     ACCESS_TRUNCATE)
#define ACCESS_WRITE                                                                              \
    (ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REFER | ACCESS_TRUNCATE)
/* Handled and granted to nobody: running, device files, pipes, symbolic links,
 * control of devices. */
#define ACCESS_ALL                                                              \
    (ACCESS_WRITE | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | \
     ACCESS_IOCTL)

/* As of ABI 6; an older kernel takes it too as long as what it does not know is 0. */
struct ruleset {
    uint64_t files, network, scope;
};

/* The C library has no wrappers for these. */
static int create_ruleset(const struct ruleset *attr, size_t size, uint32_t flags)
{
    return (int)syscall(SYS_landlock_create_ruleset, attr, size, flags);
}

static uint64_t known_to(int abi)
{
    return ACCESS_ALL & ~(abi < 2 ? LANDLOCK_ACCESS_FS_REFER : 0ULL) &
           ~(abi < 3 ? ACCESS_TRUNCATE : 0ULL) & ~(abi < 5 ? ACCESS_IOCTL : 0ULL);
}

/* Besides what seccomp says: no port is bound, and none connected to but by who may. */
static uint64_t network_of(const struct sandbox *s, int abi)
{
    if (abi < 4 || s->network == SANDBOX_ANY)
        return 0;
    return s->network == SANDBOX_CONNECT ? ACCESS_BIND : ACCESS_BIND | ACCESS_CONNECT;
}

static bool add_path(int ruleset, const struct sandbox_path *p, uint64_t known, uint64_t more,
                     struct error *e)
{
    AUTO_FD int fd = open(p->path, O_PATH | O_CLOEXEC);
    struct stat st;
    if (fd == -1 || fstat(fd, &st) == -1)
        return errno == ENOENT || errno == ENOTDIR || errno == EACCES ||
               error_errno(e, "sandbox: %s", p->path);
    uint64_t access = ((p->may_write ? ACCESS_WRITE : ACCESS_READ) | more) & known;
    struct landlock_path_beneath_attr rule = {
        .allowed_access = S_ISDIR(st.st_mode) ? access : access & ACCESS_FILE,
        .parent_fd = fd,
    };
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == -1)
        return error_errno(e, "sandbox: %s", p->path);
    return true;
}

bool sandbox_enter_files(const struct sandbox *s, int *abi, struct error *e)
{
    *abi = create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (*abi <= 0) {
        *abi = 0;
        return true;
    }
    struct ruleset attr = {
        .files = known_to(*abi),
        .network = network_of(s, *abi),
        .scope = *abi < 6 ? 0 : SCOPE_SIGNAL,
    };
    AUTO_FD int ruleset = create_ruleset(&attr, sizeof attr, 0);
    if (ruleset == -1)
        return error_errno(e, "sandbox: landlock");
    uint64_t more = s->may_run_programs ? LANDLOCK_ACCESS_FS_EXECUTE : 0;
    for (const struct sandbox_path *p = s->paths; p != NULL; p = p->next)
        if (!add_path(ruleset, p, attr.files, more, e))
            return false;
    if (syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
        return error_errno(e, "sandbox: landlock");
    return true;
}
