/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/write.h"

#include "runtime/xml/cut.h"

struct xml_writer xml_writer_on(struct sink *out, struct buf *hold, struct error *e)
{
    return (struct xml_writer){.out = out, .e = e, .hold = hold};
}

bool xml_flush(struct xml_writer *w)
{
    if (!w->failed && w->hold != NULL) {
        w->failed = !sink_write(w->out, buf_str(w->hold), w->e);
        buf_clear(w->hold);
    }
    return !w->failed;
}

void xml_put(struct xml_writer *w, struct str raw)
{
    if (w->failed || raw.len == 0)
        return;
    bool has_room = w->hold != NULL && raw.len <= w->hold->limit;
    if (has_room && raw.len > w->hold->limit - w->hold->len && !xml_flush(w))
        return;
    if (has_room)
        w->failed = !buf_add(w->hold, raw, w->e);
    else if (xml_flush(w))
        w->failed = !sink_write(w->out, raw, w->e);
}

/* C14N 1.0 section 2.3; STR_NONE: as it is. */
static struct str escape_text(char c)
{
    switch (c) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '\r':
        return STR("&#xD;");
    default:
        return STR_NONE;
    }
}

static struct str escape_attribute(char c)
{
    switch (c) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '"':
        return STR("&quot;");
    case '\t':
        return STR("&#x9;");
    case '\n':
        return STR("&#xA;");
    case '\r':
        return STR("&#xD;");
    default:
        return STR_NONE;
    }
}

static void put_escaped(struct xml_writer *w, struct str text, struct str (*escape)(char c))
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c > '>') /* nothing above is escaped: most of a text */
            continue;
        struct str instead = escape(text.at[i]);
        if (instead.at == NULL)
            continue;
        xml_put(w, str_upto(str_from(text, from), i - from));
        xml_put(w, instead);
        from = i + 1;
    }
    xml_put(w, str_from(text, from));
}

void xml_put_text(struct xml_writer *w, struct str text)
{
    put_escaped(w, text, escape_text);
}

void xml_put_attribute(struct xml_writer *w, struct str value)
{
    put_escaped(w, value, escape_attribute);
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

bool xml_text_is_legal(struct str text)
{
    struct utf8_state state = {0};
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            return false;
    }
    return utf8_feed(&state, text) && state.left == 0;
}
