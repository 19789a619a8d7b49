/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_stream.c */
#include "runtime/loop/stream_queue.h"

#include <errno.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"

enum {
    PART_MIN = 16 * 1024,   /* small writes of one turn share a part: one TLS record */
    CHUNK = 64 * 1024,      /* of a file, for TLS */
    SENDFILE_MAX = 1 << 20, /* in one call, so that others get their turn */
};

struct stream_part {
    struct stream_part *after;
    int fd;          /* -1: memory */
    uint64_t offset; /* in the file, or of the first unsent octet in memory */
    uint64_t left;   /* octets unsent */
    size_t room;     /* memory behind the last octet */
    char memory[];
};

static struct stream_part *add_part(struct stream_queue *q, size_t room)
{
    struct stream_part *p = mem_room(sizeof *p + room);
    *p = (struct stream_part){.fd = -1, .room = room};
    if (q->last == NULL)
        q->first = p;
    else
        q->last->after = p;
    q->last = p;
    return p;
}

static void drop_first(struct stream_queue *q)
{
    struct stream_part *p = q->first;
    q->first = p->after;
    if (q->first == NULL)
        q->last = NULL;
    sys_close(&p->fd);
    mem_free(p);
    q->chunk_len = q->chunk_used = 0;
}

void stream_queue_release(struct stream_queue *q)
{
    while (q->first != NULL)
        drop_first(q);
    mem_free(q->chunk);
    *q = (struct stream_queue){0};
}

void stream_queue_add(struct stream_queue *q, struct str octets)
{
    while (octets.len > 0) {
        struct stream_part *p = q->last;
        if (p == NULL || p->fd != -1 || p->room == 0)
            p = add_part(q, octets.len < PART_MIN ? PART_MIN : octets.len);
        struct str fitting = str_upto(octets, p->room);
        memcpy(p->memory + p->offset + p->left, fitting.at, fitting.len);
        p->left += fitting.len;
        p->room -= fitting.len;
        q->unsent += fitting.len;
        octets = str_from(octets, fitting.len);
    }
}

void stream_queue_add_file(struct stream_queue *q, int fd, uint64_t offset, uint64_t len)
{
    if (len == 0) {
        sys_close(&fd);
        return;
    }
    struct stream_part *p = add_part(q, 0);
    p->fd = fd;
    p->offset = offset;
    p->left = len;
    q->unsent += len;
}

void stream_queue_drop(struct stream_queue *q, size_t n)
{
    struct stream_part *p = q->first;
    p->offset += n;
    p->left -= n;
    q->unsent -= n;
    q->chunk_used += p->fd != -1 && q->chunk_len > 0 ? n : 0;
    if (p->left == 0)
        drop_first(q);
    if (q->first == NULL) {
        mem_free(q->chunk);
        q->chunk = NULL;
    }
}

bool stream_queue_send(struct stream_queue *q, int fd, size_t *sent, struct error *e)
{
    struct stream_part *p = q->first;
    size_t most = p->left < SENDFILE_MAX ? (size_t)p->left : SENDFILE_MAX;
    off_t offset = (off_t)p->offset;
    ssize_t n;
    if (p->fd == -1)
        n = send(fd, p->memory + p->offset, most, MSG_NOSIGNAL | (p->after ? MSG_MORE : 0));
    else
        n = sendfile(fd, p->fd, &offset, most);
    if (n == -1 && errno != EAGAIN && errno != EINTR)
        return error_errno(e, "writing");
    if (n == 0 && p->fd != -1)
        return error_set(e, ERROR_BUG, "writing: a file is %llu octets short",
                         (unsigned long long)p->left);
    *sent = n == -1 ? 0 : (size_t)n;
    if (*sent > 0)
        stream_queue_drop(q, *sent);
    return true;
}

static bool load_chunk(struct stream_queue *q, struct error *e)
{
    struct stream_part *p = q->first;
    if (q->chunk == NULL)
        q->chunk = mem_room(CHUNK);
    q->chunk_used = 0;
    q->chunk_len = p->left < CHUNK ? (size_t)p->left : CHUNK;
    if (!sys_pread_all(p->fd, q->chunk, q->chunk_len, p->offset, e)) {
        q->chunk_len = 0;
        return error_prefix(e, "writing a file");
    }
    return true;
}

bool stream_queue_peek(struct stream_queue *q, struct str *octets, struct error *e)
{
    struct stream_part *p = q->first;
    if (p->fd == -1) {
        *octets = str_bytes(p->memory + p->offset, (size_t)p->left);
        return true;
    }
    if (q->chunk_used == q->chunk_len && !load_chunk(q, e))
        return false;
    *octets = str_bytes(q->chunk + q->chunk_used, q->chunk_len - q->chunk_used);
    return true;
}
