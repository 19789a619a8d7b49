/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_config.sh */
/* posthorn config check | sample | manual. */
#include <stdio.h>

#include "posthorn/arguments.h"
#include "posthorn/command.h"
#include "posthorn/config_check.h"
#include "posthorn/installation.h"
#include "posthorn/output.h"
#include "runtime/base/clock.h"

enum { TEXT_MAX = 1024 * 1024 };

struct config_options {
    struct common_options common;
};

static void print_finding(const struct finding *f)
{
    AUTO_ARENA a = {0};
    struct str text = output_safe(&a, str_of(f->text), false);
    printf("%-8s", f->level == FINDING_ERROR ? "error" : "warning");
    if (f->section.len > 0)
        printf("[%.*s] ", STR_ARG(output_safe(&a, f->section, false)));
    printf("%s%s%.*s\n", f->key, f->key[0] == '\0' ? "" : ": ", STR_ARG(text));
}

static void put_finding(const struct finding *f)
{
    struct output_line line;
    struct json_writer *w = output_open(&line);
    json_put_text(w, "level", f->level == FINDING_ERROR ? STR("error") : STR("warning"));
    json_put_text(w, "section", f->section);
    json_put_text(w, "key", str_of(f->key));
    json_put_text(w, "text", str_of(f->text));
    output_send(&line);
}

static void on_finding(void *ctx, const struct finding *f)
{
    const struct config_options *o = ctx;
    if (o->common.json)
        put_finding(f);
    else
        print_finding(f);
}

static int sum_up(const struct config_options *o, const struct config_check *check)
{
    if (o->common.json) {
        struct output_line line;
        struct json_writer *w = output_open(&line);
        json_put_text(w, "level", STR("summary"));
        json_put_integer(w, "looked_at", (int64_t)check->looked_at);
        json_put_integer(w, "errors", (int64_t)check->errors);
        json_put_integer(w, "warnings", (int64_t)check->warnings);
        output_send(&line);
    } else {
        printf("%zu settings looked at: %zu errors, %zu warnings\n", check->looked_at,
               check->errors, check->warnings);
    }
    return check->errors == 0 ? EXIT_GOOD : EXIT_FOUND;
}

int cmd_config_check(int argc, char **argv)
{
    static const struct argument options[] = {COMMON_ARGUMENTS(struct config_options), {0}};
    static const struct arguments_form form = {
        "config check [DIR]",
        "Reads DIR/posthorn.conf and looks at everything it names: do the files exist, do the\n"
        "keys fit their certificates, are those valid now and trusted by the CAs named here, is\n"
        "the storage key private, can the folders be written. Every finding says what would be\n"
        "right. Changes nothing; the programs may run meanwhile. 1: there are errors.",
        options, 0, 1};
    struct config_options o = {0};
    struct argument_list words = {0};
    struct error e = {0};
    int status;
    if (!arguments_read(&form, argc, argv, &o, &words, &status))
        return status;
    AUTO_INSTALLATION i = {0};
    struct config_check check = {.now_ms = clock_now_ms(), .found = on_finding, .ctx = &o};
    if (installation_read(&i, installation_dir(o.common.dir, words.at[0]), &e)) {
        config_check(&check, &i.s);
        return sum_up(&o, &check);
    }
    if (e.kind == ERROR_RETRY) /* the file itself cannot be opened */
        return output_cannot("config check", &e);
    config_check_add(&check, FINDING_ERROR, STR_NONE, "", "%s", e.text);
    return sum_up(&o, &check);
}

/* --- sample, manual */

typedef bool write_fn(const struct settings_section *sections, struct buf *out, struct error *e);

static int print_tables(const struct arguments_form *form, int argc, char **argv, write_fn *write)
{
    struct config_options o = {0};
    struct argument_list words = {0};
    struct error e = {0};
    AUTO_BUF text = BUF(TEXT_MAX);
    int status;
    if (!arguments_read(form, argc, argv, &o, &words, &status))
        return status;
    if (!write(accesspoint_sections, &text, &e))
        return output_failed("config", &e);
    fwrite(text.at, 1, text.len, stdout);
    return EXIT_GOOD;
}

int cmd_config_sample(int argc, char **argv)
{
    static const struct argument options[] = {{0}};
    static const struct arguments_form form = {
        "config sample",
        "Prints a posthorn.conf with every setting, its meaning, its range and its default.\n"
        "Settings with a default are commented out. `posthorn init` makes one with values.",
        options, 0, 0};
    return print_tables(&form, argc, argv, settings_sample);
}

static bool write_manual(const struct settings_section *sections, struct buf *out, struct error *e)
{
    static const char head[] =
        ".\\\" SPDX-FileCopyrightText: 2026 The Posthorn developers\n"
        ".\\\" SPDX-License-Identifier: EUPL-1.2\n"
        ".\\\" Made by `posthorn config manual` from the tables in the programs: change those.\n"
        ".Dd November 21, 2026\n"
        ".Dt POSTHORN.CONF 5\n"
        ".Os\n"
        ".Sh NAME\n"
        ".Nm posthorn.conf\n"
        ".Nd configuration of a Posthorn installation\n"
        ".Sh DESCRIPTION\n"
        "One file per installation, read by all of its programs.\n"
        "It has sections,\n"
        ".Ql [name]\n"
        "or\n"
        ".Ql [name WORD] ,\n"
        "and in them lines\n"
        ".Ql key = value .\n"
        "Lines that begin with\n"
        ".Ql #\n"
        "or\n"
        ".Ql \\&;\n"
        "are comments.\n"
        "A section or a key that is not described here stops the start, as does a\n"
        "value out of its range; the message names file and line, and what would be\n"
        "right.\n"
        ".Pp\n"
        "Paths that do not begin with a slash are taken from the folder of the file.\n"
        "Sizes have the units K, M and G, powers of 1024.\n"
        "Times have the units ms, s, m, h and d.\n"
        ".Pp\n"
        ".Ic posthorn config check\n"
        "looks at the file and at everything it names.\n"
        "After a change, written into the file as it is, send SIGHUP to the programs\n"
        "or to\n"
        ".Ic posthorn run :\n"
        "each checks the whole new file, reads its keys, certificates and trust lists\n"
        "again and keeps the old one where there is a fault.\n"
        ".Sh SECTIONS\n"
        "Each heading is a section;\n"
        ".Ql NAME\n"
        "stands for a word, and such a section may be there more than once.\n";
    static const char tail[] = ".Sh FILES\n"
                               ".Bl -tag -width Ds\n"
                               ".It Pa /etc/posthorn/posthorn.conf\n"
                               "where the command line looks when no folder is named\n"
                               ".El\n"
                               ".Sh SEE ALSO\n"
                               ".Xr posthorn 1 ,\n"
                               ".Xr accesspoint-api 8 ,\n"
                               ".Xr accesspoint-receive 8 ,\n"
                               ".Xr accesspoint-send 8 ,\n"
                               ".Xr accesspoint-work 8\n";
    return buf_add(out, str_of(head), e) && settings_manual(sections, out, e) &&
           buf_add(out, str_of(tail), e);
}

int cmd_config_manual(int argc, char **argv)
{
    static const struct argument options[] = {{0}};
    static const struct arguments_form form = {
        "config manual",
        "Prints the manual page posthorn.conf(5), in mdoc, as the programs' own tables say it.",
        options, 0, 0};
    return print_tables(&form, argc, argv, write_manual);
}
