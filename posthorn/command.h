/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* command.h - one row per command of the posthorn command line. A command is a file cmd_<word>.c. */
#pragma once

enum {                  /* exit status of every command */
       EXIT_GOOD = 0,   /* done; checkers: everything was accepted */
       EXIT_FOUND = 1,  /* checkers: something was refused; others: it failed */
       EXIT_CANNOT = 2, /* wrong usage, or it could not run at all */
};

struct command {
    const char *words; /* "sdk validate": what is typed behind posthorn */
    /* argv[0] is the last word; prints its own --help. Returns an exit status. */
    int (*run)(int argc, char **argv);
    const char *help; /* one line */
};

int cmd_log_show(int argc, char **argv);
int cmd_log_verify(int argc, char **argv);
int cmd_migrate(int argc, char **argv);
int cmd_certs(int argc, char **argv);
int cmd_config_check(int argc, char **argv);
int cmd_config_manual(int argc, char **argv);
int cmd_config_sample(int argc, char **argv);
int cmd_inbox(int argc, char **argv);
int cmd_inbox_ack(int argc, char **argv);
int cmd_inbox_show(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_ping(int argc, char **argv);
int cmd_queue(int argc, char **argv);
int cmd_queue_drop(int argc, char **argv);
int cmd_queue_retry(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_as4_verify(int argc, char **argv);
int cmd_receipt_validate(int argc, char **argv);
int cmd_sdk_validate(int argc, char **argv);
int cmd_xhe_validate(int argc, char **argv);
int cmd_send(int argc, char **argv);
int cmd_trace(int argc, char **argv);
