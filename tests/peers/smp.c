/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* smp.c - the SMP stand-in: see README.md beside it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "accesspoint/smp/url.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/http/server.h"
#include "runtime/xml/doc.h"
#include "tests/peers/smp_metadata.h"

enum { RECORDS_MAX = 128, FILE_MAX = 128 * 1024, SLOW_MS = 3000 };

struct signer {
    struct key *key;
    struct cert_list chain;
};

struct smp {
    struct loop *loop;
    const char *data;
    struct signer good, expired;
    struct arena arena;
    struct smp_record records[RECORDS_MAX];
    struct str paths[RECORDS_MAX]; /* as asked for, encoded */
    size_t count;
    struct http_server *server;
};

static void die(const char *what, const struct error *e)
{
    fprintf(stderr, "smp: %s: %s\n", what, e->text);
    exit(1);
}

static struct str read_file(struct smp *s, const char *name, struct str fallback)
{
    char path[1000];
    AUTO_MEM char *text = mem_new(FILE_MAX);
    snprintf(path, sizeof(path), "%s/%s", s->data, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd == -1 ? -1 : read(fd, text, FILE_MAX);
    sys_close(&fd);
    return n <= 0 ? fallback : arena_copy(&s->arena, str_bytes(text, (size_t)n));
}

static struct cert *read_cert(struct smp *s, struct str path)
{
    AUTO_CERT_LIST list = {0};
    struct error e = {0};
    if (str_is(path, "-"))
        return NULL;
    if (!cert_list_read_pem(&list, arena_text(&s->arena, path), &e))
        die("certificate", &e);
    return cert_hold(list.at[0]);
}

static void add_record(struct smp *s, struct str line)
{
    struct str field[6] = {{0}};
    struct error e = {0};
    for (size_t i = 0; i < 6; i++)
        str_next(&line, '\t', &field[i]);
    struct smp_record *r = &s->records[s->count];
    *r = (struct smp_record){field[0],
                             field[1],
                             field[2],
                             read_cert(s, field[3]),
                             read_cert(s, field[4]),
                             read_cert(s, field[5])};
    struct smp_service service = {STR("iso6523-actorid-upis"), field[0], STR("busdox-docid-qns"),
                                  field[1]};
    AUTO_BUF url = BUF(4096);
    if (!smp_service_url(STR(""), &service, &url, &e))
        die("address", &e);
    s->paths[s->count++] = arena_copy(&s->arena, buf_str(&url));
}

/* Read at each start and whenever an unknown service is asked for: tests write it late. */
static void read_records(struct smp *s)
{
    struct str rest = read_file(s, "services.tsv", STR_NONE), line;
    s->count = 0;
    while (rest.len > 0 && s->count < RECORDS_MAX && str_next(&rest, '\n', &line))
        if (line.len > 0 && line.at[0] != '#')
            add_record(s, line);
}

static size_t find_record(const struct smp *s, struct str path)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_equal_nocase(s->paths[i], path))
            return i;
    return RECORDS_MAX;
}

struct late {
    struct http_request *request;
    struct loop_timer *timer;
    struct buf body;
};

static void reply_late(void *ctx)
{
    struct late *l = ctx;
    http_reply_text(l->request, 200, "text/xml;charset=utf-8", buf_str(&l->body));
    loop_timer_free(l->timer);
    buf_release(&l->body);
    mem_free(l);
}

static void late_gone(void *ctx)
{
    struct late *l = ctx;
    loop_timer_free(l->timer);
    buf_release(&l->body);
    mem_free(l);
}

static void answer_late(struct smp *s, struct http_request *r, struct str body, int64_t delay_ms)
{
    struct late *l = mem_new(sizeof(*l));
    struct error e = {0};
    l->request = r;
    l->body = BUF(body.len);
    if (!buf_add(&l->body, body, &e))
        die("answer", &e);
    l->timer = loop_timer_new(s->loop, reply_late, l);
    loop_timer_set(l->timer, loop_now_ms(s->loop) + delay_ms);
    http_on_gone(r, late_gone, l);
}

static enum smp_flaw flaw_of(struct str mode)
{
    return str_is(mode, "unsigned")   ? SMP_UNSIGNED
           : str_is(mode, "altered")  ? SMP_ALTERED
           : str_is(mode, "redirect") ? SMP_REDIRECT
                                      : SMP_NO_FLAW;
}

static void answer_metadata(struct smp *s, struct http_request *r, size_t record, struct str mode)
{
    AUTO_BUF body = BUF(256 * 1024);
    struct error e = {0};
    const struct signer *by = str_is(mode, "expired") ? &s->expired : &s->good;
    if (!smp_metadata_write(&s->records[record], by->key, by->chain.at[0], flaw_of(mode), &body,
                            &e))
        die("metadata", &e);
    if (str_is(mode, "slow"))
        answer_late(s, r, buf_str(&body), SLOW_MS);
    else if (str_is(mode, "silent"))
        answer_late(s, r, buf_str(&body), 3600 * 1000);
    else
        http_reply_text(r, 200, "text/xml;charset=utf-8", buf_str(&body));
}

static void answer(void *ctx, struct http_request *r)
{
    struct smp *s = ctx;
    struct str mode = str_trim(read_file(s, "mode", STR("normal")));
    size_t record = find_record(s, http_head(r)->path);
    if (record == RECORDS_MAX) {
        read_records(s);
        record = find_record(s, http_head(r)->path);
    }
    if (record == RECORDS_MAX || str_is(mode, "unknown"))
        http_reply_text(r, 404, "text/plain", STR("not registered\n"));
    else if (str_is(mode, "error"))
        http_reply_text(r, 500, "text/plain", STR("internal error\n"));
    else if (str_is(mode, "empty"))
        http_reply_text(r, 200, "text/xml", STR(""));
    else if (str_is(mode, "garbage"))
        http_reply_text(r, 200, "text/xml", STR("<html>&oops;"));
    else
        answer_metadata(s, r, str_is(mode, "other") ? (record + 1) % s->count : record, mode);
}

static const struct http_route routes[] = {
    {"GET", "/{participant}/services/{document}", answer, 0, NULL, 0},
    {0},
};

static void read_signer(struct signer *s, const char *key, const char *chain)
{
    struct error e = {0};
    if (key != NULL &&
        (!key_read(key, NULL, &s->key, NULL, &e) || !cert_list_read_pem(&s->chain, chain, &e)))
        die("signer", &e);
}

static const char *option(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    return NULL;
}

static void stop(void *ctx)
{
    loop_stop(ctx);
}

static void tell_ready(const struct smp *s, const char *ready_fd)
{
    int fd = ready_fd == NULL ? STDOUT_FILENO : (int)(ready_fd[0] - '0');
    dprintf(fd, "READY %.*s\n", STR_ARG(http_server_address(s->server)));
}

static void serve(struct smp *s, int argc, char **argv)
{
    struct error e = {0};
    struct tls_config config = {.key_path = option(argc, argv, "--key"),
                                .chain_path = option(argc, argv, "--chain"),
                                .is_server = true};
    struct tls *tls = NULL;
    if (!tls_new(&config, &tls, &e))
        die("TLS", &e);
    struct http_server_config server = {
        .listen = {.address = str_of(option(argc, argv, "--listen")), .tls = tls},
        .routes = routes,
        .ctx = s,
    };
    if (!http_server_new(s->loop, &server, &s->server, &e))
        die("listen", &e);
    struct loop_signal *term = loop_signal_new(s->loop, SIGTERM, stop, s->loop);
    struct loop_signal *interrupt = loop_signal_new(s->loop, SIGINT, stop, s->loop);
    tell_ready(s, option(argc, argv, "--ready-fd"));
    loop_run(s->loop);
    loop_signal_free(term);
    loop_signal_free(interrupt);
    http_server_free(s->server);
    tls_free(tls);
}

int main(int argc, char **argv)
{
    struct smp s = {.data = option(argc, argv, "--data")};
    if (s.data == NULL || option(argc, argv, "--listen") == NULL ||
        option(argc, argv, "--sign-key") == NULL) {
        fputs(
            "usage: smp --data DIR --listen ADDRESS --key K --chain C --sign-key K --sign-chain C\n"
            "           [--expired-key K --expired-chain C] [--ready-fd N]   (see README.md)\n",
            stderr);
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    xml_setup();
    s.loop = loop_new();
    read_signer(&s.good, option(argc, argv, "--sign-key"), option(argc, argv, "--sign-chain"));
    read_signer(&s.expired, option(argc, argv, "--expired-key"),
                option(argc, argv, "--expired-chain"));
    read_records(&s);
    serve(&s, argc, argv);
    loop_free(s.loop);
    return 0;
}
