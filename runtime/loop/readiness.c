/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_program.c */
#include "runtime/loop/readiness.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "runtime/base/buf.h"
#include "runtime/base/sys.h"

void readiness_tell(const char *state)
{
    const char *path = secure_getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = path == NULL ? 0 : strlen(path);
    if (len < 2 || len >= sizeof to.sun_path)
        return;
    memcpy(to.sun_path, path, len);
    if (path[0] == '@') /* Linux' abstract names begin with NUL */
        to.sun_path[0] = '\0';
    AUTO_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd == -1)
        return;
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

bool readiness_write(int fd, struct str addresses, struct error *e)
{
    AUTO_BUF line = BUF(64 * 1024 + 16);
    if (!buf_addf(&line, e, "READY%.*s\n", (int)addresses.len, addresses.len ? addresses.at : ""))
        return false;
    bool ok = sys_write_all(fd, buf_str(&line), e);
    sys_close(&fd);
    return ok;
}
