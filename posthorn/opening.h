/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* opening.h - how a command on an installation begins: its arguments, the folder they mean, its
 * posthorn.conf, its store. */
#pragma once

#include "posthorn/arguments.h"
#include "posthorn/installation.h"

enum { OPENING_COMMAND_MAX = 32 };
struct opening {
    char command[OPENING_COMMAND_MAX]; /* "queue drop", for output_failed() */
    struct argument_list words;        /* DIR, the last of the form, may be missing */
    struct installation installation;
    struct store *store; /* NULL where only the configuration was wanted */
};
#define AUTO_OPENING __attribute__((cleanup(opening_release))) struct opening
void opening_release(struct opening *o);

/* options: the command's struct, zeroed, with common_options as its first member. False: nothing is to
 * be run, all is said, and *status is the exit status. */
MUST_USE bool opening_settings(struct opening *o, const struct arguments_form *form, int argc,
                               char **argv, void *options, int *status);
MUST_USE bool opening_store(struct opening *o, const struct arguments_form *form, int argc,
                            char **argv, void *options, int *status);
