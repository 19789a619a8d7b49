/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* program_options.h - the command line every program of an installation understands. */
#pragma once

#include "runtime/loop/program.h"

struct program_options {
    const char *config;
    int ready_fd; /* -1: nobody waits */
    bool check_only;
    bool with_parent;
    bool allow_core;
};

/* False: the program is to end with *status (after --help, --version, or a wrong option). */
bool program_options_read(int argc, char **argv, const struct program *program,
                          struct program_options *out, int *status);
