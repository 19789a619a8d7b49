/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <sys/stat.h>

#include "posthorn/command.h"
#include "posthorn/output.h"
#include "runtime/base/str.h"
#include "runtime/base/sys.h"
#include "runtime/xml/doc.h"

/* Of two rows that fit the longer one stands first. */
static const struct command commands[] = {
    {"as4 verify", cmd_as4_verify, "say of stored AS4 messages what an access point would answer"},
    {"certs", cmd_certs, "list certificates and revocation lists, and how long they hold"},
    {"config check", cmd_config_check, "look at posthorn.conf and at everything it names"},
    {"config manual", cmd_config_manual, "print the manual page of posthorn.conf"},
    {"config sample", cmd_config_sample, "print a posthorn.conf with every setting"},
    {"inbox ack", cmd_inbox_ack, "take over a letter: it leaves the list of new ones"},
    {"inbox show", cmd_inbox_show, "read a letter, save its attachments"},
    {"inbox", cmd_inbox, "list what came in"},
    {"init", cmd_init, "make the folder of a new installation"},
    {"log show", cmd_log_show, "show what happened, message by message, in its order"},
    {"log verify", cmd_log_verify, "walk the chain of events: was any changed?"},
    {"migrate", cmd_migrate, "make the store, or bring it to this version"},
    {"ping", cmd_ping, "ask a participant's access point whether it answers"},
    {"queue drop", cmd_queue_drop, "remove a message for ever, with a reason"},
    {"queue retry", cmd_queue_retry, "let a parked message go on"},
    {"queue", cmd_queue, "count messages by state; which need a person?"},
    {"receipt validate", cmd_receipt_validate, "judge message receipts: XSD and rules"},
    {"run", cmd_run, "start all programs of an installation, with one merged log"},
    {"sdk validate", cmd_sdk_validate, "judge SDK messages: XSD, rules, contents, sizes"},
    {"send", cmd_send, "send a message through the running API"},
    {"trace", cmd_trace, "show every step of a message and of its receipt"},
    {"xhe validate", cmd_xhe_validate, "judge envelopes: XSD and rules"},
    {0},
};

static void print_help(FILE *out)
{
    fputs("posthorn - the messaging gateway's command line\n\nusage: posthorn COMMAND [OPTION]... "
          "(posthorn COMMAND --help tells more)\n\n",
          out);
    for (const struct command *c = commands; c->words != NULL; c++)
        fprintf(out, "  %-18s %s\n", c->words, c->help);
    fputs("\nExit status: 0 done, 1 refused or failed, 2 could not run.\n", out);
}

/* The commands that begin with this word, as "log show" and "log verify". False: there are none. */
static bool print_group(FILE *out, struct str word)
{
    bool found = false;
    for (const struct command *c = commands; c->words != NULL; c++) {
        struct str words = str_of(c->words);
        if (!str_starts(words, word) || words.len == word.len || words.at[word.len] != ' ')
            continue;
        if (!found)
            fprintf(out, "usage: posthorn %.*s COMMAND [OPTION]...\n\n", STR_ARG(word));
        fprintf(out, "  %-18s %s\n", c->words, c->help);
        found = true;
    }
    if (found)
        fprintf(out, "\nEach has its own --help.\n");
    return found;
}

/* No command fits: half of one, or a wrong word. */
static int explain(int argc, char **argv)
{
    bool is_asked = argc == 3 && str_is(str_of(argv[2]), "--help");
    bool is_half = argc == 2 || is_asked;
    if (is_half && print_group(is_asked ? stdout : stderr, str_of(argv[1])))
        return is_asked ? EXIT_GOOD : EXIT_CANNOT;
    fprintf(stderr, "posthorn: no command '%s%s%s'; posthorn --help lists them\n", argv[1],
            is_half ? "" : " ", is_half ? "" : argv[2]);
    return EXIT_CANNOT;
}

/* How many arguments the words of a command take, 0 where they do not fit. */
static int words_match(const char *words, int argc, char **argv)
{
    struct str rest = str_of(words), word;
    int taken = 0;
    while (str_next(&rest, ' ', &word)) {
        if (taken + 1 >= argc || !str_is(word, argv[taken + 1]))
            return 0;
        taken++;
    }
    return taken;
}

static int run(int argc, char **argv)
{
    if (argc < 2 || str_is(str_of(argv[1]), "--help") || str_is(str_of(argv[1]), "help")) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_CANNOT : EXIT_GOOD;
    }
    if (str_is(str_of(argv[1]), "--version")) {
        puts("posthorn " POSTHORN_VERSION);
        return EXIT_GOOD;
    }
    for (const struct command *c = commands; c->words != NULL; c++) {
        int taken = words_match(c->words, argc, argv);
        if (taken > 0)
            return c->run(argc - taken, argv + taken);
    }
    return explain(argc, argv);
}

int main(int argc, char **argv)
{
    struct error e = {0};
    if (!sys_hold_standard_fds(&e))
        return EXIT_CANNOT;
    umask(077); /* as the programs: a store that migrate makes is nobody else's to read */
    xml_setup();
    int status = run(argc, argv);
    return output_end(status);
}
