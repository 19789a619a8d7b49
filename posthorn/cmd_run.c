/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_run.sh, tests/flow/demo.sh */
/* posthorn run: the programs of a small installation (and of the demo) as children, whose log lines
 * come out on one standard error. A child that dies is started again, ever more slowly. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "posthorn/arguments.h"
#include "posthorn/command.h"
#include "posthorn/installation.h"
#include "posthorn/output.h"
#include "runtime/base/buf.h"
#include "runtime/base/clock.h"
#include "runtime/base/sys.h"
#include "runtime/log/log.h"

static const char *const programs[] = {"accesspoint-work", "accesspoint-send", "accesspoint-api",
                                       "accesspoint-receive"};
enum {
    PROGRAMS = sizeof(programs) / sizeof(programs[0]),
    RESTART_FIRST_MS = 100,
    RESTART_LONGEST_MS = 10000,
    STABLE_MS = 10000,
    DRAIN_MS = 30000,
};

struct child {
    const char *name;
    pid_t pid;    /* 0: not running */
    int ready_fd; /* until it is ready */
    int64_t started_ms, start_at_ms, delay_ms;
    bool was_ready;
};

struct runner {
    char config[1024];
    char programs_dir[1024];
    struct child children[PROGRAMS];
    int signals;
    bool stopping, announced;
    int64_t stop_by_ms;
    int status;
};

/* In a build tree they lie above bin/posthorn; installed, in libexec. */
static bool find_programs(struct runner *r)
{
    const char *given = getenv("POSTHORN_PROGRAMS");
    char self[900];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n <= 0 || (given != NULL && str_of(given).len > 900))
        return false;
    self[n] = '\0';
    struct str folder = str_of(self);
    while (folder.len > 0 && folder.at[folder.len - 1] != '/')
        folder.len--;
    char build[910];
    snprintf(build, sizeof(build), "%.*s..", STR_ARG(folder));
    const char *candidates[] = {given, build, POSTHORN_LIBEXEC};
    for (size_t i = 0; i < 3; i++) {
        char path[1200];
        if (candidates[i] == NULL)
            continue;
        snprintf(path, sizeof(path), "%s/%s", candidates[i], programs[0]);
        if (access(path, X_OK) == 0) {
            snprintf(r->programs_dir, sizeof(r->programs_dir), "%s", candidates[i]);
            return true;
        }
    }
    return false;
}

static void become(const struct runner *r, const struct child *c, int ready_fd)
{
    char path[1200], fd[16], config[1024];
    static char with_config[] = "--config", with_parent[] = "--with-parent",
                with_ready[] = "--ready-fd";
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    snprintf(path, sizeof(path), "%s/%s", r->programs_dir, c->name);
    snprintf(fd, sizeof(fd), "%d", ready_fd);
    fcntl(ready_fd, F_SETFD, 0);
    snprintf(config, sizeof(config), "%s", r->config);
    char *const argv[] = {path, with_config, config, with_parent, with_ready, fd, NULL};
    /* a document's nodes are many small pieces of a few sizes: more of each are kept at hand than
     * glibc's seven; what the operator says goes first */
    setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=256", 0);
    execv(path, argv);
    fputs("posthorn run: cannot start ", stderr);
    perror(path);
    _exit(127);
}

static bool start(struct runner *r, struct child *c, struct error *e)
{
    AUTO_FD int ours = -1, theirs = -1;
    int pipe_fds[2];
    c->started_ms = clock_monotonic_ms();
    if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) == -1)
        return error_errno(e, "cannot start %s", c->name);
    ours = pipe_fds[0];
    theirs = pipe_fds[1];
    pid_t pid = fork();
    if (pid == -1)
        return error_errno(e, "cannot start %s", c->name);
    if (pid == 0)
        become(r, c, theirs);
    c->pid = pid;
    c->ready_fd = sys_take_fd(&ours);
    return true;
}

static bool all_ready(const struct runner *r)
{
    for (size_t i = 0; i < PROGRAMS; i++)
        if (!r->children[i].was_ready)
            return false;
    return true;
}

/* "READY addr ...": passed on with the program's name. */
static void read_ready(struct runner *r, struct child *c)
{
    char line[1024];
    ssize_t n = read(c->ready_fd, line, sizeof(line) - 1);
    if (n == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0 && !c->was_ready) {
        struct str text = str_trim(str_bytes(line, (size_t)n));
        if (str_starts(text, STR("READY")))
            text = str_trim(str_from(text, 5));
        printf("%s %.*s\n", c->name, STR_ARG(text));
        c->was_ready = true;
    }
    sys_close(&c->ready_fd);
    if (!r->announced && all_ready(r)) {
        puts("READY");
        r->announced = true;
    }
    fflush(stdout);
}

/* Ever later where it comes soon again. */
static void start_later(struct child *c)
{
    int64_t now = clock_monotonic_ms();
    c->delay_ms = now - c->started_ms > STABLE_MS     ? RESTART_FIRST_MS
                  : c->delay_ms == 0                  ? RESTART_FIRST_MS
                  : c->delay_ms >= RESTART_LONGEST_MS ? RESTART_LONGEST_MS
                                                      : c->delay_ms * 2;
    c->start_at_ms = now + c->delay_ms;
}

static void signal_all(const struct runner *r, int number)
{
    for (size_t i = 0; i < PROGRAMS; i++)
        if (r->children[i].pid > 0)
            kill(r->children[i].pid, number);
}

/* Once: a second word would kill one that has done its work and puts its things away. */
static void stop(struct runner *r)
{
    if (r->stopping)
        return;
    r->stopping = true;
    r->stop_by_ms = clock_monotonic_ms() + DRAIN_MS;
    signal_all(r, SIGTERM);
}

static void note_end(struct runner *r, struct child *c, int status)
{
    c->pid = 0;
    sys_close(&c->ready_fd);
    if (r->stopping)
        return;
    if (!r->announced && WIFEXITED(status)) { /* it told why: a restart would say the same */
        r->status = EXIT_FOUND;
        stop(r);
        return;
    }
    start_later(c);
    log_error(NULL, "run.restarting", KV_TEXT("child", c->name),
              KV_I64("status", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
              KV_I64("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
              KV_I64("delay_ms", c->delay_ms));
}

static void reap(struct runner *r)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        for (size_t i = 0; i < PROGRAMS; i++)
            if (r->children[i].pid == pid)
                note_end(r, &r->children[i], status);
}

static void read_signal(struct runner *r)
{
    struct signalfd_siginfo info;
    if (read(r->signals, &info, sizeof(info)) != sizeof(info))
        return;
    if (info.ssi_signo == SIGCHLD)
        reap(r);
    else if (info.ssi_signo == SIGHUP)
        signal_all(r, SIGHUP);
    else
        stop(r);
}

static bool any_alive(const struct runner *r)
{
    for (size_t i = 0; i < PROGRAMS; i++)
        if (r->children[i].pid > 0)
            return true;
    return false;
}

static void start_due(struct runner *r)
{
    for (size_t i = 0; i < PROGRAMS; i++) {
        struct child *c = &r->children[i];
        struct error e = {0};
        bool is_due = c->pid == 0 && !r->stopping && clock_monotonic_ms() >= c->start_at_ms;
        if (!is_due || start(r, c, &e))
            continue;
        start_later(c);
        log_error(NULL, "run.start_failed", KV_TEXT("child", c->name), KV_ERROR(&e),
                  KV_I64("delay_ms", c->delay_ms));
    }
}

static void turn(struct runner *r)
{
    struct pollfd fds[PROGRAMS + 1];
    for (size_t i = 0; i < PROGRAMS; i++)
        fds[i] = (struct pollfd){.fd = r->children[i].ready_fd, .events = POLLIN};
    fds[PROGRAMS] = (struct pollfd){.fd = r->signals, .events = POLLIN};
    if (poll(fds, PROGRAMS + 1, 100) == -1)
        return;
    for (size_t i = 0; i < PROGRAMS; i++)
        if (fds[i].revents != 0)
            read_ready(r, &r->children[i]);
    if (fds[PROGRAMS].revents != 0)
        read_signal(r);
    start_due(r);
    if (r->stopping && clock_monotonic_ms() > r->stop_by_ms)
        signal_all(r, SIGKILL);
}

static int take_signals(void)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGHUP);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    return signalfd(-1, &wanted, SFD_CLOEXEC);
}

int cmd_run(int argc, char **argv)
{
    static const struct argument options[] = {{"--dir", ARGUMENT_TEXT,
                                               offsetof(struct common_options, dir), "DIR",
                                               "the installation folder, which holds "
                                               "posthorn.conf"},
                                              {0}};
    static const struct arguments_form form = {
        "run [DIR]",
        "Starts accesspoint-work, -send, -api and -receive with DIR/posthorn.conf and keeps them\n"
        "running until Ctrl-C. Their log lines come out on standard error, one JSON object each.\n"
        "Standard output says who listens where, and 'READY' when all do.\n"
        "POSTHORN_PROGRAMS in the environment names the folder of the programs.",
        options, 0, 1};
    struct common_options o = {0};
    struct argument_list words = {0};
    struct runner r = {0};
    struct error e = {0};
    int status;
    if (!arguments_read(&form, argc, argv, &o, &words, &status))
        return status;
    const char *dir = installation_dir(o.dir, words.at[0]);
    if (!installation_is_there(dir, &e))
        return output_cannot("run", &e);
    snprintf(r.config, sizeof(r.config), "%s/posthorn.conf", dir);
    if (!find_programs(&r)) {
        fputs(
            "posthorn run: accesspoint-work and the others are not found; set POSTHORN_PROGRAMS\n",
            stderr);
        return EXIT_CANNOT;
    }
    r.signals = take_signals();
    for (size_t i = 0; i < PROGRAMS; i++)
        r.children[i] = (struct child){.name = programs[i], .ready_fd = -1};
    start_due(&r);
    while (!r.stopping || any_alive(&r))
        turn(&r);
    return r.status;
}
