/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/as4_file.h"

#include "accesspoint/as4/names.h"
#include "posthorn/input.h"
#include "runtime/base/sys.h"

enum { HEAD_MAX = 64 * 1024, HEAD_BLOCKS_MAX = 2 };

void as4_file_release(struct as4_file *f)
{
    if (f->content_type.at != NULL)
        sys_close(&f->fd);
    *f = (struct as4_file){0};
}

/* A line without its line end; false at the end of the text. */
static bool next_line(struct str *rest, struct str *line)
{
    if (!str_next(rest, '\n', line))
        return false;
    if (str_ends(*line, STR("\r")))
        *line = str_upto(*line, line->len - 1);
    return true;
}

static bool is_envelope(struct str s)
{
    static const char bom[] = "\xef\xbb\xbf";
    if (str_starts(s, str_bytes(bom, 3)))
        s = str_from(s, 3);
    return str_starts(str_trim(str_upto(s, 64)), STR("<"));
}

static struct str type_of_boundary(struct str line, struct arena *a)
{
    struct str boundary = str_trim(str_from(line, 2));
    return arena_format(a, "multipart/related; type=\"" TYPE_SOAP "\"; boundary=\"%.*s\"",
                        STR_ARG(boundary));
}

/* One block of headers off *rest; the value of its Content-Type, unfolded. */
static struct str take_headers(struct str *rest, struct arena *a)
{
    struct str line, value = STR_NONE;
    bool in_type = false;
    while (next_line(rest, &line) && line.len > 0) {
        bool is_folded = line.at[0] == ' ' || line.at[0] == '\t';
        if (is_folded && in_type)
            value = arena_format(a, "%.*s %.*s", STR_ARG(value), STR_ARG(str_trim(line)));
        if (is_folded)
            continue;
        size_t colon = str_find_char(line, ':');
        in_type = str_equal_nocase(str_upto(line, colon), STR("Content-Type"));
        if (in_type)
            value = arena_copy(a, str_trim(str_from(line, colon + 1)));
    }
    return value;
}

bool as4_file_head(struct str head, struct arena *a, struct str *content_type, size_t *body_at,
                   struct error *e)
{
    struct str rest = head, line, type = STR_NONE;
    if (is_envelope(head)) {
        *content_type = STR(TYPE_SOAP);
        *body_at = 0;
        return true;
    }
    struct str first = head;
    if (str_starts(head, STR("--")) && next_line(&first, &line)) {
        *content_type = type_of_boundary(line, a);
        *body_at = 0;
        return true;
    }
    /* Captures of a proxy repeat the block of headers. */
    for (int i = 0; i < HEAD_BLOCKS_MAX; i++) {
        if (i > 0 && !str_equal_nocase(str_upto(rest, 13), STR("Content-Type:")))
            break;
        type = take_headers(&rest, a);
    }
    if (type.at == NULL || rest.at == NULL)
        return error_set(e, ERROR_REJECT,
                         "neither a SOAP envelope, nor a multipart body, nor headers with a "
                         "Content-Type");
    *content_type = type;
    *body_at = (size_t)(rest.at - head.at);
    return true;
}

static bool read_head(int fd, uint64_t size, struct buf *head, struct error *e)
{
    size_t n = size < HEAD_MAX ? (size_t)size : HEAD_MAX;
    char *room;
    if (!buf_room(head, n, &room, e) || !sys_pread_all(fd, room, n, 0, e))
        return false;
    buf_grew(head, n);
    return true;
}

bool as4_file_open(const char *path, struct arena *a, struct as4_file *out, struct error *e)
{
    AUTO_BUF head = BUF(HEAD_MAX);
    AUTO_FD int fd = -1;
    uint64_t size = 0;
    size_t body_at = 0;
    if (!input_open(path, INPUT_OCTETS_MAX, &fd, &size, e) || !read_head(fd, size, &head, e) ||
        !as4_file_head(buf_str(&head), a, &out->content_type, &body_at, e))
        return false;
    out->fd = fd;
    out->body = (struct as4_octets){.fd = fd, .offset = body_at, .len = size - body_at};
    fd = -1; /* NOLINT(clang-analyzer-deadcode.DeadStores): the cleanup reads it */
    return true;
}
