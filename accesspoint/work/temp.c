/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/work/temp.h"

#include "runtime/base/sys.h"

static bool move_to_disk(struct temp *t, struct error *e)
{
    if (!sys_temp_file(t->w->settings->work->temp.at, &t->fd, e) ||
        !sys_write_all(t->fd, buf_str(&t->memory), e))
        return false;
    buf_release(&t->memory);
    return true;
}

static bool temp_write(struct sink *s, struct str octets, struct error *e)
{
    struct temp *t = (struct temp *)s;
    if (octets.len > t->limit || t->octets > t->limit - octets.len)
        return error_set(e, ERROR_REJECT, "more than %llu octets", (unsigned long long)t->limit);
    t->octets += octets.len;
    if (t->fd < 0 && t->octets <= TEMP_MEMORY_MAX)
        return buf_add(&t->memory, octets, e);
    if (t->fd < 0 && !move_to_disk(t, e))
        return false;
    return sys_write_all(t->fd, octets, e);
}

void temp_open(struct temp *t, const struct workplace *w, uint64_t limit)
{
    *t = (struct temp){.sink = {temp_write, NULL},
                       .w = w,
                       .memory = BUF(TEMP_MEMORY_MAX),
                       .fd = -1,
                       .limit = limit};
}

void temp_release(struct temp *t)
{
    buf_release(&t->memory);
    sys_close(&t->fd);
}

bool temp_load(struct temp *t, const struct workplace *w, struct str message, struct str slot,
               struct error *e)
{
    AUTO_STORE_READER reader = NULL;
    if (!store_reader_open(w->store, message, slot, &reader, e))
        return false;
    uint64_t octets = store_reader_payload(reader)->octets;
    temp_open(t, w, octets);
    return store_reader_read(reader, 0, octets, &t->sink, e);
}

bool temp_read_xml(const struct temp *t, struct xml_limits limits, struct xml_doc **out,
                   struct error *e)
{
    limits.octets = t->octets;
    return t->fd < 0 ? xml_read(buf_str(&t->memory), &limits, out, e)
                     : xml_read_file(t->fd, 0, t->octets, &limits, out, e);
}

bool temp_read_fragment(const struct temp *t, const struct xml_node *context,
                        struct xml_limits limits, struct xml_doc **out, struct error *e)
{
    limits.octets = t->octets;
    return t->fd < 0 ? xml_read_fragment_text(buf_str(&t->memory), context, &limits, out, e)
                     : xml_read_fragment(t->fd, 0, t->octets, context, &limits, out, e);
}

bool temp_payload(const struct workplace *w, struct str message, struct str slot, int *fd,
                  uint64_t *octets, struct error *e)
{
    struct temp t = {.fd = -1};
    bool ok =
        temp_load(&t, w, message, slot, e) &&
        (t.fd >= 0 || (sys_memory_file(&t.fd, e) && sys_write_all(t.fd, buf_str(&t.memory), e)));
    if (ok) {
        *octets = t.octets;
        *fd = sys_take_fd(&t.fd);
    }
    temp_release(&t);
    return ok;
}
