/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/canon.h"

struct str as4_media_type(struct str content_type)
{
    return str_trim(str_upto(content_type, str_find_char(content_type, ';')));
}

static bool ends_nocase(struct str s, struct str end)
{
    return s.len > end.len && str_equal_nocase(str_from(s, s.len - end.len), end);
}

static bool starts_nocase(struct str s, struct str start)
{
    return s.len > start.len && str_equal_nocase(str_upto(s, start.len), start);
}

enum as4_canon as4_canon_of(struct str media_type)
{
    struct str t = as4_media_type(media_type);
    if (str_equal_nocase(t, STR("text/xml")) || str_equal_nocase(t, STR("application/xml")))
        return AS4_CANON_XML;
    bool may_be_xml = starts_nocase(t, STR("application/")) || starts_nocase(t, STR("image/"));
    if (may_be_xml && ends_nocase(t, STR("+xml")))
        return AS4_CANON_XML;
    return starts_nocase(t, STR("text/")) ? AS4_CANON_TEXT : AS4_CANON_RAW;
}

/* One run without line ends, then one line end. */
static bool write_run(struct as4_lines_sink *s, struct str *left, struct error *e)
{
    size_t n = 0;
    while (n < left->len && left->at[n] != '\r' && left->at[n] != '\n')
        n++;
    if (n > 0 && !sink_write(s->next, str_upto(*left, n), e))
        return false;
    *left = str_from(*left, n);
    if (n > 0)
        s->after_cr = false;
    if (left->len == 0)
        return true;
    bool is_second_half = s->after_cr && left->at[0] == '\n';
    s->after_cr = left->at[0] == '\r';
    *left = str_from(*left, 1);
    return is_second_half || sink_write(s->next, STR("\r\n"), e);
}

static bool lines_write(struct sink *sink, struct str octets, struct error *e)
{
    struct as4_lines_sink *s = (struct as4_lines_sink *)sink;
    while (octets.len > 0) {
        if (!write_run(s, &octets, e))
            return false;
    }
    return true;
}

static bool lines_finish(struct sink *sink, struct error *e)
{
    struct as4_lines_sink *s = (struct as4_lines_sink *)sink;
    return sink_finish(s->next, e);
}

void as4_lines_sink_init(struct as4_lines_sink *s, struct sink *next)
{
    *s = (struct as4_lines_sink){.sink = {lines_write, lines_finish}, .next = next};
}
