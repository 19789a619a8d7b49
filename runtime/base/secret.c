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

struct str secret_peek(const struct secret *s)
{
    return str_bytes(s->at, s->len);
}

static bool open_file(const char *path, mode_t refused, int *fd, size_t *size, struct error *e)
{
    AUTO_FD int opened = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (opened == -1 || fstat(opened, &st) == -1)
        return error_errno(e, "%s", path);
    if ((st.st_mode & refused) != 0)
        return error_set(e, ERROR_REJECT, "%s can be read by others; chmod 600 it", path);
    *size = st.st_size < 0 ? 0 : (size_t)st.st_size;
    *fd = opened;
    opened = -1;
    return true;
}

static bool read_octets(int fd, const char *path, size_t size, struct secret *s, struct error *e)
{
    AUTO_SECRET content = {mem_new(size + 1), size};
    if (!sys_pread_all(fd, content.at, size, 0, e))
        return error_prefix(e, "%s", path);
    secret_set(s, content.at, size);
    return true;
}

static bool read_file(struct secret *s, const char *path, size_t most, mode_t refused,
                      struct error *e)
{
    AUTO_FD int fd = -1;
    AUTO_SECRET content = {0};
    size_t size;
    if (!open_file(path, refused, &fd, &size, e))
        return false;
    if (size > most)
        return error_set(e, ERROR_REJECT, "%s is larger than %zu octets", path, most);
    if (!read_octets(fd, path, size, &content, e))
        return false;
    secret_set(s, content.at, size > 0 && content.at[size - 1] == '\n' ? size - 1 : size);
    return true;
}

bool secret_read_file(struct secret *s, const char *path, size_t most, struct error *e)
{
    return read_file(s, path, most, S_IRWXO | S_IWGRP, e);
}

bool secret_read_sealed_file(struct secret *s, const char *path, size_t most, struct error *e)
{
    return read_file(s, path, most, 0, e);
}

bool secret_read_key(struct secret *s, const char *path, size_t octets, struct error *e)
{
    AUTO_FD int fd = -1;
    size_t size;
    if (!open_file(path, S_IRWXO | S_IWGRP, &fd, &size, e))
        return false;
    if (size != octets)
        return error_set(e, ERROR_REJECT, "%s has %zu octets; %zu are right", path, size, octets);
    return read_octets(fd, path, size, s, e);
}
