/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/loop/sandbox.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/base/sys.h"
#include "runtime/log/log.h"
#include "runtime/loop/sandbox_calls.h"
#include "runtime/loop/sandbox_files.h"

static bool is_sanitized(void)
{
    return sizeof POSTHORN_SANITIZER_FLAGS > 1;
}

/* --- what is refused: EPERM and a line in the log */

/* The call did not take place; whoever made it gets EPERM. Memory can be had here: what malloc()
 * asks the kernel for is never refused, so it is not interrupted in its middle. */
static void on_refused(int number, siginfo_t *info, void *context)
{
    int before = errno;
    (void)number;
    log_warning(NULL, "program.call_refused", KV_I64("call", info->si_syscall));
    sys_answer_trap(context, EPERM);
    errno = before;
}

static bool watch_refused(struct error *e)
{
    struct sigaction action = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO};
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, SIGSYS);
    return (sigaction(SIGSYS, &action, NULL) == 0 && sigprocmask(SIG_UNBLOCK, &only, NULL) == 0) ||
           error_errno(e, "sandbox: SIGSYS");
}

static uint32_t refusal(void)
{
    return sys_can_answer_trap() ? SCMP_ACT_TRAP : SCMP_ACT_ERRNO(EPERM);
}

/* --- the list */

struct rules { /* all additions go here; the first that fails is told */
    scmp_filter_ctx filter;
    const struct sandbox *sandbox;
    struct error *e;
    bool ok;
};

static void add(struct rules *r, uint32_t action, const char *name, unsigned count,
                const struct scmp_arg_cmp *where)
{
    int call = seccomp_syscall_resolve_name(name);
    if (!r->ok || call == __NR_SCMP_ERROR) /* this libseccomp is older than the call */
        return;
    int result = seccomp_rule_add_array(r->filter, action, call, count, where);
    r->ok = result == 0 ||
            error_set(r->e, ERROR_BUG, "sandbox: %s: %s", name, strerrordesc_np(-result));
}

static void allow(struct rules *r, const char *name)
{
    add(r, SCMP_ACT_ALLOW, name, 0, NULL);
}

static void allow_where(struct rules *r, const char *name, struct scmp_arg_cmp where)
{
    add(r, SCMP_ACT_ALLOW, name, 1, &where);
}

static void allow_all(struct rules *r, const struct sandbox_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++)
        allow(r, calls->names[i]);
}

static bool is_among(const char *name, const struct sandbox_calls *calls)
{
    for (size_t i = 0; i < calls->count; i++)
        if (strcmp(name, calls->names[i]) == 0)
            return true;
    return false;
}

static void kill_at(struct rules *r)
{
    const struct sandbox_calls *calls = &sandbox_calls_deadly;
    for (size_t i = 0; i < calls->count; i++)
        if (!is_sanitized() || !is_among(calls->names[i], &sandbox_calls_sanitizers))
            add(r, SCMP_ACT_KILL_PROCESS, calls->names[i], 0, NULL);
    if (r->sandbox->may_run_programs)
        allow(r, "execve");
    else
        add(r, SCMP_ACT_KILL_PROCESS, "execve", 0, NULL);
    /* clone3's flags lie in memory where a filter cannot see them; the C library falls back. */
    add(r, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);
}

/* Threads, not processes; signals, limits and names of its own. */
static void allow_own(struct rules *r)
{
    static const unsigned long controls[] = {FIONREAD, FIONBIO, FIOCLEX,
                                             FIONCLEX, TCGETS,  TIOCGWINSZ};
    static const unsigned names[] = {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_SET_VMA};
    if (is_sanitized()) {
        allow_all(r, &sandbox_calls_sanitizers);
        return;
    }
    allow_where(r, "clone", SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    allow_where(r, "tgkill", SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
    /* Signal 0: does it live? The store asks that of those who hold leases. */
    allow_where(r, "kill", SCMP_A1(SCMP_CMP_EQ, 0, 0));
    allow_where(r, "prlimit64", SCMP_A0(SCMP_CMP_EQ, 0, 0));
    allow(r, "getrlimit");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        allow_where(r, "prctl", SCMP_A0(SCMP_CMP_EQ, names[i], 0));
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
        allow_where(r, "ioctl", SCMP_A1(SCMP_CMP_EQ, controls[i], 0));
}

/* Sending with MSG_FASTOPEN is connect() by another name. */
static void allow_sending(struct rules *r)
{
    allow_where(r, "sendto", SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
    allow_where(r, "sendmsg", SCMP_A2(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
    allow_where(r, "sendmmsg", SCMP_A3(SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, 0));
}

/* A filter cannot see where connect() goes, and one to AF_UNSPEC makes an accepted socket a new one:
 * so who accepts from the network has no connect() at all. All 64 bits of a family are compared. */
static void allow_sockets(struct rules *r)
{
    enum sandbox_network network = r->sandbox->network;
    bool has_network = network == SANDBOX_CONNECT || network == SANDBOX_ANY;
    static const unsigned families[] = {
        AF_INET, AF_INET6, AF_NETLINK}; /* the resolver asks for the host's addresses */
    allow_where(r, "socket", SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
    allow_where(r, "socketpair", SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0));
    for (size_t i = 0; has_network && i < sizeof families / sizeof families[0]; i++)
        allow_where(r, "socket", SCMP_A0(SCMP_CMP_EQ, families[i], 0));
    if (network != SANDBOX_ACCEPT && network != SANDBOX_NO_NETWORK)
        allow(r, "connect");
    if (network != SANDBOX_ACCEPT)
        allow(r, "bind");
    if (network == SANDBOX_UNIX_ONLY || network == SANDBOX_NO_NETWORK || network == SANDBOX_ANY)
        allow(r, "listen");
}

static bool fill_filter(scmp_filter_ctx filter, const struct sandbox *s, struct error *e)
{
    struct rules r = {filter, s, e, true};
    if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) != 0)
        return error_set(e, ERROR_BUG, "sandbox: no filter for all threads at once");
    /* A tree and not a chain: the calls with rules for their arguments run through it each time. */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    kill_at(&r);
    allow_all(&r, &sandbox_calls_always);
    allow_own(&r);
    allow_sending(&r);
    allow_sockets(&r);
    return r.ok;
}

static bool enter_seccomp(const struct sandbox *s, struct error *e)
{
    scmp_filter_ctx filter = seccomp_init(refusal());
    if (filter == NULL)
        return error_set(e, ERROR_BUG, "sandbox: no filter");
    bool ok = watch_refused(e) && fill_filter(filter, s, e);
    int result = ok ? seccomp_load(filter) : 0;
    seccomp_release(filter);
    if (result != 0)
        return error_set(e, ERROR_BUG, "sandbox: the kernel takes no filter: %s",
                         strerrordesc_np(-result));
    return ok;
}

bool sandbox_enter(const struct sandbox *s, int *landlock_abi, struct error *e)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
        return error_errno(e, "sandbox: no_new_privs");
    return sandbox_enter_files(s, landlock_abi, e) && enter_seccomp(s, e);
}

bool sandbox_allow(struct sandbox *s, struct str path, bool may_write, struct error *e)
{
    if (path.len == 0 || path.len >= PATH_MAX)
        return error_set(e, ERROR_REJECT, "sandbox: a path has 1 to %d octets, not %zu",
                         PATH_MAX - 1, path.len);
    struct sandbox_path *p = arena_new(&s->arena, sizeof *p);
    *p = (struct sandbox_path){s->paths, arena_text(&s->arena, path), may_write};
    s->paths = p;
    return true;
}

bool sandbox_allow_files(struct sandbox *s, const struct str *paths, size_t count, struct error *e)
{
    for (size_t i = 0; i < count; i++)
        if (paths[i].len > 0 && !sandbox_allow(s, paths[i], false, e))
            return false;
    return true;
}

void sandbox_release(struct sandbox *s)
{
    arena_release(&s->arena);
    s->paths = NULL;
}

bool sandbox_allow_usual(struct sandbox *s, struct error *e)
{
    static const char *const to_read[] = {
        "/usr/lib",         "/lib",
        "/lib64",           "/etc/ld.so.cache",
        "/etc/localtime",   "/usr/share/zoneinfo",
        "/etc/ssl",         "/etc/hosts",
        "/etc/resolv.conf", "/etc/nsswitch.conf",
        "/etc/gai.conf",    "/etc/host.conf",
        "/etc/services",    "/dev/urandom",
        "/proc/self",       "/sys/devices/system/cpu",
    };
    for (size_t i = 0; i < sizeof to_read / sizeof to_read[0]; i++)
        if (!sandbox_allow(s, str_of(to_read[i]), false, e))
            return false;
    return sandbox_allow(s, STR("/dev/null"), true, e);
}
