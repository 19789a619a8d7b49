/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "accesspoint/work/errands.h"
#include "tests/check.h"

enum { HELD_MAX = 8, TURNS_MAX = 1000 };

struct bench { /* errands, and in the same loop a stand-in for accesspoint-send */
    struct loop *loop;
    char folder[32], path[64];
    struct errands *errands;
    struct handover_server *sender;
    struct handover_request *held[HELD_MAX];
    size_t held_count;
};

struct outcome {
    unsigned count, status;
    char body[32];
    struct error fault;
};

#define UNTIL(b, what)                                               \
    do {                                                             \
        for (unsigned turn = 0; turn < TURNS_MAX && !(what); turn++) \
            loop_turn((b).loop, 10);                                 \
        CHECK(what);                                                 \
    } while (0)

static void hold(void *ctx, struct handover_request *request)
{
    struct bench *b = ctx;
    CHECK(b->held_count < HELD_MAX);
    b->held[b->held_count++] = request;
}

static void sender_begin(struct bench *b)
{
    struct error e = {0};
    struct handover_server_config config = {b->path, 0600, hold, b};
    CHECK_OK(handover_server_new(b->loop, &config, &b->sender, &e), e);
}

static void bench_begin(struct bench *b, unsigned parallel)
{
    *b = (struct bench){.loop = loop_new(), .folder = "/tmp/test-errands-XXXXXX"};
    CHECK(mkdtemp(b->folder) != NULL);
    snprintf(b->path, sizeof(b->path), "%s/send.sock", b->folder);
    struct errands_config config = {b->path, parallel};
    b->errands = errands_new(b->loop, &config);
}

static void bench_end(struct bench *b)
{
    errands_free(b->errands);
    handover_server_free(b->sender);
    loop_free(b->loop);
    unlink(b->path);
    rmdir(b->folder);
}

static void keep(void *ctx, const struct handover_answer *answer, const struct error *e)
{
    struct outcome *o = ctx;
    o->count++;
    if (e != NULL) {
        o->fault = *e;
        return;
    }
    o->status = answer->status;
    snprintf(o->body, sizeof(o->body), "%.*s", STR_ARG(answer->body));
}

static void ask(struct bench *b, struct outcome *o, const char *url)
{
    struct errand_ask look_up = {.errand = {.url = str_of(url)}, .fd = -1};
    errands_ask(b->errands, &look_up, keep, o);
}

TEST(an_errand_is_done_and_its_answer_comes_back)
{
    struct bench b;
    struct outcome o = {0};
    struct errand got;
    struct error e = {0};
    bench_begin(&b, 4);
    sender_begin(&b);
    struct errand_ask push = {
        .errand = {.url = STR("https://ap/msh"), .content_type = STR("text/xml")},
        .body = STR("octets"),
        .fd = -1};
    errands_ask(b.errands, &push, keep, &o);
    UNTIL(b, b.held_count == 1);
    CHECK_OK(errand_read(handover_request_head(b.held[0]), &got, &e), e);
    CHECK_STR(got.url, STR("https://ap/msh"));
    CHECK_STR(got.content_type, STR("text/xml"));
    CHECK_STR(handover_request_body(b.held[0]), STR("octets"));
    handover_answer(b.held[0], 503, STR("a/b"), STR("not now"), -1);
    UNTIL(b, o.count == 1);
    CHECK(o.status == 503); /* whatever HTTP says is an answer */
    CHECK_STR(str_of(o.body), STR("not now"));
    bench_end(&b);
}

TEST(what_is_asked_while_send_is_away_waits_for_it)
{
    struct bench b;
    struct outcome o[2] = {{0}};
    bench_begin(&b, 4);
    ask(&b, &o[0], "https://smp/1");
    ask(&b, &o[1], "https://smp/2");
    for (unsigned i = 0; i < 5; i++)
        loop_turn(b.loop, 10);
    CHECK(o[0].count == 0 && o[1].count == 0);
    sender_begin(&b);
    UNTIL(b, b.held_count == 2);
    CHECK_STR(handover_request_head(b.held[0]), STR("GET https://smp/1\n"));
    for (size_t i = 0; i < 2; i++)
        handover_answer(b.held[i], 200, STR_NONE, STR_NONE, -1);
    UNTIL(b, o[0].count == 1 && o[1].count == 1);
    CHECK(o[0].status == 200 && o[1].status == 200);
    bench_end(&b);
}

TEST(nobody_waits_long_for_a_send_that_is_away)
{
    struct bench b;
    struct outcome o[2] = {{0}};
    bench_begin(&b, 4);
    ask(&b, &o[0], "https://smp/1");
    UNTIL(b, o[0].count == 1);
    CHECK(errand_is_untried(&o[0].fault));
    ask(&b, &o[1], "https://smp/2");
    sender_begin(&b);
    UNTIL(b, b.held_count == 1);
    handover_answer(b.held[0], 200, STR_NONE, STR_NONE, -1);
    UNTIL(b, o[1].count == 1);
    CHECK(o[1].status == 200);
    bench_end(&b);
}

TEST(no_more_are_under_way_than_allowed)
{
    struct bench b;
    struct outcome o[3] = {{0}};
    bench_begin(&b, 2);
    sender_begin(&b);
    for (size_t i = 0; i < 3; i++)
        ask(&b, &o[i], "https://smp/");
    UNTIL(b, b.held_count == 2);
    for (unsigned i = 0; i < 5; i++)
        loop_turn(b.loop, 10);
    CHECK(b.held_count == 2);
    handover_answer(b.held[0], 200, STR_NONE, STR_NONE, -1);
    UNTIL(b, b.held_count == 3);
    CHECK(o[0].count == 1 && o[2].count == 0);
    handover_answer(b.held[1], 200, STR_NONE, STR_NONE, -1);
    handover_answer(b.held[2], 200, STR_NONE, STR_NONE, -1);
    UNTIL(b, o[1].count == 1 && o[2].count == 1);
    bench_end(&b);
}

TEST(what_was_not_tried_is_asked_again_and_what_failed_is_told)
{
    struct bench b;
    struct outcome o = {0};
    bench_begin(&b, 4);
    sender_begin(&b);
    ask(&b, &o, "https://smp/");
    UNTIL(b, b.held_count == 1);
    handover_answer(b.held[0], ERRAND_UNTRIED, STR_NONE, STR_NONE, -1);
    UNTIL(b, b.held_count == 2);
    CHECK(o.count == 0);
    handover_answer(b.held[1], ERRAND_FAILED, STR_NONE, STR("connect: nobody"), -1);
    UNTIL(b, o.count == 1);
    CHECK(o.fault.kind == ERROR_RETRY && !errand_is_untried(&o.fault));
    CHECK_STR(str_of(o.fault.text), STR("connect: nobody"));
    bench_end(&b);
}

TEST(a_send_that_dies_is_a_failure_of_what_was_under_way_alone)
{
    struct bench b;
    struct outcome o[2] = {{0}};
    bench_begin(&b, 1);
    sender_begin(&b);
    ask(&b, &o[0], "https://smp/1");
    ask(&b, &o[1], "https://smp/2");
    UNTIL(b, b.held_count == 1);
    handover_server_free(b.sender);
    handover_answer(b.held[0], 200, STR_NONE, STR_NONE, -1); /* into nothing */
    UNTIL(b, o[0].count == 1);
    CHECK(o[0].fault.kind == ERROR_RETRY && !errand_is_untried(&o[0].fault));
    CHECK(o[1].count == 0);
    sender_begin(&b);
    UNTIL(b, b.held_count == 2);
    CHECK_STR(handover_request_head(b.held[1]), STR("GET https://smp/2\n"));
    handover_answer(b.held[1], 200, STR_NONE, STR_NONE, -1);
    UNTIL(b, o[1].count == 1);
    CHECK(o[1].status == 200);
    bench_end(&b);
}

TEST(an_address_that_is_none_fails_without_being_asked)
{
    struct bench b;
    struct outcome o = {0};
    bench_begin(&b, 4);
    sender_begin(&b);
    ask(&b, &o, "https://smp/\nPOST x");
    CHECK(o.count == 0); /* never from inside */
    UNTIL(b, o.count == 1);
    CHECK(o.fault.kind == ERROR_REJECT && b.held_count == 0);
    bench_end(&b);
}

TEST(at_the_end_what_waits_is_untried_and_what_is_under_way_is_finished)
{
    struct bench b;
    struct outcome o[3] = {{0}};
    bench_begin(&b, 1);
    sender_begin(&b);
    ask(&b, &o[0], "https://smp/1");
    ask(&b, &o[1], "https://smp/2");
    UNTIL(b, b.held_count == 1);
    errands_drain(b.errands);
    ask(&b, &o[2], "https://smp/3");
    UNTIL(b, o[1].count == 1 && o[2].count == 1);
    CHECK(errand_is_untried(&o[1].fault) && errand_is_untried(&o[2].fault));
    CHECK(o[0].count == 0);
    handover_answer(b.held[0], 200, STR_NONE, STR_NONE, -1);
    UNTIL(b, o[0].count == 1);
    CHECK(o[0].status == 200);
    bench_end(&b);
}

CHECK_MAIN
