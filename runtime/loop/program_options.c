/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_program.c */
#include "runtime/loop/program_options.h"

#include <getopt.h>
#include <stdio.h>

#include "runtime/base/number.h"

enum { EXIT_FINE = 0, EXIT_USAGE = 2, READY_FD_MAX = 1024 };

static void print_help(const struct program *program)
{
    (void)printf(
        "Usage: %s --config FILE [options]\n%s\n\n"
        "  --config FILE   settings of the installation\n"
        "  --check         read the settings, say whether they are right, and end\n"
        "  --ready-fd N    write READY and the addresses listened on to descriptor N\n"
        "  --with-parent   end when the process that started this one ends\n"
        "  --allow-core    let a crash leave a core file, and debuggers in\n"
        "  --version       print the version and end\n"
        "  --help          print this and end\n\n"
        "Signals: TERM and INT end it in order, HUP reads the settings again.\n"
        "Exit status: 0 ended in order, 1 could not start or was cut off, 2 wrong usage.\n",
        program->name, program->about);
}

static bool wrong_usage(const struct program *program, const char *why, int *status)
{
    (void)fprintf(stderr, "%s: %s; see %s --help\n", program->name, why, program->name);
    *status = EXIT_USAGE;
    return false;
}

static bool read_fd(const char *text, int *fd)
{
    struct error e = {0};
    uint64_t number;
    if (!parse_u64(str_of(text), 0, READY_FD_MAX, &number, &e))
        return false;
    *fd = (int)number;
    return true;
}

/* False: ends here. */
static bool take_option(int option, const struct program *program, struct program_options *o,
                        int *status)
{
    switch (option) {
    case 'c':
        o->config = optarg;
        return true;
    case 'k':
        o->check_only = true;
        return true;
    case 'r':
        return read_fd(optarg, &o->ready_fd) ||
               wrong_usage(program, "--ready-fd takes a descriptor's number", status);
    case 'p':
        o->with_parent = true;
        return true;
    case 'a':
        o->allow_core = true;
        return true;
    case 'v':
        (void)printf("%s %s\n", program->name, POSTHORN_VERSION);
        *status = EXIT_FINE;
        return false;
    case 'h':
        print_help(program);
        *status = EXIT_FINE;
        return false;
    default:
        *status = EXIT_USAGE; /* getopt has said why */
        return false;
    }
}

bool program_options_read(int argc, char **argv, const struct program *program,
                          struct program_options *out, int *status)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},   {"check", no_argument, NULL, 'k'},
        {"ready-fd", required_argument, NULL, 'r'}, {"with-parent", no_argument, NULL, 'p'},
        {"allow-core", no_argument, NULL, 'a'},     {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},           {0},
    };
    struct program_options o = {.ready_fd = -1};
    int option;
    optind = 0;      /* begin anew: also in a process that has read options before */
    while ((option = /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
            getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!take_option(option, program, &o, status))
            return false;
    if (optind != argc)
        return wrong_usage(program, "only options are understood", status);
    if (o.config == NULL)
        return wrong_usage(program, "--config FILE is missing", status);
    *out = o;
    return true;
}
