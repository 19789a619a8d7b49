/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/sink.h"

#include <inttypes.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"

enum { CHUNK = 256 * 1024 };

bool sink_finish(struct sink *s, struct error *e)
{
    return s->finish == NULL || s->finish(s, e);
}

static bool buf_write(struct sink *s, struct str octets, struct error *e)
{
    return buf_add(((struct sink_buf *)s)->out, octets, e);
}

void sink_buf_init(struct sink_buf *s, struct buf *out)
{
    *s = (struct sink_buf){{buf_write, NULL}, out};
}

static bool count_up(uint64_t *octets, size_t more, uint64_t limit, struct error *e)
{
    if (more > limit || *octets > limit - more)
        return error_set(e, ERROR_REJECT, "more than %" PRIu64 " octets", limit);
    *octets += more;
    return true;
}

static bool file_write(struct sink *s, struct str octets, struct error *e)
{
    struct sink_file *f = (struct sink_file *)s;
    return count_up(&f->written, octets.len, f->limit, e) && sys_write_all(f->fd, octets, e);
}

void sink_file_init(struct sink_file *s, int fd, uint64_t limit)
{
    *s = (struct sink_file){{file_write, NULL}, fd, 0, limit};
}

static bool tee_write(struct sink *s, struct str octets, struct error *e)
{
    struct sink_tee *t = (struct sink_tee *)s;
    return sink_write(t->one, octets, e) && sink_write(t->two, octets, e);
}

static bool tee_finish(struct sink *s, struct error *e)
{
    struct sink_tee *t = (struct sink_tee *)s;
    return sink_finish(t->one, e) && sink_finish(t->two, e);
}

void sink_tee_init(struct sink_tee *s, struct sink *one, struct sink *two)
{
    *s = (struct sink_tee){{tee_write, tee_finish}, one, two};
}

static bool count_write(struct sink *s, struct str octets, struct error *e)
{
    struct sink_count *c = (struct sink_count *)s;
    return count_up(&c->octets, octets.len, c->limit, e) &&
           (c->next == NULL || sink_write(c->next, octets, e));
}

static bool count_finish(struct sink *s, struct error *e)
{
    struct sink_count *c = (struct sink_count *)s;
    return c->next == NULL || sink_finish(c->next, e);
}

void sink_count_init(struct sink_count *s, uint64_t limit, struct sink *next)
{
    *s = (struct sink_count){{count_write, count_finish}, next, 0, limit};
}

static bool guard_write(struct sink *s, struct str octets, struct error *e)
{
    struct sink_guard *g = (struct sink_guard *)s;
    g->has_failed = !sink_write(g->next, octets, e);
    return !g->has_failed;
}

static bool guard_finish(struct sink *s, struct error *e)
{
    struct sink_guard *g = (struct sink_guard *)s;
    g->has_failed = !sink_finish(g->next, e);
    return !g->has_failed;
}

void sink_guard_init(struct sink_guard *s, struct sink *next)
{
    *s = (struct sink_guard){{guard_write, guard_finish}, next, false};
}

bool sink_from_file(struct sink *s, int fd, uint64_t offset, uint64_t len, struct error *e)
{
    AUTO_MEM char *chunk = mem_new(len < CHUNK ? (size_t)len : CHUNK);
    while (len > 0) {
        size_t n = len < CHUNK ? (size_t)len : CHUNK;
        if (!sys_pread_all(fd, chunk, n, offset, e) || !sink_write(s, str_bytes(chunk, n), e))
            return false;
        offset += n;
        len -= n;
    }
    return true;
}
