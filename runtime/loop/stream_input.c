/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/loop/test_stream.c */
#include "runtime/loop/stream_input.h"

#include <string.h>

#include "runtime/base/mem.h"

enum { FIRST_SIZE = 16 * 1024 }; /* one TLS record */

void stream_input_init(struct stream_input *in, size_t mark)
{
    *in = (struct stream_input){.next_size = FIRST_SIZE};
    stream_input_set_mark(in, mark);
}

void stream_input_release(struct stream_input *in)
{
    if (in->at != NULL)
        mem_wipe(in->at, in->used);
    mem_free(in->at);
    in->at = NULL;
    in->begin = in->end = in->size = in->used = 0;
}

void stream_input_set_mark(struct stream_input *in, size_t mark)
{
    in->mark = mark == 0 ? 1 : mark;
    if (in->next_size > in->mark)
        in->next_size = in->mark;
}

bool stream_input_has_room(const struct stream_input *in)
{
    return in->end - in->begin < in->mark;
}

/* A new place of the wanted size, with what is not consumed at its front. */
static void move(struct stream_input *in, size_t size)
{
    size_t held = in->end - in->begin;
    char *at = mem_room(size);
    if (held > 0 && in->at != NULL)
        memcpy(at, in->at + in->begin, held);
    stream_input_release(in);
    in->at = at;
    in->size = size;
    in->end = in->used = held;
}

char *stream_input_room(struct stream_input *in, size_t *room)
{
    if (in->at == NULL)
        move(in, in->next_size);
    if (in->at != NULL && in->end == in->size && in->begin > 0) {
        memmove(in->at, in->at + in->begin, in->end - in->begin);
        in->end -= in->begin;
        in->begin = 0;
    }
    if (in->end == in->size)
        move(in, in->size * 2 < in->mark ? in->size * 2 : in->mark);
    *room = in->size - in->end;
    return in->at + in->end;
}

void stream_input_grew(struct stream_input *in, size_t n)
{
    in->end += n;
    in->used = in->end > in->used ? in->end : in->used;
    bool is_full = in->end == in->size;
    if (is_full && in->size == in->next_size)
        in->next_size = in->next_size * 2 < in->mark ? in->next_size * 2 : in->mark;
    if (in->begin == in->end)
        stream_input_release(in);
}

struct str stream_input_peek(const struct stream_input *in)
{
    return str_bytes(in->at == NULL ? "" : in->at + in->begin, in->end - in->begin);
}

void stream_input_drop(struct stream_input *in, size_t n)
{
    size_t held = in->end - in->begin;
    in->begin += n < held ? n : held;
    if (in->begin == in->end)
        stream_input_release(in);
}
