/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* games.h - edits of a body, as somebody on the way would make them. */
#pragma once

#include "fixture.h"

/* The first `from` becomes `to`. Fails the test where it is not there. */
static inline void game_replace(struct buf *body, struct str from, struct str to)
{
    struct error e = {0};
    struct buf out = BUF(body->limit);
    struct str text = buf_str(body);
    size_t at = str_find(text, from);
    if (at == text.len)
        fail_msg("the body has no '%.*s'", STR_ARG(from));
    CHECK_OK(buf_add(&out, str_upto(text, at), &e), e);
    CHECK_OK(buf_add(&out, to, &e), e);
    CHECK_OK(buf_add(&out, str_from(text, at + from.len), &e), e);
    buf_release(body);
    *body = out;
}

/* A copy of what stands from `from` to `to` (both included). */
static inline struct str game_copy(const struct buf *body, struct arena *a, const char *from,
                                   const char *to)
{
    struct str found = find_between(buf_str(body), from, to);
    CHECK(found.len > 0);
    return arena_copy(a, found);
}

static inline void game_insert_before(struct buf *body, const char *mark, struct str what,
                                      struct arena *a)
{
    game_replace(body, str_of(mark), arena_format(a, "%.*s%s", STR_ARG(what), mark));
}

#define MESSAGING_AT "<eb:Messaging "
#define MESSAGING_TO "</eb:Messaging>"
#define BODY_AT      "<S12:Body "
#define BODY_TO      "</S12:Body>"
#define SIGNATURE_AT "<ds:Signature "
#define SIGNATURE_TO "</ds:Signature>"

/* text with one `from` replaced, in the arena */
static inline struct str game_edited(struct arena *a, struct str text, const char *from,
                                     const char *to)
{
    size_t at = str_find(text, str_of(from));
    CHECK(at < text.len);
    struct str tail = str_from(text, at + str_of(from).len);
    AUTO_BUF b = BUF(1 << 20);
    struct error e = {0};
    CHECK_OK(buf_add(&b, str_upto(text, at), &e), e);
    CHECK_OK(buf_add(&b, str_of(to), &e), e);
    CHECK_OK(buf_add(&b, tail, &e), e);
    return arena_copy(a, buf_str(&b));
}
