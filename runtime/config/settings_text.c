/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/config/test_settings.c */
/* settings_text.c - the tables as a sample file and as a manual page. */
#include "runtime/config/settings.h"

#include "runtime/config/value.h"

enum { LINE_COLUMNS = 78 };

/* --- sample */

static bool sample_key(const struct setting *s, bool is_comment, struct buf *out, struct error *e)
{
    AUTO_BUF words = BUF(512);
    AUTO_BUF example = BUF(8192);
    bool is_optional = is_comment || s->fallback != NULL;
    return value_words(s, &words, e) && value_example(s, &example, e) &&
           buf_addf(out, e, "# %s (%s)\n%s%s =%s%s\n", s->help, buf_text(&words),
                    is_optional ? "#" : "", s->key, example.len > 0 ? " " : "",
                    buf_text(&example));
}

bool settings_sample(const struct settings_section *sections, struct buf *out, struct error *e)
{
    for (const struct settings_section *s = sections; s->name != NULL; s++) {
        if (!buf_addf(out, e, "%s# %s\n", s == sections ? "" : "\n", s->help) ||
            !buf_addf(out, e, "%s[%s%s]\n", s->repeated ? "#" : "", s->name,
                      s->repeated ? " NAME" : ""))
            return false;
        for (const struct setting *k = s->settings; k->key != NULL; k++)
            if (!sample_key(k, s->repeated, out, e))
                return false;
    }
    return true;
}

/* --- manual: mdoc(7) */

/* A line of text: no backslash means anything, and no first character makes it a macro. */
static bool add_line(struct buf *out, struct str text, struct error *e)
{
    if (text.len > 0 && (text.at[0] == '.' || text.at[0] == '\'') && !buf_add(out, STR("\\&"), e))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!(text.at[i] == '\\' ? buf_add(out, STR("\\e"), e) : buf_add_char(out, text.at[i], e)))
            return false;
    return buf_add_char(out, '\n', e);
}

/* Where the first line of the text ends: behind a sentence (mdoc wants each on its own line), else
 * at the last blank that keeps it within LINE_COLUMNS. */
static size_t line_end(struct str text)
{
    size_t end = 0;
    for (size_t i = 1; i < text.len; i++) {
        if (text.at[i] != ' ')
            continue;
        if (i > LINE_COLUMNS && end > 0)
            return end;
        end = i;
        if (text.at[i - 1] == '.')
            return end;
    }
    return text.len > LINE_COLUMNS && end > 0 ? end : text.len;
}

static bool add_text(struct buf *out, struct str text, struct error *e)
{
    for (struct str rest = str_trim(text); rest.len > 0;) {
        size_t end = line_end(rest);
        if (!add_line(out, str_upto(rest, end), e))
            return false;
        rest = str_trim(str_from(rest, end));
    }
    return true;
}

static bool manual_key(const struct setting *s, struct buf *out, struct error *e)
{
    AUTO_BUF words = BUF(512);
    AUTO_BUF default_text = BUF(1024);
    if (!value_words(s, &words, e) || !buf_addf(out, e, ".It Cm %s\n", s->key) ||
        !add_text(out, str_of(s->help), e) ||
        !buf_addf(&default_text, e, "It is %s", buf_text(&words)))
        return false;
    bool ok = s->fallback == NULL ? buf_add(&default_text, STR("; it must be given."), e)
              : s->fallback[0] == '\0'
                  ? buf_add(&default_text, STR("; it may be left out."), e)
                  : buf_addf(&default_text, e, "; by default %s.", s->fallback);
    return ok && add_text(out, buf_str(&default_text), e);
}

bool settings_manual(const struct settings_section *sections, struct buf *out, struct error *e)
{
    for (const struct settings_section *s = sections; s->name != NULL; s++) {
        if (!buf_addf(out, e, ".Ss %s%s\n", s->name, s->repeated ? " NAME" : "") ||
            !add_text(out, str_of(s->help), e) || !buf_add(out, STR(".Bl -tag -width Ds\n"), e))
            return false;
        for (const struct setting *k = s->settings; k->key != NULL; k++)
            if (!manual_key(k, out, e))
                return false;
        if (!buf_add(out, STR(".El\n"), e))
            return false;
    }
    return true;
}
