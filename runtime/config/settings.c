/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/config/settings.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <ini.h>

#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/config/value.h"

enum { FILE_MAX = 8 * 1024 * 1024, LINE_MAX_OCTETS = 8 * 1024, WORD_MAX = 255 };

/* One [section] of the file, or one that the file leaves out. */
struct instance {
    struct instance *next;
    void *values;
    struct str word; /* of [name WORD] */
    unsigned line;
    unsigned seen[]; /* per setting: the line it stood on, 0: nowhere */
};

struct kind { /* a row of the table of sections and what the file has of it */
    const struct settings_section *section;
    struct instance *first, *last;
    const void **values; /* as an array, once all is read */
    size_t count;
};

struct settings {
    atomic_uint holders;
    struct arena arena;
    struct kind *kinds;
    size_t count;
};

struct reader {
    struct settings *out;
    struct str folder;
    struct str left;   /* of the file */
    unsigned line;     /* of what inih handles */
    struct kind *kind; /* of the section we are in */
    struct instance *at;
    bool failed;
    struct error *e;
};

/* --- who was meant? */

/* Levenshtein's distance of two short texts. */
static size_t edit_distance(struct str a, struct str b)
{
    size_t row[65];
    if (a.len > 64 || b.len > 64)
        return 64;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replace = diagonal + (a.at[i - 1] != b.at[j - 1]);
            size_t insert = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replace < insert ? replace : insert;
        }
    }
    return row[b.len];
}

struct nearest {
    struct str wanted;
    const char *name; /* NULL: nothing is near */
    size_t distance;
};

static void consider(struct nearest *n, const char *name)
{
    size_t distance = edit_distance(n->wanted, str_of(name));
    size_t most = n->wanted.len / 3 > 2 ? n->wanted.len / 3 : 2;
    if (distance <= most && (n->name == NULL || distance < n->distance)) {
        n->name = name;
        n->distance = distance;
    }
}

static bool refuse_unknown(const struct nearest *n, const char *what, const char *where,
                           struct error *e)
{
    if (n->name == NULL)
        return error_set(e, ERROR_REJECT, "unknown %s '%.*s'%s", what,
                         STR_ARG(str_upto(n->wanted, 60)), where);
    return error_set(e, ERROR_REJECT, "unknown %s '%.*s'%s; did you mean '%s'?", what,
                     STR_ARG(str_upto(n->wanted, 60)), where, n->name);
}

/* --- sections */

static size_t count_keys(const struct settings_section *section)
{
    size_t count = 0;
    while (section->settings[count].key != NULL)
        count++;
    return count;
}

static struct kind *find_kind(const struct settings *s, struct str name)
{
    for (size_t i = 0; i < s->count; i++)
        if (str_is(name, s->kinds[i].section->name))
            return &s->kinds[i];
    return NULL;
}

static bool refuse_section(const struct settings *s, struct str name, struct error *e)
{
    struct nearest n = {.wanted = name};
    for (size_t i = 0; i < s->count; i++)
        consider(&n, s->kinds[i].section->name);
    return refuse_unknown(&n, "section", "", e);
}

static struct instance *add_instance(struct settings *s, struct kind *kind, struct str word,
                                     unsigned line)
{
    struct instance *i =
        arena_new(&s->arena, sizeof(*i) + count_keys(kind->section) * sizeof(i->seen[0]));
    i->values = arena_new(&s->arena, kind->section->size);
    i->word = (struct str){arena_text(&s->arena, word), word.len};
    i->line = line;
    if (kind->section->repeated)
        *(struct str *)i->values = i->word;
    *(kind->last == NULL ? &kind->first : &kind->last->next) = i;
    kind->last = i;
    kind->count++;
    return i;
}

static bool check_again(const struct kind *kind, struct str word, struct error *e)
{
    const struct settings_section *section = kind->section;
    for (const struct instance *i = kind->first; i != NULL; i = i->next)
        if (str_equal(i->word, word))
            return error_set(e, ERROR_REJECT, "[%s%s%.*s] stands on line %u already", section->name,
                             word.len > 0 ? " " : "", STR_ARG(word), i->line);
    if (section->repeated && kind->count >= section->repeated_max)
        return error_set(e, ERROR_REJECT, "more than %u sections [%s ...]", section->repeated_max,
                         section->name);
    return true;
}

static bool check_word(const struct settings_section *section, struct str word, struct error *e)
{
    if (section->repeated && word.len == 0)
        return error_set(e, ERROR_REJECT, "[%s] needs a word: [%s NAME]", section->name,
                         section->name);
    if (!section->repeated && word.len > 0)
        return error_set(e, ERROR_REJECT, "[%s] stands alone, without '%.*s'", section->name,
                         STR_ARG(str_upto(word, 60)));
    if (word.len > WORD_MAX || str_find_char(word, ' ') < word.len ||
        str_find_char(word, '\t') < word.len)
        return error_set(e, ERROR_REJECT, "[%s NAME]: one word of at most %d octets",
                         section->name, WORD_MAX);
    return true;
}

/* inih keeps 49 octets of a heading and tells no one: headings are read here. */
static bool enter_section(struct reader *r, struct str heading)
{
    size_t end = str_find_char(heading, ']');
    struct str inside = str_trim(str_from(str_upto(heading, end), 1));
    if (end + 1 != heading.len || inside.len == 0)
        return error_set(r->e, ERROR_REJECT, "a section looks like [name], alone on its line");
    size_t blank = str_find_char(inside, ' '), tab = str_find_char(inside, '\t');
    blank = blank < tab ? blank : tab;
    struct str name = str_upto(inside, blank), word = str_trim(str_from(inside, blank));
    struct kind *kind = find_kind(r->out, name);
    if (kind == NULL)
        return refuse_section(r->out, name, r->e);
    if (!check_word(kind->section, word, r->e) || !check_again(kind, word, r->e))
        return false;
    r->kind = kind;
    r->at = add_instance(r->out, kind, word, r->line);
    return true;
}

/* --- keys */

static const struct setting *find_setting(const struct settings_section *section, struct str key)
{
    for (const struct setting *s = section->settings; s->key != NULL; s++)
        if (str_is(key, s->key))
            return s;
    return NULL;
}

static bool refuse_key(const struct settings_section *section, struct str key, struct error *e)
{
    char where[80];
    struct nearest n = {.wanted = key};
    for (const struct setting *s = section->settings; s->key != NULL; s++)
        consider(&n, s->key);
    snprintf(where, sizeof(where), " in [%.60s]", section->name);
    return refuse_unknown(&n, "key", where, e);
}

static bool take_value(struct reader *r, const struct setting *setting, struct instance *at,
                       struct str text)
{
    struct value_place place = {&r->out->arena, r->folder, at->values};
    if (!str_is_utf8(text))
        return error_set(r->e, ERROR_REJECT, "%s: not UTF-8 text", setting->key);
    return value_read(setting, text, &place, r->e) || error_prefix(r->e, "%s", setting->key);
}

static bool take_key(struct reader *r, struct str key, struct str text)
{
    if (r->at == NULL)
        return error_set(r->e, ERROR_REJECT, "'%.*s' stands before the first [section]",
                         STR_ARG(str_upto(key, 60)));
    const struct settings_section *section = r->kind->section;
    const struct setting *setting = find_setting(section, key);
    if (setting == NULL)
        return refuse_key(section, key, r->e);
    unsigned *seen = &r->at->seen[setting - section->settings];
    if (*seen != 0)
        return error_set(r->e, ERROR_REJECT, "'%s' stands on line %u already", setting->key, *seen);
    *seen = r->line;
    return take_value(r, setting, r->at, text);
}

/* --- inih's two callbacks */

/* fgets() over the text; counts lines, since Debian's inih does not tell them. */
static char *next_line(char *at, int size, void *ctx)
{
    struct reader *r = ctx;
    struct str line;
    if (r->failed || !str_next(&r->left, '\n', &line))
        return NULL;
    r->line++;
    struct str trimmed = str_trim(line);
    if (line.len + 2 > (size_t)size) {
        r->failed = true;
        error_set(r->e, ERROR_REJECT, "a line of %zu octets; at most %d", line.len,
                  LINE_MAX_OCTETS - 2);
        return NULL;
    }
    if (trimmed.len > 0 && trimmed.at[0] == '[') {
        r->failed = !enter_section(r, trimmed);
        trimmed = STR("[section]");
    }
    snprintf(at, (size_t)size, "%.*s\n", (int)trimmed.len, trimmed.len == 0 ? "" : trimmed.at);
    return at;
}

static int on_pair(void *ctx, const char *section, const char *name, const char *value)
{
    struct reader *r = ctx;
    (void)section;
    if (!r->failed)
        r->failed = !take_key(r, str_of(name), str_of(value));
    return r->failed ? 0 : 1;
}

static bool parse(struct reader *r)
{
    ini_use_stack = false;
    ini_initial_alloc = LINE_MAX_OCTETS;
    ini_max_line = LINE_MAX_OCTETS;
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_stop_on_first_error = true;
    ini_allow_no_value = false;
    int result = ini_parse_stream(next_line, r, on_pair, r);
    if (r->failed)
        return false;
    if (result > 0)
        return error_set(r->e, ERROR_REJECT, "neither [section] nor 'key = value'");
    return result == 0 || error_set(r->e, ERROR_BUG, "the INI reader has no memory");
}

/* --- what the file leaves out */

static bool refuse_missing(const struct kind *kind, const struct instance *i,
                           const struct setting *setting, struct error *e)
{
    AUTO_BUF example = BUF(8192);
    if (!value_example(setting, &example, e))
        return false;
    return error_set(e, ERROR_REJECT, "'%s' is missing in [%s%s%.*s]; for example: %s = %.80s",
                     setting->key, kind->section->name, i->word.len > 0 ? " " : "",
                     STR_ARG(str_upto(i->word, 60)), setting->key, buf_text(&example));
}

static bool complete_instance(struct reader *r, const struct kind *kind, struct instance *i)
{
    const struct setting *settings = kind->section->settings;
    r->line = i->line;
    for (size_t k = 0; settings[k].key != NULL; k++) {
        if (i->seen[k] != 0)
            continue;
        if (settings[k].fallback == NULL)
            return refuse_missing(kind, i, &settings[k], r->e);
        if (!take_value(r, &settings[k], i, str_of(settings[k].fallback)))
            return error_prefix(r->e, "the fallback in the table"); /* a test of the table sees it */
    }
    return true;
}

static bool complete_kind(struct reader *r, struct kind *kind)
{
    if (kind->first == NULL && !kind->section->repeated)
        add_instance(r->out, kind, STR_NONE, 0);
    kind->values = arena_array(&r->out->arena, kind->count, sizeof(*kind->values));
    size_t n = 0;
    for (struct instance *i = kind->first; i != NULL; i = i->next) {
        if (!complete_instance(r, kind, i))
            return false;
        kind->values[n++] = i->values;
    }
    return true;
}

static bool complete(struct reader *r)
{
    for (size_t i = 0; i < r->out->count; i++)
        if (!complete_kind(r, &r->out->kinds[i]))
            return false;
    return true;
}

/* --- the whole */

static struct settings *new_settings(const struct settings_section *sections)
{
    struct settings *s = mem_new(sizeof(*s));
    atomic_init(&s->holders, 1);
    while (sections[s->count].name != NULL)
        s->count++;
    s->kinds = arena_array(&s->arena, s->count, sizeof(*s->kinds));
    for (size_t i = 0; i < s->count; i++)
        s->kinds[i].section = &sections[i];
    return s;
}

static struct str folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return STR_NONE;
    return slash == path ? STR("/") : str_bytes(path, (size_t)(slash - path));
}

static bool read_text(struct str text, struct str folder, struct settings *out, unsigned *line,
                      struct error *e)
{
    struct str bom = STR("\xef\xbb\xbf");
    struct reader r = {.out = out, .folder = folder, .e = e};
    r.left = str_from(text, str_starts(text, bom) ? bom.len : 0);
    bool ok = text.len == 0 || memchr(text.at, '\0', text.len) == NULL
                  ? parse(&r) && complete(&r)
                  : error_set(e, ERROR_REJECT, "there is a NUL octet: this is no text file");
    *line = r.line;
    return ok;
}

bool settings_read_text(struct str text, const char *path, const struct settings_section *sections,
                        struct settings **out, struct error *e)
{
    unsigned line;
    struct settings *s = new_settings(sections);
    if (!read_text(text, folder_of(path), s, &line, e)) {
        settings_free(s);
        return line == 0 ? error_prefix(e, "%s", path) : error_prefix(e, "%s:%u", path, line);
    }
    *out = s;
    return true;
}

bool settings_read(const char *path, const struct settings_section *sections,
                   struct settings **out, struct error *e)
{
    AUTO_BUF text = BUF(FILE_MAX);
    return sys_read_file(path, &text, e) &&
           settings_read_text(buf_str(&text), path, sections, out, e);
}

struct settings *settings_hold(const struct settings *s)
{
    union { /* the count alone changes */
        const struct settings *read;
        struct settings *held;
    } same = {.read = s};
    atomic_fetch_add(&same.held->holders, 1);
    return same.held;
}

void settings_free(struct settings *s)
{
    if (s == NULL || atomic_fetch_sub(&s->holders, 1) != 1)
        return;
    arena_release(&s->arena);
    mem_free(s);
}

const void *settings_section(const struct settings *s, const char *name)
{
    return settings_nth(s, name, 0);
}

size_t settings_count(const struct settings *s, const char *name)
{
    const struct kind *kind = find_kind(s, str_of(name));
    return kind == NULL ? 0 : kind->count;
}

const void *settings_nth(const struct settings *s, const char *name, size_t index)
{
    const struct kind *kind = find_kind(s, str_of(name));
    return kind == NULL || index >= kind->count ? NULL : kind->values[index];
}

/* --- what may not change */

static bool show_value(const struct setting *setting, const void *value, struct buf *out)
{
    struct error e;
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_WORD:
    case SETTING_PATH:
    case SETTING_ADDRESS:
        return buf_addf(out, &e, "'%.*s'", STR_ARG(str_upto(*(const struct str *)value, 200)));
    case SETTING_NUMBER:
    case SETTING_SIZE:
    case SETTING_TIME:
        return buf_addf(out, &e, "%lld", (long long)*(const int64_t *)value);
    case SETTING_BOOLEAN:
        return buf_add(out, *(const bool *)value ? STR("yes") : STR("no"), &e);
    case SETTING_LIST:
    default:
        return false;
    }
}

static bool is_unchanged(const struct settings *now, const struct settings *fresh, const char *name,
                         struct error *e)
{
    size_t dot = str_find_char(str_of(name), '.');
    struct kind *kind = find_kind(now, str_upto(str_of(name), dot)),
                *other = find_kind(fresh, str_upto(str_of(name), dot));
    const struct setting *setting =
        kind == NULL ? NULL : find_setting(kind->section, str_from(str_of(name), dot + 1));
    AUTO_BUF was = BUF(512), is = BUF(512);
    if (setting == NULL || other == NULL || kind->section->repeated ||
        !show_value(setting, (const char *)kind->values[0] + setting->at, &was) ||
        !show_value(setting, (const char *)other->values[0] + setting->at, &is))
        return error_set(e, ERROR_BUG, "no setting %s that can be compared", name);
    return str_equal(buf_str(&was), buf_str(&is)) ||
           error_set(e, ERROR_REJECT, "[%s] %s cannot change from %s to %s while it runs",
                     kind->section->name, setting->key, buf_text(&was), buf_text(&is));
}

bool settings_unchanged(const struct settings *now, const struct settings *fresh,
                        const char *const *keys, struct error *e)
{
    for (; *keys != NULL; keys++)
        if (!is_unchanged(now, fresh, *keys, e))
            return false;
    return true;
}
