/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* A small program is run as a child and looked at from outside, as an operator would. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/loop/program.h"
#include "runtime/loop/stream.h"
#include "tests/check.h"

struct own_settings {
    int64_t answer;
    struct str behaviour;
};
static const struct setting own_table[] = {
    {"answer", SETTING_NUMBER, offsetof(struct own_settings, answer), 0, 100, NULL, "A number.",
     NULL},
    {"behaviour", SETTING_WORD, offsetof(struct own_settings, behaviour), 0, 0, "good",
     "How it ends.", "good|stubborn|broken|socket"},
    {0},
};
static const struct settings_section sections[] = {
    PROGRAM_SECTION,
    {"own", own_table, sizeof(struct own_settings), false, 0, "Of the test."},
    {0},
};

struct state {
    struct stream_listener *listener;
};

static const struct own_settings *own(const struct settings *s)
{
    return settings_section(s, "own");
}

static void on_accepted(void *ctx, struct stream *s)
{
    (void)ctx;
    stream_free(s);
}

static bool open_all(struct program_env *env, void **out, struct error *e)
{
    struct state *s = mem_new(sizeof *s);
    struct stream_listen_config config = {.address = STR("127.0.0.1:0")};
    struct stat first;
    *out = s;
    if (fstat(STDIN_FILENO, &first) == -1 || !S_ISCHR(first.st_mode))
        return error_set(e, ERROR_BUG, "descriptor 0 is a file of ours");
    if (str_is(own(env->settings)->behaviour, "broken"))
        return error_set(e, ERROR_REJECT, "there is no key");
    if (!stream_listener_new(env->loop, &config, on_accepted, s, &s->listener, e))
        return false;
    program_listening(env, stream_listener_address(s->listener));
    return true;
}

static bool start_all(struct program_env *env, void *ctx, struct error *e)
{
    (void)ctx;
    if (!str_is(own(env->settings)->behaviour, "socket"))
        return true;
    AUTO_FD int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd == -1 && errno == EPERM)
        return error_set(e, ERROR_DENY, "the sandbox holds");
    return true;
}

static bool reload_all(struct program_env *env, void *ctx, const struct settings *fresh,
                       struct error *e)
{
    (void)env, (void)ctx;
    return own(fresh)->answer != 99 || error_set(e, ERROR_REJECT, "99 is not possible now");
}

static void drain_all(struct program_env *env, void *ctx)
{
    (void)ctx;
    if (!str_is(own(env->settings)->behaviour, "stubborn"))
        program_drained(env);
}

static void close_all(void *ctx)
{
    struct state *s = ctx;
    stream_listener_free(s->listener);
    mem_free(s);
}

static const struct program program = {
    .name = "accesspoint-test",
    .about = "Does nothing, in order.",
    .sections = sections,
    .open = open_all,
    .start = start_all,
    .reload = reload_all,
    .drain = drain_all,
    .close = close_all,
};

struct run {
    char dir[64], config[96], log[96], socket[96];
    pid_t pid;
    int ready; /* reads what --ready-fd got */
    int notify;
};

static void write_config(const struct run *r, const char *text)
{
    struct error e = {0};
    AUTO_FD int fd = open(r->config, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    CHECK_OK(sys_write_all(fd, str_of(text), &e), e);
}

static void run_child(const struct run *r, int ready, char *const *more)
{
    char name[] = "test", config[] = "--config", fd[] = "--ready-fd", number[16];
    char *path = mem_text(r->config);
    char *argv[12] = {name, config, path, fd, number};
    int argc = 5;
    snprintf(number, sizeof number, "%d", ready);
    while (more != NULL && *more != NULL && argc < 11)
        argv[argc++] = *more++;
    AUTO_FD int log = open(r->log, O_CREAT | O_APPEND | O_WRONLY, 0600);
    dup2(log, STDERR_FILENO);
    dup2(log, STDOUT_FILENO);
    close(STDIN_FILENO);
    setenv("NOTIFY_SOCKET", r->socket, 1);
    int status = program_run(argc, argv, &program);
    fflush(stdout);
    mem_free(path);
    _exit(status);
}

static int notify_socket(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    memcpy(at.sun_path, path, strlen(path) + 1);
    CHECK(fd != -1 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0);
    return fd;
}

static void run_prepare(struct run *r, const char *config, int ready[2])
{
    *r = (struct run){.dir = "/tmp/posthorn-program-XXXXXX"};
    CHECK(mkdtemp(r->dir) != NULL && pipe(ready) == 0);
    snprintf(r->config, sizeof r->config, "%s/conf", r->dir);
    snprintf(r->log, sizeof r->log, "%s/log", r->dir);
    snprintf(r->socket, sizeof r->socket, "%s/notify", r->dir);
    write_config(r, config);
    r->notify = notify_socket(r->socket);
}

static void run_fork(struct run *r, const int ready[2], char *const *more)
{
    r->pid = fork();
    CHECK(r->pid != -1);
    if (r->pid == 0) {
        close(ready[0]);
        run_child(r, ready[1], more);
    }
    close(ready[1]);
    r->ready = ready[0];
}

static void run_start(struct run *r, const char *config, char *const *more)
{
    int ready[2];
    run_prepare(r, config, ready);
    run_fork(r, ready, more);
}

/* What comes from fd within 10 s, as text. */
static struct str hear(int fd, char text[static 512])
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n = poll(&p, 1, 10000) == 1 ? read(fd, text, 511) : -1;
    CHECK(n >= 0);
    return str_bytes(text, (size_t)n);
}

static bool log_has(const struct run *r, const char *text)
{
    static char all[65536];
    AUTO_FD int fd = open(r->log, O_RDONLY);
    ssize_t n = read(fd, all, sizeof all);
    struct str log = str_bytes(all, n > 0 ? (size_t)n : 0);
    return str_find(log, str_of(text)) < log.len;
}

static bool log_gets(const struct run *r, const char *text)
{
    for (unsigned i = 0; i < 1000 && !log_has(r, text); i++)
        usleep(10000);
    return log_has(r, text);
}

static int run_end(struct run *r)
{
    int status = 0;
    int64_t until_ms = clock_monotonic_ms() + 10000;
    pid_t got = 0;
    while ((got = waitpid(r->pid, &status, WNOHANG)) == 0 && clock_monotonic_ms() < until_ms)
        usleep(2000);
    if (got == 0) {
        kill(r->pid, SIGKILL);
        waitpid(r->pid, &status, 0);
        fail_msg("the program did not end");
    }
    sys_close(&r->ready);
    sys_close(&r->notify);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void run_remove(const struct run *r)
{
    unlink(r->config);
    unlink(r->log);
    unlink(r->socket);
    rmdir(r->dir);
}

TEST(it_says_ready_with_its_addresses_is_in_the_sandbox_and_ends_in_order)
{
    struct run r;
    char text[512];
    char allow_core[] = "--allow-core", *more[] = {allow_core, NULL};
    int64_t begin_ms = clock_monotonic_ms();
    run_start(&r, "[own]\nanswer = 42\n", more);
    struct str line = hear(r.ready, text);
    int64_t took_ms = clock_monotonic_ms() - begin_ms;
    CHECK(str_starts(line, STR("READY 127.0.0.1:")) && str_ends(line, STR("\n")));
    CHECK(took_ms < 2000); /* some 10 ms alone; far more with the sanitizers on a busy machine */
    CHECK_STR(hear(r.notify, text), STR("READY=1"));
    static char status[8192];
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/status", (int)r.pid);
    AUTO_FD int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, status, sizeof status);
    CHECK(n > 0);
    struct str s = str_bytes(status, (size_t)n);
    CHECK(str_find(s, STR("\nSeccomp:\t2\n")) < s.len);
    CHECK(str_find(s, STR("\nNoNewPrivs:\t1\n")) < s.len);
    CHECK(str_find(s, STR("\nUmask:\t0077\n")) < s.len);
    CHECK(kill(r.pid, SIGTERM) == 0);
    CHECK_STR(hear(r.notify, text), STR("STOPPING=1"));
    CHECK(run_end(&r) == 0);
    CHECK(log_has(&r, "program.started") && log_has(&r, "program.ended"));
    run_remove(&r);
}

TEST(work_that_does_not_end_is_cut_off_after_the_drain_time)
{
    struct run r;
    char text[512];
    run_start(&r, "[program]\ndrain-time = 50ms\n[own]\nanswer = 1\nbehaviour = stubborn\n", NULL);
    hear(r.ready, text);
    kill(r.pid, SIGINT);
    CHECK(run_end(&r) == 1);
    CHECK(log_has(&r, "program.cut_off"));
    run_remove(&r);
}

TEST(a_new_file_is_taken_whole_or_not_at_all)
{
    struct run r;
    char text[512];
    run_start(&r, "[own]\nanswer = 1\n", NULL);
    hear(r.ready, text);
    write_config(&r, "[own]\nanswer = 1000\n");
    kill(r.pid, SIGHUP);
    CHECK(log_gets(&r, "program.reload_refused"));
    CHECK(!log_has(&r, "program.reloaded"));
    write_config(&r, "[own]\nanswer = 99\n");
    kill(r.pid, SIGHUP);
    CHECK(log_gets(&r, "99 is not possible now"));
    write_config(&r, "[own]\nanswer = 7\n");
    kill(r.pid, SIGHUP);
    CHECK(log_gets(&r, "program.reloaded"));
    char other[128];
    (void)snprintf(other, sizeof other, "%s.new", r.config);
    CHECK(rename(r.config, other) == 0);
    write_config(&r, "[own]\nanswer = 8\n");
    kill(r.pid, SIGHUP);
    CHECK(log_has(&r, "\"landlock\":0") || log_gets(&r, "or restart"));
    unlink(other);
    kill(r.pid, SIGTERM);
    CHECK(run_end(&r) == 0);
    run_remove(&r);
}

TEST(what_is_wrong_stops_the_start_and_is_said)
{
    static char check[] = "--check", version[] = "--version", help[] = "--help",
                nonsense[] = "--no";
    static char word[] = "word";
    static char *const none[] = {NULL}, *const checks[] = {check, NULL},
                       *const versions[] = {version, NULL}, *const helps[] = {help, NULL},
                       *const wrong[] = {nonsense, NULL}, *const words[] = {word, NULL};
    static const struct {
        const char *row, *config;
        char *const *more;
        int status;
        const char *says;
    } rows[] = {
        {"a missing key", "[own]\n", none, 1, "answer"},
        {"a start that fails", "[own]\nanswer = 1\nbehaviour = broken\n", none, 1,
         "there is no key"},
        {"a network socket in the sandbox", "[own]\nanswer = 1\nbehaviour = socket\n", none, 1,
         "the sandbox holds"},
        {"--check of a good file", "[own]\nanswer = 1\n", checks, 0, "the settings are right"},
        {"--check of a bad file", "[own]\nanswer = x\n", checks, 1, "answer"},
        {"--version", "", versions, 0, "accesspoint-test " POSTHORN_VERSION},
        {"--help", "", helps, 0, "--with-parent"},
        {"an unknown option", "", wrong, 2, "--no"},
        {"a word", "", words, 2, "only options"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct run r;
        run_start(&r, rows[i].config, rows[i].more);
        int status = run_end(&r);
        if (status != rows[i].status)
            fail_msg("row '%s': status %d", rows[i].row, status);
        CHECK_ROW(rows[i].row, log_has(&r, rows[i].says));
        run_remove(&r);
    }
}

/* Who is started with --with-parent does not outlive who started it. */
TEST(it_ends_with_its_parent)
{
    struct run r;
    char text[512], with_parent[] = "--with-parent", *more[] = {with_parent, NULL};
    int parent_says[2];
    CHECK(pipe(parent_says) == 0);
    pid_t parent = fork();
    if (parent == 0) {
        run_start(&r, "[own]\nanswer = 1\n", more);
        struct str line = hear(r.ready, text);
        (void)!write(parent_says[1], &r, sizeof r);
        _exit(line.len > 0 ? pause() : 1);
    }
    CHECK(read(parent_says[0], &r, sizeof r) == (ssize_t)sizeof r);
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    CHECK(log_gets(&r, "program.ended"));
    run_remove(&r);
    sys_close(&parent_says[0]);
    sys_close(&parent_says[1]);
}

/* The exit status of run() as process 1 of a namespace of its own; 77: there are none here. */
static int as_process_1(int (*run)(void))
{
    int status = 0;
    pid_t outside = fork();
    if (outside == 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWPID) == -1)
            _exit(77);
        pid_t inside = fork();
        if (inside == 0)
            _exit(run());
        _exit(waitpid(inside, &status, 0) == inside && WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    CHECK(waitpid(outside, &status, 0) == outside && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int start_with_parent(void)
{
    struct run r;
    char text[512], with_parent[] = "--with-parent", *more[] = {with_parent, NULL};
    run_start(&r, "[own]\nanswer = 1\n", more);
    bool is_ready = str_starts(hear(r.ready, text), STR("READY"));
    kill(r.pid, SIGTERM);
    bool is_good = run_end(&r) == 0 && is_ready;
    run_remove(&r);
    return is_good ? 0 : 1;
}

/* In a container `posthorn run` is process 1, which is no sign that the real parent has gone. */
TEST(process_1_may_be_the_parent)
{
    int status = as_process_1(start_with_parent);
    if (status == 77)
        skip();
    CHECK(status == 0);
}

/* Its parent ended while it started: nobody reads --ready-fd. */
TEST(who_is_left_alone_before_it_is_ready_ends)
{
    struct run r;
    int ready[2];
    char with_parent[] = "--with-parent", *more[] = {with_parent, NULL};
    run_prepare(&r, "[own]\nanswer = 1\n", ready);
    sys_close(&ready[0]);
    run_fork(&r, ready, more);
    CHECK(run_end(&r) == 1);
    CHECK(log_has(&r, "program.not_started"));
    run_remove(&r);
}

CHECK_MAIN
