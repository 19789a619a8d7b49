/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/place.h"

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"

struct as4_place {
    struct sink sink;
    struct as4_store *store;
    struct as4_place *next;
    struct buf memory;
    int fd; /* -1: all in memory */
    uint64_t len, limit;
};

struct as4_store {
    const char *temp_dir;
    struct as4_place *places;
};

struct as4_store *as4_store_new(const char *temp_dir)
{
    struct as4_store *s = mem_new(sizeof(*s));
    s->temp_dir = temp_dir;
    return s;
}

void as4_store_free(struct as4_store *s)
{
    if (s == NULL)
        return;
    while (s->places != NULL) {
        struct as4_place *p = s->places;
        s->places = p->next;
        buf_release(&p->memory);
        sys_close(&p->fd);
        mem_free(p);
    }
    mem_free(s);
}

static bool move_to_file(struct as4_place *p, struct error *e)
{
    if (!sys_temp_file(p->store->temp_dir, &p->fd, e) ||
        !sys_write_all(p->fd, buf_str(&p->memory), e))
        return false;
    buf_release(&p->memory);
    return true;
}

static bool place_write(struct sink *sink, struct str octets, struct error *e)
{
    struct as4_place *p = (struct as4_place *)sink;
    if (octets.len > p->limit - p->len)
        return error_set(e, ERROR_REJECT, "a part is larger than %llu octets",
                         (unsigned long long)p->limit);
    p->len += octets.len;
    if (p->fd < 0 && p->len <= AS4_PLACE_MEMORY)
        return buf_add(&p->memory, octets, e);
    if (p->fd < 0 && !move_to_file(p, e))
        return false;
    return sys_write_all(p->fd, octets, e);
}

struct as4_place *as4_place_new(struct as4_store *s, uint64_t limit)
{
    struct as4_place *p = mem_new(sizeof(*p));
    p->sink.write = place_write;
    p->store = s;
    p->memory = BUF(AS4_PLACE_MEMORY);
    p->fd = -1;
    p->limit = limit;
    p->next = s->places;
    s->places = p;
    return p;
}

struct sink *as4_place_sink(struct as4_place *p)
{
    return &p->sink;
}

struct as4_octets as4_place_octets(const struct as4_place *p)
{
    if (p->fd >= 0)
        return (struct as4_octets){.fd = p->fd, .len = p->len};
    struct str memory = buf_str(&p->memory);
    return (struct as4_octets){.memory = memory.at == NULL ? STR("") : memory};
}
