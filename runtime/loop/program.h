/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* program.h - what every program does the same way, so that its main.c is one screen: options,
 * settings, log, signals, reload, readiness, sandbox, orderly end.
 *
 *   options   --config FILE, --check, --version, --help, --ready-fd N, --with-parent, --allow-core
 *   signals   SIGTERM, SIGINT: drain, then end with 0; SIGHUP: check the whole file, then reload (a
 *             file written in place; one that was replaced needs a restart: the sandbox)
 *   readiness "READY addr addr ...\n" on --ready-fd, READY=1 to $NOTIFY_SOCKET
 *   exit      0 ended in order, 1 could not start or was cut off while draining, 2 wrong usage
 *
 * Order at start: settings, log, open(), sandbox, start(), readiness, loop. */
#pragma once

#include "runtime/base/error.h"
#include "runtime/base/str.h"
#include "runtime/config/settings.h"
#include "runtime/loop/loop.h"
#include "runtime/loop/sandbox.h"

struct program_env { /* lives as long as the program */
    struct loop *loop;
    const struct settings *settings; /* changes by reload only */
    struct program_private *own;
};

struct program {
    const char *name;  /* "accesspoint-work" */
    const char *about; /* one sentence for --help */
    const struct settings_section *sections; /* of the whole file; must hold PROGRAM_SECTION */
    /* All of these but open() may be NULL. *state is the program's own, handed to all others. */
    /* No threads yet: listeners, keys, files that the sandbox will not let open. */
    bool (*open)(struct program_env *env, void **state, struct error *e);
    /* NULL: no network, no files but the usual. */
    bool (*sandbox)(struct program_env *env, void *state, struct sandbox *out, struct error *e);
    /* Threads and work begin here. */
    bool (*start)(struct program_env *env, void *state, struct error *e);
    /* "section.key", ends with NULL: SIGHUP is refused where one of them has another value. May be NULL. */
    const char *const *fixed;
    /* The new settings are whole and checked, what is fixed is as it was. True: nothing of the old
     * ones is used any more but by who holds them (settings_hold). False: nothing was changed. NULL:
     * SIGHUP is refused with a line in the log. */
    bool (*reload)(struct program_env *env, void *state, const struct settings *fresh,
                   struct error *e);
    /* Take nothing new; program_drained() when the rest is done. NULL: nothing to wait for. */
    void (*drain)(struct program_env *env, void *state);
    void (*close)(void *state); /* frees all; also after a failed start */
};

/* [program] of the settings file, the same for all programs of an installation. */
struct program_settings {
    struct str log_level; /* debug | info | warning | error */
    int64_t drain_ms;     /* longest wait for open work at the end */
    bool sandbox;
    struct str person_key_path; /* key of the hash of personal numbers in the log; may be "" */
};
extern const struct setting program_settings_table[];
#define PROGRAM_SECTION                                                                            \
    {                                                                                              \
        "program", program_settings_table, sizeof(struct program_settings), false, 0,              \
            "What all programs of an installation share."                                          \
    }

int program_run(int argc, char **argv, const struct program *program);
void program_listening(struct program_env *env, struct str address); /* for the readiness line */
void program_drained(struct program_env *env);
