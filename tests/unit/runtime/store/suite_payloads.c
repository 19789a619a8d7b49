/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/crypto/digest.h"
#include "tests/check.h"
#include "tests/unit/runtime/store/world.h"

static const struct world_engine *engine;

#define MARK "this very text must not be found on the disk"

static char *make_octets(size_t len)
{
    char *at = mem_new(len + 1);
    for (size_t i = 0; i < len; i++)
        at[i] = MARK[i % (sizeof(MARK) - 1)];
    return at;
}

/* Writes len octets in pieces of `piece` and attaches them. */
static bool write_payload(struct store *s, const char *id, const char *slot, struct str octets,
                          size_t piece, bool open, struct error *e)
{
    AUTO_STORE_WRITER w = NULL;
    if (!store_writer_new(s, open, 1 << 30, &w, e))
        return false;
    for (struct str rest = octets; rest.len > 0; rest = str_from(rest, piece))
        if (!sink_write(store_writer_sink(w), str_upto(rest, piece), e))
            return false;
    return sink_finish(store_writer_sink(w), e) && do_attach(s, id, slot, w, e);
}

static bool reads_back(struct store *s, const char *id, const char *slot, struct str octets,
                       struct error *e)
{
    AUTO_BUF got = BUF(16 * 1024 * 1024);
    struct sink_buf sink;
    sink_buf_init(&sink, &got);
    return store_payload_read(s, str_of(id), str_of(slot), &sink.sink, e) &&
           str_equal(buf_str(&got), octets);
}

enum { SEGMENT = 64 * 1024 };
static const size_t sizes[] = {0,           1,           100,         SEGMENT - 1,
                               SEGMENT,     SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 7,
                               1024 * 1024, 2500000};

TEST(payloads_of_all_sizes_read_back_sealed_and_open)
{
    struct world w;
    struct error e = {0};
    world_begin(&w, engine);
    for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
        char row[40];
        size_t len = sizes[i / 2];
        bool open = i % 2 == 0;
        snprintf(row, sizeof(row), "%zu%s", len, open ? "open" : "");
        AUTO_MEM char *octets = make_octets(len);
        struct str all = str_bytes(octets, len);
        CHECK_OK(write_payload(w.store, "m1", row, all, 70001, open, &e), e);
        CHECK_OK(reads_back(w.store, "m1", row, all, &e), e);
    }
    world_end(&w);
}

TEST(a_large_open_payload_has_a_file_to_hand_on_and_no_other_has)
{
    struct world w;
    struct error e = {0};
    static const struct {
        const char *row;
        size_t len;
        bool open, has_file;
    } rows[] = {{"large open", 300000, true, true},
                {"large sealed", 300000, false, false},
                {"small open", 1000, true, false}};
    world_begin(&w, engine);
    for (size_t i = 0; i < 3; i++) {
        AUTO_STORE_READER r = NULL;
        AUTO_MEM char *octets = make_octets(rows[i].len);
        AUTO_MEM char *seen = mem_new(rows[i].len);
        struct str all = str_bytes(octets, rows[i].len);
        uint64_t size = 0;
        CHECK_OK(write_payload(w.store, "m1", rows[i].row, all, 70001, rows[i].open, &e), e);
        CHECK_OK(store_reader_open(w.store, STR("m1"), str_of(rows[i].row), &r, &e), e);
        int fd = store_reader_fd(r);
        CHECK_ROW(rows[i].row, (fd != -1) == (rows[i].has_file && !engine->is_postgres));
        if (fd == -1)
            continue;
        CHECK_OK(sys_file_size(fd, &size, &e), e);
        CHECK(size == rows[i].len && read(fd, seen, rows[i].len) == (ssize_t)rows[i].len);
        CHECK_STR(str_bytes(seen, rows[i].len), all);
    }
    world_end(&w);
}

TEST(any_range_reads_the_same_octets)
{
    struct world w;
    struct error e = {0};
    enum { LEN = 2 * 1024 * 1024 + 4321 };
    AUTO_MEM char *octets = make_octets(LEN);
    for (size_t i = 0; i < LEN; i++)
        octets[i] = (char)(i * 31 + i / 251);
    world_begin(&w, engine);
    for (int open = 0; open < 2; open++) {
        AUTO_STORE_READER r = NULL;
        const char *slot = open ? "open" : "sealed";
        CHECK_OK(write_payload(w.store, "m1", slot, str_bytes(octets, LEN), LEN, open, &e), e);
        CHECK_OK(store_reader_open(w.store, STR("m1"), str_of(slot), &r, &e), e);
        CHECK(store_reader_payload(r)->octets == LEN);
        static const uint64_t from[] = {0, 1, SEGMENT - 1, SEGMENT, 1048570, LEN - 1, LEN};
        static const uint64_t lengths[] = {0, 1, 5, SEGMENT, SEGMENT + 2, 200000};
        for (size_t i = 0; i < sizeof(from) / sizeof(from[0]) * 6; i++) {
            uint64_t offset = from[i / 6], length = lengths[i % 6];
            AUTO_BUF got = BUF(LEN);
            struct sink_buf sink;
            sink_buf_init(&sink, &got);
            bool fits = offset + length <= LEN;
            CHECK(store_reader_read(r, offset, length, &sink.sink, &e) == fits);
            CHECK(!fits || str_equal(buf_str(&got), str_bytes(octets + offset, length)));
        }
    }
    world_end(&w);
}

TEST(a_writer_that_was_not_attached_leaves_nothing)
{
    struct world w;
    struct error e = {0};
    AUTO_MEM char *octets = make_octets(200000);
    world_begin(&w, engine);
    struct store_writer *writer = NULL;
    CHECK_OK(store_writer_new(w.store, false, 1 << 30, &writer, &e), e);
    CHECK_OK(sink_write(store_writer_sink(writer), str_bytes(octets, 200000), &e), e);
    CHECK_OK(sink_finish(store_writer_sink(writer), &e), e);
    CHECK(store_writer_octets(writer) == 200000);
    CHECK(!do_attach(w.store, "m1", "", writer, &e)); /* no slot: refused */
    store_writer_free(writer);
    char folder[128];
    snprintf(folder, sizeof(folder), "%s/payload/moving", w.folder);
    CHECK(engine->is_postgres || rmdir(folder) == 0); /* empty */
    writer = NULL;
    CHECK_OK(store_writer_new(w.store, false, 1000, &writer, &e), e);
    CHECK(!sink_write(store_writer_sink(writer), str_bytes(octets, 1001), &e));
    CHECK(e.kind == ERROR_REJECT);
    store_writer_free(writer);
    world_end(&w);
}

struct move_call {
    const char *from, *from_slot, *to, *to_slot;
};

static bool run_move(struct store_tx *tx, void *ctx, struct error *e)
{
    struct move_call *c = ctx;
    return store_payload_move(tx, str_of(c->from), str_of(c->from_slot), str_of(c->to),
                              str_of(c->to_slot), e);
}

TEST(an_upload_moves_to_the_message_it_is_for)
{
    struct world w;
    struct error e = {0};
    AUTO_MEM char *octets = make_octets(300000);
    struct str all = str_bytes(octets, 300000);
    struct move_call move = {"upload", "content", "m1", "attachment-1"};
    world_begin(&w, engine);
    CHECK_OK(write_payload(w.store, "upload", "content", all, 4096, false, &e), e);
    CHECK_OK(store_do(w.store, run_move, &move, &e), e);
    CHECK_OK(reads_back(w.store, "m1", "attachment-1", all, &e), e);
    CHECK(!reads_back(w.store, "upload", "content", all, &e));
    CHECK_STR(str_of(e.code), STR("store:unknown"));
    CHECK(!store_do(w.store, run_move, &move, &e));
    CHECK_STR(str_of(e.code), STR("store:unknown"));
    CHECK_OK(do_put(w.store, "upload", "content", STR("two"), false, &e), e);
    CHECK(!store_do(w.store, run_move, &move, &e));
    CHECK_STR(str_of(e.code), STR("store:exists"));
    world_end(&w);
}

/* --- files */
static char found_path[512];
static const char *needle;

static int look_into(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)at;
    if (type != FTW_F || st->st_size == 0)
        return 0;
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *octets = mem_new((size_t)st->st_size);
    ssize_t n = read(fd, octets, (size_t)st->st_size);
    struct str all = str_bytes(octets, n < 0 ? 0 : (size_t)n);
    if (str_find(all, str_of(needle)) < all.len)
        snprintf(found_path, sizeof(found_path), "%s", path);
    mem_free(octets);
    return 0;
}

static int find_large(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)at;
    if (type == FTW_F && strstr(path, "/payload/") != NULL)
        snprintf(found_path, sizeof(found_path), "%s", path);
    return 0;
}

static bool occurs(const struct world *w, const char *text)
{
    needle = text;
    found_path[0] = '\0';
    nftw(w->folder, look_into, 16, FTW_PHYS);
    return found_path[0] != '\0';
}

TEST(no_plain_text_lies_in_any_file)
{
    if (engine->is_postgres)
        skip(); /* before anything is to be released */
    struct world w;
    struct error e = {0};
    AUTO_MEM char *octets = make_octets(300000);
    world_begin(&w, engine);
    CHECK_OK(write_payload(w.store, "m1", "large", str_bytes(octets, 300000), 4096, false, &e), e);
    CHECK_OK(do_put(w.store, "m1", "small", STR("<<" MARK ">>"), false, &e), e);
    CHECK(!occurs(&w, MARK));
    CHECK(!occurs(&w, "0123456789abcdef0123456789abcdef"));
    CHECK_OK(do_put(w.store, "m1", "open", STR("<<" MARK ">>"), true, &e), e);
    CHECK(occurs(&w, MARK)); /* the search can find */
    world_end(&w);
}

TEST(an_altered_payload_is_not_given_out_as_whole)
{
    if (engine->is_postgres)
        skip(); /* before anything is to be released */
    static const struct {
        const char *row;
        off_t flip, cut;
    } rows[] = {
        {"first octet", 0, 0},
        {"in the second segment", 70000, 0},
        {"the last tag", 300139, 0},
        {"cut in a segment", -1, 250000},
        {"cut between segments", -1, 65564 * 2},
        {"empty", -1, 0},
    };
    AUTO_MEM char *octets = make_octets(300000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) * 2; i++) {
        struct world w;
        struct error e = {0};
        struct str all = str_bytes(octets, 300000);
        bool is_open = i % 2 == 1;
        const char *row = rows[i / 2].row;
        off_t flip = rows[i / 2].flip;
        world_begin(&w, engine);
        CHECK_OK(write_payload(w.store, "m1", "a", all, 4096, is_open, &e), e);
        found_path[0] = '\0';
        nftw(w.folder, find_large, 16, FTW_PHYS);
        AUTO_FD int fd = open(found_path, O_RDWR | O_CLOEXEC);
        CHECK_ROW(row, fd != -1);
        char octet = 0;
        if (is_open && flip > 299999)
            flip = 299999;
        if (flip >= 0) {
            CHECK(pread(fd, &octet, 1, flip) == 1);
            octet ^= 1;
            CHECK(pwrite(fd, &octet, 1, flip) == 1);
        } else {
            CHECK(ftruncate(fd, rows[i / 2].cut) == 0);
        }
        CHECK_ROW(row, !reads_back(w.store, "m1", "a", all, &e));
        CHECK_ROW(row, e.kind == ERROR_DENY);
        world_end(&w);
    }
}

TEST(segments_cannot_change_their_places)
{
    if (engine->is_postgres)
        skip(); /* before anything is to be released */
    struct world w;
    struct error e = {0};
    enum { STORED = 64 * 1024 + 28 };
    AUTO_MEM char *octets = make_octets(300000);
    AUTO_MEM char *two = mem_new(2 * STORED);
    world_begin(&w, engine);
    CHECK_OK(write_payload(w.store, "m1", "a", str_bytes(octets, 300000), 4096, false, &e), e);
    found_path[0] = '\0';
    nftw(w.folder, find_large, 16, FTW_PHYS);
    AUTO_FD int fd = open(found_path, O_RDWR | O_CLOEXEC);
    CHECK(pread(fd, two, 2 * STORED, 0) == 2 * STORED);
    CHECK(pwrite(fd, two + STORED, STORED, 0) == STORED);
    CHECK(pwrite(fd, two, STORED, STORED) == STORED);
    CHECK(!reads_back(w.store, "m1", "a", str_bytes(octets, 300000), &e));
    CHECK(e.kind == ERROR_DENY);
    world_end(&w);
}

/* Nothing but the row tells how long it is, or what an empty one holds. */
TEST(a_payload_whose_row_was_altered_is_not_given_out)
{
    static const struct {
        const char *row;
        size_t len;
        const char *harm;
    } rows[] = {
        {"said to be shorter", 1000, "UPDATE payload SET octets = 999"},
        {"said to be longer", 1000, "UPDATE payload SET octets = 1001"},
        {"said to be longer than a segment", 1000, "UPDATE payload SET octets = 70000"},
        {"said to be empty", 1000, "UPDATE payload SET octets = 0"},
        {"a large one said to be empty", 300000, "UPDATE payload SET octets = 0"},
        {"a large one said to be shorter", 300000, "UPDATE payload SET octets = 65536 * 3"},
        {"an empty one said to hold something", 0, "UPDATE payload SET octets = 1"},
    };
    AUTO_MEM char *octets = make_octets(300000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) * 2; i++) {
        struct world w;
        struct error e = {0};
        struct str all = str_bytes(octets, rows[i / 2].len);
        world_begin(&w, engine);
        CHECK_OK(write_payload(w.store, "m1", "a", all, 100000, i % 2 == 1, &e), e);
        CHECK_OK(reads_back(w.store, "m1", "a", all, &e), e);
        CHECK(world_run_sql(&w, rows[i / 2].harm));
        CHECK_ROW(rows[i / 2].row, !reads_back(w.store, "m1", "a", all, &e));
        CHECK_ROW(rows[i / 2].row, e.kind == ERROR_DENY);
        world_end(&w);
    }
}

struct taking {
    struct arena arena;
    const char *slot;
    struct store_row row;
};

static bool take_row(struct store_tx *tx, void *ctx, struct error *e)
{
    struct taking *t = ctx;
    return store_row_find(tx, &t->arena, STR("m1"), str_of(t->slot), &t->row, e);
}

static bool row_is(struct store *s, const struct store_row *row, struct str octets, struct error *e)
{
    AUTO_BUF got = BUF(1024 * 1024);
    struct sink_buf sink;
    sink_buf_init(&sink, &got);
    return store_row_read(s, row, &sink.sink, e) && str_equal(buf_str(&got), octets);
}

TEST(a_row_taken_in_a_transaction_is_read_after_it)
{
    static const struct {
        const char *row;
        size_t len;
        bool is_open;
    } rows[] = {{"small sealed", 1000, false},
                {"small open", 1000, true},
                {"empty sealed", 0, false},
                {"large sealed", 300000, false}};
    AUTO_MEM char *octets = make_octets(300000);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world w;
        struct error e = {0};
        struct arena later = {0};
        struct taking t = {.slot = "a"}, none = {.slot = "b"};
        struct str all = str_bytes(octets, rows[i].len);
        world_begin(&w, engine);
        CHECK_OK(write_payload(w.store, "m1", "a", all, 4096, rows[i].is_open, &e), e);
        CHECK_OK(store_do(w.store, take_row, &t, &e), e);
        CHECK_OK(store_do(w.store, take_row, &none, &e), e);
        CHECK_ROW(rows[i].row, none.row.id.len == 0);
        CHECK_ROW(rows[i].row, t.row.payload.octets == rows[i].len);
        struct store_row copy = store_row_copy(&t.row, &later);
        arena_release(&t.arena);
        arena_release(&none.arena);
        CHECK_ROW(rows[i].row, row_is(w.store, &copy, all, &e));
        copy.payload.octets++;
        CHECK_ROW(rows[i].row, !row_is(w.store, &copy, all, &e) && e.kind == ERROR_DENY);
        arena_release(&later);
        world_end(&w);
    }
}

/* The rows of PostgreSQL as the files above. A division by zero says that something was found. */
TEST(sealed_rows_hold_no_plain_text_and_altered_ones_are_not_given_out)
{
    if (!engine->is_postgres)
        skip();
    struct world w;
    struct error e = {0};
    AUTO_MEM char *octets = make_octets(3000000);
    struct str all = str_bytes(octets, 3000000);
    static const char look[] =
        "SELECT 1 / (CASE WHEN EXISTS (SELECT 1 FROM payload WHERE position('" MARK
        "'::bytea IN content) > 0) OR EXISTS (SELECT 1 FROM payload_chunk WHERE position('" MARK
        "'::bytea IN content) > 0) THEN 0 ELSE 1 END)";
    static const char *const harm[] = {
        "UPDATE payload_chunk SET content = set_byte(content, 7, 255 - get_byte(content, 7))",
        "DELETE FROM payload_chunk WHERE place = 1",
        "UPDATE payload_chunk SET content = substr(content, 1, 100) WHERE place = 2",
    };
    for (size_t i = 0; i < sizeof(harm) / sizeof(harm[0]); i++) {
        world_begin(&w, engine);
        CHECK_OK(do_put(w.store, "m1", "small", STR("<<" MARK ">>"), false, &e), e);
        CHECK_OK(write_payload(w.store, "m1", "a", all, 100000, false, &e), e);
        CHECK(world_run_sql(&w, look));
        CHECK_OK(reads_back(w.store, "m1", "a", all, &e), e);
        CHECK(world_run_sql(&w, harm[i]));
        CHECK_ROW(harm[i], !reads_back(w.store, "m1", "a", all, &e) && e.kind == ERROR_DENY);
        CHECK_OK(do_put(w.store, "m1", "open", STR("<<" MARK ">>"), true, &e), e);
        CHECK(!world_run_sql(&w, look)); /* the search can find */
        world_end(&w);
    }
}

TEST(chunks_of_a_crash_are_swept_and_those_with_a_row_are_kept)
{
    if (!engine->is_postgres)
        skip();
    struct world w;
    struct error e = {0};
    AUTO_MEM char *octets = make_octets(200000);
    struct str all = str_bytes(octets, 200000);
    world_begin(&w, engine);
    CHECK_OK(write_payload(w.store, "m1", "a", all, 4096, false, &e), e);
    CHECK(world_run_sql(&w, "INSERT INTO payload_chunk VALUES ('old', 0, ''::bytea, 1);"
                            "UPDATE payload_chunk SET created_ms = 1;"
                            "INSERT INTO payload_chunk VALUES ('young', 0, ''::bytea, "
                            "9000000000000)"));
    world_reopen(&w);
    CHECK_OK(reads_back(w.store, "m1", "a", all, &e), e);
    CHECK(world_run_sql(&w, "SELECT 1 / (CASE count(*) WHEN 2 THEN 1 ELSE 0 END) FROM "
                            "payload_chunk WHERE payload <> 'old'"));
    CHECK(world_run_sql(&w, "SELECT 1 / (CASE count(*) WHEN 0 THEN 1 ELSE 0 END) FROM "
                            "payload_chunk WHERE payload = 'old'"));
    world_end(&w);
}

TEST(without_the_storage_key_only_open_payloads_are_read_and_written)
{
    struct world w;
    struct error e = {0};
    AUTO_MEM char *octets = make_octets(200000);
    struct str all = str_bytes(octets, 200000);
    struct store_writer *writer = NULL;
    world_begin(&w, engine);
    CHECK_OK(write_payload(w.store, "m1", "sealed", all, 4096, false, &e), e);
    w.config.storage_key = STR("");
    struct store *sender = world_another(&w, "sender");
    CHECK(!store_writer_new(sender, false, 1000, &writer, &e) && e.kind == ERROR_DENY);
    CHECK(!reads_back(sender, "m1", "sealed", all, &e) && e.kind == ERROR_DENY);
    CHECK(!do_put(sender, "m1", "small", STR("x"), false, &e) && e.kind == ERROR_DENY);
    CHECK_OK(write_payload(sender, "m1", "open", all, 4096, true, &e), e);
    CHECK_OK(reads_back(sender, "m1", "open", all, &e), e);
    w.config.storage_key = STR("another key that has thirty-two!");
    struct store *stranger = world_another(&w, "stranger");
    CHECK(!reads_back(stranger, "m1", "sealed", all, &e) && e.kind == ERROR_DENY);
    store_close(stranger);
    store_close(sender);
    world_end(&w);
}

struct list_call {
    struct arena *a;
    struct store_payload *out;
    size_t got;
    struct store_name *names;
    size_t n_names;
};

static bool run_list(struct store_tx *tx, void *ctx, struct error *e)
{
    struct list_call *c = ctx;
    return store_payload_list(tx, c->a, STR("m1"), &c->out, &c->got, e) &&
           store_name_list(tx, c->a, STR("m1"), &c->names, &c->n_names, e);
}

TEST(disposal_takes_rows_names_and_files)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct str existing;
    AUTO_MEM char *octets = make_octets(200000);
    struct list_call c = {.a = &a};
    struct digest_value sha256;
    world_begin(&w, engine);
    CHECK_OK(do_insert(w.store, "m1", "inbox", &e), e);
    CHECK_OK(
        do_name(w.store, &a, (struct store_name){STR("s"), STR("n"), STR("m1"), 0}, &existing, &e),
        e);
    CHECK_OK(write_payload(w.store, "m1", "b", str_bytes(octets, 200000), 999, false, &e), e);
    CHECK_OK(do_put(w.store, "m1", "a", STR("small"), false, &e), e);
    CHECK_OK(store_read(w.store, run_list, &c, &e), e);
    CHECK(c.got == 2 && c.n_names == 1);
    CHECK_STR(c.out[0].slot, STR("a"));
    CHECK(c.out[1].octets == 200000 && !c.out[1].open);
    CHECK(digest_of(DIGEST_SHA256, str_bytes(octets, 200000), &sha256));
    CHECK(digest_equal(&sha256, str_bytes(c.out[1].sha256, 32)));
    CHECK_OK(do_dispose(w.store, "m1", &e), e);
    CHECK_OK(store_read(w.store, run_list, &c, &e), e);
    CHECK(c.got == 0 && c.n_names == 0);
    found_path[0] = '\0';
    nftw(w.folder, find_large, 16, FTW_PHYS);
    CHECK(found_path[0] == '\0');
    CHECK(!do_dispose(w.store, "m1", &e));
    world_end(&w);
}

static bool dispose_then_fail(struct store_tx *tx, void *ctx, struct error *e)
{
    return store_message_dispose(tx, str_of(ctx), "its time is over", e) &&
           error_set(e, ERROR_REJECT, "as told");
}

TEST(a_disposal_that_is_rolled_back_keeps_the_payload)
{
    struct world w;
    struct error e = {0};
    AUTO_MEM char *octets = make_octets(200000);
    struct str all = str_bytes(octets, 200000);
    char id[] = "m1", folder[128];
    world_begin(&w, engine);
    CHECK_OK(do_insert(w.store, id, "inbox", &e), e);
    CHECK_OK(write_payload(w.store, id, "large", all, 4096, false, &e), e);
    CHECK(!store_do(w.store, dispose_then_fail, id, &e));
    CHECK_STR(str_of(e.text), STR("as told"));
    CHECK_OK(reads_back(w.store, id, "large", all, &e), e);
    snprintf(folder, sizeof(folder), "%s/payload/moving", w.folder);
    CHECK(engine->is_postgres || rmdir(folder) == -1); /* where the sweep would find the file */
    world_reopen(&w);                                  /* puts it back in its place */
    CHECK_OK(reads_back(w.store, id, "large", all, &e), e);
    world_end(&w);
}

TEST(leftovers_of_a_crash_are_swept_and_files_with_a_row_are_kept)
{
    if (engine->is_postgres)
        skip(); /* before anything is to be released */
    struct world w;
    struct error e = {0};
    char path[200], moved[600];
    AUTO_MEM char *octets = make_octets(200000);
    struct str all = str_bytes(octets, 200000);
    world_begin(&w, engine);
    CHECK_OK(write_payload(w.store, "m1", "a", all, 4096, false, &e), e);
    found_path[0] = '\0';
    nftw(w.folder, find_large, 16, FTW_PHYS);
    snprintf(moved, sizeof(moved), "%s/payload/moving/%s", w.folder, strrchr(found_path, '/') + 1);
    CHECK(rename(found_path, moved) == 0); /* a crash between commit and rename */
    struct timeval old[2] = {{1, 0}, {1, 0}};
    CHECK(utimes(moved, old) == 0);
    static const char *const ids[] = {"11111111-2222-4333-8444-555555555555",
                                      "11111111-2222-4333-8444-666666666666"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/payload/moving/%s", w.folder, ids[i]);
        AUTO_FD int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        CHECK(fd != -1 && (i == 0 || utimes(path, old) == 0));
    }
    CHECK_OK(reads_back(w.store, "m1", "a", all, &e), e);
    world_reopen(&w);
    CHECK_OK(reads_back(w.store, "m1", "a", all, &e), e);
    CHECK(access(path, F_OK) == -1);      /* old, no row */
    CHECK(access(found_path, F_OK) == 0); /* back in its place */
    snprintf(path, sizeof(path), "%s/payload/moving/%s", w.folder, ids[0]);
    CHECK(access(path, F_OK) == 0); /* young: somebody may be writing it */
    world_end(&w);
}

int suite_payloads(const struct world_engine *used)
{
    engine = used;
    return _cmocka_run_group_tests(engine->is_postgres ? "payloads on PostgreSQL"
                                                       : "payloads on SQLite",
                                   check_tests, check_count, NULL, NULL);
}
