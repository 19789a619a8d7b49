/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* stream_input.h - what a stream has received and its holder has not consumed. Takes no memory
 * while empty, so that idle connections cost little. Within runtime/loop only. */
#pragma once

#include "runtime/base/str.h"

struct stream_input {
    char *at;
    size_t begin, end; /* of what is not consumed */
    size_t size;       /* of at */
    size_t used;       /* most of it that ever held octets: what is to be wiped */
    size_t next_size;  /* grows while reads fill it */
    size_t mark;       /* most octets read ahead */
};

void stream_input_init(struct stream_input *in, size_t mark);
void stream_input_release(struct stream_input *in);
void stream_input_set_mark(struct stream_input *in, size_t mark);
bool stream_input_has_room(const struct stream_input *in);
char *stream_input_room(struct stream_input *in, size_t *room); /* at least one octet */
void stream_input_grew(struct stream_input *in, size_t n);
struct str stream_input_peek(const struct stream_input *in);
void stream_input_drop(struct stream_input *in, size_t n);
