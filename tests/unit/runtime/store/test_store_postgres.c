/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* The suite on a PostgreSQL of its own: a cluster in a temporary folder behind a UNIX socket, as user
 * postgres when root (initdb refuses root), stopped at the end. */
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/store/sql.h"
#include "tests/unit/runtime/store/world.h"

enum { SKIPPED = 77 };

struct cluster {
    char bin[256];
    char folder[64];
    char data[96];
    pid_t server;
};

static bool find_programs(struct cluster *c)
{
    glob_t found;
    bool ok = glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0;
    if (ok) /* the newest is last */
        snprintf(c->bin, sizeof(c->bin), "%.*s",
                 (int)(strlen(found.gl_pathv[found.gl_pathc - 1]) - strlen("/initdb")),
                 found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return ok;
}

static void become(const struct passwd *user)
{
    if (geteuid() == 0 &&
        (setgroups(0, NULL) == -1 || setgid(user->pw_gid) == -1 || setuid(user->pw_uid) == -1))
        _exit(1);
}

/* The shell becomes the program: the process id is the program's. */
static pid_t start(const struct passwd *user, const char *command)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    become(user);
    prctl(PR_SET_PDEATHSIG, SIGINT); /* a test that aborts leaves no server behind */
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static bool make_cluster(struct cluster *c, const struct passwd *user)
{
    char command[600];
    snprintf(command, sizeof(command),
             "exec %s/initdb -D %s -U posthorn -A trust -E UTF8 --no-sync --locale=C >/dev/null",
             c->bin, c->data);
    int status = 0;
    pid_t child = start(user, command);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void start_server(struct cluster *c, const struct passwd *user)
{
    char command[600];
    snprintf(command, sizeof(command),
             "exec %s/postgres -D %s -k %s -c listen_addresses= -c fsync=off -c port=5499 "
             "-c shared_buffers=16MB >%s/log 2>&1",
             c->bin, c->data, c->folder, c->folder);
    c->server = start(user, command);
}

static bool wait_until_ready(const char *place)
{
    for (int i = 0; i < 100; i++) {
        struct error e;
        struct sql *c = NULL;
        struct timespec pause = {0, 100 * 1000 * 1000};
        if (sql_postgres_open(place, SQL_CREATES, &c, &e)) {
            sql_close(c);
            return true;
        }
        nanosleep(&pause, NULL);
    }
    return false;
}

static int skip_all(const char *why)
{
    printf("skipped: %s\n", why);
    return SKIPPED;
}

static void remove_folder(const struct cluster *c)
{
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", "--", c->folder, (char *)NULL);
        _exit(127);
    }
    waitpid(child, NULL, 0);
}

static int run(struct cluster *c, const struct passwd *user)
{
    struct world_engine postgres = {.is_postgres = true};
    snprintf(postgres.postgres, sizeof(postgres.postgres),
             "host=%s port=5499 user=posthorn dbname=postgres", c->folder);
    if (!make_cluster(c, user))
        return skip_all("initdb did not make a cluster");
    start_server(c, user);
    int failed = 1;
    if (wait_until_ready(postgres.postgres))
        failed = world_run_suites(&postgres);
    kill(c->server, SIGINT); /* fast shutdown */
    waitpid(c->server, NULL, 0);
    return failed == 0 ? 0 : 1;
}

int main(void)
{
    struct cluster c = {.folder = "/tmp/posthorn-pg-XXXXXX"};
    const struct passwd *user = getpwnam("postgres");
    if (!find_programs(&c))
        return skip_all("PostgreSQL's server is not installed (package postgresql)");
    if (geteuid() == 0 && user == NULL)
        return skip_all("root cannot run PostgreSQL and there is no user postgres");
    if (mkdtemp(c.folder) == NULL)
        return 1;
    if (geteuid() == 0 && chown(c.folder, user->pw_uid, user->pw_gid) == -1)
        return 1;
    snprintf(c.data, sizeof(c.data), "%s/data", c.folder);
    int code = run(&c, user);
    remove_folder(&c);
    return code;
}
