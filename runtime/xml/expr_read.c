/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/xml/test_expr.c */
#include "runtime/base/number.h"
#include "runtime/xml/expr.h"

/* --- tokens */

static bool is_name_octet(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static void skip_blanks(struct expr_reader *r)
{
    r->left = str_trim_start(r->left);
}

static bool take(struct expr_reader *r, struct str sign)
{
    skip_blanks(r);
    if (!str_starts(r->left, sign))
        return false;
    r->left = str_from(r->left, sign.len);
    return true;
}

static struct str peek_name(const struct expr_reader *r)
{
    size_t n = 0;
    while (n < r->left.len && is_name_octet(r->left.at[n]))
        n++;
    return n > 0 && r->left.at[0] >= 'A' ? str_upto(r->left, n) : STR("");
}

/* Words that are letters: "or", not the beginning of "order". */
static bool take_word(struct expr_reader *r, struct str word)
{
    skip_blanks(r);
    return str_equal(peek_name(r), word) && take(r, word);
}

/* A function's name and its '('. */
static bool take_function(struct expr_reader *r, struct str name)
{
    struct str before = r->left;
    if (take_word(r, name) && take(r, STR("(")))
        return true;
    r->left = before;
    return false;
}

static bool take_literal(struct expr_reader *r, struct str *out)
{
    if (!take(r, STR("'")))
        return false;
    size_t end = str_find_char(r->left, '\'');
    if (end == r->left.len)
        return false;
    *out = arena_copy(r->arena, str_upto(r->left, end));
    r->left = str_from(r->left, end + 1);
    return true;
}

/* --- paths */

static const struct expr *read_test(struct expr_reader *r);

static bool read_predicates(struct expr_reader *r, struct expr_step *s)
{
    while (take(r, STR("["))) {
        const struct expr *test = s->test_count < EXPR_TESTS_MAX ? read_test(r) : NULL;
        if (test == NULL || !take(r, STR("]")))
            return false;
        s->tests[s->test_count++] = test;
    }
    return true;
}

static bool read_prefix(struct expr_reader *r, struct str prefix, struct expr_step *s)
{
    s->ns = r->namespace_of(r->ctx, prefix);
    r->is_unknown |= s->ns == NULL;
    return s->ns != NULL;
}

/* "*", "p:*", "p:a", "a" */
static bool read_name(struct expr_reader *r, struct expr_step *s)
{
    skip_blanks(r);
    s->in_any_ns = take(r, STR("*"));
    if (s->in_any_ns)
        return true;
    struct str name = peek_name(r);
    r->left = str_from(r->left, name.len);
    bool has_prefix = str_starts(r->left, STR(":")) && !str_starts(r->left, STR("::"));
    if (has_prefix) {
        r->left = str_from(r->left, 1);
        if (!read_prefix(r, name, s))
            return false;
        if (take(r, STR("*")))
            return true;
        name = peek_name(r);
        r->left = str_from(r->left, name.len);
    }
    s->name = arena_text(r->arena, name);
    bool is_function = name.len > 0 && str_starts(r->left, STR("("));
    r->is_unknown |= is_function;
    return name.len > 0 && !is_function;
}

static void read_axis(struct expr_reader *r, struct expr_step *s)
{
    static const struct {
        struct str word;
        enum expr_axis axis;
    } rows[] = {
        {STR_INIT("@"), EXPR_ATTRIBUTE},         {STR_INIT("attribute::"), EXPR_ATTRIBUTE},
        {STR_INIT("child::"), EXPR_CHILD},       {STR_INIT("descendant::"), EXPR_DESCENDANT},
        {STR_INIT("self::"), EXPR_SELF},         {STR_INIT("parent::"), EXPR_PARENT},
        {STR_INIT("ancestor::"), EXPR_ANCESTOR},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (take(r, rows[i].word)) {
            s->axis = rows[i].axis;
            return;
        }
    }
}

static struct expr_step *read_step(struct expr_reader *r, struct expr_path *p)
{
    if (p->count == EXPR_STEPS_MAX)
        return NULL;
    struct expr_step *s = &p->steps[p->count++];
    read_axis(r, s);
    return read_name(r, s) && read_predicates(r, s) ? s : NULL;
}

/* Of a test: relative; "." is the path without a step. */
static const struct expr_path *read_path(struct expr_reader *r)
{
    struct expr_path *p = arena_new(r->arena, sizeof(*p));
    if (take(r, STR(".")))
        return p;
    do {
        const struct expr_step *s = read_step(r, p);
        if (s == NULL || s->axis == EXPR_DESCENDANT)
            return NULL;
    } while (take(r, STR("/")));
    return p;
}

/* Axes whose nodes come in the document's order, so that the first one is XPath's first. */
static bool is_forward(const struct expr_path *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->steps[i].axis == EXPR_ANCESTOR)
            return false;
    return true;
}

/* --- expressions */

static struct expr *new_expr(struct expr_reader *r, enum expr_kind kind)
{
    struct expr *x = arena_new(r->arena, sizeof(*x));
    x->kind = kind;
    return x;
}

/* A path, or normalize-space() of one. */
static bool read_text(struct expr_reader *r, struct expr *x)
{
    x->is_normalized = take_function(r, STR("normalize-space"));
    x->path = read_path(r);
    return x->path != NULL && is_forward(x->path) && (!x->is_normalized || take(r, STR(")")));
}

static bool read_regex(struct expr_reader *r, struct expr *x)
{
    struct str literal;
    if (!take_literal(r, &literal) || r->regex_count == EXPR_REGEXES_MAX)
        return false;
    regex_t *regex = &r->regexes[r->regex_count];
    if (regcomp(regex, arena_text(r->arena, literal), REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    r->regex_count++;
    x->regex = regex;
    return true;
}

static bool read_number(struct expr_reader *r, struct expr *x)
{
    struct error ignored = {0};
    uint64_t number;
    x->is_at_most = take(r, STR("<="));
    if (!x->is_at_most && !take(r, STR("=")))
        return false;
    skip_blanks(r);
    size_t n = 0;
    while (n < r->left.len && r->left.at[n] >= '0' && r->left.at[n] <= '9')
        n++;
    if (!parse_u64(str_upto(r->left, n), 0, UINT32_MAX, &number, &ignored))
        return false;
    r->left = str_from(r->left, n);
    x->number = (size_t)number;
    return true;
}

static const struct expr *read_not(struct expr_reader *r)
{
    struct expr *x = new_expr(r, EXPR_NOT);
    x->left = read_test(r);
    return x->left != NULL && take(r, STR(")")) ? x : NULL;
}

static const struct expr *read_constant(struct expr_reader *r, size_t number)
{
    struct expr *x = new_expr(r, EXPR_IS);
    x->number = number;
    return take(r, STR(")")) ? x : NULL;
}

static const struct expr *read_matches(struct expr_reader *r)
{
    struct expr *x = new_expr(r, EXPR_MATCHES);
    if (read_text(r, x) && take(r, STR(",")) && read_regex(r, x) && take(r, STR(")")))
        return x;
    r->is_unknown = true;
    return NULL;
}

static const struct expr *read_count(struct expr_reader *r)
{
    struct expr *x = new_expr(r, EXPR_COUNT);
    x->path = read_path(r);
    return x->path != NULL && take(r, STR(")")) && read_number(r, x) ? x : NULL;
}

static const struct expr *read_length(struct expr_reader *r)
{
    struct expr *x = new_expr(r, EXPR_LENGTH);
    return read_text(r, x) && take(r, STR(")")) && read_number(r, x) ? x : NULL;
}

/* A text alone, or compared with a literal. */
static const struct expr *read_plain(struct expr_reader *r)
{
    struct expr *x = new_expr(r, EXPR_EQUAL);
    x->is_normalized = take_function(r, STR("normalize-space"));
    x->path = read_path(r);
    if (x->path == NULL || (x->is_normalized && !take(r, STR(")"))))
        return NULL;
    if (!take(r, STR("=")))
        x->kind = x->is_normalized ? EXPR_FILLED : EXPR_EXISTS;
    else if (!take_literal(r, &x->literal))
        return NULL;
    return x->is_normalized && !is_forward(x->path) ? NULL : x;
}

static const struct expr *read_one(struct expr_reader *r)
{
    if (take_function(r, STR("not")))
        return read_not(r);
    if (take_function(r, STR("false")))
        return read_constant(r, 0);
    if (take_function(r, STR("true")))
        return read_constant(r, 1);
    if (take_function(r, STR("matches")))
        return read_matches(r);
    if (take_function(r, STR("count")))
        return read_count(r);
    if (take_function(r, STR("string-length")))
        return read_length(r);
    return read_plain(r);
}

static const struct expr *join(struct expr_reader *r, enum expr_kind kind, const struct expr *left,
                               const struct expr *right)
{
    struct expr *x = new_expr(r, kind);
    x->left = left;
    x->right = right;
    return right == NULL ? NULL : x;
}

static const struct expr *read_and(struct expr_reader *r)
{
    const struct expr *x = read_one(r);
    while (x != NULL && take_word(r, STR("and")))
        x = join(r, EXPR_AND, x, read_one(r));
    return x;
}

static const struct expr *read_test(struct expr_reader *r)
{
    if (++r->depth > EXPR_DEPTH_MAX)
        return NULL;
    const struct expr *x = read_and(r);
    while (x != NULL && take_word(r, STR("or")))
        x = join(r, EXPR_OR, x, read_and(r));
    r->depth--;
    return x;
}

static bool is_at_end(struct expr_reader *r)
{
    skip_blanks(r);
    return r->left.len == 0;
}

const struct expr *expr_read(struct expr_reader *r, struct str text)
{
    r->left = text;
    r->depth = 0;
    r->is_unknown = false;
    const struct expr *x = read_test(r);
    return x != NULL && is_at_end(r) ? x : NULL;
}

/* --- contexts */

/* "//" asks for the step's nodes anywhere below. */
static bool read_context_step(struct expr_reader *r, struct expr_path *p)
{
    bool is_below = take(r, STR("//"));
    if (!is_below && !take(r, STR("/")))
        return false;
    struct expr_step *s = read_step(r, p);
    if (s == NULL)
        return false;
    if (is_below && s->axis == EXPR_CHILD)
        s->axis = EXPR_DESCENDANT;
    else if (is_below && (s->axis != EXPR_ATTRIBUTE || p->count > 1))
        return false;
    return s->axis == EXPR_CHILD || s->axis == EXPR_DESCENDANT ||
           (s->axis == EXPR_ATTRIBUTE && (is_below || p->count > 1));
}

static struct expr_path *read_alternative(struct expr_reader *r)
{
    struct expr_path *p = arena_new(r->arena, sizeof(*p));
    do {
        bool is_behind_attribute = p->count > 0 && p->steps[p->count - 1].axis == EXPR_ATTRIBUTE;
        if (is_behind_attribute || !read_context_step(r, p))
            return NULL;
        skip_blanks(r);
    } while (str_starts(r->left, STR("/")));
    return p;
}

const struct expr_path *expr_read_context(struct expr_reader *r, struct str text)
{
    struct expr_path *first = NULL, *last = NULL;
    r->left = text;
    r->depth = 0;
    r->is_unknown = false;
    do {
        struct expr_path *p = read_alternative(r);
        if (p == NULL)
            return NULL;
        if (last != NULL)
            last->or_else = p;
        else
            first = p;
        last = p;
    } while (take(r, STR("|")));
    return is_at_end(r) ? first : NULL;
}
