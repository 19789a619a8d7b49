/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/rules.h"

#include "runtime/base/buf.h"
#include "runtime/base/cursor.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/xml/loader.h"

enum { FILE_MAX = 256 * 1024, LINE_MAX_OCTETS = 4096, VALUE_MAX = 16 * 1024 };

struct draft { /* a rule while its lines are read; at is NULL where not given yet */
    struct str id, origin, when, code, context, test, text;
};

struct reader {
    struct xml_rules *rules;
    struct expr_reader expr;
    struct draft draft;
    struct str keyword; /* of the value that is being gathered */
    struct buf value;
    unsigned line;
    bool has_format;
    struct error *e;
};

static bool refuse(struct reader *r, const char *words, struct str what)
{
    return error_set(r->e, ERROR_BUG, "%s, line %u: %s '%.*s'", r->rules->name, r->line, words,
                     STR_ARG(str_upto(what, 100)));
}

/* --- compiling */

static const char *namespace_of(void *ctx, struct str prefix)
{
    const struct xml_rules *rules = ctx;
    for (size_t i = 0; i < rules->prefix_count; i++)
        if (str_equal(rules->prefixes[i].prefix, prefix))
            return rules->prefixes[i].uri;
    return NULL;
}

static bool refuse_expression(struct reader *r, struct str id, struct str expression)
{
    if (r->expr.is_unknown)
        return error_set(r->e, ERROR_BUG, "%s: rule %.*s cannot be asked", r->rules->name,
                         STR_ARG(id));
    return refuse(r, "no XPath 1.0 that rules may use:", expression);
}

/* Of all names of a document: no more is looked at than spreads the rules' own. */
size_t rules_bucket(struct str name)
{
    return ((unsigned char)*name.at + name.len * 7) % RULES_BUCKETS;
}

/* Where the nodes of one alternative are looked for. */
static const struct rule_place **places_of(struct xml_rules *rules, const struct expr_path *path)
{
    const struct expr_step *last = &path->steps[path->count - 1];
    if (last->axis == EXPR_ATTRIBUTE)
        return &rules->attributes;
    return last->name == NULL ? &rules->any_element
                              : &rules->elements[rules_bucket(str_of(last->name))];
}

static void add_places(struct xml_rules *rules, size_t index)
{
    const struct expr_path *path = rules->rules[index].context;
    for (; path != NULL; path = path->or_else) {
        const struct rule_place **places = places_of(rules, path);
        struct rule_place *place = arena_new(&rules->arena, sizeof(*place));
        *place = (struct rule_place){path, index, *places};
        *places = place;
    }
}

static bool compile(struct reader *r, const struct draft *d, struct rule *rule)
{
    rule->context = expr_read_context(&r->expr, d->context);
    if (rule->context == NULL)
        return refuse_expression(r, d->id, d->context);
    rule->test = expr_read(&r->expr, d->test);
    if (rule->test == NULL)
        return refuse_expression(r, d->id, d->test);
    add_places(r->rules, r->rules->count);
    r->rules->count++;
    return true;
}

static bool finish_rule(struct reader *r)
{
    const struct draft d = r->draft;
    if (d.id.at == NULL)
        return true;
    if (d.origin.at == NULL || d.code.at == NULL || d.context.at == NULL || d.test.at == NULL ||
        d.text.at == NULL)
        return refuse(r, "origin, code, context, test or text is missing before the end of rule",
                      d.id);
    if (!str_is(d.origin, "digg") && !str_is(d.origin, "posthorn"))
        return refuse(r, "no such origin:", d.origin);
    if (d.when.at != NULL && !str_is(d.when, "send"))
        return refuse(r, "no such when:", d.when);
    if (r->rules->count == RULES_MAX)
        return refuse(r, "too many rules before", d.id);
    struct rule *rule = &r->rules->rules[r->rules->count];
    *rule = (struct rule){
        .id = d.id, .code = d.code, .text = d.text, .only_sending = d.when.at != NULL};
    r->draft = (struct draft){0};
    return compile(r, &d, rule);
}

/* --- lines */

static bool add_prefix(struct reader *r, struct str value)
{
    size_t at = str_find_char(value, ' ');
    struct str uri = str_trim(str_from(value, at));
    struct xml_rules *rules = r->rules;
    if (rules->count > 0 || r->draft.id.at != NULL)
        return refuse(r, "a prefix behind the first rule:", value);
    if (uri.len == 0 || rules->prefix_count == RULES_PREFIXES_MAX)
        return refuse(r, "no namespace, or too many prefixes:", value);
    rules->prefixes[rules->prefix_count].prefix = arena_copy(&rules->arena, str_upto(value, at));
    rules->prefixes[rules->prefix_count++].uri = arena_text(&rules->arena, uri);
    return true;
}

static struct str *field_of(struct draft *d, struct str keyword)
{
    if (str_is(keyword, "origin"))
        return &d->origin;
    if (str_is(keyword, "when"))
        return &d->when;
    if (str_is(keyword, "code"))
        return &d->code;
    if (str_is(keyword, "context"))
        return &d->context;
    if (str_is(keyword, "test"))
        return &d->test;
    return str_is(keyword, "text") ? &d->text : NULL;
}

static bool apply_value(struct reader *r, struct str keyword, struct str value)
{
    if (str_is(keyword, "format")) {
        if (r->has_format || !str_is(value, "posthorn-rules-1"))
            return refuse(r, "the format must be posthorn-rules-1, not", value);
        r->has_format = true;
        return true;
    }
    if (!r->has_format)
        return refuse(r, "format must come first, not", keyword);
    if (str_is(keyword, "prefix"))
        return add_prefix(r, value);
    if (str_is(keyword, "rule")) {
        if (!finish_rule(r))
            return false;
        r->draft.id = arena_copy(&r->rules->arena, value);
        return true;
    }
    struct str *field = field_of(&r->draft, keyword);
    if (field == NULL)
        return refuse(r, "no such keyword:", keyword);
    if (r->draft.id.at == NULL || field->at != NULL)
        return refuse(r, "outside of a rule, or twice in one:", keyword);
    *field = arena_copy(&r->rules->arena, value);
    return true;
}

static bool apply(struct reader *r)
{
    struct str keyword = r->keyword;
    r->keyword = STR_NONE;
    if (keyword.at == NULL)
        return true;
    if (r->value.len == 0)
        return refuse(r, "nothing behind", keyword);
    bool ok = apply_value(r, keyword, buf_str(&r->value));
    buf_clear(&r->value);
    return ok;
}

static bool read_line(struct reader *r, struct str line)
{
    r->line++;
    if (line.len > LINE_MAX_OCTETS)
        return refuse(r, "a line too long:", line);
    struct str trimmed = str_trim(line);
    if (trimmed.len == 0 || line.at[0] == '#')
        return true;
    if (line.at[0] == ' ' || line.at[0] == '\t') {
        if (r->keyword.at == NULL)
            return refuse(r, "nothing to continue:", trimmed);
        return buf_add_char(&r->value, ' ', r->e) && buf_add(&r->value, trimmed, r->e);
    }
    if (!apply(r))
        return false;
    size_t at = str_find_char(trimmed, ' ');
    r->keyword = str_upto(trimmed, at);
    return buf_add(&r->value, str_trim(str_from(trimmed, at)), r->e);
}

static bool read_lines(struct reader *r, struct str text)
{
    struct str line;
    while (str_next(&text, '\n', &line))
        if (!read_line(r, line))
            return false;
    if (!apply(r) || !finish_rule(r))
        return false;
    return r->rules->count > 0 || refuse(r, "no rules in", str_of(r->rules->name));
}

/* They are ours: one that cannot be read is a fault of the installation. */
static bool read_file(const char *path, struct buf *text, struct error *e)
{
    bool ok = sys_read_file(path, text, e);
    if (!ok)
        e->kind = ERROR_BUG;
    return ok;
}

static bool read_rules(struct xml_rules *rules, const char *path, struct error *e)
{
    AUTO_BUF text = BUF(FILE_MAX);
    struct reader r = {.rules = rules, .value = BUF(VALUE_MAX), .e = e};
    r.expr = (struct expr_reader){.arena = &rules->arena,
                                  .namespace_of = namespace_of,
                                  .ctx = rules,
                                  .regexes = rules->regexes};
    bool ok = read_file(path, &text, e) && read_lines(&r, buf_str(&text));
    rules->regex_count = r.expr.regex_count;
    buf_release(&r.value);
    return ok;
}

void xml_rules_free(struct xml_rules *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->regex_count; i++)
        regfree(&r->regexes[i]);
    arena_release(&r->arena);
    mem_free(r);
}

bool xml_rules_new(const char *name, struct xml_rules **out, struct error *e)
{
    char path[LOADER_PATH_SIZE];
    if (!loader_path(name, path, e))
        return false;
    struct xml_rules *r = mem_new(sizeof(*r));
    r->name = arena_text(&r->arena, str_of(name));
    if (!read_rules(r, path, e)) {
        xml_rules_free(r);
        return false;
    }
    *out = r;
    return true;
}
