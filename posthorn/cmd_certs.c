/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_config.sh */
/* posthorn certs: every certificate and revocation list of an installation, and how long they hold. */
#include <stdio.h>

#include "posthorn/command.h"
#include "posthorn/config_files.h"
#include "posthorn/opening.h"
#include "posthorn/output.h"
#include "runtime/base/clock.h"
#include "runtime/base/text.h"
#include "runtime/crypto/cert.h"
#include "runtime/crypto/crl.h"

#define DAY_MS (24LL * 3600 * 1000)
enum { SOON_DAYS = 30 };

struct certs_options {
    struct common_options common;
};

struct listing {
    bool json;
    int64_t now_ms;
    size_t bad; /* ended, stale, unreadable */
};

static const char *state_of(int64_t left_ms)
{
    return left_ms < 0 ? "ended" : left_ms < SOON_DAYS * DAY_MS ? "soon" : "good";
}

static void print_error(struct listing *l, const struct config_file *f, const struct error *e)
{
    l->bad++;
    if (l->json) {
        struct output_line line;
        struct json_writer *w = output_open(&line);
        json_put_text(w, "section", f->section);
        json_put_text(w, "key", str_of(f->key));
        json_put_text(w, "state", STR("unreadable"));
        json_put_text(w, "why", str_of(e->text));
        output_send(&line);
        return;
    }
    printf("[%.*s] %s: %s\n\n", STR_ARG(f->section), f->key, e->text);
}

/* --- certificates */

static struct str fingerprint(struct arena *a, const struct cert *c)
{
    struct error ignored;
    AUTO_BUF hex = BUF(100);
    return hex_encode(&hex, cert_sha256(c), &ignored) ? arena_copy(a, buf_str(&hex)) : STR_NONE;
}

static void put_cert(const struct listing *l, const struct config_file *f, const struct cert *c)
{
    AUTO_ARENA a = {0};
    struct output_line line;
    struct json_writer *w = output_open(&line);
    int64_t left_ms = cert_not_after_ms(c) - l->now_ms;
    json_put_text(w, "section", f->section);
    json_put_text(w, "key", str_of(f->key));
    json_put_text(w, "use", str_of(f->use));
    json_put_text(w, "kind", STR("certificate"));
    json_put_text(w, "file", f->path);
    json_put_text(w, "subject", cert_subject(c));
    json_put_text(w, "issuer", cert_issuer(c));
    json_put_text(w, "serial", cert_serial(c));
    output_put_time(w, "not_before", cert_not_before_ms(c));
    output_put_time(w, "not_after", cert_not_after_ms(c));
    json_put_integer(w, "days_left", left_ms / DAY_MS);
    json_put_text(w, "state", str_of(state_of(left_ms)));
    json_put_text(w, "algorithm", cert_is_rsa(c) ? STR("RSA") : STR("EC"));
    json_put_integer(w, "key_bits", cert_key_bits(c));
    json_put_text(w, "sha256", fingerprint(&a, c));
    output_send(&line);
}

static void print_cert(const struct listing *l, const struct cert *c)
{
    AUTO_ARENA a = {0};
    int64_t left_ms = cert_not_after_ms(c) - l->now_ms;
    struct str day = str_upto(output_time(&a, cert_not_after_ms(c)), 10);
    printf("  subject  %.*s\n", STR_ARG(output_safe(&a, cert_subject(c), false)));
    printf("  issuer   %.*s\n", STR_ARG(output_safe(&a, cert_issuer(c), false)));
    printf("  serial   %.*s   %s %u bits\n", STR_ARG(cert_serial(c)), cert_is_rsa(c) ? "RSA" : "EC",
           cert_key_bits(c));
    printf("  sha256   %.*s\n", STR_ARG(fingerprint(&a, c)));
    if (left_ms < 0)
        printf("  ended    %.*s  <-- get a new one\n", STR_ARG(day));
    else
        printf("  ends in  %lld days, %.*s%s\n", (long long)(left_ms / DAY_MS), STR_ARG(day),
               left_ms < SOON_DAYS * DAY_MS ? "  <-- order a new one now" : "");
    if (cert_not_before_ms(c) > l->now_ms)
        printf("  begins   %.*s  <-- not yet valid\n",
               STR_ARG(str_upto(output_time(&a, cert_not_before_ms(c)), 10)));
}

static void show_certs(struct listing *l, const struct config_file *f)
{
    struct error e = {0};
    AUTO_CERT_LIST list = {0};
    if (!cert_list_read_pem(&list, f->path.at, &e)) {
        print_error(l, f, &e);
        return;
    }
    if (!l->json)
        printf("[%.*s] %s: %s (%.*s)\n", STR_ARG(f->section), f->key, f->use, STR_ARG(f->path));
    for (size_t i = 0; i < list.count; i++) {
        const struct cert *c = list.at[i];
        if (cert_not_after_ms(c) < l->now_ms || cert_not_before_ms(c) > l->now_ms)
            l->bad++;
        if (l->json)
            put_cert(l, f, c);
        else
            print_cert(l, c);
        if (!l->json)
            putchar('\n');
    }
}

/* --- revocation lists */

static void put_crl(const struct listing *l, const struct config_file *f, const struct crl_facts *c)
{
    struct output_line line;
    struct json_writer *w = output_open(&line);
    json_put_text(w, "section", f->section);
    json_put_text(w, "key", str_of(f->key));
    json_put_text(w, "use", str_of(f->use));
    json_put_text(w, "kind", STR("revocation list"));
    json_put_text(w, "file", f->path);
    json_put_text(w, "issuer", c->issuer);
    output_put_time(w, "issued", c->issued_ms);
    if (c->next_ms != 0)
        output_put_time(w, "next", c->next_ms);
    json_put_integer(w, "age_hours", (l->now_ms - c->issued_ms) / 3600000);
    json_put_integer(w, "revoked", (int64_t)c->revoked);
    json_put_text(w, "state",
                  c->next_ms != 0 && c->next_ms < l->now_ms ? STR("stale") : STR("good"));
    output_send(&line);
}

static void print_crl(const struct listing *l, const struct crl_facts *c)
{
    AUTO_ARENA a = {0};
    bool is_stale = c->next_ms != 0 && c->next_ms < l->now_ms;
    printf("  issuer   %.*s\n", STR_ARG(output_safe(&a, c->issuer, false)));
    printf("  revoked  %zu\n", c->revoked);
    printf("  age      %.*s", STR_ARG(output_age(&a, l->now_ms - c->issued_ms)));
    if (c->next_ms != 0)
        printf(", next due %.*s%s", STR_ARG(str_upto(output_time(&a, c->next_ms), 16)),
               is_stale ? "  <-- stale: fetch the new one" : "");
    puts("\n");
}

static void show_crls(struct listing *l, const struct config_file *f)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct crl_facts *lists = NULL;
    size_t count = 0;
    if (!crl_read_facts(f->path.at, &a, &lists, &count, &e)) {
        print_error(l, f, &e);
        return;
    }
    if (!l->json)
        printf("[%.*s] %s: %s (%.*s)\n", STR_ARG(f->section), f->key, f->use, STR_ARG(f->path));
    for (size_t i = 0; i < count; i++) {
        if (lists[i].next_ms != 0 && lists[i].next_ms < l->now_ms)
            l->bad++;
        if (l->json)
            put_crl(l, f, &lists[i]);
        else
            print_crl(l, &lists[i]);
    }
}

/* --- all */

static void show(void *ctx, const struct config_file *f)
{
    bool has_certs =
        f->kind == CONFIG_IDENTITY || f->kind == CONFIG_ANCHORS || f->kind == CONFIG_CERTIFICATE;
    if (f->path.len == 0)
        return;
    if (has_certs)
        show_certs(ctx, f);
    else if (f->kind == CONFIG_CRL)
        show_crls(ctx, f);
}

int cmd_certs(int argc, char **argv)
{
    static const struct argument options[] = {COMMON_ARGUMENTS(struct certs_options), {0}};
    static const struct arguments_form form = {
        "certs [DIR]",
        "Lists every certificate and revocation list that DIR/posthorn.conf names: its use,\n"
        "subject, issuer, serial number, key length, SHA-256, and how long it is still valid\n"
        "(state soon: less than 30 days). 1: something has ended, is stale or cannot be read.",
        options, 0, 1};
    struct certs_options o = {0};
    AUTO_OPENING at = {0};
    AUTO_ARENA a = {0};
    int status;
    if (!opening_settings(&at, &form, argc, argv, &o, &status))
        return status;
    struct listing l = {.json = o.common.json, .now_ms = clock_now_ms()};
    config_files_each(&at.installation.s, &a, show, &l);
    return l.bad == 0 ? EXIT_GOOD : EXIT_FOUND;
}
