/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* sandbox.h - the process gives up what it will not need: seccomp for system calls, Landlock for
 * files, no_new_privs for both. After it nobody gets it back. Call it before a byte of a stranger
 * is read and before any thread is started. */
#pragma once

#include <stdbool.h>

#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "runtime/base/str.h"

enum sandbox_network {
    SANDBOX_NO_NETWORK, /* socket() knows AF_UNIX alone; no connect() */
    SANDBOX_UNIX_ONLY,  /* the same, and connect() */
    SANDBOX_ACCEPT,     /* no new IP socket; what comes to listening sockets that are already open; no
                         * connect(), not even to UNIX sockets: it would turn what was accepted */
    SANDBOX_CONNECT,    /* may make IP sockets and connect; no listen() */
    SANDBOX_ANY,        /* both */
};
struct sandbox_path {
    const struct sandbox_path *next;
    const char *path; /* a folder or file; what is missing is left out */
    bool may_write;   /* and make, rename, remove in it */
};
/* System calls are a list of what is allowed (sandbox_calls.c). Others fail with EPERM and the line
 * program.call_refused in the log; execve, ptrace, process_vm_*, mount, keyctl, bpf, io_uring, module
 * and clock calls and the like end the process with SIGSYS. */
struct sandbox {
    enum sandbox_network network;
    bool may_run_programs; /* only the posthorn command line */
    const struct sandbox_path *paths;
    struct arena arena; /* of the paths; sandbox_release() */
};

/* Symbolic links are followed when it is applied, and the rule is for the file that is there then: one
 * that takes its place later is not meant, unless a folder is allowed. */
MUST_USE bool sandbox_allow(struct sandbox *s, struct str path, bool may_write, struct error *e);
/* To read; empty ones are left out. */
MUST_USE bool sandbox_allow_files(struct sandbox *s, const struct str *paths, size_t count,
                                  struct error *e);
/* What every program needs to read: locale and time zone, resolver files, CA and OpenSSL settings,
 * /dev/null and /dev/urandom, /proc/self. */
MUST_USE bool sandbox_allow_usual(struct sandbox *s, struct error *e);
void sandbox_release(struct sandbox *s);
/* *landlock_abi gets 0 where the kernel has no Landlock: files are then guarded by users and
 * systemd alone (say so in the log). */
MUST_USE bool sandbox_enter(const struct sandbox *s, int *landlock_abi, struct error *e);
