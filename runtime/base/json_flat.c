/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/json_flat.h"

#include "runtime/base/number.h"

struct json_flat json_flat_of(struct str text, struct arena *a, struct error *e)
{
    return (struct json_flat){.text = text, .left = text, .arena = a, .e = e};
}

static bool fail(struct json_flat *f, const char *what)
{
    if (!f->failed)
        error_set(f->e, ERROR_REJECT, "not JSON of plain values, octet %zu: %s",
                  f->text.len - f->left.len, what);
    f->failed = true;
    return false;
}

bool json_flat_done(const struct json_flat *f)
{
    return !f->failed;
}

/* The mark, and the space around it. */
static bool take_mark(struct json_flat *f, char mark)
{
    struct str left = str_trim_start(f->left);
    bool is_there = left.len > 0 && left.at[0] == mark;
    f->left = is_there ? str_trim_start(str_from(left, 1)) : left;
    return is_there;
}

/* --- texts */
static bool hex_value(struct str digits, uint32_t *out)
{
    uint32_t value = 0;
    if (digits.len < 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(digits.at[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *out = value;
    return true;
}

/* Behind "\u": one unit of UTF-16, or two that belong together (RFC 8259 §7). 0 is refused: no text
 * of ours holds it. */
static bool take_unit(struct str *raw, uint32_t *out)
{
    uint32_t high, low = 0;
    if (!hex_value(*raw, &high) || high == 0)
        return false;
    *raw = str_from(*raw, 4);
    *out = high;
    if (high < 0xd800 || high > 0xdfff)
        return true;
    if (high > 0xdbff || !str_starts(*raw, STR("\\u")) || !hex_value(str_from(*raw, 2), &low) ||
        low < 0xdc00 || low > 0xdfff)
        return false;
    *raw = str_from(*raw, 6);
    *out = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
    return true;
}

/* Behind the backslash. */
static bool take_escape(struct str *raw, uint32_t *out)
{
    static const struct str names = STR_INIT("\"\\/bfnrt");
    static const char values[] = "\"\\/\b\f\n\r\t";
    char name = raw->at[0];
    *raw = str_from(*raw, 1);
    if (name == 'u')
        return take_unit(raw, out);
    size_t i = str_find_char(names, name);
    *out = (unsigned char)values[i];
    return i < names.len;
}

static bool unescape(struct json_flat *f, struct str raw, struct str *out)
{
    char *text = arena_new(f->arena, raw.len); /* no escape is shorter than what it stands for */
    size_t n = 0;
    while (raw.len > 0) {
        uint32_t c = 0;
        if (raw.at[0] != '\\') {
            text[n++] = raw.at[0];
            raw = str_from(raw, 1);
            continue;
        }
        raw = str_from(raw, 1);
        if (!take_escape(&raw, &c))
            return fail(f, "an escape that is none");
        n += str_put_utf8(text + n, c);
    }
    *out = str_bytes(text, n);
    return true;
}

static bool take_text(struct json_flat *f, struct str *out)
{
    bool is_escaped = false;
    size_t i = 1;
    if (f->left.len == 0 || f->left.at[0] != '"')
        return fail(f, "a text is missing");
    for (; i < f->left.len && f->left.at[i] != '"'; i++) {
        if ((unsigned char)f->left.at[i] < 0x20)
            return fail(f, "a control character");
        if (f->left.at[i] == '\\') {
            is_escaped = true;
            i++;
        }
    }
    if (i >= f->left.len)
        return fail(f, "a text has no end");
    struct str raw = {f->left.at + 1, i - 1};
    if (!str_is_utf8(raw))
        return fail(f, "a text is not UTF-8");
    if (is_escaped && !unescape(f, raw, &raw))
        return false;
    f->left = str_from(f->left, i + 1);
    *out = raw;
    return true;
}

/* --- other values */
static bool is_digit(struct str s, size_t i)
{
    return i < s.len && s.at[i] >= '0' && s.at[i] <= '9';
}

static bool take_number(struct json_flat *f, int64_t *out)
{
    bool is_negative = f->left.at[0] == '-';
    size_t first = is_negative ? 1 : 0, i = first;
    int64_t value = 0;
    if (!is_digit(f->left, i) || (f->left.at[i] == '0' && is_digit(f->left, i + 1)))
        return fail(f, "a value is neither text nor number nor true nor false nor null");
    for (; is_digit(f->left, i); i++) {
        int digit = f->left.at[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, is_negative ? -digit : digit, &value))
            return fail(f, "a number is too large");
    }
    f->left = str_from(f->left, i);
    if (str_starts(f->left, STR(".")) || str_starts(f->left, STR("e")) ||
        str_starts(f->left, STR("E")))
        return fail(f, "a number is not whole");
    *out = value;
    return true;
}

static bool take_word(struct json_flat *f, struct json_member *out)
{
    static const struct {
        struct str word;
        enum json_kind kind;
        int64_t number;
    } words[] = {
        {STR_INIT("true"), JSON_BOOLEAN, 1},
        {STR_INIT("false"), JSON_BOOLEAN, 0},
        {STR_INIT("null"), JSON_NULL, 0},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!str_starts(f->left, words[i].word))
            continue;
        f->left = str_from(f->left, words[i].word.len);
        out->kind = words[i].kind;
        out->number = words[i].number;
        return true;
    }
    return false;
}

static bool take_value(struct json_flat *f, struct json_member *out)
{
    if (f->left.len == 0)
        return fail(f, "a value is missing");
    if (f->left.at[0] == '"') {
        out->kind = JSON_TEXT;
        return take_text(f, &out->text);
    }
    if (take_word(f, out))
        return true;
    out->kind = JSON_INTEGER;
    return take_number(f, &out->number);
}

/* --- members */
static bool take_name(struct json_flat *f, struct str *out)
{
    if (!take_text(f, out))
        return false;
    for (size_t i = 0; i < f->count; i++)
        if (str_equal(f->names[i], *out))
            return fail(f, "a name comes twice");
    if (f->count == JSON_FLAT_MAX)
        return fail(f, "too many members");
    f->names[f->count++] = *out;
    return true;
}

static bool at_end(struct json_flat *f)
{
    if (!take_mark(f, '}'))
        return false;
    if (f->left.len > 0)
        fail(f, "something follows the object");
    return true;
}

bool json_flat_next(struct json_flat *f, struct json_member *out)
{
    struct json_member m = {.name = STR_NONE};
    if (f->failed)
        return false;
    if (f->count == 0 ? !take_mark(f, '{') : !take_mark(f, ',')) {
        if (f->count == 0 || !at_end(f))
            fail(f, f->count == 0 ? "an object is missing" : "a comma is missing");
        return false;
    }
    if (f->count == 0 && at_end(f))
        return false;
    if (!take_name(f, &m.name))
        return false;
    if (!take_mark(f, ':'))
        return fail(f, "a colon is missing");
    if (!take_value(f, &m))
        return false;
    *out = m;
    return true;
}
