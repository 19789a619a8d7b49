/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_handover.c */
#include "runtime/loop/handover_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/sys.h"
#include "runtime/loop/address.h"

enum { SEND_ROOM = 1024 * 1024 }; /* the kernel cuts it to net.core.wmem_max */

union control { /* aligned room for one descriptor */
    struct cmsghdr header;
    char octets[CMSG_SPACE(sizeof(int))];
};

void handover_widen(int fd)
{
    int room = SEND_ROOM;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
}

bool handover_memory_file(struct str body, int *fd, struct error *e)
{
    AUTO_FD int made = -1;
    if (!sys_memory_file(&made, e) || !sys_write_all(made, body, e))
        return false;
    *fd = sys_take_fd(&made);
    return true;
}

static struct iovec piece_of(const void *at, size_t len)
{
    struct iovec v = {.iov_len = len};
    memcpy(&v.iov_base, &at, sizeof at); /* sendmsg() only reads it */
    return v;
}

static void add_fd(struct msghdr *m, union control *control, int fd)
{
    m->msg_control = control->octets;
    m->msg_controllen = sizeof control->octets;
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
}

enum handover_io handover_send(int to, const struct handover_frame *frame, struct str one,
                               struct str two, int fd, int flags)
{
    struct iovec pieces[] = {piece_of(frame, sizeof *frame), piece_of(one.at, one.len),
                             piece_of(two.at, two.len)};
    struct msghdr m = {.msg_iov = pieces, .msg_iovlen = 3};
    union control control = {0};
    if (fd != -1)
        add_fd(&m, &control, fd);
    ssize_t n;
    do
        n = sendmsg(to, &m, flags | MSG_NOSIGNAL);
    while (n == -1 && errno == EINTR);
    if (n == -1)
        return errno == EAGAIN && (flags & MSG_DONTWAIT) ? HANDOVER_WAIT : HANDOVER_BROKEN;
    return HANDOVER_DONE;
}

static int fd_of(struct msghdr *m)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(m);
    int fd = -1;
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
        c->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

enum handover_io handover_receive(int from, struct handover_frame *frame, char *room, size_t size,
                                  struct str *rest, int *fd)
{
    struct iovec pieces[] = {{frame, sizeof *frame}, {room, size}};
    union control control = {0};
    /* No octet more: rounded up to CMSG_SPACE the kernel would hand in two descriptors. */
    struct msghdr m = {.msg_iov = pieces,
                       .msg_iovlen = 2,
                       .msg_control = control.octets,
                       .msg_controllen = CMSG_LEN(sizeof *fd)};
    ssize_t n = recvmsg(from, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n == -1)
        return errno == EAGAIN || errno == EINTR ? HANDOVER_WAIT : HANDOVER_BROKEN;
    *fd = fd_of(&m);
    if ((size_t)n < sizeof *frame || (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
        if (*fd != -1)
            close(*fd);
        *fd = -1;
        return HANDOVER_BROKEN;
    }
    *rest = str_bytes(room, (size_t)n - sizeof *frame);
    return HANDOVER_DONE;
}

/* --- meeting */

static bool address_of(const char *path, struct address *out, struct error *e)
{
    char text[ADDRESS_TEXT_SIZE];
    (void)snprintf(text, sizeof text, "unix:%s", path);
    return address_parse(str_of(text), out, e);
}

bool handover_door_open(const char *path, mode_t mode, int *door, struct error *e)
{
    struct address at;
    struct stat st;
    if (!address_of(path, &at, e))
        return false;
    AUTO_FD int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(path);
    mode_t mask = umask(0777 & ~mode);
    bool ok = made != -1 && bind(made, (const struct sockaddr *)&at.at, at.len) == 0;
    umask(mask);
    if (!ok)
        return error_errno(e, "cannot listen on %s", path);
    *door = sys_take_fd(&made);
    return true;
}

int handover_knock(const char *path)
{
    struct address to;
    struct error e = {0};
    struct handover_frame frame = {0};
    int pair[2];
    AUTO_FD int from = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (from == -1 || !address_of(path, &to, &e) ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
        return -1;
    AUTO_FD int ours = pair[0], theirs = pair[1];
    union control control = {0};
    struct iovec piece = {&frame, sizeof frame};
    struct msghdr m = {
        .msg_name = &to.at, .msg_namelen = to.len, .msg_iov = &piece, .msg_iovlen = 1};
    add_fd(&m, &control, theirs);
    bool ok = fcntl(ours, F_SETFL, O_NONBLOCK) == 0 && sendmsg(from, &m, MSG_NOSIGNAL) != -1;
    return ok ? sys_take_fd(&ours) : -1;
}

static bool is_pair_of_packets(int fd)
{
    int domain = 0, type = 0;
    socklen_t len = sizeof domain;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

int handover_admit(int door)
{
    struct handover_frame frame;
    struct str rest;
    char room[1];
    AUTO_FD int fd = -1;
    bool ok = handover_receive(door, &frame, room, sizeof room, &rest, &fd) == HANDOVER_DONE &&
              fd != -1 && is_pair_of_packets(fd) && fcntl(fd, F_SETFL, 0) == 0;
    return ok ? sys_take_fd(&fd) : -1;
}
