/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* arguments.h - the options and words of a command, from one table that also prints its help.
 * "--name value" and "--name=value"; options and words in any order; "--" ends the options. */
#pragma once

#include <stdint.h>

#include "runtime/base/error.h"

enum argument_type {
    ARGUMENT_FLAG,   /* bool */
    ARGUMENT_TEXT,   /* const char * */
    ARGUMENT_NUMBER, /* int64_t from 0 on; as seconds it fits into a time of the clock */
    ARGUMENT_LIST,   /* struct argument_list: may be given more than once */
};
enum { ARGUMENT_LIST_MAX = 100 };
struct argument_list {
    const char *at[ARGUMENT_LIST_MAX];
    size_t count;
};
struct argument {
    const char *name; /* "--dir" */
    enum argument_type type;
    size_t at;         /* offsetof in the command's struct */
    const char *value; /* "DIR"; NULL for a flag */
    const char *help;
};
struct arguments_form {
    const char *usage; /* "trace ID [DIR]" */
    const char *about; /* what it does, as plain text, lines of at most 78 characters */
    const struct argument *options; /* ends with a zero row; --help is always there */
    size_t words_min, words_max;
};

/* What nearly every command takes; the first member of its struct. */
struct common_options {
    const char *dir; /* installation folder; see installation.h for who wins */
    bool json;
};
#define COMMON_ARGUMENTS(type)                                                               \
    {"--dir", ARGUMENT_TEXT, offsetof(type, common.dir), "DIR",                              \
     "the installation folder, which holds posthorn.conf"},                                  \
    {                                                                                        \
        "--json", ARGUMENT_FLAG, offsetof(type, common.json), NULL, "one JSON object a line" \
    }

/* Fills the command's struct and the words (both zeroed before). False: nothing is to be run, and
 * *status is the exit status; help was printed, or what is wrong with the arguments. */
MUST_USE bool arguments_read(const struct arguments_form *form, int argc, char **argv, void *out,
                             struct argument_list *words, int *status);
