/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_validate.sh */
/* posthorn sdk|xhe|receipt validate: the same checks as the programs make, offline. */
#include <getopt.h>
#include <stdio.h>

#include "accesspoint/receipt/receipt.h"
#include "accesspoint/sdk/message.h"
#include "accesspoint/xhe/envelope.h"
#include "posthorn/command.h"
#include "posthorn/input.h"
#include "posthorn/output.h"
#include "posthorn/verdict.h"
#include "runtime/base/sys.h"
#include "runtime/base/text.h"
#include "runtime/crypto/digest.h"

struct checker {
    const char *command; /* "sdk validate" */
    const char *kind;
    const char *code; /* of what is not XML that we read at all */
    enum judge_kind judge_kind;
    struct judge *judge;
    const char *profile;
    struct settings *settings;
    const struct federation *federation;
    bool as_json;
};

static void checker_release(struct checker *c)
{
    judge_free(c->judge);
    if (c->settings != NULL)
        settings_free(c->settings);
}
#define AUTO_CHECKER __attribute__((cleanup(checker_release))) struct checker

struct file { /* one file being judged */
    const struct checker *checker;
    struct arena arena;
    struct xml_doc *doc;
    uint64_t octets;
    struct verdict verdict;
};

static void file_release(struct file *f)
{
    xml_doc_free(f->doc);
    arena_release(&f->arena);
}
#define AUTO_FILE __attribute__((cleanup(file_release))) struct file

/* --- what was accepted: its payloads */

static bool sum(struct file *f, struct sdk_file *file, size_t document, size_t index,
                struct error *e)
{
    struct digest_value value;
    struct sink_count count;
    AUTO_DIGEST_SINK digest;
    AUTO_BUF hex = BUF((size_t)2 * DIGEST_SIZE_MAX);
    digest_sink_init(&digest, DIGEST_SHA256, NULL);
    sink_count_init(&count, UINT64_MAX, &digest.sink);
    if (f->verdict.payload_count == VERDICT_PAYLOADS_MAX)
        return true;
    if (!sdk_file_content(file, &count.sink, e))
        return false;
    digest_sink_value(&digest, &value);
    if (!hex_encode(&hex, digest_str(&value), e))
        return false;
    f->verdict.payloads[f->verdict.payload_count++] = (struct verdict_payload){
        .href = arena_format(&f->arena, "documents[%zu]/ContentFiles[%zu]", document, index),
        .mime_type = file->type,
        .octets = count.octets,
        .sha256 = arena_copy(&f->arena, buf_str(&hex)),
    };
    return true;
}

static bool sum_files(struct file *f, const struct sdk_message *m, struct error *e)
{
    f->verdict.payloads =
        arena_array(&f->arena, VERDICT_PAYLOADS_MAX, sizeof(*f->verdict.payloads));
    for (size_t i = 0; i < m->document_count; i++) {
        for (size_t j = 0; j < m->documents[i].file_count; j++) {
            if (!sum(f, &m->documents[i].files[j], i + 1, j + 1, e))
                return false;
        }
    }
    return true;
}

/* --- one judgement per document type; false: it could not be made */

static bool judge_message(struct file *f, struct error *e)
{
    const struct checker *k = f->checker;
    struct sdk_checks c = {k->judge, k->federation, JUDGE_RECEIVED, f->octets};
    struct sdk_message m = {0};
    if (!sdk_message_check(&c, f->doc, &f->arena, &m, &f->verdict.findings, e))
        return false;
    f->verdict.message_id = m.id;
    return f->verdict.findings.count > 0 || sum_files(f, &m, e);
}

static bool judge_envelope(struct file *f, struct error *e)
{
    struct xhe x = {0};
    if (!xhe_check(f->checker->judge, f->doc, &f->arena, &x, &f->verdict.findings, e))
        return false;
    f->verdict.message_id = x.id;
    return true;
}

static bool judge_receipt(struct file *f, struct error *e)
{
    struct receipt r = {0};
    if (!receipt_check(f->checker->judge, f->doc, &f->arena, &r, &f->verdict.findings, e))
        return false;
    f->verdict.message_id = r.id;
    return true;
}

static bool judge(struct file *f, struct error *e)
{
    switch (f->checker->judge_kind) {
    case JUDGE_MESSAGE:
        return judge_message(f, e);
    case JUDGE_ENVELOPE:
        return judge_envelope(f, e);
    case JUDGE_RECEIPT:
        return judge_receipt(f, e);
    }
    return error_set(e, ERROR_BUG, "no such document type");
}

/* What is no XML that we read is refused like any other fault. */
static bool read_and_judge(struct file *f, int fd, struct error *e)
{
    struct error why = {0};
    if (xml_read_file(fd, 0, f->octets, &xml_limits_envelope, &f->doc, &why))
        return judge(f, e);
    if (why.kind != ERROR_REJECT) {
        *e = why;
        return false;
    }
    judge_find(&f->verdict.findings, &f->arena, "xml", f->checker->code, NULL,
               arena_text(&f->arena, str_of(why.text)));
    return true;
}

static bool check_file(const struct checker *c, const char *path, bool *accepted, struct error *e)
{
    AUTO_FILE f = {.checker = c, .verdict = {.file = path, .kind = c->kind}};
    AUTO_FD int fd = -1;
    if (!input_open(path, INPUT_OCTETS_MAX, &fd, &f.octets, e) || !read_and_judge(&f, fd, e))
        return error_prefix(e, "%s", path);
    *accepted = f.verdict.findings.count == 0;
    f.verdict.is_accepted = *accepted;
    if (!*accepted) {
        f.verdict.code = f.verdict.findings.at[0].code;
        f.verdict.why = f.verdict.findings.at[0].text;
    }
    return verdict_print(&f.verdict, c->as_json, e);
}

/* --- the command */

static void print_help(const struct checker *c)
{
    printf("usage: posthorn %s [--json] [--profile FILE] FILE...\n\n"
           "Judges each file as the access point would, without network or keys: XML, XSD, rules.\n"
           "  --json          one JSON object a line for each file; \"verdict\" is null\n"
           "                  where it could not be judged\n"
           "  --profile FILE  the federation's profile (limits); without it: sdk-prod\n\n"
           "Exit status: 0 all accepted, 1 something refused, 2 could not run.\n",
           c->command);
}

/* True: go on with the files at optind. */
static bool take_options(struct checker *c, int argc, char **argv, bool *help)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"profile", required_argument, NULL, 'p'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    int option;
    optind = 1;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            c->as_json = true;
        else if (option == 'p')
            c->profile = optarg;
        else if (option == 'h')
            *help = true;
        else
            return false;
    }
    return *help || optind < argc;
}

static bool open_checker(struct checker *c, struct error *e)
{
    AUTO_ARENA a = {0};
    struct str usual = arena_format(&a, "%s/profiles/sdk-prod.profile", sys_schema_dir());
    const char *profile = c->profile == NULL ? arena_text(&a, usual) : c->profile;
    return judge_new(c->judge_kind, &c->judge, e) &&
           federation_read(profile, &c->settings, &c->federation, e);
}

static int validate(struct checker *c, int argc, char **argv)
{
    struct error e = {0};
    bool help = false;
    int status = EXIT_GOOD;
    if (!take_options(c, argc, argv, &help)) {
        fprintf(stderr, "posthorn %s: a FILE is wanted; see --help\n", c->command);
        return EXIT_CANNOT;
    }
    if (help) {
        print_help(c);
        return EXIT_GOOD;
    }
    if (!open_checker(c, &e)) {
        fprintf(stderr, "posthorn %s: %s\n", c->command, e.text);
        return EXIT_CANNOT;
    }
    for (int i = optind; i < argc; i++) {
        bool accepted = false;
        if (!check_file(c, argv[i], &accepted, &e)) {
            status = output_cannot(c->command, &e);
            if (c->as_json)
                output_not_judged(argv[i], c->kind, &e);
        } else if (!accepted && status == EXIT_GOOD) {
            status = EXIT_FOUND;
        }
    }
    return status;
}

int cmd_sdk_validate(int argc, char **argv)
{
    AUTO_CHECKER c = {.command = "sdk validate",
                      .kind = "sdk-message",
                      .code = "SV/structure",
                      .judge_kind = JUDGE_MESSAGE};
    return validate(&c, argc, argv);
}

int cmd_xhe_validate(int argc, char **argv)
{
    AUTO_CHECKER c = {.command = "xhe validate",
                      .kind = "xhe",
                      .code = "XHE/profile",
                      .judge_kind = JUDGE_ENVELOPE};
    return validate(&c, argc, argv);
}

int cmd_receipt_validate(int argc, char **argv)
{
    AUTO_CHECKER c = {.command = "receipt validate",
                      .kind = "receipt",
                      .code = "RECEIPT/profile",
                      .judge_kind = JUDGE_RECEIPT};
    return validate(&c, argc, argv);
}
