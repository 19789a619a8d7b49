/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/tree.h"

uint64_t xml_cut_length(const struct xml_cut *cut)
{
    return cut->len - cut->pairs;
}

/* XML 1.0 section 2.11: CR LF and CR become LF. */
struct line_sink {
    struct sink sink;
    struct sink *next;
    bool last_is_return;
};

static bool write_lines(struct sink *s, struct str octets, struct error *e)
{
    struct line_sink *l = (struct line_sink *)s;
    if (l->last_is_return && octets.len > 0 && octets.at[0] == '\n')
        octets = str_from(octets, 1);
    if (octets.len > 0)
        l->last_is_return = octets.at[octets.len - 1] == '\r';
    while (octets.len > 0) {
        size_t at = str_find_char(octets, '\r');
        if (!sink_write(l->next, str_upto(octets, at), e))
            return false;
        if (at == octets.len)
            return true;
        if (!sink_write(l->next, STR("\n"), e))
            return false;
        octets = str_from(octets, at + 1);
        if (octets.len > 0 && octets.at[0] == '\n')
            octets = str_from(octets, 1);
    }
    return true;
}

bool xml_cut_to(const struct xml_doc *d, const struct xml_cut *cut, struct sink *out,
                struct error *e)
{
    struct line_sink lines = {{write_lines, NULL}, out, false};
    return xml_source_to(&d->source, cut->offset, cut->len, cut->has_cr ? &lines.sink : out, e);
}

/* The next text below top, in document order; NULL at its end. */
static const xmlNode *text_after(const xmlNode *n, const xmlNode *top)
{
    do
        n = next_in(n, top);
    while (n != NULL && !is_text(n));
    return n;
}

uint64_t xml_text_length(const struct xml_node *n)
{
    uint64_t len = 0;
    const xmlNode *top = native(n);
    for (const xmlNode *at = text_after(top, top); at != NULL; at = text_after(at, top))
        len += at->_private != NULL ? xml_cut_length(at->_private) : text_of(at->content).len;
    return len;
}

bool xml_text_to(const struct xml_node *n, struct sink *out, struct error *e)
{
    const xmlNode *top = native(n);
    for (const xmlNode *at = text_after(top, top); at != NULL; at = text_after(at, top)) {
        bool ok = at->_private != NULL ? xml_cut_to(doc_of(top), at->_private, out, e)
                                       : sink_write(out, text_of(at->content), e);
        if (!ok)
            return false;
    }
    return true;
}

bool xml_text(const struct xml_node *n, struct arena *a, size_t most, struct str *out,
              struct error *e)
{
    const xmlNode *only = native(n)->children;
    uint64_t len = xml_text_length(n);
    if (len > most) {
        AUTO_ARENA path = {0};
        struct str where = xml_path(n, &path);
        return error_set(e, ERROR_REJECT, "%.*s: a text of more than %zu octets",
                         STR_ARG(str_upto(where, 200)), most);
    }
    if (only != NULL && only->next == NULL && is_text(only) && only->_private == NULL) {
        *out = arena_copy(a, text_of(only->content));
        return true;
    }
    AUTO_BUF text = BUF((size_t)len);
    struct sink_buf into;
    sink_buf_init(&into, &text);
    if (!xml_text_to(n, &into.sink, e))
        return false;
    *out = arena_copy(a, buf_str(&text));
    return true;
}

bool xml_trimmed(const struct xml_node *n, struct arena *a, size_t most, struct str *out,
                 struct error *e)
{
    struct str text;
    if (!xml_text(n, a, most, &text, e))
        return false;
    *out = str_trim(text);
    return true;
}
