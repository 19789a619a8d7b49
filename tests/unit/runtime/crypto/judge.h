/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* judge.h - a foreign judge for the tests of crypto: the openssl command line on files of a
 * temporary folder, and the certificates of the test world. */
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/buf.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "tests/check.h"

struct judge {
    char folder[64];
};

static inline void judge_release(struct judge *j)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", j->folder);
    CHECK(system(command) == 0);
}
#define AUTO_JUDGE __attribute__((cleanup(judge_release))) struct judge

static inline struct judge judge_new(void)
{
    struct judge j = {"/tmp/posthorn-test-XXXXXX"};
    CHECK(mkdtemp(j.folder) != NULL);
    return j;
}

/* Runs a shell command inside the folder; true when it ends well. */
__attribute__((format(printf, 2, 3))) static inline bool judge_run(const struct judge *j,
                                                                   const char *format, ...)
{
    char command[2048];
    va_list args;
    int n = snprintf(command, sizeof(command), "cd '%s' && exec >/dev/null 2>&1 && ", j->folder);
    va_start(args, format);
    vsnprintf(command + n, sizeof(command) - (size_t)n, format, args);
    va_end(args);
    return system(command) == 0;
}

static inline void judge_put(const struct judge *j, const char *name, struct str octets)
{
    struct error e = {0};
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", j->folder, name);
    AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd != -1);
    CHECK_OK(sys_write_all(fd, octets, &e), e);
}

static inline void judge_get(const struct judge *j, const char *name, struct buf *out)
{
    struct error e = {0};
    char path[160];
    snprintf(path, sizeof(path), "%s/%s", j->folder, name);
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd != -1);
    uint64_t size;
    char *room;
    CHECK_OK(sys_file_size(fd, &size, &e), e);
    CHECK_OK(buf_room(out, (size_t)size, &room, &e), e);
    CHECK_OK(sys_pread_all(fd, room, (size_t)size, 0, &e), e);
    buf_grew(out, (size_t)size);
}

/* The path of a file of the test world, e.g. "open-test/kommun/ap.key". */
static inline const char *world_path(const char *file, char path[static 512])
{
    const char *world = getenv("POSTHORN_WORLD");
    snprintf(path, 512, "%s/%s", world == NULL ? "test-world" : world, file);
    return path;
}

/* Octets that do not repeat soon; the same each time. */
static inline void fill_octets(char *at, size_t len)
{
    uint32_t state = 12345;
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525u + 1013904223u;
        at[i] = (char)(state >> 24);
    }
}
