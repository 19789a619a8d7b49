/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/mime/gzip.h"

#include <inttypes.h>
#include <isa-l/igzip_lib.h>
#include <stddef.h>
#include <string.h>

#include "runtime/base/mem.h"

enum { OUT_OCTETS = 64 * 1024 };
/* spec/as4.md 6.1: a bomb is what grows a thousandfold beyond ten MiB */
#define BOMB_RATIO UINT64_C(1000)
#define BOMB_FREE  (UINT64_C(10) * 1024 * 1024)

struct deflating {
    struct isal_zstream stream;
    uint8_t level_buf[ISAL_DEF_LVL1_DEFAULT];
    uint8_t out[OUT_OCTETS];
};

enum member {
    MEMBER_FIRST,   /* nothing came yet */
    MEMBER_HEADER,  /* inside a member's header */
    MEMBER_OPEN,    /* inside its deflate stream or trailer */
    MEMBER_CLOSED,  /* behind a whole member: another one, zeros, or the end may follow */
    MEMBER_PADDING, /* zeros came: only zeros may follow */
};

/* The header is read here: ISA-L loses its place when a header is split (seen with 2.30). */
enum { FLAG_HCRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, FLAGS_RESERVED = 0xe0 };
enum { FIXED_OCTETS = 10 };

struct inflating {
    enum member member;
    unsigned flags;   /* of the header, those still to come */
    size_t fixed;     /* octets of the fixed part seen */
    unsigned numbers; /* octets of the extra field's length seen */
    size_t skip;      /* octets of the extra field or of the header's CRC to pass over */
    uint64_t in, out_total, limit;
    struct inflate_state stream; /* ends with 64 KiB and more of what was inflated */
    uint8_t out[OUT_OCTETS];
};

/* ISA-L counts in 32 bits and does not say const. */
static void give(uint8_t **next_in, uint32_t *avail_in, struct str *octets)
{
    union {
        const char *given;
        uint8_t *taken;
    } cast = {.given = octets->at};
    size_t n = octets->len > INT32_MAX ? INT32_MAX : octets->len;
    *next_in = cast.taken;
    *avail_in = (uint32_t)n;
    *octets = str_from(*octets, n);
}

static bool run_deflate(struct gzip_sink *s, struct error *e)
{
    struct deflating *d = s->state;
    do {
        d->stream.next_out = d->out;
        d->stream.avail_out = sizeof(d->out);
        if (isal_deflate(&d->stream) != COMP_OK)
            return error_set(e, ERROR_BUG, "gzip: the compressor refused its own state");
        size_t n = sizeof(d->out) - d->stream.avail_out;
        if (!sink_write(s->next, str_bytes(d->out, n), e))
            return false;
    } while (d->stream.avail_out == 0);
    return true;
}

static bool deflate_write(struct sink *sink, struct str octets, struct error *e)
{
    struct gzip_sink *s = (struct gzip_sink *)sink;
    struct deflating *d = s->state;
    while (octets.len > 0) {
        give(&d->stream.next_in, &d->stream.avail_in, &octets);
        if (!run_deflate(s, e))
            return false;
    }
    return true;
}

static bool deflate_finish(struct sink *sink, struct error *e)
{
    struct gzip_sink *s = (struct gzip_sink *)sink;
    struct deflating *d = s->state;
    d->stream.end_of_stream = 1;
    d->stream.avail_in = 0;
    return run_deflate(s, e) && sink_finish(s->next, e);
}

void gzip_sink_init(struct gzip_sink *s, struct sink *next)
{
    struct deflating *d = mem_room(sizeof(*d)); /* 400 KiB, of which few are touched */
    isal_deflate_init(&d->stream);
    d->stream.next_in = NULL;
    d->stream.avail_in = 0;
    d->stream.level = 1;
    d->stream.level_buf = d->level_buf;
    d->stream.level_buf_size = sizeof(d->level_buf);
    d->stream.gzip_flag = IGZIP_GZIP;
    *s = (struct gzip_sink){{deflate_write, deflate_finish}, next, d};
}

static bool check_growth(const struct inflating *f, struct error *e)
{
    if (f->out_total > f->limit)
        return error_set(e, ERROR_REJECT, "gzip: more than %" PRIu64 " octets when inflated",
                         f->limit);
    if (f->out_total > BOMB_FREE && f->out_total / BOMB_RATIO > f->in)
        return error_set(e, ERROR_REJECT, "gzip: grows more than %" PRIu64 " times", BOMB_RATIO);
    return true;
}

/* One piece of a member: *octets moves past what was used. */
static bool inflate_some(struct gzip_sink *s, struct str *octets, struct error *e)
{
    struct inflating *f = s->state;
    struct str rest = *octets;
    give(&f->stream.next_in, &f->stream.avail_in, &rest);
    uint32_t had = f->stream.avail_in;
    do {
        uint32_t before = f->stream.avail_in;
        f->stream.next_out = f->out;
        f->stream.avail_out = sizeof(f->out);
        if (isal_inflate(&f->stream) != ISAL_DECOMP_OK)
            return error_set(e, ERROR_REJECT, "gzip: the stream is broken");
        size_t n = sizeof(f->out) - f->stream.avail_out;
        f->in += before - f->stream.avail_in;
        f->out_total += n;
        if (!check_growth(f, e) || !sink_write(s->next, str_bytes(f->out, n), e))
            return false;
    } while (f->stream.block_state != ISAL_BLOCK_FINISH &&
             (f->stream.avail_out == 0 || f->stream.avail_in > 0));
    *octets = str_from(*octets, had - f->stream.avail_in);
    if (f->stream.block_state == ISAL_BLOCK_FINISH)
        f->member = MEMBER_CLOSED;
    return true;
}

static void open_header(struct inflating *f)
{
    f->member = MEMBER_HEADER;
    f->flags = 0;
    f->fixed = 0;
    f->numbers = 0;
    f->skip = 0;
}

static bool fixed_octet(struct inflating *f, unsigned char c, struct error *e)
{
    static const unsigned char magic[] = {0x1f, 0x8b, 8};
    if (f->fixed < sizeof(magic) && c != magic[f->fixed])
        return error_set(e, ERROR_REJECT, "gzip: not a gzip stream");
    if (f->fixed == 3)
        f->flags = c;
    f->fixed++;
    if (f->flags & FLAGS_RESERVED)
        return error_set(e, ERROR_REJECT, "gzip: reserved flags are set");
    return true;
}

/* The extra field's length comes little-endian; then so many octets are passed over. */
static void extra_octet(struct inflating *f, unsigned char c)
{
    f->skip += (size_t)c << (8 * f->numbers);
    f->numbers++;
    if (f->numbers == 2)
        f->flags &= ~(unsigned)FLAG_EXTRA;
}

static bool header_octet(struct inflating *f, unsigned char c, struct error *e)
{
    if (f->fixed < FIXED_OCTETS)
        return fixed_octet(f, c, e);
    if (f->flags & FLAG_EXTRA)
        extra_octet(f, c);
    else if (f->skip > 0)
        f->skip--;
    else if (f->flags & FLAG_NAME)
        f->flags &= c == 0 ? ~(unsigned)FLAG_NAME : ~0u;
    else if (f->flags & FLAG_COMMENT)
        f->flags &= c == 0 ? ~(unsigned)FLAG_COMMENT : ~0u;
    return true;
}

static bool is_header_done(struct inflating *f)
{
    if (f->fixed < FIXED_OCTETS || f->skip > 0 ||
        (f->flags & (FLAG_EXTRA | FLAG_NAME | FLAG_COMMENT)))
        return false;
    if (f->flags & FLAG_HCRC) {
        f->flags &= ~(unsigned)FLAG_HCRC;
        f->skip = 2;
        return false;
    }
    return true;
}

static bool read_header(struct inflating *f, struct str *octets, struct error *e)
{
    while (octets->len > 0 && f->member == MEMBER_HEADER) {
        if (!header_octet(f, (unsigned char)octets->at[0], e))
            return false;
        f->in++;
        *octets = str_from(*octets, 1);
        if (is_header_done(f)) {
            isal_inflate_reset(&f->stream);
            f->stream.crc_flag = ISAL_GZIP_NO_HDR_VER;
            f->member = MEMBER_OPEN;
        }
    }
    return true;
}

static bool inflate_write(struct sink *sink, struct str octets, struct error *e)
{
    struct gzip_sink *s = (struct gzip_sink *)sink;
    struct inflating *f = s->state;
    bool ok = true;
    while (ok && octets.len > 0) {
        unsigned char c = (unsigned char)octets.at[0];
        if (f->member == MEMBER_OPEN) {
            ok = inflate_some(s, &octets, e);
        } else if (f->member == MEMBER_HEADER) {
            ok = read_header(f, &octets, e);
        } else if (f->member == MEMBER_FIRST || (f->member == MEMBER_CLOSED && c == 0x1f)) {
            open_header(f);
        } else if (c == 0) {
            f->member = MEMBER_PADDING;
            octets = str_from(octets, 1);
        } else {
            ok = error_set(e, ERROR_REJECT, "gzip: octets follow the end of the stream");
        }
    }
    return ok;
}

static bool inflate_finish(struct sink *sink, struct error *e)
{
    struct gzip_sink *s = (struct gzip_sink *)sink;
    const struct inflating *f = s->state;
    if (f->member != MEMBER_CLOSED && f->member != MEMBER_PADDING)
        return error_set(e, ERROR_REJECT, "gzip: the stream ends too early");
    return sink_finish(s->next, e);
}

void gunzip_sink_init(struct gzip_sink *s, uint64_t limit, struct sink *next)
{
    struct inflating *f = mem_room(sizeof(*f));
    memset(f, 0, offsetof(struct inflating, stream.tmp_out_buffer));
    isal_inflate_init(&f->stream);
    f->limit = limit;
    *s = (struct gzip_sink){{inflate_write, inflate_finish}, next, f};
}

void gzip_sink_release(struct gzip_sink *s)
{
    mem_free(s->state);
    s->state = NULL;
}
