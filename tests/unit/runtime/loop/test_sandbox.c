/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* Each row tries one thing in a child that has entered a sandbox. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/sys.h"
#include "runtime/loop/sandbox.h"
#include "tests/check.h"

enum { CHILD_ENTER_FAILED = 200, CHILD_NO_LANDLOCK = 201, KILLED = -SIGSYS };

struct place {
    char dir[64];
    char inside[96], outside[96];
    int accepted; /* a TCP connection that came in before */
};

/* Each gives 0 or errno. */
typedef int attempt(const struct place *p);

static int errno_of(long result)
{
    return result == -1 ? errno : 0;
}

static int make_socket(int family, int type)
{
    AUTO_FD int fd = socket(family, type, 0);
    return errno_of(fd);
}

static int socket_unix(const struct place *p)
{
    (void)p;
    return make_socket(AF_UNIX, SOCK_SEQPACKET);
}

static int socket_v4(const struct place *p)
{
    (void)p;
    return make_socket(AF_INET, SOCK_STREAM);
}

static int socket_v6(const struct place *p)
{
    (void)p;
    return make_socket(AF_INET6, SOCK_DGRAM);
}

static int socket_packet(const struct place *p)
{
    (void)p;
    return make_socket(AF_PACKET, SOCK_RAW);
}

static int listen_v4(const struct place *p)
{
    (void)p;
    AUTO_FD int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd == -1 ? errno : errno_of(listen(fd, 1));
}

/* A connection that came in, made into one that goes out. */
static int turn_accepted(const struct place *p)
{
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    return errno_of(connect(p->accepted, &nobody, sizeof nobody));
}

static int turn_by_sending(const struct place *p)
{
    struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    return errno_of(sendto(p->accepted, "x", 1, MSG_FASTOPEN, &nobody, sizeof nobody));
}

static int send_on_accepted(const struct place *p)
{
    return errno_of(send(p->accepted, "x", 1, MSG_NOSIGNAL));
}

static int connect_unix(const struct place *p)
{
    (void)p;
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = "/nowhere/at/all"};
    AUTO_FD int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return fd == -1 ? errno : errno_of(connect(fd, (struct sockaddr *)&to, sizeof to));
}

static int make_process(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static int signal_parent(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_tgkill, getppid(), getppid(), 0));
}

static int end_parent(const struct place *p)
{
    (void)p;
    return errno_of(kill(getppid(), SIGTERM));
}

static int change_scheduling(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_sched_setscheduler, -1, 0, NULL));
}

static int raise_limit(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_prlimit64, getppid(), 0, NULL, NULL));
}

static int run_program(const struct place *p)
{
    (void)p;
    char name[] = "true", *args[] = {name, NULL};
    execv("/bin/true", args);
    return errno;
}

static int trace_parent(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_ptrace, 16 /* PTRACE_ATTACH */, getppid(), 0, 0));
}

static int read_other_memory(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0));
}

static int mount_something(const struct place *p)
{
    return errno_of(syscall(SYS_mount, "none", p->dir, "tmpfs", 0, NULL));
}

static int use_keyring(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_keyctl, 0, -3, 0, 0, 0));
}

static int load_bpf(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_bpf, 0, NULL, 0));
}

static int fault_by_hand(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_userfaultfd, 0));
}

static int use_io_uring(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_io_uring_setup, 1, NULL));
}

static int leave_namespace(const struct place *p)
{
    (void)p;
    return errno_of(syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */));
}

static void *nothing(void *ctx)
{
    return ctx;
}

static int start_thread(const struct place *p)
{
    (void)p;
    pthread_t thread;
    int result = pthread_create(&thread, NULL, nothing, NULL);
    return result != 0 ? result : pthread_join(thread, NULL);
}

static int read_path(const char *path)
{
    AUTO_FD int fd = open(path, O_RDONLY);
    return errno_of(fd);
}

static int read_inside(const struct place *p)
{
    return read_path(p->inside);
}

static int read_outside(const struct place *p)
{
    return read_path(p->outside);
}

static int read_passwords(const struct place *p)
{
    (void)p;
    return read_path("/etc/passwd");
}

static int write_inside(const struct place *p)
{
    AUTO_FD int fd = open(p->inside, O_WRONLY | O_TRUNC);
    return errno_of(fd);
}

static int temp_inside(const struct place *p)
{
    char dir[96];
    snprintf(dir, sizeof dir, "%s/in", p->dir);
    struct error e = {0};
    AUTO_FD int fd = -1;
    return sys_temp_file(dir, &fd, &e) ? 0 : errno;
}

static void touch(const char *path)
{
    AUTO_FD int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(fd != -1);
}

static int accepted_connection(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    AUTO_FD int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    AUTO_FD int caller = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(door, (struct sockaddr *)&at, len) == 0 && listen(door, 1) == 0);
    CHECK(getsockname(door, (struct sockaddr *)&at, &len) == 0);
    CHECK(connect(caller, (struct sockaddr *)&at, len) == 0);
    int made = accept(door, NULL, NULL);
    CHECK(made != -1);
    return made;
}

static struct place place_new(void)
{
    struct place p = {.dir = "/tmp/posthorn-sandbox-XXXXXX"};
    char in[96];
    CHECK(mkdtemp(p.dir) != NULL);
    snprintf(in, sizeof in, "%s/in", p.dir);
    CHECK(mkdir(in, 0700) == 0);
    snprintf(p.inside, sizeof p.inside, "%s/in/file", p.dir);
    snprintf(p.outside, sizeof p.outside, "%s/file", p.dir);
    touch(p.inside);
    touch(p.outside);
    p.accepted = accepted_connection();
    return p;
}

static void place_remove(const struct place *p)
{
    char in[96];
    snprintf(in, sizeof in, "%s/in", p->dir);
    close(p->accepted);
    unlink(p->inside);
    unlink(p->outside);
    rmdir(in);
    rmdir(p->dir);
}

static int child(const struct sandbox *s, const struct place *p, attempt *try, bool needs_landlock)
{
    struct error e = {0};
    int abi;
    if (!sandbox_enter(s, &abi, &e))
        return CHILD_ENTER_FAILED;
    if (needs_landlock && abi == 0)
        return CHILD_NO_LANDLOCK;
    return try(p);
}

static int in_sandbox(const struct sandbox *s, const struct place *p, attempt *try,
                      bool needs_landlock)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(child(s, p, try, needs_landlock));
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static struct sandbox sandbox_for(enum sandbox_network network, const struct place *p, bool writes)
{
    struct sandbox s = {.network = network};
    struct error e = {0};
    char in[96];
    snprintf(in, sizeof in, "%s/in", p->dir);
    CHECK_OK(sandbox_allow_usual(&s, &e), e);
    CHECK_OK(sandbox_allow(&s, str_of(in), writes, &e), e);
    return s;
}

TEST(each_profile_forbids_and_allows_what_it_says)
{
    static const struct {
        const char *row;
        enum sandbox_network network;
        attempt *try;
        int expected;
    } rows[] = {
        {"unix only: unix socket", SANDBOX_UNIX_ONLY, socket_unix, 0},
        {"unix only: IPv4", SANDBOX_UNIX_ONLY, socket_v4, EPERM},
        {"unix only: IPv6", SANDBOX_UNIX_ONLY, socket_v6, EPERM},
        {"unix only: packet", SANDBOX_UNIX_ONLY, socket_packet, EPERM},
        {"unix only: thread", SANDBOX_UNIX_ONLY, start_thread, 0},
        {"unix only: connect", SANDBOX_UNIX_ONLY, connect_unix, ENOENT},
        {"no network: unix socket", SANDBOX_NO_NETWORK, socket_unix, 0},
        {"no network: IPv4", SANDBOX_NO_NETWORK, socket_v4, EPERM},
        {"no network: connect", SANDBOX_NO_NETWORK, connect_unix, EPERM},
        {"no network: turned by connect", SANDBOX_NO_NETWORK, turn_accepted, EPERM},
        {"no network: turned by sending", SANDBOX_NO_NETWORK, turn_by_sending, EPERM},
        {"accept: new IPv4 socket", SANDBOX_ACCEPT, socket_v4, EPERM},
        {"accept: answering", SANDBOX_ACCEPT, send_on_accepted, 0},
        {"accept: turned by connect", SANDBOX_ACCEPT, turn_accepted, EPERM},
        {"accept: turned by sending", SANDBOX_ACCEPT, turn_by_sending, EPERM},
        {"accept: connect, UNIX too", SANDBOX_ACCEPT, connect_unix, EPERM},
        {"connect: IPv4", SANDBOX_CONNECT, socket_v4, 0},
        {"connect: IPv6", SANDBOX_CONNECT, socket_v6, 0},
        {"connect: packet", SANDBOX_CONNECT, socket_packet, EPERM},
        {"connect: listen", SANDBOX_CONNECT, listen_v4, EPERM},
        {"any: listen", SANDBOX_ANY, listen_v4, 0},
        {"any: packet", SANDBOX_ANY, socket_packet, EPERM},
        {"no list: sched_setscheduler", SANDBOX_ANY, change_scheduling, EPERM},
        {"execve", SANDBOX_ANY, run_program, KILLED},
        {"process_vm_writev", SANDBOX_ANY, read_other_memory, KILLED},
        {"mount", SANDBOX_ANY, mount_something, KILLED},
        {"keyctl", SANDBOX_ANY, use_keyring, KILLED},
        {"bpf", SANDBOX_ANY, load_bpf, KILLED},
        {"userfaultfd", SANDBOX_ANY, fault_by_hand, KILLED},
        {"io_uring", SANDBOX_ANY, use_io_uring, KILLED},
        {"unshare", SANDBOX_ANY, leave_namespace, KILLED},
    };
    struct place p = place_new();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sandbox s = sandbox_for(rows[i].network, &p, false);
        int got = in_sandbox(&s, &p, rows[i].try, false);
        sandbox_release(&s);
        if (got != rows[i].expected)
            fail_msg("row '%s': %d, expected %d", rows[i].row, got, rows[i].expected);
    }
    place_remove(&p);
}

TEST(what_the_leak_check_of_the_sanitizers_needs_is_forbidden_without_them)
{
    static const struct {
        const char *row;
        attempt *try;
        int expected;
    } rows[] = {
        {"ptrace", trace_parent, KILLED},
        {"a process of its own", make_process, EPERM},
        {"a signal to another thread", signal_parent, EPERM},
        {"a signal to another", end_parent, EPERM},
        {"limits of another", raise_limit, EPERM},
    };
    bool is_sanitized = sizeof POSTHORN_SANITIZER_FLAGS > 1;
    struct place p = place_new();
    struct sandbox s = sandbox_for(SANDBOX_ANY, &p, false);
    for (size_t i = 0; !is_sanitized && i < sizeof rows / sizeof rows[0]; i++)
        CHECK_ROW(rows[i].row, in_sandbox(&s, &p, rows[i].try, false) == rows[i].expected);
    sandbox_release(&s);
    place_remove(&p);
}

TEST(files_outside_the_list_stay_closed)
{
    static const struct {
        const char *row;
        bool writes;
        attempt *try;
        int expected;
    } rows[] = {
        {"read inside", false, read_inside, 0},
        {"write inside, may read only", false, write_inside, EACCES},
        {"new file inside, may read only", false, temp_inside, EACCES},
        {"write inside", true, write_inside, 0},
        {"new file inside", true, temp_inside, 0},
        {"read outside", true, read_outside, EACCES},
        {"read the password file", true, read_passwords, EACCES},
    };
    struct place p = place_new();
    bool has_landlock = true;
    for (size_t i = 0; has_landlock && i < sizeof rows / sizeof rows[0]; i++) {
        struct sandbox s = sandbox_for(SANDBOX_UNIX_ONLY, &p, rows[i].writes);
        int got = in_sandbox(&s, &p, rows[i].try, true);
        sandbox_release(&s);
        has_landlock = got != CHILD_NO_LANDLOCK;
        if (has_landlock && got != rows[i].expected)
            fail_msg("row '%s': %d, expected %d", rows[i].row, got, rows[i].expected);
    }
    place_remove(&p);
    if (!has_landlock)
        skip();
}

/* As an operator would look: /proc/PID/status. */
TEST(the_sandbox_can_be_seen_from_outside)
{
    int ready[2];
    CHECK(pipe(ready) == 0);
    struct place p = place_new();
    struct sandbox s = sandbox_for(SANDBOX_UNIX_ONLY, &p, false);
    pid_t pid = fork();
    if (pid == 0) {
        struct error e = {0};
        int abi;
        char c = sandbox_enter(&s, &abi, &e) ? 'y' : 'n';
        _exit(write(ready[1], &c, 1) == 1 ? pause() : 1);
    }
    sandbox_release(&s);
    char c = 0;
    CHECK(read(ready[0], &c, 1) == 1 && c == 'y');
    static char text[8192];
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    AUTO_FD int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, text, sizeof text);
    CHECK(n > 0);
    struct str status = str_bytes(text, (size_t)n);
    CHECK(str_find(status, STR("\nSeccomp:\t2\n")) < status.len);
    CHECK(str_find(status, STR("\nNoNewPrivs:\t1\n")) < status.len);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    sys_close(&ready[0]);
    sys_close(&ready[1]);
    place_remove(&p);
}

CHECK_MAIN
