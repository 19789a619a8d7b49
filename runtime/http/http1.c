/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/http/http1.h"

#include <string.h>

#include "runtime/base/mem.h"
#include "runtime/http/http1_head.h"

enum {
    CHUNK_LINE_MAX = 256,
    EXTENSIONS_MAX = 16 * 1024, /* octets of chunk lines beyond 20 each, in one body */
    CHUNK_LINE_USUAL = 20,
};

enum http1_state {
    HTTP1_START,        /* between requests */
    HTTP1_REQUEST_LINE, /* its first octet has come */
    HTTP1_FIELDS,
    HTTP1_LENGTH_BODY, /* `left` octets to come */
    HTTP1_CHUNK_LINE,
    HTTP1_CHUNK_BODY, /* `left` octets to come */
    HTTP1_CHUNK_CRLF, /* behind a chunk */
    HTTP1_TRAILER,
    HTTP1_FINISHED, /* END is to be told */
    HTTP1_BROKEN,
};

struct http1 {
    struct http1_limits limits;
    enum http1_state state;
    struct buf text;   /* of the head, line ends and all */
    size_t line_at;    /* where in text the line that is coming begins */
    struct buf line;   /* of a chunk or trailer */
    size_t trailer;    /* octets of the trailer so far */
    size_t extensions; /* octets of unusual chunk lines */
    uint64_t left;
    unsigned field_count;
    bool has_skipped; /* the one empty line in front of a request */
    struct http1_head head;
    struct http1_field *fields; /* limits.fields_max */
    unsigned status;
};

struct http1 *http1_new(const struct http1_limits *limits)
{
    struct http1 *h = mem_new(sizeof *h);
    h->limits = *limits;
    h->text = BUF(limits->head_max);
    h->line = BUF(limits->trailer_max > CHUNK_LINE_MAX ? limits->trailer_max : CHUNK_LINE_MAX);
    return h;
}

void http1_free(struct http1 *h)
{
    if (h == NULL)
        return;
    buf_release(&h->text);
    buf_release(&h->line);
    mem_free(h->fields);
    mem_free(h);
}

static bool refuse(struct http1 *h, unsigned status, struct error *e, const char *why)
{
    h->status = status;
    return error_set(e, ERROR_REJECT, "%s", why);
}

/* Moves octets up to and with a line feed into b, which holds at most `most`. */
static bool gather(struct buf *b, size_t most, struct str *in, bool *is_whole, struct error *e)
{
    size_t end = str_find_char(*in, '\n');
    *is_whole = end < in->len;
    struct str piece = str_upto(*in, *is_whole ? end + 1 : end);
    if (piece.len > most || b->len > most - piece.len)
        return error_set(e, ERROR_REJECT, "a line is too long");
    *in = str_from(*in, piece.len);
    return buf_add(b, piece, e);
}

/* A line with its CRLF to one without: CR, LF and NUL stand nowhere else, nor do other controls. */
static bool strip_line(struct str *line, struct error *e)
{
    struct str s = str_upto(*line, line->len - 1);
    if (s.len == 0 || s.at[s.len - 1] != '\r')
        return error_set(e, ERROR_REJECT, "a line ends in LF without CR");
    s.len--;
    for (size_t i = 0; i < s.len; i++)
        if (((unsigned char)s.at[i] < 0x20 && s.at[i] != '\t') || s.at[i] == 0x7f)
            return error_set(e, ERROR_REJECT, "a control character in the head or a chunk line");
    *line = s;
    return true;
}

static struct str last_line(const struct http1 *h)
{
    return str_from(buf_str(&h->text), h->line_at);
}

static void begin_request(struct http1 *h)
{
    buf_clear(&h->text);
    h->line_at = 0;
    h->field_count = 0;
    h->head = (struct http1_head){0};
    h->extensions = h->trailer = 0;
    h->state = HTTP1_REQUEST_LINE;
}

static bool take_request_line(struct http1 *h, struct str *in, struct error *e)
{
    bool is_whole;
    size_t most = h->limits.line_max < h->limits.head_max ? h->limits.line_max : h->limits.head_max;
    if (!gather(&h->text, most, in, &is_whole, e))
        return refuse(h, 414, e, "the request line is too long");
    if (!is_whole)
        return true;
    struct str line = last_line(h);
    h->status = 400;
    if (!strip_line(&line, e))
        return false;
    if (line.len == 0 && !h->has_skipped) { /* RFC 9112 §2.2 */
        h->has_skipped = true;
        h->state = HTTP1_START;
        return true;
    }
    h->line_at = h->text.len;
    h->state = HTTP1_FIELDS;
    return http1_read_request_line(line, &h->head, &h->status, e);
}

/* The text does not move any more: all views are taken now. */
static bool read_whole_head(struct http1 *h, struct error *e)
{
    struct str rest = str_upto(buf_str(&h->text), h->line_at), line;
    if (h->fields == NULL)
        h->fields = mem_new_array(h->limits.fields_max + 1U, sizeof *h->fields);
    h->head.fields = h->fields;
    bool is_first = true;
    while (rest.len > 0 && str_next(&rest, '\n', &line)) {
        line = str_upto(line, line.len - 1);
        bool ok = is_first ? http1_read_request_line(line, &h->head, &h->status, e)
                           : http1_read_field(line, &h->fields[h->head.field_count++], e);
        if (!ok)
            return false;
        is_first = false;
    }
    return http1_settle_head(&h->head, &h->status, e);
}

static void enter_body(struct http1 *h)
{
    h->left = h->head.content_length;
    if (!h->head.has_body)
        h->state = HTTP1_FINISHED;
    else
        h->state = h->head.is_chunked ? HTTP1_CHUNK_LINE : HTTP1_LENGTH_BODY;
}

static bool take_field(struct http1 *h, struct str *in, bool *is_head, struct error *e)
{
    bool is_whole;
    struct http1_field ignored;
    if (!gather(&h->text, h->limits.head_max, in, &is_whole, e))
        return refuse(h, 431, e, "the header is too long");
    if (!is_whole)
        return true;
    struct str line = last_line(h);
    h->status = 400;
    if (!strip_line(&line, e))
        return false;
    if (line.len == 0) {
        h->has_skipped = false;
        *is_head = true;
        return read_whole_head(h, e);
    }
    if (h->field_count++ == h->limits.fields_max)
        return refuse(h, 431, e, "the header has too many lines");
    h->line_at = h->text.len;
    return http1_read_field(line, &ignored, e);
}

static bool take_chunk_line(struct http1 *h, struct str *in, struct error *e)
{
    bool is_whole;
    h->status = 400;
    if (!gather(&h->line, CHUNK_LINE_MAX, in, &is_whole, e))
        return refuse(h, 400, e, "a chunk's line is too long");
    if (!is_whole)
        return true;
    struct str line = buf_str(&h->line);
    if (!strip_line(&line, e) || !http1_read_chunk_line(line, &h->left, e))
        return false;
    h->extensions += line.len > CHUNK_LINE_USUAL ? line.len : 0;
    if (h->extensions > EXTENSIONS_MAX)
        return refuse(h, 400, e, "too many chunk extensions");
    buf_clear(&h->line);
    h->state = h->left > 0 ? HTTP1_CHUNK_BODY : HTTP1_TRAILER;
    return true;
}

static bool take_chunk_crlf(struct http1 *h, struct str *in, struct error *e)
{
    bool is_whole;
    h->status = 400;
    if (!gather(&h->line, 2, in, &is_whole, e) || (!is_whole && h->line.at[0] != '\r'))
        return refuse(h, 400, e, "a chunk is longer than its size");
    if (!is_whole && h->line.len == 2)
        return refuse(h, 400, e, "a chunk is longer than its size");
    if (!is_whole)
        return true;
    struct str line = buf_str(&h->line);
    if (!strip_line(&line, e))
        return false;
    buf_clear(&h->line);
    h->state = HTTP1_CHUNK_LINE;
    return true;
}

/* Checked as fields and thrown away: nothing may change its meaning behind the body. */
static bool take_trailer(struct http1 *h, struct str *in, struct error *e)
{
    bool is_whole;
    struct http1_field ignored;
    if (!gather(&h->line, h->limits.trailer_max - h->trailer, in, &is_whole, e))
        return refuse(h, 431, e, "the trailer is too long");
    if (!is_whole)
        return true;
    struct str line = buf_str(&h->line);
    h->status = 400;
    h->trailer += line.len;
    if (!strip_line(&line, e) || (line.len > 0 && !http1_read_field(line, &ignored, e)))
        return false;
    h->state = line.len > 0 ? HTTP1_TRAILER : HTTP1_FINISHED;
    buf_clear(&h->line);
    return true;
}

static enum http1_event give_body(struct http1 *h, struct str *in, struct str *body)
{
    size_t n = in->len < h->left ? in->len : (size_t)h->left;
    *body = str_upto(*in, n);
    *in = str_from(*in, n);
    h->left -= n;
    if (h->left == 0)
        h->state = h->state == HTTP1_CHUNK_BODY ? HTTP1_CHUNK_CRLF : HTTP1_FINISHED;
    return HTTP1_BODY;
}

/* One line's part of the input. False: refused. */
static bool take_line(struct http1 *h, struct str *in, bool *is_head, struct error *e)
{
    switch (h->state) {
    case HTTP1_START:
        begin_request(h);
        return true;
    case HTTP1_REQUEST_LINE:
        return take_request_line(h, in, e);
    case HTTP1_FIELDS:
        return take_field(h, in, is_head, e);
    case HTTP1_CHUNK_LINE:
        return take_chunk_line(h, in, e);
    case HTTP1_CHUNK_CRLF:
        return take_chunk_crlf(h, in, e);
    case HTTP1_TRAILER:
        return take_trailer(h, in, e);
    case HTTP1_LENGTH_BODY:
    case HTTP1_CHUNK_BODY:
    case HTTP1_FINISHED:
    case HTTP1_BROKEN:
        break;
    }
    return refuse(h, 400, e, "refused before");
}

enum http1_event http1_next(struct http1 *h, struct str *in, struct str *body, struct error *e)
{
    for (;;) {
        bool is_head = false;
        if (h->state == HTTP1_FINISHED) {
            h->state = HTTP1_START;
            return HTTP1_END;
        }
        if (in->len == 0 && h->state != HTTP1_BROKEN)
            return HTTP1_MORE;
        if (h->state == HTTP1_LENGTH_BODY || h->state == HTTP1_CHUNK_BODY)
            return give_body(h, in, body);
        if (!take_line(h, in, &is_head, e)) {
            h->state = HTTP1_BROKEN;
            return HTTP1_REFUSED;
        }
        if (is_head) {
            enter_body(h);
            return HTTP1_HEAD;
        }
    }
}

const struct http1_head *http1_head(const struct http1 *h)
{
    return &h->head;
}

unsigned http1_status(const struct http1 *h)
{
    return h->status;
}

bool http1_is_between(const struct http1 *h)
{
    return h->state == HTTP1_START;
}

bool http1_in_head(const struct http1 *h)
{
    return h->state == HTTP1_REQUEST_LINE || h->state == HTTP1_FIELDS;
}
