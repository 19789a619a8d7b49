/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/errand.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/base/number.h"
#include "runtime/base/text.h"

static bool fits_line(struct str text, const char *what, struct error *e)
{
    if (text.len == 0)
        return error_set(e, ERROR_REJECT, "%s: empty", what);
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
            return error_set(e, ERROR_REJECT, "%s: a control character at octet %zu", what, i);
    return true;
}

static bool write_file(const struct errand *errand, struct buf *out, struct error *e)
{
    return errand->octets == 0 ||
           (buf_addf(out, e, "%" PRIu64 " %" PRIu64 " ", errand->before, errand->octets) &&
            hex_encode(out, str_bytes(errand->sha256, sizeof(errand->sha256)), e) &&
            buf_add_char(out, '\n', e));
}

bool errand_write(const struct errand *errand, struct buf *out, struct error *e)
{
    bool is_push = errand->content_type.len > 0;
    if (!fits_line(errand->url, "URL", e) ||
        !buf_add(out, is_push ? STR("POST ") : STR("GET "), e) || !buf_add(out, errand->url, e) ||
        !buf_add_char(out, '\n', e))
        return false;
    return !is_push || (fits_line(errand->content_type, "content type", e) &&
                        buf_add(out, errand->content_type, e) && buf_add_char(out, '\n', e) &&
                        write_file(errand, out, e));
}

static bool wrong(const char *what, struct error *e)
{
    return error_set(e, ERROR_REJECT, "errand: %s is wrong", what);
}

/* All lines end with a line feed: a head that was cut off is no other errand. */
static bool next_line(struct str *rest, struct str *line)
{
    size_t end = str_find_char(*rest, '\n');
    if (end == rest->len)
        return false;
    *line = str_upto(*rest, end);
    *rest = str_from(*rest, end + 1);
    return true;
}

static bool read_file(struct str line, struct errand *out, struct error *e)
{
    struct str before, octets;
    AUTO_BUF digest = BUF(sizeof(out->sha256));
    if (!str_next(&line, ' ', &before) || !str_next(&line, ' ', &octets) ||
        !parse_u64(before, 0, UINT32_MAX, &out->before, e) ||
        !parse_u64(octets, 1, INT64_MAX, &out->octets, e) || !hex_decode(&digest, line, e) ||
        digest.len != sizeof(out->sha256))
        return wrong("the file's line", e);
    memcpy(out->sha256, digest.at, digest.len);
    return true;
}

static bool read_push(struct str rest, struct errand *out, struct error *e)
{
    struct str line;
    if (!next_line(&rest, &out->content_type) || !fits_line(out->content_type, "content type", e))
        return wrong("the content type", e);
    if (next_line(&rest, &line) && !read_file(line, out, e))
        return false;
    return rest.len == 0 || wrong("what stands behind it", e);
}

bool errand_read(struct str head, struct errand *out, struct error *e)
{
    struct errand read = {0};
    struct str line, rest = head;
    if (!next_line(&rest, &line))
        return wrong("the first line", e);
    bool is_push = str_starts(line, STR("POST "));
    if (!is_push && !str_starts(line, STR("GET ")))
        return wrong("the method", e);
    read.url = str_from(line, is_push ? 5 : 4);
    if (!fits_line(read.url, "URL", e) || (is_push && !read_push(rest, &read, e)))
        return false;
    if (!is_push && rest.len > 0)
        return wrong("what stands behind it", e);
    *out = read;
    return true;
}
