/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* The client against our own server (mutual TLS) and against peers that misbehave. */
#include <string.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/http/client.h"
#include "runtime/http/server.h"
#include "tests/check.h"
#include "tests/unit/runtime/loop/until.h"
#include "tests/unit/runtime/loop/world.h"

enum { LARGE = 5 << 20 };

struct bench {
    struct loop *loop;
    struct tls *server_tls, *client_tls;
    struct http_server *server;
    struct http_client *client;
    struct http_peer *peer;
    struct stream_listener *rough; /* a peer that says rough_says and no more */
    struct stream *rough_stream;
    const char *rough_says;
    bool rough_closes;
    unsigned requests;
    struct http_request *held;
    char url[128];
};

struct outcome {
    unsigned done;
    unsigned status;
    bool is_new;
    uint64_t size;
    struct buf body;
    struct error why;
    char type[64], retry_after[64], last_modified[64];
};

static void answered(void *ctx, const struct http_answer *a, const struct error *e)
{
    struct outcome *o = ctx;
    struct error ignored = {0};
    o->done++;
    if (a == NULL) {
        o->why = *e;
        return;
    }
    o->status = a->status;
    o->is_new = a->is_new_connection;
    o->size = a->body_size;
    o->body = BUF(1 << 20);
    CHECK_OK(buf_add(&o->body, a->body, &ignored), ignored);
    snprintf(o->type, sizeof o->type, "%.*s", STR_ARG(a->content_type));
    snprintf(o->retry_after, sizeof o->retry_after, "%.*s", STR_ARG(a->retry_after));
    snprintf(o->last_modified, sizeof o->last_modified, "%.*s", STR_ARG(a->last_modified));
}

static void answer_about(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    struct error e = {0};
    AUTO_BUF text = BUF(1024);
    static const struct http1_field fields[] = {
        {STR_INIT("Retry-After"), STR_INIT("17")},
        {STR_INIT("Last-Modified"), STR_INIT("Fri, 20 Nov 2026 10:00:00 GMT")}};
    b->requests++;
    CHECK_OK(buf_addf(&text, &e, "%.*s expect=%.*s x=%.*s cert=%d", STR_ARG(http_head(r)->method),
                      STR_ARG(http_field(r, "Expect")), STR_ARG(http_field(r, "X")),
                      http_peer_cert(r) != NULL),
             e);
    struct http_reply reply = {.status = 200,
                               .content_type = STR("text/x-about"),
                               .fields = {fields, 2},
                               .body = buf_str(&text)};
    http_reply(r, &reply);
}

static void sum_up(void *ctx, struct http_request *r, const struct error *e)
{
    struct error ignored = {0};
    AUTO_BUF text = BUF(1024);
    (void)ctx;
    char first[4] = "", last[4] = "";
    CHECK(e == NULL && http_body_size(r) >= 6);
    CHECK_OK(sys_pread_all(http_body_fd(r), first, 3, 0, &ignored), ignored);
    CHECK_OK(sys_pread_all(http_body_fd(r), last, 3, http_body_size(r) - 3, &ignored), ignored);
    CHECK_OK(buf_addf(&text, &ignored, "%llu %s %s %.*s", (unsigned long long)http_body_size(r),
                      first, last, STR_ARG(http_field(r, "Content-Length"))),
             ignored);
    http_reply_text(r, 202, "text/plain", buf_str(&text));
}

static void take_upload(void *ctx, struct http_request *r)
{
    struct error e = {0};
    if (!http_body_to_file(r, "/tmp", 0, sum_up, ctx, &e))
        http_fail(r, 503, &e);
}

static void hold(void *ctx, struct http_request *r)
{
    struct bench *b = ctx;
    b->held = r;
}

static void keep_silent(void *ctx, struct http_request *r, const struct error *e)
{
    (void)ctx, (void)r;
    CHECK(e == NULL);
}

static void take_and_keep_silent(void *ctx, struct http_request *r)
{
    http_body_to_buf(r, keep_silent, ctx);
}

static void redirect(void *ctx, struct http_request *r)
{
    static const struct http1_field field = {STR_INIT("Location"), STR_INIT("/about")};
    struct http_reply reply = {.status = 302, .fields = {&field, 1}};
    (void)ctx;
    http_reply(r, &reply);
}

static void answer_large(void *ctx, struct http_request *r)
{
    struct error e = {0};
    int fd = -1;
    (void)ctx;
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    CHECK(ftruncate(fd, LARGE) == 0);
    struct http_reply reply = {.status = 200,
                               .content_type = STR("application/octet-stream"),
                               .file = {fd, 0, LARGE},
                               .file_is_set = true};
    http_reply(r, &reply);
}

static const struct http_route routes[] = {
    {"GET|POST|DELETE", "/about", answer_about, 100, NULL, 0},
    {"PUT|POST", "/upload", take_upload, 1 << 30, "application/x-thing", 0},
    {"GET", "/hold", hold, 0, NULL, 0},
    {"POST", "/silence", take_and_keep_silent, 1 << 20, NULL, 0},
    {"GET", "/redirect", redirect, 0, NULL, 0},
    {"GET", "/large", answer_large, 0, NULL, 0},
    {0},
};

static void serve(struct bench *b, const char *who)
{
    struct error e = {0};
    struct http_server_config config = {.routes = routes, .ctx = b};
    config.listen.address = STR("127.0.0.1:0");
    if (who != NULL)
        config.listen.tls = b->server_tls = world_tls(who, true, true);
    CHECK_OK(http_server_new(b->loop, &config, &b->server, &e), e);
    struct str address = http_server_address(b->server);
    snprintf(b->url, sizeof b->url, "%s://localhost%.*s", who == NULL ? "http" : "https",
             STR_ARG(str_from(address, str_find_char(address, ':'))));
}

static void bench_start(struct bench *b, const char *server, const char *client)
{
    *b = (struct bench){.loop = loop_new()};
    serve(b, server);
    b->client = http_client_new(b->loop);
    if (server != NULL)
        b->client_tls = world_tls(client, false, true);
    struct http_peer_config config = {
        .tls = b->client_tls, .may_plain = server == NULL, .connect_ms = 2000, .parallel_max = 2};
    b->peer = http_peer_new(b->client, &config);
}

static void bench_end(struct bench *b)
{
    http_peer_free(b->peer);
    http_client_free(b->client);
    http_server_free(b->server);
    stream_free(b->rough_stream);
    stream_listener_free(b->rough);
    loop_free(b->loop);
    tls_free(b->server_tls);
    tls_free(b->client_tls);
}

static struct outcome ask(struct bench *b, struct http_ask ask, const char *path)
{
    struct outcome o = {0};
    char url[256];
    snprintf(url, sizeof url, "%s%s", b->url, path);
    ask.url = url;
    ask.answer_max = ask.answer_max ? ask.answer_max : 1 << 20;
    ask.method = ask.method ? ask.method : "GET";
    http_client_ask(b->peer, &ask, answered, &o);
    CHECK(o.done == 0);
    UNTIL(b->loop, o.done == 1);
    return o;
}

static void is_answer(struct outcome *o, unsigned status, const char *body)
{
    if (o->status == 0)
        fail_msg("no answer: %s", o->why.text);
    CHECK(o->status == status);
    CHECK_STR(buf_str(&o->body), str_of(body));
    buf_release(&o->body);
}

TEST(requests_over_mutual_tls_share_one_connection)
{
    struct bench b;
    static const struct http1_field field = {STR_INIT("X"), STR_INIT("y")};
    bench_start(&b, "kommun/tls", "myndighet/tls");
    struct outcome one = ask(&b, (struct http_ask){.fields = &field, .field_count = 1}, "/about");
    CHECK(one.is_new);
    CHECK_STR(str_of(one.type), STR("text/x-about"));
    CHECK_STR(str_of(one.retry_after), STR("17"));
    CHECK_STR(str_of(one.last_modified), STR("Fri, 20 Nov 2026 10:00:00 GMT"));
    is_answer(&one, 200, "GET expect= x=y cert=1");
    struct outcome two = ask(&b, (struct http_ask){.method = "DELETE"}, "/about");
    CHECK(!two.is_new);
    is_answer(&two, 200, "DELETE expect= x= cert=1");
    struct outcome three = ask(&b, (struct http_ask){.method = "POST"}, "/about");
    is_answer(&three, 200, "POST expect= x= cert=1");
    struct outcome four = ask(&b, (struct http_ask){.method = "HEAD"}, "/about");
    is_answer(&four, 200, "");
    struct outcome five = ask(&b, (struct http_ask){0}, "/redirect");
    is_answer(&five, 302, "");
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
    CHECK(ftruncate(fd, LARGE + 100) == 0);
    struct http_piece pieces[] = {{.memory = STR("abc")},
                                  {.fd = fd, .offset = 50, .length = LARGE},
                                  {.memory = STR("")},
                                  {.memory = STR("xyz")}};
    for (size_t i = 0; i < 2; i++) {
        struct outcome o = ask(&b,
                               (struct http_ask){.method = i == 0 ? "POST" : "PUT",
                                                 .fields = &type,
                                                 .field_count = 1,
                                                 .pieces = pieces,
                                                 .piece_count = 4},
                               "/upload");
        is_answer(&o, 202, "5242886 abc xyz 5242886");
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
        struct outcome o = ask(&b, post, "/upload");
        snprintf(expected, sizeof expected, "%zu abc xyz %zu", sizes[i] + 6, sizes[i] + 6);
        is_answer(&o, 202, expected);
        post.total_ms = 150;
        struct outcome late = ask(&b, post, "/silence");
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
    struct outcome o = ask(&b,
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
    struct counting whole = {.end = LARGE}, cut = {.end = LARGE - 1};
    struct http_piece pieces[] = {{.memory = STR("abc")},
                                  {.length = LARGE, .read = read_counted, .ctx = &whole},
                                  {.memory = STR("xyz")}};
    struct http_ask post = {.method = "POST",
                            .pieces = pieces,
                            .piece_count = 3,
                            .fields = &type,
                            .field_count = 1};
    bench_start(&b, "kommun/tls", "myndighet/tls");
    struct outcome o = ask(&b, post, "/upload");
    is_answer(&o, 202, "5242886 abc xyz 5242886");
    pieces[1].ctx = &cut;
    struct outcome failed = ask(&b, post, "/upload");
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
    struct outcome o = ask(&b, (struct http_ask){.answer_fd = fd, .answer_max = LARGE}, "/large");
    CHECK(o.size == LARGE);
    is_answer(&o, 200, "");
    CHECK_OK(sys_file_size(fd, &size, &e), e);
    CHECK(size == LARGE);
    struct outcome over =
        ask(&b, (struct http_ask){.answer_fd = fd, .answer_max = LARGE - 1}, "/large");
    CHECK(over.why.kind == ERROR_REJECT);
    struct outcome small = ask(&b, (struct http_ask){.answer_max = 4}, "/about");
    CHECK(small.why.kind == ERROR_REJECT);
    bench_end(&b);
}

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
        struct outcome o = ask(&b, (struct http_ask){0}, "/about");
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
    struct outcome o = ask(&b, (struct http_ask){0}, "/about");
    CHECK(o.status == 0 && o.why.kind == ERROR_RETRY && b.requests == 0);
    bench_end(&b);
}

static void on_rough_read(void *ctx)
{
    struct bench *b = ctx;
    struct str octets;
    bool is_whole = false;
    while ((octets = stream_peek(b->rough_stream)).len > 0) {
        is_whole = is_whole || str_find(octets, STR("\r\n\r\n")) < octets.len;
        stream_consume(b->rough_stream, octets.len);
    }
    if (!is_whole)
        return;
    stream_write(b->rough_stream, str_of(b->rough_says));
    if (b->rough_closes) {
        stream_close(b->rough_stream);
        b->rough_stream = NULL;
    }
}

static void on_rough_end(void *ctx, const struct error *e)
{
    struct bench *b = ctx;
    (void)e;
    stream_free(b->rough_stream);
    b->rough_stream = NULL;
}

static void on_rough_accepted(void *ctx, struct stream *s)
{
    static const struct stream_events events = {NULL, on_rough_read, NULL, on_rough_end};
    struct bench *b = ctx;
    stream_free(b->rough_stream);
    b->rough_stream = s;
    stream_listen(s, &events, b);
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
    struct error e = {0};
    bench_start(&b, NULL, NULL);
    struct stream_listen_config config = {.address = STR("127.0.0.1:0")};
    CHECK_OK(stream_listener_new(b.loop, &config, on_rough_accepted, &b, &b.rough, &e), e);
    snprintf(b.url, sizeof b.url, "http://%.*s", STR_ARG(stream_listener_address(b.rough)));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        b.rough_says = rows[i].says;
        b.rough_closes = rows[i].closes;
        struct outcome o = ask(&b, (struct http_ask){.total_ms = 150}, "/");
        CHECK_ROW(rows[i].row, o.status == 0 && o.why.kind == ERROR_RETRY);
        if (rows[i].expected != NULL && !str_starts(str_of(o.why.text), str_of(rows[i].expected)))
            fail_msg("row '%s': %s", rows[i].row, o.why.text);
    }
    stream_listener_free(b.rough);
    b.rough = NULL;
    struct outcome refused = ask(&b, (struct http_ask){0}, "/");
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
    struct error e = {0};
    bench_start(&b, NULL, NULL);
    struct stream_listen_config config = {.address = STR("127.0.0.1:0")};
    CHECK_OK(stream_listener_new(b.loop, &config, on_rough_accepted, &b, &b.rough, &e), e);
    (void)snprintf(b.url, sizeof b.url, "http://%.*s", STR_ARG(stream_listener_address(b.rough)));
    for (size_t cut = 0; cut < sizeof whole; cut++) {
        memcpy(part, whole, cut);
        part[cut] = '\0';
        b.rough_says = part;
        b.rough_closes = true;
        struct outcome o = ask(&b, (struct http_ask){0}, "/");
        if (o.status != 0)
            is_answer(&o, 200, "hello");
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
        struct outcome o = ask(&b, (struct http_ask){0}, "");
        CHECK_ROW(urls[i], o.status == 0 && o.why.kind == ERROR_REJECT);
    }
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
    struct outcome o = ask(&b, (struct http_ask){.resolve = resolve}, "/about");
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
    struct http_call *call = http_client_ask(b.peer, &a, answered, &o);
    UNTIL(b.loop, b.held != NULL);
    http_client_cancel(call);
    http_client_ask(b.peer, &a, answered, &o); /* freed with its peer */
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
    http_client_ask(b.peer, &a, answered, &o);
    UNTIL(b.loop, b.held != NULL);
    struct http_request *first = b.held;
    struct http_peer_config config = {.tls = b.client_tls};
    http_peer_retire(b.peer);
    b.peer = http_peer_new(b.client, &config);
    tls_free(b.client_tls); /* peers hold theirs */
    b.client_tls = NULL;
    struct outcome about = ask(&b, (struct http_ask){0}, "/about");
    CHECK(about.is_new);
    is_answer(&about, 200, "GET expect= x= cert=1");
    CHECK(o.done == 0);
    http_reply_text(first, 200, "text/plain", STR("late"));
    UNTIL(b.loop, o.done == 1);
    is_answer(&o, 200, "late");
    b.held = NULL;
    http_client_ask(b.peer, &a, answered, &forgotten);
    UNTIL(b.loop, b.held != NULL);
    http_peer_retire(b.peer); /* its call is under way at the end */
    b.peer = http_peer_new(b.client, &config);
    http_peer_retire(b.peer); /* nothing is under way */
    b.peer = NULL;
    bench_end(&b);
    CHECK(forgotten.done == 0);
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
        struct outcome o = ask(&b, (struct http_ask){.resolve = is_name ? resolve : NULL}, "/about");
        CHECK_ROW(rows[i].host, (o.why.kind == ERROR_NONE) == (rows[i].says == NULL));
        CHECK_ROW(rows[i].host, rows[i].says == NULL ||
                                    (o.why.kind == ERROR_DENY &&
                                     strcmp(o.why.code, "connect:inside") == 0 &&
                                     strstr(o.why.text, rows[i].says) != NULL));
        buf_release(&o.body);
        bench_end(&b);
    }
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
        http_client_ask(b.peer, &a, answered, &o[i]);
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
