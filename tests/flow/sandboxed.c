/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* sandboxed.c - what a program may still do once it has entered its sandbox.
 *
 * Linked with the very files of each program, main.c and sandbox hook included; the linker puts the
 * functions below in the place of its start(), which is the first thing that is called inside
 * (runtime/loop/program.h). So the profile tried is the program's own, and the product holds no hook.
 *
 * In:  standard input, one attempt a line: "socket inet", "connect 8443", "read /etc/passwd"
 * Out: standard output, "<attempt>\t<0 or the errno's name>"; what ends the process says nothing */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/number.h"
#include "runtime/base/sys.h"
#include "runtime/loop/program.h"

enum { LINE_MAX_OCTETS = 4096, PTRACE_ATTACH_NUMBER = 16 };

/* Each gives 0 or errno. */
typedef int attempt(const char *what);

static int errno_of(long result)
{
    return result == -1 ? errno : 0;
}

static int try_socket(const char *what)
{
    static const struct {
        const char *name;
        int family, type;
    } kinds[] = {
        {"unix", AF_UNIX, SOCK_SEQPACKET}, {"inet", AF_INET, SOCK_STREAM},
        {"inet6", AF_INET6, SOCK_STREAM},  {"udp", AF_INET, SOCK_DGRAM},
        {"raw", AF_INET, SOCK_RAW},        {"packet", AF_PACKET, SOCK_RAW},
        {"netlink", AF_NETLINK, SOCK_RAW}, {"vsock", AF_VSOCK, SOCK_STREAM},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, what) == 0) {
            AUTO_FD int fd = socket(kinds[i].family, kinds[i].type | SOCK_CLOEXEC, 0);
            return errno_of(fd);
        }
    return EINVAL;
}

/* The first TCP connection among our descriptors: who runs this passes one on. */
static int accepted(void)
{
    int type = 0;
    socklen_t len = sizeof type;
    struct sockaddr_storage peer;
    for (int fd = 0; fd < 64; fd++) {
        socklen_t size = sizeof peer;
        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM &&
            getpeername(fd, (struct sockaddr *)&peer, &size) == 0 && peer.ss_family == AF_INET)
            return fd;
    }
    return -1;
}

static int try_connect(const char *port)
{
    uint64_t number;
    struct error e = {0};
    if (!parse_u64(str_of(port), 1, UINT16_MAX, &number, &e))
        return EINVAL;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    AUTO_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd == -1 ? errno : errno_of(connect(fd, (struct sockaddr *)&to, sizeof to));
}

/* A connection that came in before, made into one that goes out: connect() to nobody, then anywhere. */
static int try_turn(const char *how)
{
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int fd = accepted();
    if (fd == -1)
        return ENOTCONN;
    bool sends = strcmp(how, "sending") == 0;
    return errno_of(sends ? sendto(fd, "x", 1, MSG_FASTOPEN, &nobody, sizeof nobody)
                          : connect(fd, &nobody, sizeof nobody));
}

static int try_listen(const char *what)
{
    (void)what;
    AUTO_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd == -1 ? errno : errno_of(listen(fd, 1));
}

static int try_read(const char *path)
{
    char octet;
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return errno;
    return read(fd, &octet, 1) == -1 && errno != EISDIR ? errno : 0;
}

static int try_write(const char *path)
{
    AUTO_FD int fd = open(path, O_WRONLY | O_CLOEXEC);
    return errno_of(fd);
}

static int try_create(const char *folder)
{
    AUTO_FD int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return errno_of(fd);
}

static int try_execute(const char *path)
{
    char name[] = "child", *arguments[] = {name, NULL};
    execv(path, arguments);
    return errno;
}

static int try_execute_fd(const char *path)
{
    char name[] = "child", *arguments[] = {name, NULL}, *none[] = {NULL};
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    return errno_of(syscall(SYS_execveat, fd, "", arguments, none, 0x1000 /* AT_EMPTY_PATH */));
}

/* The forbidden calls end the process or answer EPERM before the kernel looks at their arguments; what
 * would be harmless with these arguments answers something else where it is let through. */
static int try_call(const char *what)
{
    static const struct {
        const char *name;
        long number, arguments[3];
    } calls[] = {
        {"ptrace", SYS_ptrace, {PTRACE_ATTACH_NUMBER, 1, 0}},
        {"process_vm_readv", SYS_process_vm_readv, {1, 0, 0}},
        {"process_vm_writev", SYS_process_vm_writev, {1, 0, 0}},
        {"mount", SYS_mount, {0, 0, 0}},
        {"chroot", SYS_chroot, {0, 0, 0}},
        {"unshare", SYS_unshare, {0, 0, 0}},
        {"setns", SYS_setns, {-1, 0, 0}},
        {"keyctl", SYS_keyctl, {0, -3, 0}},
        {"bpf", SYS_bpf, {-1, 0, 0}},
        {"userfaultfd", SYS_userfaultfd, {-1, 0, 0}},
        {"io_uring_setup", SYS_io_uring_setup, {0, 0, 0}},
        {"init_module", SYS_init_module, {0, 0, 0}},
        {"setuid", SYS_setuid, {-1, 0, 0}},
        {"clock_settime", SYS_clock_settime, {-1, 0, 0}},
        {"pidfd_getfd", SYS_pidfd_getfd, {-1, 0, 0}},
        {"kill", SYS_kill, {INT32_MAX, SIGTERM, 0}},
        {"clone", SYS_clone, {SIGCHLD, 0, 0}},
        {"sched_setscheduler", SYS_sched_setscheduler, {-1, 0, 0}},
        {"mknodat", SYS_mknodat, {-1, 0, 0}},
        {"setpriority", SYS_setpriority, {-1, 0, 0}},
        {"shmget", SYS_shmget, {0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (strcmp(calls[i].name, what) == 0)
            return errno_of(syscall(calls[i].number, calls[i].arguments[0], calls[i].arguments[1],
                                    calls[i].arguments[2], 0, 0, 0));
    return EINVAL;
}

static const struct {
    const char *name;
    attempt *run;
} attempts[] = {
    {"socket", try_socket},  {"connect", try_connect},     {"listen", try_listen},
    {"read", try_read},      {"write", try_write},         {"create", try_create},
    {"execve", try_execute}, {"execveat", try_execute_fd}, {"call", try_call},
    {"turn", try_turn},
};

static int try_line(char *line)
{
    char *what = strchr(line, ' ');
    size_t length = what == NULL ? strlen(line) : (size_t)(what - line);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        if (strlen(attempts[i].name) == length && strncmp(attempts[i].name, line, length) == 0)
            return attempts[i].run(what == NULL ? "" : what + 1);
    return EINVAL;
}

static bool try_all(void)
{
    char line[LINE_MAX_OCTETS];
    printf("sanitized\t%s\n", sizeof POSTHORN_SANITIZER_FLAGS > 1 ? "yes" : "no");
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        int result = try_line(line);
        printf("%s\t%s\n", line, result == 0 ? "0" : strerrorname_np(result));
        fflush(stdout);
    }
    fflush(stdout);
    _exit(0); /* neither the loop nor the program's own end: nothing of it has begun */
}

#define IN_PLACE_OF(start)                                                      \
    bool __wrap_##start(struct program_env *env, void *state, struct error *e); \
    bool __wrap_##start(struct program_env *env, void *state, struct error *e)  \
    {                                                                           \
        (void)env;                                                              \
        (void)state;                                                            \
        (void)e;                                                                \
        return try_all();                                                       \
    }
IN_PLACE_OF(api_start)
IN_PLACE_OF(receive_start)
IN_PLACE_OF(send_start)
IN_PLACE_OF(work_start)
