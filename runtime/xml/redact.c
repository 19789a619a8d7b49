/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/redact.h"

enum { MOST = 400 };

/* "{urn:x}a" becomes "a": where it stands says which namespace. "{'a', 'b'}", a set, stays. */
static struct str without_namespaces(struct str message, struct arena *a)
{
    char *out = arena_new(a, message.len + 1);
    size_t n = 0;
    while (message.len > 0) {
        size_t end = str_find_char(message, '}');
        bool is_name =
            message.at[0] == '{' && end < message.len && message.len > 1 && message.at[1] != '\'';
        if (is_name) {
            message = str_from(message, end + 1);
            continue;
        }
        out[n++] = message.at[0];
        message = str_from(message, 1);
    }
    return (struct str){out, n};
}

static size_t last_find(struct str s, struct str needle)
{
    size_t found = s.len;
    for (size_t at = 0; (at += str_find(str_from(s, at), needle)) < s.len; at++)
        found = at;
    return found;
}

/* Where a value's closing quote stands: the value itself may hold quotes, so the last place that
 * reads as one of libxml2's sentences counts. */
static size_t end_of_value(struct str s)
{
    static const struct str ends[] = {
        STR_INIT("' is not a valid value"),
        STR_INIT("' is not accepted by the pattern"),
        STR_INIT("' is not an element of"),
        STR_INIT("' does not match the fixed"),
        STR_INIT("' is less than"),
        STR_INIT("' is greater than"),
        STR_INIT("' must be"),
        STR_INIT("' has more digits"),
        STR_INIT("' has more fractional"),
        STR_INIT("'] in unique"),
        STR_INIT("'] in primary"),
    };
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t at = last_find(s, ends[i]);
        if (at < s.len)
            return at;
    }
    return s.len;
}

/* Where the message's sentence begins: behind "Element 'a', attribute 'b': " and "[facet 'c'] ". */
static size_t start_of_sentence(struct str s)
{
    size_t at = str_starts(s, STR("Element '")) || str_starts(s, STR("Attribute '"))
                    ? str_find(s, STR("': ")) + 3
                    : 0;
    at = at > s.len ? s.len : at;
    struct str rest = str_from(s, at);
    if (str_starts(rest, STR("[facet '")))
        at += str_find(rest, STR("'] ")) + 3;
    return at > s.len ? s.len : at;
}

/* The sentences that quote a value begin like this. */
static bool quotes_value(struct str sentence, size_t *quote)
{
    static const struct str fronts[] = {STR_INIT("The value '"), STR_INIT("The actual value '"),
                                        STR_INIT("The character content '"), STR_INIT("'")};
    for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
        if (str_starts(sentence, fronts[i])) {
            *quote = fronts[i].len - 1;
            return true;
        }
    }
    *quote = str_find(sentence, STR("['"));
    return *quote < sentence.len;
}

struct str redact_schema_message(struct str message, struct arena *a)
{
    size_t quote, start = start_of_sentence(message);
    struct str front = str_upto(message, start), sentence = str_from(message, start);
    if (quotes_value(sentence, &quote)) {
        size_t end = end_of_value(sentence);
        struct str rest = end > quote && end < sentence.len ? str_from(sentence, end + 1)
                                                            : STR(" is not valid here");
        sentence = arena_format(a, "the value%.*s", STR_ARG(rest));
    }
    struct str text = arena_format(a, "%.*s%.*s", STR_ARG(front), STR_ARG(sentence));
    return str_upto_utf8(without_namespaces(text, a), MOST);
}
