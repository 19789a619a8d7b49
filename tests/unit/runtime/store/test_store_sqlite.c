/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/sys.h"
#include "tests/unit/runtime/store/world.h"

/* Stands before the C library's, for the SQLite library too: its syncs can be made to fail. */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
    return sys_must_fail() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int main(void)
{
    static const struct world_engine sqlite = {.is_postgres = false};
    return world_run_suites(&sqlite) == 0 ? 0 : 1;
}
