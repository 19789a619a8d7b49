/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/secret.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"

void secret_release(struct secret *s)
{
    if (s->at != NULL)
        mem_wipe(s->at, s->len);
    mem_free(s->at);
    *s = (struct secret){0};
}

void secret_set(struct secret *s, const void *at, size_t len)
{
    unsigned char *copy = mem_copy(at, len);
    secret_release(s);
    s->at = copy;
    s->len = len;
}

bool secret_equal_octets(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    volatile unsigned char difference = 0;
    for (size_t i = 0; i < a.len; i++)
        difference =
            (unsigned char)(difference | ((unsigned char)a.at[i] ^ (unsigned char)b.at[i]));
    return difference == 0;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
    return secret_equal_octets(secret_peek(a), secret_peek(b));
}

struct str secret_peek(const struct secret *s)
{
    return str_bytes(s->at, s->len);
}

static bool read_all(int fd, const char *path, size_t size, struct secret *s, struct error *e)
{
    AUTO_SECRET content = {mem_new(size + 1), size};
    if (!sys_pread_all(fd, content.at, size, 0, e))
        return error_prefix(e, "%s", path);
    size_t len = size > 0 && content.at[size - 1] == '\n' ? size - 1 : size;
    secret_set(s, content.at, len);
    return true;
}

static bool read_file(struct secret *s, const char *path, size_t most, mode_t refused,
                      struct error *e)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd == -1 || fstat(fd, &st) == -1)
        return error_errno(e, "%s", path);
    if ((st.st_mode & refused) != 0)
        return error_set(e, ERROR_REJECT, "%s can be read by others; chmod 600 it", path);
    if (st.st_size < 0 || (size_t)st.st_size > most)
        return error_set(e, ERROR_REJECT, "%s is larger than %zu octets", path, most);
    return read_all(fd, path, (size_t)st.st_size, s, e);
}

bool secret_read_file(struct secret *s, const char *path, size_t most, struct error *e)
{
    return read_file(s, path, most, S_IRWXO | S_IWGRP, e);
}

bool secret_read_sealed_file(struct secret *s, const char *path, size_t most, struct error *e)
{
    return read_file(s, path, most, 0, e);
}
