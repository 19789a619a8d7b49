/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/loop/address.h"
#include "runtime/loop/handover.h"
#include "runtime/loop/handover_wire.h"
#include "runtime/loop/pool.h"
#include "tests/check.h"
#include "tests/unit/runtime/loop/until.h"

enum { HELD_MAX = 400 };

/* A worker on the same loop: holds its requests, or lets threads answer them. */
struct bench {
    struct loop *loop;
    char dir[64], path[96];
    struct handover_server *server;
    struct handover_client *client;
    struct pool *pool;
    struct handover_request *held[HELD_MAX];
    unsigned held_count;
    struct asked *onward; /* of who asks while answering */
};

struct asked { /* one question and what came back */
    unsigned done, status;
    struct error why;
    char type[64];
    struct buf body;
    uint64_t size;
    bool was_file;
};

static void hold(void *ctx, struct handover_request *r)
{
    struct bench *b = ctx;
    b->held[b->held_count++] = r;
}

static void echo(void *ctx)
{
    struct handover_request *r = ctx;
    CHECK_STR(handover_request_body(r), handover_request_head(r));
    handover_answer(r, 200, STR("text/plain"), handover_request_body(r), -1);
}

static void echo_by_thread(void *ctx, struct handover_request *r)
{
    struct bench *b = ctx;
    struct error e = {0};
    if (!pool_submit(b->pool, echo, r, &e))
        handover_answer(r, 503, STR_NONE, STR_NONE, -1);
}

static void serve(struct bench *b, handover_asked *asked)
{
    struct error e = {0};
    struct handover_server_config config = {b->path, 0600, asked, b};
    CHECK_OK(handover_server_new(b->loop, &config, &b->server, &e), e);
}

static void bench_start(struct bench *b, handover_asked *asked, unsigned in_flight_max)
{
    *b = (struct bench){.loop = loop_new(), .dir = "/tmp/posthorn-handover-XXXXXX"};
    CHECK(mkdtemp(b->dir) != NULL);
    snprintf(b->path, sizeof b->path, "%s/work", b->dir);
    serve(b, asked);
    struct handover_client_config config = {b->path, in_flight_max, 20};
    b->client = handover_client_new(b->loop, &config);
    UNTIL(b->loop, handover_client_is_connected(b->client));
}

static void bench_end(struct bench *b)
{
    handover_client_free(b->client);
    handover_server_free(b->server);
    pool_free(b->pool);
    loop_free(b->loop);
    unlink(b->path);
    rmdir(b->dir);
}

static void on_done(void *ctx, const struct handover_answer *answer, const struct error *e)
{
    struct asked *a = ctx;
    struct error ignored = {0};
    a->done++;
    if (answer == NULL) {
        a->why = *e;
        return;
    }
    a->status = answer->status;
    a->size = answer->size;
    a->was_file = answer->fd != -1;
    snprintf(a->type, sizeof a->type, "%.*s", STR_ARG(answer->content_type));
    buf_release(&a->body); /* of the answer before */
    a->body = BUF(1 << 20);
    if (!a->was_file && answer->body.len == 0)
        return;
    char *room;
    if (!a->was_file && answer->body.len == 0)
        return;
    if (!a->was_file) {
        CHECK_OK(buf_add(&a->body, answer->body, &ignored), ignored);
    } else {
        CHECK_OK(buf_room(&a->body, answer->size, &room, &ignored), ignored);
        CHECK_OK(sys_pread_all(answer->fd, room, answer->size, 0, &ignored), ignored);
        buf_grew(&a->body, answer->size);
    }
}

static struct handover_call *ask(struct bench *b, struct asked *a, struct str head, int fd,
                                 int64_t within_ms)
{
    struct error e = {0};
    struct handover_question q = {
        .head = head, .fd = fd, .deadline_ms = loop_now_ms(b->loop) + within_ms};
    struct handover_call *call = handover_ask(b->client, &q, on_done, a, &e);
    CHECK_OK(call != NULL, e);
    return call;
}

/* A question that is not taken. */
static struct error ask_in_vain(struct bench *b, struct asked *a, struct str head)
{
    struct error e = {0};
    struct handover_question q = {.head = head, .fd = -1, .deadline_ms = INT64_MAX};
    CHECK(handover_ask(b->client, &q, on_done, a, &e) == NULL);
    return e;
}

TEST(a_question_with_a_file_arrives_and_its_answer_comes_back)
{
    struct bench b;
    struct error e = {0};
    struct asked a = {0};
    AUTO_FD int fd = -1;
    char got[5];
    bench_start(&b, hold, 8);
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    CHECK_OK(sys_write_all(fd, STR("body!"), &e), e);
    ask(&b, &a, STR("kind=as4\nlength=5"), fd, 60000);
    sys_close(&fd);
    UNTIL(b.loop, b.held_count == 1);
    CHECK_STR(handover_request_head(b.held[0]), STR("kind=as4\nlength=5"));
    CHECK_OK(sys_pread_all(handover_request_fd(b.held[0]), got, 5, 0, &e), e);
    CHECK_STR(str_bytes(got, 5), STR("body!"));
    CHECK(handover_server_open(b.server) == 1);
    handover_answer(b.held[0], 202, STR("application/soap+xml"), STR("<receipt/>"), -1);
    CHECK(handover_server_open(b.server) == 0);
    UNTIL(b.loop, a.done == 1);
    CHECK(a.status == 202 && !a.was_file);
    CHECK_STR(str_of(a.type), STR("application/soap+xml"));
    CHECK_STR(buf_str(&a.body), STR("<receipt/>"));
    buf_release(&a.body);
    bench_end(&b);
}

static void fill(struct buf *b, char with, size_t count)
{
    struct error e = {0};
    char *room;
    CHECK_OK(buf_room(b, count, &room, &e), e);
    memset(room, with, count);
    buf_grew(b, count);
}

static void ask_with_body(struct bench *b, struct asked *a, struct str head, struct str body)
{
    struct error e = {0};
    struct handover_question q = {
        .head = head, .body = body, .fd = -1, .deadline_ms = loop_now_ms(b->loop) + 60000};
    CHECK_OK(handover_ask(b->client, &q, on_done, a, &e) != NULL, e);
}

TEST(a_body_goes_with_its_question_and_a_large_one_as_a_file)
{
    struct bench b;
    struct error e = {0};
    struct asked a[4] = {0};
    AUTO_BUF large = BUF(HANDOVER_BODY_MAX + 1);
    AUTO_BUF head = BUF(HANDOVER_HEAD_MAX);
    AUTO_BUF got = BUF(HANDOVER_BODY_MAX + 1);
    char *room;
    uint64_t size;
    bench_start(&b, hold, 8);
    fill(&large, 'x', HANDOVER_BODY_MAX + 1);
    fill(&head, 'h', HANDOVER_HEAD_MAX);
    ask_with_body(&b, &a[0], STR("small"), STR("b\0dy"));
    ask_with_body(&b, &a[1], buf_str(&head), str_upto(buf_str(&large), HANDOVER_BODY_MAX));
    ask_with_body(&b, &a[2], STR("large"), buf_str(&large));
    ask_with_body(&b, &a[3], STR(""), STR("no head"));
    UNTIL(b.loop, b.held_count == 4);
    CHECK_STR(handover_request_head(b.held[0]), STR("small"));
    CHECK_STR(handover_request_body(b.held[0]), STR("b\0dy"));
    CHECK(handover_request_fd(b.held[0]) == -1);
    CHECK_STR(handover_request_head(b.held[1]), buf_str(&head));
    CHECK_STR(handover_request_body(b.held[1]), str_upto(buf_str(&large), HANDOVER_BODY_MAX));
    CHECK(handover_request_body(b.held[2]).len == 0);
    CHECK_OK(sys_file_size(handover_request_fd(b.held[2]), &size, &e), e);
    CHECK(size == large.len);
    CHECK_OK(buf_room(&got, size, &room, &e), e);
    CHECK_OK(sys_pread_all(handover_request_fd(b.held[2]), room, size, 0, &e), e);
    buf_grew(&got, size);
    CHECK_STR(buf_str(&got), buf_str(&large));
    CHECK(handover_request_head(b.held[3]).len == 0);
    CHECK_STR(handover_request_body(b.held[3]), STR("no head"));
    for (size_t i = 0; i < 4; i++)
        handover_answer(b.held[i], 200, STR_NONE, STR_NONE, -1);
    UNTIL(b.loop, a[0].done && a[1].done && a[2].done && a[3].done);
    bench_end(&b);
}

TEST(a_body_goes_beside_a_file_unless_it_is_large)
{
    struct bench b;
    struct error e = {0};
    struct asked a = {0};
    AUTO_BUF large = BUF(HANDOVER_BODY_MAX + 1);
    AUTO_FD int fd = -1;
    uint64_t size;
    bench_start(&b, hold, 8);
    fill(&large, 'x', HANDOVER_BODY_MAX + 1);
    CHECK_OK(sys_memory_file(&fd, &e), e);
    CHECK_OK(sys_write_all(fd, STR("file"), &e), e);
    struct handover_question q = {
        .head = STR("head"), .body = buf_str(&large), .fd = fd, .deadline_ms = INT64_MAX};
    CHECK(handover_ask(b.client, &q, on_done, &a, &e) == NULL && e.kind == ERROR_REJECT);
    q.body = str_upto(q.body, HANDOVER_BODY_MAX);
    CHECK_OK(handover_ask(b.client, &q, on_done, &a, &e) != NULL, e);
    UNTIL(b.loop, b.held_count == 1);
    CHECK_STR(handover_request_body(b.held[0]), q.body);
    CHECK_OK(sys_file_size(handover_request_fd(b.held[0]), &size, &e), e);
    CHECK(size == 4);
    handover_answer(b.held[0], 200, STR_NONE, STR_NONE, -1);
    UNTIL(b.loop, a.done == 1);
    bench_end(&b);
}

/* The asker may have been taken over: a head longer than agreed never reaches who reads it. */
TEST(a_question_with_too_long_a_head_breaks_the_connection)
{
    struct bench b;
    AUTO_BUF head = BUF(HANDOVER_HEAD_MAX + 1);
    bench_start(&b, hold, 8);
    fill(&head, 'h', HANDOVER_HEAD_MAX + 1);
    char nothing[8];
    AUTO_FD int fd = handover_knock(b.path);
    CHECK(fd != -1);
    struct handover_frame frame = {.id = 1, .text_len = (uint32_t)head.len};
    CHECK(handover_send(fd, &frame, buf_str(&head), STR("body"), -1, 0) == HANDOVER_DONE);
    ssize_t n = -1;
    for (unsigned turns = 0; n == -1 && turns < 1000; turns++) {
        loop_turn(b.loop, 10);
        n = recv(fd, nothing, sizeof nothing, 0);
    }
    CHECK(n == 0 && b.held_count == 0);
    bench_end(&b);
}

/* Sends a descriptor to the door as handover_knock() does. */
static void show(const char *path, int fd)
{
    struct address to;
    struct error e = {0};
    char text[ADDRESS_TEXT_SIZE];
    snprintf(text, sizeof text, "unix:%s", path);
    CHECK_OK(address_parse(str_of(text), &to, &e), e);
    AUTO_FD int from = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(connect(from, (const struct sockaddr *)&to.at, to.len) == 0);
    struct handover_frame frame = {0};
    CHECK(handover_send(from, &frame, STR_NONE, STR_NONE, fd, 0) == HANDOVER_DONE);
}

TEST(only_a_pair_of_packet_sockets_is_let_in)
{
    struct bench b;
    struct asked a = {0};
    bench_start(&b, hold, 8);
    ask(&b, &a, STR("let in?"), -1, 60000);
    UNTIL(b.loop, b.held_count == 1);
    AUTO_FD int file = open("/dev/null", O_RDWR | O_CLOEXEC);
    AUTO_FD int stream = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    AUTO_FD int network = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int lowest_free = dup(file), after;
    close(lowest_free);
    show(b.path, file);
    show(b.path, stream);
    show(b.path, network);
    show(b.path, -1);
    for (unsigned turns = 0; turns < 20; turns++)
        loop_turn(b.loop, 5);
    after = dup(file);
    close(after);
    CHECK(after == lowest_free); /* none of them was kept */
    ask(&b, &a, STR("still there?"), -1, 60000);
    UNTIL(b.loop, b.held_count == 2);
    handover_answer(b.held[0], 200, STR_NONE, STR_NONE, -1);
    handover_answer(b.held[1], 200, STR_NONE, STR_NONE, -1);
    UNTIL(b.loop, a.done == 2);
    bench_end(&b);
}

static void hold_and_ask_on(void *ctx, struct handover_request *r)
{
    struct bench *b = ctx;
    hold(b, r);
    if (b->held_count == 1)
        ask_with_body(b, b->onward, STR("onward"), handover_request_body(r));
}

/* accesspoint-work answers one neighbour and asks another, on one loop. */
TEST(both_ends_in_one_program_ask_and_answer)
{
    struct bench b;
    struct asked first = {0}, onward = {0};
    bench_start(&b, hold_and_ask_on, 8);
    b.onward = &onward;
    ask_with_body(&b, &first, STR("first"), STR("octets"));
    UNTIL(b.loop, b.held_count == 2);
    CHECK_STR(handover_request_head(b.held[1]), STR("onward"));
    CHECK_STR(handover_request_body(b.held[1]), STR("octets"));
    handover_answer(b.held[1], 201, STR_NONE, STR("there"), -1);
    UNTIL(b.loop, onward.done == 1);
    CHECK_STR(buf_str(&onward.body), STR("there"));
    handover_answer(b.held[0], 200, STR_NONE, buf_str(&onward.body), -1);
    UNTIL(b.loop, first.done == 1);
    CHECK_STR(buf_str(&first.body), STR("there"));
    buf_release(&first.body);
    buf_release(&onward.body);
    bench_end(&b);
}

TEST(answers_come_in_any_order_and_large_ones_as_files)
{
    struct bench b;
    struct error e = {0};
    struct asked a[3] = {0};
    AUTO_BUF large = BUF(HANDOVER_BODY_MAX + 1);
    AUTO_FD int fd = -1;
    bench_start(&b, hold, 8);
    fill(&large, 'x', HANDOVER_BODY_MAX + 1);
    for (size_t i = 0; i < 3; i++)
        ask(&b, &a[i], STR("?"), -1, 60000);
    UNTIL(b.loop, b.held_count == 3);
    CHECK(handover_request_fd(b.held[0]) == -1);
    CHECK_OK(sys_temp_file("/tmp", &fd, &e), e);
    CHECK_OK(sys_write_all(fd, STR("from a file"), &e), e);
    handover_answer(b.held[2], 201, STR("a/b"), buf_str(&large), -1);
    handover_answer(b.held[1], 202, STR("a/b"), STR_NONE, fd);
    handover_answer(b.held[0], 203, STR("a/b"), str_upto(buf_str(&large), HANDOVER_BODY_MAX), -1);
    UNTIL(b.loop, a[0].done && a[1].done && a[2].done);
    CHECK(a[0].status == 203 && !a[0].was_file && a[0].body.len == HANDOVER_BODY_MAX);
    CHECK(a[1].status == 202 && a[1].was_file);
    CHECK_STR(buf_str(&a[1].body), STR("from a file"));
    CHECK(a[2].status == 201 && a[2].was_file && a[2].size == HANDOVER_BODY_MAX + 1);
    CHECK_STR(buf_str(&a[2].body), buf_str(&large));
    for (size_t i = 0; i < 3; i++)
        buf_release(&a[i].body);
    bench_end(&b);
}

TEST(more_than_the_socket_holds_waits_and_nothing_is_lost)
{
    struct bench b;
    struct error e = {0};
    struct pool_config config = {.threads = 3, .queue_max = HELD_MAX};
    bench_start(&b, echo_by_thread, HELD_MAX);
    CHECK_OK(pool_new(&config, &b.pool, &e), e);
    struct asked *a = mem_new_array(HELD_MAX, sizeof *a);
    AUTO_BUF head = BUF(HANDOVER_HEAD_MAX);
    unsigned done = 0;
    for (size_t i = 0; i < HELD_MAX; i++) {
        buf_clear(&head);
        CHECK_OK(buf_addf(&head, &e, "%zu:", i), e);
        while (head.len < 20000)
            CHECK_OK(buf_add(&head, STR("0123456789012345678901234567890123456789"), &e), e);
        ask_with_body(&b, &a[i], buf_str(&head), buf_str(&head));
    }
    for (unsigned turns = 0; done < HELD_MAX && turns < 20000; turns++) {
        loop_turn(b.loop, 50);
        for (done = 0; done < HELD_MAX && a[done].done == 1;)
            done++;
    }
    CHECK(done == HELD_MAX);
    for (size_t i = 0; i < HELD_MAX; i++) {
        char number[16];
        snprintf(number, sizeof number, "%zu:", i);
        CHECK(a[i].status == 200 && a[i].body.len >= 20000);
        CHECK(str_starts(buf_str(&a[i].body), str_of(number)));
        buf_release(&a[i].body);
    }
    mem_free(a);
    bench_end(&b);
}

TEST(a_broken_connection_fails_all_that_waits_with_retry_and_is_made_anew)
{
    struct bench b;
    struct asked a[2] = {0}, again = {0};
    struct error e = {0};
    bench_start(&b, hold, 8);
    ask(&b, &a[0], STR("?"), -1, 60000);
    ask(&b, &a[1], STR("?"), -1, 60000);
    UNTIL(b.loop, b.held_count == 2);
    handover_server_free(b.server);
    b.server = NULL;
    UNTIL(b.loop, a[0].done == 1 && a[1].done == 1);
    CHECK(a[0].why.kind == ERROR_RETRY && a[1].why.kind == ERROR_RETRY);
    e = ask_in_vain(&b, &again, STR("?"));
    CHECK(e.kind == ERROR_RETRY);
    handover_answer(b.held[0], 200, STR_NONE, STR_NONE, -1); /* to nobody */
    handover_answer(b.held[1], 200, STR_NONE, STR_NONE, -1);
    b.held_count = 0;
    serve(&b, hold);
    UNTIL(b.loop, handover_client_is_connected(b.client));
    ask(&b, &again, STR("!"), -1, 60000);
    UNTIL(b.loop, b.held_count == 1);
    handover_answer(b.held[0], 204, STR_NONE, STR_NONE, -1);
    UNTIL(b.loop, again.done == 1);
    CHECK(again.status == 204);
    CHECK(a[0].done == 1 && a[1].done == 1);
    buf_release(&again.body);
    bench_end(&b);
}

TEST(deadline_cancel_and_limit_hold)
{
    struct bench b;
    struct asked late = {0}, cancelled = {0}, third = {0};
    struct error e = {0};
    bench_start(&b, hold, 2);
    ask(&b, &late, STR("?"), -1, 10);
    struct handover_call *call = ask(&b, &cancelled, STR("?"), -1, 60000);
    e = ask_in_vain(&b, &third, STR("?"));
    CHECK(e.kind == ERROR_RETRY);
    CHECK_STR(str_of(e.text), STR("the worker is busy"));
    handover_cancel(call);
    UNTIL(b.loop, late.done == 1 && b.held_count == 2);
    CHECK(late.why.kind == ERROR_RETRY);
    handover_answer(b.held[0], 200, STR_NONE, STR_NONE, -1);
    handover_answer(b.held[1], 200, STR_NONE, STR_NONE, -1);
    for (unsigned i = 0; i < 10; i++)
        loop_turn(b.loop, 1);
    CHECK(late.done == 1 && cancelled.done == 0);
    static char head[HANDOVER_HEAD_MAX + 1];
    e = ask_in_vain(&b, &third, str_bytes(head, sizeof head));
    CHECK(e.kind == ERROR_REJECT);
    bench_end(&b);
}

CHECK_MAIN
