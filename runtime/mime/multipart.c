/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* The scanner knows one string, CRLF "--" boundary. CR stands only at its beginning, so after a
 * mismatch the search goes on at the octet that did not fit: no octet is looked at twice and what
 * must be carried from one write to the next is a number, not a copy. */
#include "runtime/mime/multipart.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/base/mem.h"
#include "runtime/base/text.h"
#include "runtime/base/uuid.h"
#include "runtime/mime/part_header.h"

enum { BOUNDARY_MAX = 70, DELIMITER_MAX = BOUNDARY_MAX + 4, PADDING_MAX = 256 };

enum place {
    PLACE_PREAMBLE, /* before the first delimiter */
    PLACE_TAIL,     /* behind a delimiter, before the end of its line */
    PLACE_HEADER,
    PLACE_BODY,
    PLACE_EPILOGUE,
};

struct multipart {
    struct sink sink;
    struct multipart_limits limits;
    struct multipart_events events;
    enum place place;
    char delimiter[DELIMITER_MAX];
    size_t delimiter_len;
    size_t matched; /* octets of the delimiter seen at the end of what came so far ... */
    size_t real; /* ... of which those before this one were never there (a start of a part, LF) */
    unsigned parts;
    uint64_t offset; /* of the next octet in the whole body */
    uint64_t part_at, part_octets;
    struct buf line; /* tail of a delimiter, or the header block of a part */
    size_t line_at;  /* where the line under way begins in it */
    unsigned lines;
    struct part_decoder decoder;
    struct sink *out; /* NULL: the part is skipped */
};

static bool is_boundary_char(char c)
{
    static const char odd[] = "'()+_,-./:=? ";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           str_find_char(str_bytes(odd, sizeof(odd) - 1), c) < sizeof(odd) - 1;
}

static bool is_boundary(struct str boundary)
{
    for (size_t i = 0; i < boundary.len; i++) {
        if (!is_boundary_char(boundary.at[i]))
            return false;
    }
    return boundary.len > 0 && boundary.len <= BOUNDARY_MAX && boundary.at[boundary.len - 1] != ' ';
}

/* A delimiter may begin here without its CRLF: the line end before it is already consumed. */
static void expect_line_start(struct multipart *m)
{
    m->matched = 2;
    m->real = 2;
}

static void enter_lines(struct multipart *m, enum place place)
{
    m->place = place;
    m->matched = 0;
    m->real = 0;
    buf_clear(&m->line);
    m->line_at = 0;
    m->lines = 0;
}

/* --- body and preamble */

static bool emit(struct multipart *m, struct str octets, struct error *e)
{
    if (m->place != PLACE_BODY || octets.len == 0)
        return true;
    if (octets.len > m->limits.part_octets || m->part_octets > m->limits.part_octets - octets.len)
        return error_set(e, ERROR_REJECT, "multipart: part %u has more than %" PRIu64 " octets",
                         m->parts, m->limits.part_octets);
    m->part_octets += octets.len;
    return m->out == NULL || sink_write(m->out, octets, e);
}

static bool end_part(struct multipart *m, struct error *e)
{
    if (m->place != PLACE_BODY)
        return true;
    struct sink *out = m->out;
    m->out = NULL;
    if (out != NULL && !sink_finish(out, e))
        return false;
    return m->events.part_end == NULL ||
           m->events.part_end(m->events.ctx, m->parts - 1, m->part_at, m->part_octets, e);
}

/* One octet while part of a delimiter is matched. */
static bool match_octet(struct multipart *m, char c, struct error *e)
{
    if (c == m->delimiter[m->matched]) {
        m->matched++;
        if (m->matched < m->delimiter_len)
            return true;
        if (!end_part(m, e))
            return false;
        enter_lines(m, PLACE_TAIL);
        return true;
    }
    struct str held = str_bytes(m->delimiter + m->real, m->matched - m->real);
    m->matched = 0;
    m->real = 0;
    if (!emit(m, held, e))
        return false;
    if (c == '\r') {
        m->matched = 1;
    } else if (c == '\n' && m->limits.lenient) {
        m->matched = 2;
        m->real = 1;
    } else {
        return emit(m, str_bytes(&c, 1), e);
    }
    return true;
}

/* Where a delimiter, or the beginning of one that the end cuts off, stands; else octets.len. */
static size_t find_start(const struct multipart *m, struct str octets)
{
    size_t skip = m->limits.lenient ? 1 : 0;
    const char *hit = memmem(octets.at, octets.len, m->delimiter + skip, m->delimiter_len - skip);
    size_t at = hit == NULL ? octets.len : (size_t)(hit - octets.at);
    if (at < octets.len)
        return at > 0 && skip == 1 && octets.at[at - 1] == '\r' ? at - 1 : at;
    size_t tail = octets.len < DELIMITER_MAX ? octets.len : DELIMITER_MAX;
    for (size_t i = octets.len - tail; i < octets.len; i++) {
        if (octets.at[i] == '\r' || (skip == 1 && octets.at[i] == '\n'))
            return i;
    }
    return octets.len;
}

static bool scan_body(struct multipart *m, struct str *octets, struct error *e)
{
    enum place place = m->place;
    while (octets->len > 0 && m->place == place) {
        if (m->matched == 0) {
            size_t at = find_start(m, *octets);
            if (!emit(m, str_upto(*octets, at), e))
                return false;
            m->offset += at;
            *octets = str_from(*octets, at);
            if (octets->len == 0)
                return true;
        }
        m->offset++;
        if (!match_octet(m, octets->at[0], e))
            return false;
        *octets = str_from(*octets, 1);
    }
    return true;
}

/* --- lines */

/* Adds octets up to and with the next LF. *whole: the line is complete, its end well formed. */
static bool take_line(struct multipart *m, struct str *octets, bool *whole, struct error *e)
{
    size_t n = str_find_char(*octets, '\n');
    *whole = n < octets->len;
    n += *whole ? 1 : 0;
    if (!buf_add(&m->line, str_upto(*octets, n), e))
        return error_set(e, ERROR_REJECT, "multipart: more than %zu octets in a header",
                         m->line.limit);
    m->offset += n;
    *octets = str_from(*octets, n);
    struct str line = str_from(buf_str(&m->line), m->line_at);
    if (*whole && !m->limits.lenient && !str_ends(line, STR("\r\n")))
        return error_set(e, ERROR_REJECT,
                         "multipart: a line ends with LF alone; CRLF is asked for");
    return true;
}

/* Behind the boundary: "--" for the end (what follows it is epilogue), or blanks and the line's end. */
static bool tail_octet(struct multipart *m, char c, struct error *e)
{
    bool after_cr = str_ends(buf_str(&m->line), STR("\r"));
    if (!buf_add_char(&m->line, c, e))
        return false;
    struct str line = buf_str(&m->line);
    if (str_is(line, "--")) {
        m->place = PLACE_EPILOGUE;
        return true;
    }
    if (c == '\n' && (after_cr || m->limits.lenient) && str_trim(line).len == 0) {
        enter_lines(m, PLACE_HEADER);
        return true;
    }
    bool is_blank = (c == ' ' || c == '\t' || c == '\r') && !after_cr && str_trim(line).len == 0;
    if ((is_blank && line.len <= PADDING_MAX) || str_is(line, "-"))
        return true;
    return error_set(e, ERROR_REJECT, "multipart: a boundary is followed by something else");
}

static bool scan_tail(struct multipart *m, struct str *octets, struct error *e)
{
    while (octets->len > 0 && m->place == PLACE_TAIL) {
        m->offset++;
        if (!tail_octet(m, octets->at[0], e))
            return false;
        *octets = str_from(*octets, 1);
    }
    return true;
}

static bool begin_part(struct multipart *m, struct error *e)
{
    AUTO_ARENA a = {0};
    struct part_header header = {0};
    if (m->parts == m->limits.parts)
        return error_set(e, ERROR_REJECT, "multipart: more than %u parts", m->limits.parts);
    if (!part_header_read(str_upto(buf_str(&m->line), m->line_at), &a, &header, e))
        return false;
    struct sink *sink = NULL;
    if (!m->events.part(m->events.ctx, m->parts, &header, &sink, e))
        return false;
    m->parts++;
    m->out = NULL;
    if (sink != NULL &&
        !part_decoder_start(&m->decoder, header.transfer_encoding, sink, &m->out, e))
        return false;
    m->place = PLACE_BODY;
    m->part_at = m->offset;
    m->part_octets = 0;
    expect_line_start(m);
    return true;
}

static bool scan_header(struct multipart *m, struct str *octets, struct error *e)
{
    bool whole;
    if (!take_line(m, octets, &whole, e))
        return false;
    if (!whole)
        return true;
    struct str line = str_from(buf_str(&m->line), m->line_at);
    if (str_is(line, "\r\n") || str_is(line, "\n"))
        return begin_part(m, e);
    if (++m->lines > MULTIPART_HEADERS_MAX)
        return error_set(e, ERROR_REJECT, "multipart: more than %d header lines",
                         MULTIPART_HEADERS_MAX);
    m->line_at = m->line.len;
    return true;
}

static bool scan(struct sink *sink, struct str octets, struct error *e)
{
    struct multipart *m = (struct multipart *)sink;
    bool ok = true;
    while (ok && octets.len > 0) {
        switch (m->place) {
        case PLACE_PREAMBLE:
        case PLACE_BODY:
            ok = scan_body(m, &octets, e);
            break;
        case PLACE_TAIL:
            ok = scan_tail(m, &octets, e);
            break;
        case PLACE_HEADER:
            ok = scan_header(m, &octets, e);
            break;
        case PLACE_EPILOGUE:
            m->offset += octets.len;
            octets.len = 0;
            break;
        }
    }
    return ok;
}

static bool scan_end(struct sink *sink, struct error *e)
{
    const struct multipart *m = (const struct multipart *)sink;
    if (m->place != PLACE_EPILOGUE)
        return error_set(e, ERROR_REJECT,
                         m->place == PLACE_PREAMBLE ? "multipart: the boundary does not occur"
                                                    : "multipart: the end boundary is missing");
    return true;
}

/* --- life */

bool multipart_new(struct str boundary, const struct multipart_limits *limits,
                   const struct multipart_events *events, struct multipart **out, struct error *e)
{
    if (!is_boundary(boundary))
        return error_set(e, ERROR_REJECT,
                         "multipart: the boundary must be 1 to 70 characters of RFC 2046");
    struct multipart *m = mem_new(sizeof(*m));
    m->sink = (struct sink){scan, scan_end};
    m->limits = *limits;
    m->events = *events;
    m->line = BUF(MULTIPART_HEADER_OCTETS_MAX);
    m->delimiter_len = boundary.len + 4;
    memcpy(m->delimiter, "\r\n--", 4);
    memcpy(m->delimiter + 4, boundary.at, boundary.len);
    expect_line_start(m);
    *out = m;
    return true;
}

struct sink *multipart_sink(struct multipart *m)
{
    return &m->sink;
}

void multipart_free(struct multipart *m)
{
    if (m == NULL)
        return;
    buf_release(&m->line);
    mem_free(m);
}

void multipart_free_at(struct multipart **m)
{
    multipart_free(*m);
    *m = NULL;
}

struct str multipart_boundary(struct arena *a)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char octets[16];
    char text[sizeof(octets) * 2];
    random_octets(octets, sizeof(octets));
    for (size_t i = 0; i < sizeof(octets); i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    return arena_format(a, "posthorn-%.*s", (int)sizeof(text), text);
}
