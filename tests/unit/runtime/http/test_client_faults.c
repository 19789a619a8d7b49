/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* The client against peers that misbehave, are not whom they should be, or must not be reached. */
#include <string.h>

#include "tests/unit/runtime/http/client_bench.h"

TEST(a_server_whose_certificate_does_not_hold_is_denied)
{
    static const struct {
        const char *row, *server;
    } rows[] = {
        {"expired", "bad/tls-expired"},
        {"revoked", "bad/tls-revoked"},
        {"wrong name", "bad/tls-wrong-name"},
        {"unknown authority", "bad/tls-unknown-ca"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench b;
        bench_start(&b, rows[i].server, "myndighet/tls");
        struct outcome o = bench_ask(&b, (struct http_ask){0}, "/about");
        CHECK_ROW(rows[i].row, o.status == 0 && o.why.kind == ERROR_DENY);
        CHECK_ROW(rows[i].row, str_starts(str_of(o.why.text), STR("TLS: ")));
        CHECK_ROW(rows[i].row, b.requests == 0);
        bench_end(&b);
    }
}

TEST(a_certificate_of_ours_that_the_server_refuses_is_retried)
{
    struct bench b;
    bench_start(&b, "kommun/tls", "bad/tls-expired");
    struct outcome o = bench_ask(&b, (struct http_ask){0}, "/about");
    CHECK(o.status == 0 && o.why.kind == ERROR_RETRY && b.requests == 0);
    bench_end(&b);
}

TEST(each_failure_names_its_step)
{
    static const struct {
        const char *row, *says;
        bool closes;
        const char *expected;
    } rows[] = {
        {"closes at once", "", true, "waiting: "},
        {"silence", "", false, "waiting: "},
        {"half a header", "HTTP/1.1 200 OK\r\nX:", false, "reading: "},
        {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", true, "reading: "},
        {"half a body and silence", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", false,
         "reading: "},
        {"no HTTP", "220 mail.example ESMTP\r\n", true, "reading: "},
    };
    struct bench b;
    bench_start(&b, NULL, NULL);
    bench_go_rough(&b);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        b.rough_says = rows[i].says;
        b.rough_closes = rows[i].closes;
        struct outcome o = bench_ask(&b, (struct http_ask){.total_ms = 150}, "/");
        CHECK_ROW(rows[i].row, o.status == 0 && o.why.kind == ERROR_RETRY);
        if (rows[i].expected != NULL && !str_starts(str_of(o.why.text), str_of(rows[i].expected)))
            fail_msg("row '%s': %s", rows[i].row, o.why.text);
    }
    stream_listener_free(b.rough);
    b.rough = NULL;
    struct outcome refused = bench_ask(&b, (struct http_ask){0}, "/");
    CHECK(refused.why.kind == ERROR_RETRY);
    CHECK(str_starts(str_of(refused.why.text), STR("connect: ")));
    bench_end(&b);
}

TEST(an_answer_cut_at_any_octet_is_retried_and_never_half_taken)
{
    static const char whole[] =
        "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n"
        "\r\n5\r\nhello\r\n0\r\n\r\n";
    char part[sizeof whole];
    struct bench b;
    bench_start(&b, NULL, NULL);
    bench_go_rough(&b);
    for (size_t cut = 0; cut < sizeof whole; cut++) {
        memcpy(part, whole, cut);
        part[cut] = '\0';
        b.rough_says = part;
        b.rough_closes = true;
        struct outcome o = bench_ask(&b, (struct http_ask){0}, "/");
        if (o.status != 0)
            check_answer(&o, 200, "hello");
        else
            CHECK_ROW(part, o.why.kind == ERROR_RETRY);
        /* From the line of the last chunk on the body is whole: either will do. */
        CHECK_ROW(part, o.status == 0 || cut >= sizeof whole - sizeof "0\r\n\r\n" + 1);
        CHECK_ROW(part, o.status != 0 || cut < sizeof whole - 1);
    }
    bench_end(&b);
}

TEST(what_is_no_https_address_is_refused)
{
    static const char *const urls[] = {"http://localhost:1/", "file:///etc/passwd", "ftp://x/",
                                       "https://", "::::"};
    struct bench b;
    bench_start(&b, "kommun/tls", "myndighet/tls");
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        snprintf(b.url, sizeof b.url, "%s", urls[i]);
        struct outcome o = bench_ask(&b, (struct http_ask){0}, "");
        CHECK_ROW(urls[i], o.status == 0 && o.why.kind == ERROR_REJECT);
    }
    bench_end(&b);
}

/* What a name resolves to is judged, not the name. */
TEST(addresses_inside_are_reached_only_where_they_are_named)
{
    static const struct {
        const char *host, *network, *says; /* says NULL: it is reached */
    } rows[] = {
        {"localhost", "127.0.0.0/8", NULL},
        {"localhost", "10.0.0.0/8", "connect: 127.0.0.1 is an address inside"},
        {"127.0.0.1", "10.0.0.0/8", "connect: 127.0.0.1 is an address inside"},
        {"elsewhere.example", "10.0.0.0/8", "connect: 127.0.0.1 is an address inside"},
        {"[::ffff:127.0.0.1]", "10.0.0.0/8", "connect: 127.0.0.1 is an address inside"},
        {"[::1]", "10.0.0.0/8", "connect: ::1 is an address inside"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_ARENA arena = {0};
        struct error e = {0};
        struct bench b;
        struct networks inside;
        struct str text = str_of(rows[i].network);
        char resolve[128];
        bench_start(&b, "kommun/tls", "myndighet/tls");
        const char *port = strrchr(b.url, ':');
        snprintf(resolve, sizeof resolve, "%s%s:127.0.0.1", rows[i].host, port);
        char url[128];
        snprintf(url, sizeof url, "https://%s%s", rows[i].host, port);
        snprintf(b.url, sizeof b.url, "%s", url);
        CHECK_OK(networks_parse(&text, 1, &arena, &inside, &e), e);
        struct http_peer_config config = {.tls = b.client_tls, .inside = &inside};
        http_peer_free(b.peer);
        b.peer = http_peer_new(b.client, &config);
        bool is_name = rows[i].host[0] != '[';
        struct outcome o =
            bench_ask(&b, (struct http_ask){.resolve = is_name ? resolve : NULL}, "/about");
        CHECK_ROW(rows[i].host, (o.why.kind == ERROR_NONE) == (rows[i].says == NULL));
        CHECK_ROW(rows[i].host,
                  rows[i].says == NULL ||
                      (o.why.kind == ERROR_DENY && strcmp(o.why.code, "connect:inside") == 0 &&
                       strstr(o.why.text, rows[i].says) != NULL));
        buf_release(&o.body);
        bench_end(&b);
    }
}

CHECK_MAIN
