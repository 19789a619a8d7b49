/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* The end of calls when the program ends; what they answer is told by tests/flow/api.sh. */
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "accesspoint/api/api.h"
#include "accesspoint/api/call.h"
#include "runtime/base/mem.h"
#include "tests/check.h"
#include "tests/unit/runtime/loop/until.h"

enum { LARGE = 2 * STORE_SEGMENT }; /* goes into a file, which who frees the writer takes away */

struct bench {
    struct program_env env;
    struct api *api;
    struct stream *client;
    char folder[64];
    unsigned begun, released;
};

struct own { /* of each call here */
    struct bench *bench;
    struct store_writer *writer;
};

/* --- what the routes do */

static void release(struct call *c)
{
    struct own *o = c->own;
    store_writer_free(o->writer);
    o->bench->released++;
}

static struct call *begin(void *ctx, struct http_request *r)
{
    static const char octets[LARGE];
    struct bench *b = ctx;
    struct error e = {0};
    struct call *c = call_begin_open(b->api, r, NULL);
    CHECK(c != NULL);
    struct own *o = arena_new(&c->arena, sizeof(*o));
    o->bench = b;
    c->own = o;
    c->release = release;
    CHECK_OK(store_writer_new(b->api->store, false, LARGE, &o->writer, &e), e);
    CHECK_OK(sink_write(store_writer_sink(o->writer), str_bytes(octets, LARGE), &e), e);
    b->begun++;
    return c;
}

static void answer(struct call *c, const struct error *e)
{
    (void)e;
    call_problem(c, PROBLEM_NOT_FOUND, STR_NONE);
}

static void refuse(void *ctx, struct http_request *r)
{
    answer(begin(ctx, r), NULL);
}

static bool work(struct call *c, struct error *e)
{
    (void)c, (void)e;
    return true;
}

static void use_thread(void *ctx, struct http_request *r)
{
    call_block(begin(ctx, r), work, answer);
}

static bool ask(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct str found;
    return store_name_find(tx, &c->arena, STR("test"), STR("test"), &found, e);
}

static void use_store(void *ctx, struct http_request *r)
{
    call_read(begin(ctx, r), ask, answer);
}

static const struct http_route routes[] = {
    {"GET", "/refused", refuse, 0, NULL, 0},
    {"GET", "/thread", use_thread, 0, NULL, 0},
    {"GET", "/store", use_store, 0, NULL, 0},
    {0},
};

/* --- an API without settings: its loop, store, threads and server are real */

static void open_store(struct bench *b, struct error *e)
{
    int from, to;
    struct store_config config = {.folder = b->folder,
                                  .program = "test-program",
                                  .storage_key = STR("0123456789abcdef0123456789abcdef")};
    CHECK(mkdtemp(b->folder) != NULL);
    CHECK_OK(store_migrate(&config, &from, &to, e), *e);
    CHECK_OK(store_open(&config, &b->api->store, e), *e);
}

static void open_clients(struct bench *b, struct error *e)
{
    static const struct settings_section none[] = {{0}};
    struct settings *all = NULL;
    CHECK_OK(settings_read("/dev/null", none, &all, e), *e);
    struct accesspoint_settings settings = {.all = all};
    CHECK_OK(clients_new(&settings, &b->api->clients, e), *e);
    settings_free(all);
}

static void bench_start(struct bench *b)
{
    struct error e = {0};
    struct pool_config pool = {.threads = 1, .queue_max = 10};
    struct http_server_config config = {
        .listen = {.address = STR("127.0.0.1:0")}, .routes = routes, .ctx = b};
    *b = (struct bench){.env = {.loop = loop_new()}, .folder = "/tmp/posthorn-call-XXXXXX"};
    b->api = mem_new(sizeof(*b->api));
    b->api->env = &b->env;
    open_store(b, &e);
    open_clients(b, &e);
    CHECK_OK(pool_new(&pool, &b->api->pool, &e), e);
    CHECK_OK(http_server_new(b->env.loop, &config, &b->api->server, &e), e);
    struct stream_connect_config to = {.address = http_server_address(b->api->server)};
    CHECK_OK(stream_connect(b->env.loop, &to, &b->client, &e), e);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

/* The API is closed already. */
static void bench_end(struct bench *b)
{
    stream_free(b->client);
    loop_free(b->env.loop);
    nftw(b->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Of a writer that nobody freed. */
static bool has_left_file(const struct bench *b)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/payload/moving", b->folder);
    return rmdir(path) != 0;
}

TEST(no_call_outlives_the_store)
{
    static const struct {
        const char *row, *request;
        unsigned calls, released;
    } rows[] = {
        /* The second is read once the first is answered, in a call deferred to the end of the turn:
         * what that defers itself would run in a turn that does not come. */
        {"answered at the end of the last turn", "GET /refused HTTP/1.1\r\nHost: a\r\n\r\n", 2, 1},
        {"on a thread", "GET /thread HTTP/1.1\r\nHost: a\r\n\r\n", 1, 0},
        {"in the store", "GET /store HTTP/1.1\r\nHost: a\r\n\r\n", 1, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bench b;
        bench_start(&b);
        for (unsigned k = 0; k < rows[i].calls; k++)
            stream_write(b.client, str_of(rows[i].request));
        UNTIL(b.env.loop, b.begun == rows[i].calls);
        CHECK_ROW(rows[i].row, b.released == rows[i].released);
        api_close(b.api);
        CHECK_ROW(rows[i].row, b.released == rows[i].calls);
        CHECK_ROW(rows[i].row, !has_left_file(&b));
        bench_end(&b);
    }
}

CHECK_MAIN
