/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/xml/test_scan.c */
#include "runtime/xml/source.h"

#include "runtime/base/sys.h"

void xml_source_release(struct xml_source *s)
{
    buf_release(&s->own);
    s->memory = STR_NONE;
}

bool xml_source_peek(const struct xml_source *s, uint64_t at, size_t most, char *room,
                     struct str *out, struct error *e)
{
    uint64_t left = at < s->len ? s->len - at : 0;
    size_t n = left < most ? (size_t)left : most;
    if (s->memory.at != NULL) {
        *out = str_upto(str_from(s->memory, (size_t)at), n);
        return true;
    }
    if (!sys_pread_all(s->fd, room, n, s->offset + at, e))
        return false;
    *out = str_bytes(room, n);
    return true;
}

bool xml_source_to(const struct xml_source *s, uint64_t at, uint64_t len, struct sink *out,
                   struct error *e)
{
    if (s->memory.at == NULL)
        return sink_from_file(out, s->fd, s->offset + at, len, e);
    return sink_write(out, str_upto(str_from(s->memory, (size_t)at), (size_t)len), e);
}

bool xml_source_load(struct xml_source *s, struct error *e)
{
    char *room;
    s->own = BUF((size_t)s->len);
    if (!buf_room(&s->own, (size_t)s->len, &room, e) ||
        !sys_pread_all(s->fd, room, (size_t)s->len, s->offset, e))
        return false;
    buf_grew(&s->own, (size_t)s->len);
    s->memory = buf_str(&s->own);
    return true;
}

struct place_sink {
    struct sink sink;
    uint64_t line, column;
};

static bool count_places(struct sink *s, struct str octets, struct error *e)
{
    struct place_sink *p = (struct place_sink *)s;
    (void)e;
    for (size_t i = 0; i < octets.len; i++) {
        bool is_continuation = ((unsigned char)octets.at[i] & 0xc0) == 0x80;
        p->column = octets.at[i] == '\n' ? 1 : p->column + !is_continuation;
        p->line += octets.at[i] == '\n';
    }
    return true;
}

bool xml_source_place(const struct xml_source *s, uint64_t at, uint64_t *line, uint64_t *column)
{
    struct error ignored = {0};
    struct place_sink p = {{count_places, NULL}, 1, 1};
    if (!xml_source_to(s, 0, at < s->len ? at : s->len, &p.sink, &ignored))
        return false;
    *line = p.line;
    *column = p.column;
    return true;
}
