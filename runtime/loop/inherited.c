/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_stream_tls.c */
#include "runtime/loop/inherited.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/number.h"

enum { FIRST_FD = 3, FDS_MAX = 64 };

static uint64_t number_of(const char *name)
{
    uint64_t number;
    struct error e = {0};
    return parse_u64(str_of(secure_getenv(name)), 0, INT32_MAX, &number, &e) ? number : 0;
}

static bool is_listener_on(int fd, const struct address *a)
{
    int listens = 0;
    socklen_t len = sizeof listens;
    struct address bound = {.len = sizeof bound.at};
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens != 0 &&
           getsockname(fd, (struct sockaddr *)&bound.at, &bound.len) == 0 &&
           address_fits(&bound, a);
}

bool inherited_find(const struct address *a, int *fd)
{
    if (number_of("LISTEN_PID") != (uint64_t)getpid())
        return false;
    uint64_t count = number_of("LISTEN_FDS");
    for (int i = FIRST_FD; i < FIRST_FD + (int)(count < FDS_MAX ? count : FDS_MAX); i++) {
        /* Descriptors that were given away are marked: whoever started us cannot have set it. */
        int flags = fcntl(i, F_GETFD);
        if (flags == -1 || (flags & FD_CLOEXEC) || !is_listener_on(i, a))
            continue;
        fcntl(i, F_SETFD, FD_CLOEXEC);
        fcntl(i, F_SETFL, O_NONBLOCK);
        *fd = i;
        return true;
    }
    return false;
}
