/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* The client against our own server, over mutual TLS: what succeeds, and the lives of calls and peers. */
#include <string.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "tests/unit/runtime/http/client_bench.h"

TEST(requests_over_mutual_tls_share_one_connection)
{
    struct bench b;
    static const struct http1_field field = {STR_INIT("X"), STR_INIT("y")};
    bench_start(&b, "kommun/tls", "myndighet/tls");
    struct outcome one =
        bench_ask(&b, (struct http_ask){.fields = &field, .field_count = 1}, "/about");
    CHECK(one.is_new);
    CHECK_STR(str_of(one.type), STR("text/x-about"));
    CHECK_STR(str_of(one.retry_after), STR("17"));
    CHECK_STR(str_of(one.last_modified), STR("Fri, 20 Nov 2026 10:00:00 GMT"));
    check_answer(&one, 200, "GET expect= x=y cert=1");
    struct outcome two = bench_ask(&b, (struct http_ask){.method = "DELETE"}, "/about");
    CHECK(!two.is_new);
    check_answer(&two, 200, "DELETE expect= x= cert=1");
    struct outcome three = bench_ask(&b, (struct http_ask){.method = "POST"}, "/about");
    check_answer(&three, 200, "POST expect= x= cert=1");
    struct outcome four = bench_ask(&b, (struct http_ask){.method = "HEAD"}, "/about");
    check_answer(&four, 200, "");
    struct outcome five = bench_ask(&b, (struct http_ask){0}, "/redirect");
    check_answer(&five, 302, "");
    CHECK(b.requests == 4);
    bench_end(&b);
}

TEST(a_body_of_memory_and_file_pieces_is_sent_with_its_length)
{
    struct bench b;
    struct error e = {0};
    AUTO_FD int fd = -1;
    static const struct http1_field type = {STR_INIT("Content-Type"),
                                            STR_INIT("application/x-thing")};
    bench_start(&b, "kommun/tls", "myndighet/tls");
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    CHECK(ftruncate(fd, BENCH_LARGE + 100) == 0);
    struct http_piece pieces[] = {{.memory = STR("abc")},
                                  {.fd = fd, .offset = 50, .length = BENCH_LARGE},
                                  {.memory = STR("")},
                                  {.memory = STR("xyz")}};
    for (size_t i = 0; i < 2; i++) {
        struct outcome o = bench_ask(&b,
                                     (struct http_ask){.method = i == 0 ? "POST" : "PUT",
                                                       .fields = &type,
                                                       .field_count = 1,
                                                       .pieces = pieces,
                                                       .piece_count = 4},
                                     "/upload");
        check_answer(&o, 202, "5242886 abc xyz 5242886");
    }
    bench_end(&b);
}

/* Around what one TLS record holds, and what libcurl sends together with the header. */
TEST(a_body_of_any_size_arrives_whole_and_its_answer_is_waited_for)
{
    static const size_t sizes[] = {0, 1, 15000, 16384, 16385, 20000, 65520, 65530, 200000};
    static const struct http1_field type = {STR_INIT("Content-Type"),
                                            STR_INIT("application/x-thing")};
    struct bench b;
    struct error e = {0};
    AUTO_BUF octets = BUF(200000);
    char *room;
    CHECK_OK(buf_room(&octets, 200000, &room, &e), e);
    memset(room, 'o', 200000);
    buf_grew(&octets, 200000);
    bench_start(&b, "kommun/tls", "myndighet/tls");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char expected[64];
        struct http_piece pieces[] = {{.memory = STR("abc")},
                                      {.memory = str_upto(buf_str(&octets), sizes[i])},
                                      {.memory = STR("xyz")}};
        struct http_ask post = {.method = "POST",
                                .pieces = pieces,
                                .piece_count = 3,
                                .fields = &type,
                                .field_count = 1};
        struct outcome o = bench_ask(&b, post, "/upload");
        snprintf(expected, sizeof expected, "%zu abc xyz %zu", sizes[i] + 6, sizes[i] + 6);
        check_answer(&o, 202, expected);
        post.total_ms = 150;
        struct outcome late = bench_ask(&b, post, "/silence");
        CHECK(late.status == 0 && late.why.kind == ERROR_RETRY);
        CHECK(str_starts(str_of(late.why.text), STR("waiting: ")));
    }
    bench_end(&b);
}

TEST(a_body_whose_file_is_short_is_not_taken_for_the_peers_fault)
{
    struct bench b;
    struct error e = {0};
    AUTO_FD int fd = -1;
    static const struct http1_field type = {STR_INIT("Content-Type"),
                                            STR_INIT("application/x-thing")};
    bench_start(&b, NULL, NULL);
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    struct http_piece piece = {.fd = fd, .length = 10};
    struct outcome o = bench_ask(&b,
                                 (struct http_ask){.method = "POST",
                                                   .pieces = &piece,
                                                   .piece_count = 1,
                                                   .fields = &type,
                                                   .field_count = 1},
                                 "/upload");
    CHECK(o.status == 0 && o.why.kind == ERROR_REJECT);
    bench_end(&b);
}

/* Octets counted up from 0; fails from `end` on. */
struct counting {
    uint64_t next, end;
};

static bool read_counted(void *ctx, uint64_t offset, char *at, size_t len, struct error *e)
{
    struct counting *c = ctx;
    CHECK(offset == c->next || offset == 0);
    if (offset + len > c->end)
        return error_set(e, ERROR_DENY, "not intact");
    memset(at, 0, len);
    c->next = offset + len;
    return true;
}

TEST(a_body_may_be_read_by_a_function_and_ends_where_that_fails)
{
    struct bench b;
    static const struct http1_field type = {STR_INIT("Content-Type"),
                                            STR_INIT("application/x-thing")};
    struct counting whole = {.end = BENCH_LARGE}, cut = {.end = BENCH_LARGE - 1};
    struct http_piece pieces[] = {{.memory = STR("abc")},
                                  {.length = BENCH_LARGE, .read = read_counted, .ctx = &whole},
                                  {.memory = STR("xyz")}};
    struct http_ask post = {
        .method = "POST", .pieces = pieces, .piece_count = 3, .fields = &type, .field_count = 1};
    bench_start(&b, "kommun/tls", "myndighet/tls");
    struct outcome o = bench_ask(&b, post, "/upload");
    check_answer(&o, 202, "5242886 abc xyz 5242886");
    pieces[1].ctx = &cut;
    struct outcome failed = bench_ask(&b, post, "/upload");
    CHECK(failed.status == 0 && failed.why.kind == ERROR_DENY);
    bench_end(&b);
}

TEST(an_answer_goes_to_a_file_and_no_further_than_its_limit)
{
    struct bench b;
    struct error e = {0};
    AUTO_FD int fd = -1;
    uint64_t size;
    bench_start(&b, "kommun/tls", "myndighet/tls");
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    struct outcome o =
        bench_ask(&b, (struct http_ask){.answer_fd = fd, .answer_max = BENCH_LARGE}, "/large");
    CHECK(o.size == BENCH_LARGE);
    check_answer(&o, 200, "");
    CHECK_OK(sys_file_size(fd, &size, &e), e);
    CHECK(size == BENCH_LARGE);
    struct outcome over =
        bench_ask(&b, (struct http_ask){.answer_fd = fd, .answer_max = BENCH_LARGE - 1}, "/large");
    CHECK(over.why.kind == ERROR_REJECT);
    struct outcome small = bench_ask(&b, (struct http_ask){.answer_max = 4}, "/about");
    CHECK(small.why.kind == ERROR_REJECT);
    bench_end(&b);
}

TEST(a_given_address_is_used_and_the_name_stays_the_urls)
{
    struct bench b;
    char resolve[128];
    bench_start(&b, "kommun/tls", "myndighet/tls");
    const char *port = strrchr(b.url, ':');
    snprintf(resolve, sizeof resolve, "elsewhere.example%s:127.0.0.1", port);
    char url[128];
    snprintf(url, sizeof url, "https://elsewhere.example%s", port);
    snprintf(b.url, sizeof b.url, "%s", url);
    struct outcome o = bench_ask(&b, (struct http_ask){.resolve = resolve}, "/about");
    CHECK(o.why.kind == ERROR_DENY); /* it is there, and its certificate has another name */
    bench_end(&b);
}

TEST(a_cancelled_call_is_never_heard_of_again)
{
    struct bench b;
    struct outcome o = {0};
    bench_start(&b, "kommun/tls", "myndighet/tls");
    char url[256];
    snprintf(url, sizeof url, "%s/hold", b.url);
    struct http_ask a = {.method = "GET", .url = url, .answer_max = 100};
    struct http_call *call = http_client_ask(b.peer, &a, bench_answered, &o);
    UNTIL(b.loop, b.held != NULL);
    http_client_cancel(call);
    http_client_ask(b.peer, &a, bench_answered, &o); /* freed with its peer */
    for (unsigned i = 0; i < 5; i++)
        loop_turn(b.loop, 1);
    CHECK(o.done == 0);
    bench_end(&b);
    CHECK(o.done == 0);
}

struct freeing {
    struct bench *bench;
    bool done;
};

static void free_peer(void *ctx, const struct http_answer *a, const struct error *e)
{
    struct freeing *f = ctx;
    (void)a, (void)e;
    http_peer_free(f->bench->peer);
    f->bench->peer = NULL;
    f->done = true;
}

TEST(a_peer_may_be_freed_when_an_answer_comes)
{
    struct bench b;
    bench_start(&b, "kommun/tls", "myndighet/tls");
    struct freeing f = {&b, false};
    char url[256];
    snprintf(url, sizeof url, "%s/about", b.url);
    struct http_ask a = {.method = "GET", .url = url, .answer_max = 1000};
    http_client_ask(b.peer, &a, free_peer, &f);
    UNTIL(b.loop, f.done);
    bench_end(&b);
}

TEST(a_retired_peer_ends_what_it_began_and_goes)
{
    struct bench b;
    struct outcome o = {0}, forgotten = {0};
    bench_start(&b, "kommun/tls", "myndighet/tls");
    char url[256];
    snprintf(url, sizeof url, "%s/hold", b.url);
    struct http_ask a = {.method = "GET", .url = url, .answer_max = 100};
    http_client_ask(b.peer, &a, bench_answered, &o);
    UNTIL(b.loop, b.held != NULL);
    struct http_request *first = b.held;
    struct http_peer_config config = {.tls = b.client_tls};
    http_peer_retire(b.peer);
    b.peer = http_peer_new(b.client, &config);
    tls_free(b.client_tls); /* peers hold theirs */
    b.client_tls = NULL;
    struct outcome about = bench_ask(&b, (struct http_ask){0}, "/about");
    CHECK(about.is_new);
    check_answer(&about, 200, "GET expect= x= cert=1");
    CHECK(o.done == 0);
    http_reply_text(first, 200, "text/plain", STR("late"));
    UNTIL(b.loop, o.done == 1);
    check_answer(&o, 200, "late");
    b.held = NULL;
    http_client_ask(b.peer, &a, bench_answered, &forgotten);
    UNTIL(b.loop, b.held != NULL);
    http_peer_retire(b.peer); /* its call is under way at the end */
    b.peer = http_peer_new(b.client, &config);
    http_peer_retire(b.peer); /* nothing is under way */
    b.peer = NULL;
    bench_end(&b);
    CHECK(forgotten.done == 0);
}

TEST(many_requests_at_once_all_come_back_over_few_connections)
{
    enum { MANY = 100 };
    struct bench b;
    bench_start(&b, "kommun/tls", "myndighet/tls");
    struct outcome *o = mem_new_array(MANY, sizeof *o);
    char url[256];
    snprintf(url, sizeof url, "%s/about", b.url);
    struct http_ask a = {.method = "GET", .url = url, .answer_max = 1000};
    unsigned fresh = 0, done = 0;
    for (size_t i = 0; i < MANY; i++)
        http_client_ask(b.peer, &a, bench_answered, &o[i]);
    for (unsigned turns = 0; done < MANY && turns < 20000; turns++) {
        loop_turn(b.loop, 50);
        for (done = 0; done < MANY && o[done].done == 1;)
            done++;
    }
    for (size_t i = 0; i < MANY; i++) {
        CHECK(o[i].status == 200);
        fresh += o[i].is_new;
        buf_release(&o[i].body);
    }
    CHECK(fresh <= 2);
    mem_free(o);
    bench_end(&b);
}

CHECK_MAIN
