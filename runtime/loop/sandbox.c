/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/loop/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "runtime/loop/sandbox_files.h"

/* Never needed, in no program. Under the sanitizers the ones in `sanitizer_needs` stay allowed: the
 * leak check stops the threads with them. */
static const char *const never[] = {
    "execveat",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_getfd",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "open_tree",
    "move_mount",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "unshare",
    "setns",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "acct",
    "quotactl",
    "quotactl_fd",
    "settimeofday",
    "clock_settime",
    "clock_adjtime",
    "adjtimex",
    "sethostname",
    "setdomainname",
    "iopl",
    "ioperm",
    "modify_ldt",
    "personality",
    "syslog",
    "vhangup",
    "fanotify_init",
    "name_to_handle_at",
    "open_by_handle_at",
    "lookup_dcookie",
    "uselib",
    "ustat",
    "nfsservctl",
    "move_pages",
    "migrate_pages",
    "memfd_secret",
    "setuid",
    "setgid",
    "setreuid",
    "setregid",
    "setresuid",
    "setresgid",
    "setgroups",
    "setfsuid",
    "setfsgid",
    "capset",
};
static const char *const sanitizer_needs[] = {"ptrace", "personality", "process_vm_readv"};

static bool is_sanitized(void)
{
    return sizeof POSTHORN_SANITIZER_FLAGS > 1;
}

static bool is_needed(const char *name)
{
    for (size_t i = 0; i < sizeof sanitizer_needs / sizeof sanitizer_needs[0]; i++)
        if (is_sanitized() && str_is(str_of(name), sanitizer_needs[i]))
            return true;
    return false;
}

static bool forbid(scmp_filter_ctx filter, const char *name, int number, struct error *e)
{
    int call = seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR) /* unknown to this libseccomp: older than the call */
        return true;
    int result = seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)number), call, 0);
    return result == 0 ||
           error_set(e, ERROR_BUG, "sandbox: %s: %s", name, strerrordesc_np(-result));
}

static bool forbid_where(scmp_filter_ctx filter, int call, int number, struct scmp_arg_cmp where,
                         struct error *e)
{
    int result = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((uint32_t)number), call, 1, &where);
    return result == 0 ||
           error_set(e, ERROR_BUG, "sandbox: call %d: %s", call, strerrordesc_np(-result));
}

static bool forbid_always(scmp_filter_ctx filter, const struct sandbox *s, struct error *e)
{
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (!is_needed(never[i]) && !forbid(filter, never[i], EPERM, e))
            return false;
    if (!s->may_run_programs && !forbid(filter, "execve", EPERM, e))
        return false;
    /* clone3's flags lie in memory where a filter cannot see them; the C library falls back. */
    return forbid(filter, "clone3", ENOSYS, e) &&
           forbid_where(filter, SCMP_SYS(clone), EPERM,
                        SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER), e) &&
           forbid_where(filter, SCMP_SYS(ioctl), EPERM, SCMP_A1(SCMP_CMP_EQ, TIOCSTI, 0), e);
}

/* socket(): which families are left. All 64 bits are compared, so nothing slips by above an int. */
static bool forbid_families(scmp_filter_ctx filter, bool has_network, struct error *e)
{
    if (!has_network)
        return forbid_where(filter, SCMP_SYS(socket), EACCES, SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0), e);
    for (unsigned family = 0; family < 64; family++) {
        bool is_left = family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
                       family == AF_NETLINK; /* the resolver asks for the host's addresses */
        if (!is_left &&
            !forbid_where(filter, SCMP_SYS(socket), EACCES, SCMP_A0(SCMP_CMP_EQ, family, 0), e))
            return false;
    }
    return forbid_where(filter, SCMP_SYS(socket), EACCES, SCMP_A0(SCMP_CMP_GE, 64, 0), e);
}

static bool fill_filter(scmp_filter_ctx filter, const struct sandbox *s, struct error *e)
{
    bool has_network = s->network == SANDBOX_CONNECT || s->network == SANDBOX_ANY;
    if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) != 0)
        return error_set(e, ERROR_BUG, "sandbox: no filter for all threads at once");
    return forbid_always(filter, s, e) && forbid_families(filter, has_network, e) &&
           (s->network != SANDBOX_CONNECT || forbid(filter, "listen", EACCES, e));
}

static bool enter_seccomp(const struct sandbox *s, struct error *e)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL)
        return error_set(e, ERROR_BUG, "sandbox: no filter");
    bool ok = fill_filter(filter, s, e);
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
    if (s->path_count == SANDBOX_PATHS_MAX)
        return error_set(e, ERROR_REJECT, "sandbox: more than %d paths", SANDBOX_PATHS_MAX);
    if (path.len == 0 || path.len >= SANDBOX_PATH_SIZE)
        return error_set(e, ERROR_REJECT, "sandbox: a path has 1 to %d octets, not %zu",
                         SANDBOX_PATH_SIZE - 1, path.len);
    struct sandbox_path *p = &s->paths[s->path_count++];
    memcpy(p->path, path.at, path.len);
    p->path[path.len] = '\0';
    p->may_write = may_write;
    return true;
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
