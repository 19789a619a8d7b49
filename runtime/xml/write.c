/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/write.h"

#include <string.h>

#include "runtime/crypto/base64.h"
#include "runtime/xml/block.h"
#include "runtime/xml/cut.h"

enum { HOLD_FIRST = 8 * 1024 }; /* octets a hold has room for when it begins */

struct xml_writer xml_writer_on(struct sink *out, struct buf *hold, struct error *e)
{
    return (struct xml_writer){.out = out, .e = e, .hold = hold};
}

struct xml_writer xml_writer_into(struct buf *out, struct error *e)
{
    return (struct xml_writer){.e = e, .hold = out};
}

bool xml_flush(struct xml_writer *w)
{
    if (!w->failed && w->out != NULL && w->hold != NULL) {
        w->failed = !sink_write(w->out, buf_str(w->hold), w->e);
        buf_clear(w->hold);
    }
    return !w->failed;
}

/* Whether so many octets are gathered; room is made for them then. */
static bool goes_to_hold(struct xml_writer *w, size_t octets)
{
    struct buf *hold = w->hold;
    char *room;
    if (w->out != NULL && (hold == NULL || octets > hold->limit))
        return false;
    if (octets > hold->limit - hold->len)
        w->failed = !xml_flush(w);
    else if (hold->size == 0 && octets < HOLD_FIRST && HOLD_FIRST <= hold->limit)
        w->failed = !buf_room(hold, HOLD_FIRST, &room, w->e);
    return true;
}

void xml_put(struct xml_writer *w, struct str raw)
{
    struct buf *hold = w->hold;
    if (w->failed || raw.len == 0)
        return;
    if (hold != NULL && hold->len + raw.len < hold->size) { /* as most are: small, with room */
        memcpy(hold->at + hold->len, raw.at, raw.len);
        buf_grew(hold, raw.len);
        return;
    }
    if (goes_to_hold(w, raw.len))
        w->failed = w->failed || !buf_add(hold, raw, w->e);
    else if (xml_flush(w))
        w->failed = !sink_write(w->out, raw, w->e);
}

void xml_put_base64(struct xml_writer *w, struct str octets)
{
    size_t letters = octets.len / 3 * 4 + 4;
    if (w->failed)
        return;
    if (goes_to_hold(w, letters)) {
        w->failed = w->failed || !base64_encode(w->hold, octets, w->e);
        return;
    }
    AUTO_BUF text = BUF(letters);
    w->failed = !base64_encode(&text, octets, w->e);
    xml_put(w, buf_str(&text));
}

/* C14N 1.0 section 2.3. Nothing above '>' is escaped: most of a text is passed over at once. */
static const struct str text_escapes['>' + 1] = {
    ['&'] = STR_INIT("&amp;"),
    ['<'] = STR_INIT("&lt;"),
    ['>'] = STR_INIT("&gt;"),
    ['\r'] = STR_INIT("&#xD;"),
};
static const struct str attribute_escapes['>' + 1] = {
    ['&'] = STR_INIT("&amp;"),  ['<'] = STR_INIT("&lt;"),   ['"'] = STR_INIT("&quot;"),
    ['\t'] = STR_INIT("&#x9;"), ['\n'] = STR_INIT("&#xA;"), ['\r'] = STR_INIT("&#xD;"),
};

/* Of either table. */
static bool may_be_escaped(octet_block b)
{
    return block_has(block_is(b, '&') | block_is(b, '<') | block_is(b, '>') | block_is(b, '"') |
                     block_between(b, 0, ' ' - 1));
}

/* How many octets from the start of it need no look of their own. */
static size_t plain_blocks(struct str text)
{
    size_t n = 0;
    while (text.len - n >= BLOCK_OCTETS && !may_be_escaped(block_at(text.at + n)))
        n += BLOCK_OCTETS;
    return n;
}

static void put_escaped(struct xml_writer *w, struct str text,
                        const struct str escapes[static '>' + 1])
{
    size_t from = 0, i = 0;
    while (i < text.len) {
        i += plain_blocks(str_from(text, i));
        size_t stop = text.len - i > BLOCK_OCTETS ? i + BLOCK_OCTETS : text.len;
        for (; i < stop; i++) {
            unsigned char c = (unsigned char)text.at[i];
            if (c > '>' || escapes[c].at == NULL)
                continue;
            xml_put(w, (struct str){text.at + from, i - from});
            xml_put(w, escapes[c]);
            from = i + 1;
        }
    }
    xml_put(w, str_from(text, from));
}

void xml_put_text(struct xml_writer *w, struct str text)
{
    put_escaped(w, text, text_escapes);
}

void xml_put_attribute(struct xml_writer *w, struct str value)
{
    put_escaped(w, value, attribute_escapes);
}

void xml_put_element(struct xml_writer *w, const char *name, struct str text)
{
    if (text.at == NULL)
        return;
    xml_put(w, STR("<"));
    xml_put(w, str_of(name));
    xml_put(w, STR(">"));
    xml_put_text(w, text);
    xml_put(w, STR("</"));
    xml_put(w, str_of(name));
    xml_put(w, STR(">"));
}

static bool has_control(octet_block b)
{
    return block_has(block_between(b, 0, ' ' - 1) &
                     ~(block_is(b, '\t') | block_is(b, '\n') | block_is(b, '\r')));
}

bool xml_text_is_legal(struct str text)
{
    struct utf8_state state = {0};
    size_t i = 0;
    for (; text.len - i >= BLOCK_OCTETS; i += BLOCK_OCTETS)
        if (has_control(block_at(text.at + i)))
            return false;
    for (; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            return false;
    }
    return utf8_feed(&state, text) && state.left == 0;
}

void xml_put_value(struct xml_writer *w, const char *name, struct str text)
{
    if (text.at == NULL || w->failed)
        return;
    if (!xml_text_is_legal(text)) {
        error_set(w->e, ERROR_REJECT, "%s holds characters that XML cannot carry", name);
        w->failed = true;
    }
    xml_put_element(w, name, text);
}
