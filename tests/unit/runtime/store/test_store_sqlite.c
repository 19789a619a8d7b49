/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* The suite on SQLite, and what reaches the disk when. */
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "tests/check.h"
#include "tests/unit/runtime/store/world.h"

static const struct world_engine sqlite = {.is_postgres = false};

/* Syncs so far of the database's log, of payload files and of the folder they are made in. */
static atomic_uint log_syncs, file_syncs, folder_syncs;

static void count_sync(int fd)
{
    char link[32], name[256];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, name, sizeof(name));
    struct str path = str_bytes(name, len < 0 ? 0 : (size_t)len);
    log_syncs += str_ends(path, STR("/store.db-wal")) ? 1 : 0;
    file_syncs += str_find(path, STR("/payload/moving/")) < path.len ? 1 : 0;
    folder_syncs += str_ends(path, STR("/payload/moving")) ? 1 : 0;
}

/* Both stand before the C library's, for the SQLite library too: its syncs can be made to fail. */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
    count_sync(fd);
    return sys_must_fail() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

__attribute__((visibility("default"))) int fsync(int fd)
{
    count_sync(fd);
    return (int)syscall(SYS_fsync, fd);
}

TEST(each_commit_is_on_the_disk_before_it_is_told)
{
    struct world w;
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct store_message m;
    unsigned before;
    world_begin(&w, &sqlite);
    for (int i = 0; i < 20; i++) {
        const char *id = arena_format(&a, "m%d", i).at;
        before = log_syncs;
        CHECK_OK(do_insert(w.store, id, "accepted", &e), e);
        CHECK_ROW(id, log_syncs > before);
    }
    before = log_syncs;
    CHECK(do_claim(w.store, &a, "accepted", 60000, 1, &m) == 1);
    CHECK(log_syncs > before);
    before = log_syncs;
    CHECK_OK(do_move(w.store, &m, "sent", &e), e);
    CHECK(log_syncs > before);
    before = log_syncs;
    CHECK(do_count(w.store, "sent") == 1);
    CHECK(log_syncs == before); /* what only reads does not wait for the disk */
    world_end(&w);
}

TEST(a_payload_file_and_its_name_are_on_the_disk_before_its_row)
{
    struct world w;
    struct error e = {0};
    AUTO_STORE_WRITER writer = NULL;
    AUTO_MEM char *octets = mem_new(200000);
    world_begin(&w, &sqlite);
    CHECK_OK(store_writer_new(w.store, false, 1 << 20, &writer, &e), e);
    CHECK_OK(sink_write(store_writer_sink(writer), str_bytes(octets, 200000), &e), e);
    unsigned files = file_syncs, folders = folder_syncs;
    CHECK_OK(sink_finish(store_writer_sink(writer), &e), e);
    CHECK(file_syncs == files + 1 && folder_syncs == folders + 1);
    CHECK_OK(do_attach(w.store, "m1", "content", writer, &e), e);
    world_end(&w);
}

int main(void)
{
    int failed = world_run_suites(&sqlite);
    failed += _cmocka_run_group_tests("syncs of SQLite", check_tests, check_count, NULL, NULL);
    return failed == 0 ? 0 : 1;
}
