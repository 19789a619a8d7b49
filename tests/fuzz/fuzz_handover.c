/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: handover_receive (runtime/loop/handover_wire.c): one message, as a program that was taken
 * over sends it. The first octet says how many descriptors come with it. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/loop/handover_wire.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { FDS_MAX = 4, ROOM = 1024 };

static void send_all(int to, struct str in, unsigned fds, int fd)
{
    union {
        struct cmsghdr header;
        char octets[CMSG_SPACE(FDS_MAX * sizeof(int))];
    } control = {0};
    struct iovec piece = {.iov_len = in.len};
    struct msghdr m = {.msg_iov = &piece, .msg_iovlen = 1};
    memcpy(&piece.iov_base, &in.at, sizeof in.at); /* sendmsg() only reads it */
    if (fds > 0) {
        m.msg_control = control.octets;
        m.msg_controllen = CMSG_SPACE(fds * sizeof fd);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(fds * sizeof fd);
        for (unsigned i = 0; i < fds; i++)
            memcpy(CMSG_DATA(&control.header) + i * sizeof fd, &fd, sizeof fd);
    }
    if (sendmsg(to, &m, MSG_NOSIGNAL) == -1)
        abort();
}

static void receive(int from, int fd_limit)
{
    struct handover_frame frame;
    struct str rest = STR_NONE;
    char room[ROOM];
    int fd = -1;
    enum handover_io io = handover_receive(from, &frame, room, sizeof room, &rest, &fd);
    if (io == HANDOVER_WAIT || (io == HANDOVER_BROKEN && fd != -1) || rest.len > sizeof room)
        abort();
    if (fd != -1)
        close(fd);
    int next = dup(from);
    if (next != fd_limit) /* the lowest free number: nothing stayed open */
        abort();
    close(next);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    int pair[2];
    if (size < 2 || size > 16 * 1024)
        return 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
        abort();
    int lowest_free = dup(pair[0]);
    close(lowest_free);
    send_all(pair[1], str_bytes(data + 1, size - 1), data[0] % (FDS_MAX + 1), pair[1]);
    receive(pair[0], lowest_free);
    close(pair[0]);
    close(pair[1]);
    return 0;
}
