/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/prolog.h"

#include "runtime/base/cursor.h"

enum { HEAD_OCTETS = 1024 };
enum encoding { ENCODING_UTF8, ENCODING_UTF16BE, ENCODING_UTF16LE, ENCODING_LATIN1 };

/* XML 1.0 appendix F.1: four octets tell. */
static enum encoding guess(struct str head)
{
    if (str_starts(head, STR("\xfe\xff")) || str_starts(head, STR("\0<")))
        return ENCODING_UTF16BE;
    if (str_starts(head, STR("\xff\xfe")) || str_starts(head, STR("<\0")))
        return ENCODING_UTF16LE;
    return ENCODING_UTF8;
}

static bool put_utf8(struct buf *out, uint32_t c, struct error *e)
{
    char octets[4];
    return buf_add(out, str_bytes(octets, str_put_utf8(octets, c)), e);
}

static bool next_unit(struct cursor *c, enum encoding from, uint32_t *unit)
{
    uint16_t two;
    uint8_t one;
    if (from == ENCODING_LATIN1) {
        bool ok = cursor_u8(c, &one);
        *unit = one;
        return ok;
    }
    if (!cursor_u16(c, &two))
        return false;
    *unit = from == ENCODING_UTF16BE ? two : (uint16_t)(two << 8 | two >> 8);
    return true;
}

static bool write_anew(struct str text, enum encoding from, struct buf *out, struct error *e)
{
    struct cursor c = cursor_of(text);
    uint32_t unit = 0, low = 0;
    while (!cursor_done(&c)) {
        if (!next_unit(&c, from, &unit))
            return error_set(e, ERROR_REJECT, "UTF-16 text has an odd number of octets");
        if (unit >= 0xd800 && unit < 0xe000) {
            if (unit >= 0xdc00 || !next_unit(&c, from, &low) || low < 0xdc00 || low >= 0xe000)
                return error_set(e, ERROR_REJECT, "UTF-16 text has half a surrogate pair");
            unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        }
        if (!put_utf8(out, unit, e))
            return false;
    }
    return true;
}

static bool transcode(struct xml_source *s, enum encoding from, struct error *e)
{
    if (s->len > XML_TRANSCODE_MAX)
        return error_set(e, ERROR_REJECT, "a document of more than 1 MiB must be UTF-8");
    if (s->memory.at == NULL && !xml_source_load(s, e))
        return false;
    struct buf text = BUF(2 * XML_TRANSCODE_MAX);
    if (!write_anew(s->memory, from, &text, e)) {
        buf_release(&text);
        return false;
    }
    buf_release(&s->own);
    s->own = text;
    s->memory = buf_str(&s->own);
    s->len = s->memory.len;
    return true;
}

static bool skip_blanks(struct cursor *c)
{
    size_t before = c->left.len;
    c->left = str_trim_start(c->left);
    return c->left.len < before;
}

/* S name Eq quoted; the cursor stays where it is when another name stands there. */
static bool take_pair(struct cursor *c, struct str name, struct str *value)
{
    struct cursor try = *c;
    if (!skip_blanks(&try) || !cursor_skip(&try, name))
        return false;
    skip_blanks(&try);
    if (!cursor_char(&try, '='))
        return false;
    skip_blanks(&try);
    bool single = cursor_char(&try, '\'');
    if (!single && !cursor_char(&try, '"'))
        return false;
    if (!cursor_until(&try, single ? STR("'") : STR("\""), value))
        return false;
    *c = try;
    return true;
}

/* XML 1.0 production 23; *encoding STR_NONE where the declaration names none. */
static bool read_declaration(struct cursor *c, struct str *encoding, struct error *e)
{
    struct str version, standalone;
    *encoding = STR_NONE;
    if (!take_pair(c, STR("version"), &version) || !str_is(version, "1.0"))
        return error_set(e, ERROR_REJECT, "line 1: the XML declaration must say version=\"1.0\"");
    if (!take_pair(c, STR("encoding"), encoding))
        *encoding = STR_NONE;
    if (take_pair(c, STR("standalone"), &standalone) && !str_is(standalone, "yes") &&
        !str_is(standalone, "no"))
        return error_set(e, ERROR_REJECT, "line 1: standalone must be yes or no");
    skip_blanks(c);
    if (!cursor_skip(c, STR("?>")))
        return error_set(e, ERROR_REJECT, "line 1: the XML declaration is not well-formed");
    return true;
}

static bool named_encoding(struct str name, enum encoding seen, enum encoding *out, struct error *e)
{
    bool is_wide = seen == ENCODING_UTF16BE || seen == ENCODING_UTF16LE;
    *out = seen;
    if (name.at == NULL)
        return true;
    if (is_wide &&
        (str_equal_nocase(name, STR("UTF-16")) || str_equal_nocase(name, STR("UTF-16BE")) ||
         str_equal_nocase(name, STR("UTF-16LE"))))
        return true;
    if (!is_wide &&
        (str_equal_nocase(name, STR("UTF-8")) || str_equal_nocase(name, STR("US-ASCII"))))
        return true;
    if (!is_wide && str_equal_nocase(name, STR("ISO-8859-1"))) {
        *out = ENCODING_LATIN1;
        return true;
    }
    return error_set(e, ERROR_REJECT, "line 1: the encoding must be UTF-8, not '%.*s'%s",
                     STR_ARG(str_upto(name, 40)), is_wide ? " with UTF-16 octets" : "");
}

static bool read_head(struct xml_source *s, enum encoding seen, enum encoding *named,
                      uint64_t *start, struct error *e)
{
    char room[HEAD_OCTETS];
    struct str head, name = STR_NONE;
    if (!xml_source_peek(s, 0, sizeof(room), room, &head, e))
        return false;
    struct cursor c = cursor_of(head);
    cursor_skip(&c, STR("\xef\xbb\xbf"));
    *named = seen;
    if (str_starts(c.left, STR("<?xml")) && c.left.len > 5 && is_blank_char(c.left.at[5])) {
        cursor_skip(&c, STR("<?xml"));
        if (!read_declaration(&c, &name, e) || !named_encoding(name, seen, named, e))
            return false;
    }
    *start = head.len - c.left.len;
    return true;
}

bool xml_prolog_read(struct xml_source *s, uint64_t *start, struct error *e)
{
    char room[4];
    struct str first;
    enum encoding named;
    if (!xml_source_peek(s, 0, sizeof(room), room, &first, e))
        return false;
    enum encoding seen = guess(first);
    if (seen != ENCODING_UTF8 && !transcode(s, seen, e))
        return false;
    if (!read_head(s, seen, &named, start, e))
        return false;
    return named != ENCODING_LATIN1 ||
           (transcode(s, ENCODING_LATIN1, e) && read_head(s, seen, &named, start, e));
}
