/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_transactions.c, suite_leases.c, suite_crashes.c */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/store/tx.h"

/* SQLite: each program that hears has a datagram socket in wake/, named by program and process.
 * PostgreSQL: LISTEN on a connection of its own. Both behind one epoll descriptor. */
struct store_wake {
    int epoll_fd; /* -1: hears none */
    int hear_fd;  /* our socket in wake/; with PostgreSQL borrowed from the connection */
    int tell_fd;
    struct sockaddr_un own;
    struct sql *listens;
    int folder_fd;             /* wake/ */
    struct timespec listed_at; /* its time of change when it was read */
    int64_t listed_ms;         /* clock_monotonic_ms() of that */
    struct sockaddr_un *hearers;
    size_t n_hearers;
};
enum { LISTED_MS = 1000, HEARERS_MAX = 128 };

static bool name_socket(const struct store *store, const char *file, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(out->sun_path, sizeof(out->sun_path), "%s/wake/%s", store->folder, file);
    return n > 0 && (size_t)n < sizeof(out->sun_path);
}

static bool watch(struct store_wake *w, struct error *e)
{
    struct epoll_event event = {.events = EPOLLIN};
    return epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->hear_fd, &event) != -1 ||
           error_errno(e, "cannot watch for wakes");
}

static bool hear_socket(struct store *store, struct store_wake *w, struct error *e)
{
    static atomic_uint count; /* a process may open several stores, as tests do */
    char file[96];
    snprintf(file, sizeof(file), "%.40s-%ld-%u.sock", store->program, (long)getpid(), count++);
    if (!name_socket(store, file, &w->own))
        return error_set(e, ERROR_REJECT, "the path of folder %.120s is too long for a socket",
                         store->folder);
    w->hear_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unlink(w->own.sun_path); /* of a dead process that had our number */
    if (w->hear_fd == -1 || bind(w->hear_fd, (struct sockaddr *)&w->own, sizeof(w->own)) == -1)
        return error_errno(e, "cannot make the socket %.150s", w->own.sun_path);
    return true;
}

static bool hear_postgres(struct store *store, struct store_wake *w, struct error *e)
{
    return sql_postgres_open(store->postgres, SQL_READS, &w->listens, e) &&
           sql_postgres_hear(w->listens, &w->hear_fd, e);
}

static bool open_folder(const struct store *store, struct store_wake *w, struct error *e)
{
    AUTO_ARENA a = {0};
    struct str folder = arena_format(&a, "%s/wake", store->folder);
    w->hearers = mem_new_array(HEARERS_MAX, sizeof(*w->hearers));
    w->tell_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (w->tell_fd == -1)
        return error_errno(e, "cannot make a socket");
    if (!sys_make_dir(folder.at, 0770, e))
        return false;
    w->folder_fd = open(folder.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return w->folder_fd != -1 || error_errno(e, "cannot open %.200s", folder.at);
}

bool wake_open(struct store *store, bool hears, struct error *e)
{
    struct store_wake *w = mem_new(sizeof(*w));
    store->wake = w;
    *w = (struct store_wake){.epoll_fd = -1, .hear_fd = -1, .tell_fd = -1, .folder_fd = -1};
    if (store->postgres == NULL && !open_folder(store, w, e))
        return false;
    if (!hears)
        return true;
    w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (w->epoll_fd == -1)
        return error_errno(e, "cannot watch for wakes");
    return (store->postgres == NULL ? hear_socket(store, w, e) : hear_postgres(store, w, e)) &&
           watch(w, e);
}

void wake_close(struct store *store)
{
    struct store_wake *w = store->wake;
    if (w == NULL)
        return;
    sys_close(&w->epoll_fd);
    sys_close(&w->tell_fd);
    sys_close(&w->folder_fd);
    mem_free(w->hearers);
    if (store->postgres == NULL && w->hear_fd != -1) {
        sys_close(&w->hear_fd);
        unlink(w->own.sun_path);
    }
    sql_close(w->listens);
    mem_free(w);
    store->wake = NULL;
}

int store_wake_fd(const struct store *store)
{
    return store->wake->epoll_fd;
}

static void drain_socket(int fd, void (*visit)(void *ctx, struct str state), void *ctx)
{
    char state[STORE_WORD_MAX];
    for (;;) {
        ssize_t n = recv(fd, state, sizeof(state), 0);
        if (n == -1)
            return;
        if (visit != NULL)
            visit(ctx, str_bytes(state, (size_t)n));
    }
}

/* A lost connection is made anew at most at each drain; until then the timers claim. */
static void drain_postgres(struct store_wake *w, void (*visit)(void *ctx, struct str state),
                           void *ctx)
{
    struct error ignored;
    if (w->hear_fd != -1 && sql_postgres_heard(w->listens, visit, ctx))
        return;
    if (w->hear_fd != -1)
        epoll_ctl(w->epoll_fd, EPOLL_CTL_DEL, w->hear_fd, NULL);
    w->hear_fd = -1;
    if (!sql_postgres_hear(w->listens, &w->hear_fd, &ignored) || !watch(w, &ignored))
        error_clear(&ignored);
}

void store_wake_drain(struct store *store, void (*visit)(void *ctx, struct str state), void *ctx)
{
    struct store_wake *w = store->wake;
    if (w->epoll_fd == -1)
        return;
    if (store->postgres == NULL)
        drain_socket(w->hear_fd, visit, ctx);
    else
        drain_postgres(w, visit, ctx);
}

/* --- telling */
static bool is_among(struct str state, const struct str *states, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal(states[i], state))
            return true;
    return false;
}

/* The different states entered; more than max are left to the timers. */
static size_t states_entered(const struct tx_effect *effects, size_t n, struct str *out, size_t max)
{
    size_t got = 0;
    for (size_t i = 0; i < n && got < max; i++)
        if (effects[i].type == TX_STATE && !is_among(effects[i].what, out, got))
            out[got++] = effects[i].what;
    return got;
}

enum { TELL_MAX = 32 };

bool wake_notify(struct store_tx *tx, struct error *e)
{
    struct str states[TELL_MAX];
    if (tx->store->postgres == NULL)
        return true;
    size_t n = states_entered(tx->effects, tx->n_effects, states, TELL_MAX);
    for (size_t i = 0; i < n; i++)
        if (!sql_run(tx->sql, "SELECT pg_notify('posthorn_state', $1)",
                     SQL_VALUES(SQL_T(states[i])), NULL, e))
            return false;
    return true;
}

/* Who hears, as far as the folder's time tells: it is read anew when that changed, and once a
 * second, for two changes within one tick of the clock. */
static bool is_listed(struct store_wake *w)
{
    struct stat st;
    int64_t now_ms = clock_monotonic_ms();
    if (fstat(w->folder_fd, &st) == -1)
        return false;
    bool same = st.st_mtim.tv_sec == w->listed_at.tv_sec &&
                st.st_mtim.tv_nsec == w->listed_at.tv_nsec && now_ms < w->listed_ms + LISTED_MS;
    if (!same)
        w->listed_ms = now_ms;
    w->listed_at = st.st_mtim;
    return same;
}

/* Our own too: who stores what has yet to be claimed, such as an arrival whose sender is not known,
 * claims it. */
static void list_hearers(struct store *store, struct store_wake *w)
{
    struct sockaddr_un folder;
    w->n_hearers = 0;
    DIR *dir = name_socket(store, "", &folder) ? opendir(folder.sun_path) : NULL;
    if (dir == NULL)
        return;
    for (struct dirent *entry = readdir(dir); entry != NULL && w->n_hearers < HEARERS_MAX;
         entry = readdir(dir)) {
        struct sockaddr_un *hearer = &w->hearers[w->n_hearers];
        if (entry->d_name[0] != '.' && name_socket(store, entry->d_name, hearer))
            w->n_hearers++;
    }
    closedir(dir);
}

static void tell_one(const struct store_wake *w, const struct sockaddr_un *to,
                     const struct str *states, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (sendto(w->tell_fd, states[i].at, states[i].len, MSG_NOSIGNAL,
                   (const struct sockaddr *)to, sizeof(*to)) != -1)
            continue;
        if (errno == ECONNREFUSED) /* nobody has it open: left by a process that was killed */
            unlink(to->sun_path);
        return; /* EAGAIN: it has hints enough to read */
    }
}

void wake_tell(struct store *store, const struct tx_effect *effects, size_t n)
{
    struct str states[TELL_MAX];
    struct store_wake *w = store->wake;
    size_t n_states = states_entered(effects, n, states, TELL_MAX);
    if (n_states == 0 || store->postgres != NULL)
        return;
    if (!is_listed(w))
        list_hearers(store, w);
    for (size_t i = 0; i < w->n_hearers; i++)
        tell_one(w, &w->hearers[i], states, n_states);
}
