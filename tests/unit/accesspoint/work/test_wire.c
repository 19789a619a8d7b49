/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "accesspoint/flow.h"
#include "accesspoint/work/wire.h"
#include "runtime/base/sys.h"
#include "tests/check.h"

#define ID "00000000-0000-7000-8000-000000000001"

enum { OCTETS_MAX = 4 * 1024 * 1024 };

struct bench {
    char folder[32];
    struct store *store;
    struct workplace place;
};

static void bench_begin(struct bench *b)
{
    struct error e = {0};
    int from, to;
    *b = (struct bench){.folder = "/tmp/test-wire-XXXXXX"};
    CHECK(mkdtemp(b->folder) != NULL);
    struct store_config config = {.folder = b->folder, .program = "test"};
    CHECK_OK(store_migrate(&config, &from, &to, &e), e);
    CHECK_OK(store_open(&config, &b->store, &e), e);
    b->place.store = b->store;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static void bench_end(struct bench *b)
{
    store_close(b->store);
    nftw(b->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void fill(struct buf *b, size_t count)
{
    struct error e = {0};
    for (size_t i = 0; i < count; i++)
        CHECK_OK(buf_add_char(b, (char)(i * 7 + i / 251), &e), e);
}

static bool write_wire(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct wire *wire = ctx;
    struct store_message m = {.id = STR(ID), .kind = STR("k"), .state = STR("s")};
    return store_message_insert(tx, &m, "", e) &&
           wire_put(tx, wire, m.id, STR("multipart/related"), e);
}

/* As the push would send it: the body around the file's octets. */
static void assemble(const struct errand_ask *ask, struct buf *out)
{
    struct error e = {0};
    size_t before = (size_t)ask->errand.before;
    if (ask->errand.octets == 0) {
        CHECK(ask->fd == -1);
        CHECK_OK(buf_add(out, ask->body, &e), e);
        return;
    }
    char *room;
    size_t octets = (size_t)ask->errand.octets;
    CHECK_OK(buf_add(out, str_upto(ask->body, before), &e), e);
    CHECK_OK(buf_room(out, octets, &room, &e), e);
    CHECK_OK(sys_pread_all(ask->fd, room, octets, 0, &e), e);
    buf_grew(out, octets);
    CHECK_OK(buf_add(out, str_from(ask->body, before), &e), e);
}

static void seal(struct wire *w, struct store *store, const struct as4_wire *around,
                 struct str part)
{
    struct error e = {0};
    struct sink *sink = wire_open(w, store);
    while (part.len > 0) { /* in pieces of all sizes */
        struct str piece = str_upto(part, part.len % 4093 + 1);
        CHECK_OK(sink_write(sink, piece, &e), e);
        part = str_from(part, piece.len);
    }
    CHECK_OK(sink_finish(sink, &e), e);
    CHECK_OK(wire_close(w, around, &e), e);
}

static void check_row(const char *row, size_t before, size_t part, size_t after, bool small,
                      bool is_file)
{
    struct bench b;
    struct error e = {0};
    AUTO_BUF all = BUF(OCTETS_MAX), first = BUF(OCTETS_MAX), again = BUF(OCTETS_MAX);
    bench_begin(&b);
    fill(&all, before + part + after);
    struct str head = str_upto(buf_str(&all), before);
    struct str rest = str_from(buf_str(&all), before);
    struct as4_wire around = {.before = &head, .part_count = 1, .after = str_from(rest, part)};
    struct wire sealed = {0}, loaded = {0};
    seal(&sealed, b.store, &around, str_upto(rest, part));
    CHECK_ROW(row, wire_is_small(&sealed) == small);
    CHECK_OK(store_do(b.store, write_wire, &sealed, &e), e);
    if (small) {
        struct errand_ask ask = wire_push(&sealed, STR("u"), STR("t"));
        assemble(&ask, &first);
        CHECK_ROW(row, str_equal(buf_str(&first), buf_str(&all)));
    }
    CHECK_OK(wire_load(&loaded, &b.place, STR(ID), &e), e);
    CHECK_ROW(row, wire_is_small(&loaded));
    struct errand_ask ask = wire_push(&loaded, STR("u"), STR("t"));
    assemble(&ask, &again);
    CHECK_ROW(row, str_equal(buf_str(&again), buf_str(&all)));
    CHECK_ROW(row, ask.errand.octets == (is_file ? part : 0));
    wire_release(&sealed);
    wire_release(&loaded);
    bench_end(&b);
}

TEST(what_was_sealed_is_what_is_pushed_at_once_or_from_the_store)
{
    static const struct {
        const char *row;
        size_t before, part, after;
        bool small, is_file;
    } rows[] = {
        {"one row", 8000, 10000, 60, true, false},
        {"no part", 8000, 0, 60, true, false},
        {"the last that fits one row", 16000, 49152, 384, true, false},
        {"one octet more: three rows", 16000, 49152, 385, true, false},
        {"a large head: three rows", 60000, 40000, 60, true, false},
        {"a part that is large by one octet", 8000, 49153, 60, false, false},
        {"a part beyond a row", 8000, 70000, 60, false, true},
        {"a part of several windows", 8000, 1500000, 60, false, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_row(rows[i].row, rows[i].before, rows[i].part, rows[i].after, rows[i].small,
                  rows[i].is_file);
}

TEST(a_message_without_a_wire_form_cannot_be_loaded)
{
    struct bench b;
    struct error e = {0};
    struct wire w = {0};
    bench_begin(&b);
    CHECK(!wire_load(&w, &b.place, STR(ID), &e) && e.kind == ERROR_REJECT);
    wire_release(&w);
    bench_end(&b);
}

CHECK_MAIN
