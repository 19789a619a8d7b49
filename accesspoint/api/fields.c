/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/fields.h"

#include "accesspoint/letter.h"
#include "runtime/base/cursor.h"
#include "runtime/base/number.h"
#include "runtime/base/text.h"
#include "runtime/crypto/base64.h"

/* --- quality lists: "a;q=0.5, b" */

/* Thousandths; what is no qvalue counts as 1. */
static unsigned quality_of(struct str parameters)
{
    struct str one;
    while (str_next(&parameters, ';', &one)) {
        one = str_trim(one);
        if (!str_starts(one, STR("q=")) && !str_starts(one, STR("Q=")))
            continue;
        struct str value = str_from(one, 2);
        unsigned thousandths = value.len > 0 && value.at[0] == '1' ? 1000 : 0;
        unsigned weight = 100;
        for (size_t i = 2; i < value.len && i < 5 && thousandths < 1000; i++, weight /= 10)
            if (value.at[i] >= '0' && value.at[i] <= '9')
                thousandths += weight * (unsigned)(value.at[i] - '0');
        return thousandths;
    }
    return 1000;
}

static struct str name_of(struct str element, unsigned *quality)
{
    size_t end = str_find_char(element, ';');
    *quality = quality_of(str_from(element, end + 1));
    return str_trim(str_upto(element, end));
}

/* 3: the type itself, 2: its main type, 1: anything, 0: another one. */
static unsigned nearness(struct str range, struct str type)
{
    size_t slash = str_find_char(type, '/');
    if (str_equal_nocase(range, type))
        return 3;
    if (range.len == slash + 2 && range.at[range.len - 1] == '*' &&
        str_equal_nocase(str_upto(range, slash + 1), str_upto(type, slash + 1)))
        return 2;
    return str_is(range, "*/*") ? 1 : 0;
}

bool field_accepts(struct str accept, struct str type)
{
    unsigned best = 0;
    bool accepted = accept.len == 0;
    struct str one;
    while (accept.len > 0 && str_next(&accept, ',', &one)) {
        unsigned quality;
        struct str range = name_of(one, &quality);
        unsigned near = nearness(range, type);
        if (near > best) {
            best = near;
            accepted = quality > 0;
        }
    }
    return accepted;
}

bool field_prefers_swedish(struct str accept_language)
{
    unsigned swedish = 0;
    unsigned english = 0;
    struct str one;
    while (accept_language.len > 0 && str_next(&accept_language, ',', &one)) {
        unsigned quality;
        struct str language = str_upto(name_of(one, &quality), 2);
        if (str_equal_nocase(language, STR("sv")) && quality > swedish)
            swedish = quality;
        if (str_equal_nocase(language, STR("en")) && quality > english)
            english = quality;
    }
    return swedish > english;
}

/* --- keys and names */

static bool is_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool field_idempotency_key(struct str field, struct str *key)
{
    struct str k = field;
    bool quoted = k.len >= 2 && k.at[0] == '"' && k.at[k.len - 1] == '"';
    if (quoted)
        k = str_bytes(k.at + 1, k.len - 2);
    if (k.len < 8 || k.len > 64)
        return false;
    for (size_t i = 0; i < k.len; i++)
        if (!is_plain(k.at[i]) && k.at[i] != '-')
            return false;
    *key = k;
    return true;
}

/* --- Content-Disposition */

/* RFC 9110 §5.6.4, but only '"' and '\' are worth a backslash: who escapes more meant a path. */
static bool read_quoted(struct cursor *c, struct arena *a, struct str *value)
{
    char *text = arena_new(a, c->left.len + 1);
    size_t n = 0;
    struct str one;
    if (!cursor_char(c, '"'))
        return false;
    while (!cursor_char(c, '"')) {
        bool is_escaped = cursor_char(c, '\\');
        if (!cursor_take(c, 1, &one) || (is_escaped && one.at[0] != '"' && one.at[0] != '\\'))
            return false;
        text[n++] = one.at[0];
    }
    *value = str_bytes(text, n);
    return true;
}

/* RFC 8187 §3.2.1: charset ' language ' percent-coded octets. */
static bool read_coded(struct str value, struct arena *a, struct str *name)
{
    AUTO_BUF decoded = BUF(1024);
    struct error e = {0};
    size_t charset = str_find_char(value, '\'');
    struct str rest = str_from(value, charset + 1);
    size_t language = str_find_char(rest, '\'');
    struct str coded = str_from(rest, language + 1);
    if (!str_equal_nocase(str_upto(value, charset), STR("UTF-8")) || language == rest.len ||
        coded.len == 0 || str_find_char(coded, '*') < coded.len ||
        str_find_char(coded, '\'') < coded.len || !percent_decode(&decoded, coded, &e))
        return false;
    *name = arena_copy(a, buf_str(&decoded));
    return true;
}

struct names { /* .at NULL: not there */
    struct str plain, coded;
};

static bool read_parameter(struct cursor *c, struct arena *a, struct names *names)
{
    struct str name, value;
    if (!cursor_token(c, &name))
        return false;
    cursor_blanks(c);
    if (!cursor_char(c, '='))
        return false;
    cursor_blanks(c);
    bool is_coded = str_equal_nocase(name, STR("filename*"));
    if (!cursor_token(c, &value) && (is_coded || !read_quoted(c, a, &value)))
        return false;
    if (is_coded)
        return names->coded.at == NULL && read_coded(value, a, &names->coded);
    if (!str_equal_nocase(name, STR("filename")))
        return true;
    if (names->plain.at != NULL)
        return false;
    names->plain = value;
    return true;
}

/* *( OWS ";" OWS [ parameter ] ), RFC 9110 §5.6.6 */
static bool read_parameters(struct cursor *c, struct arena *a, struct names *names)
{
    for (;;) {
        cursor_blanks(c);
        if (cursor_done(c))
            return true;
        if (!cursor_char(c, ';'))
            return false;
        cursor_blanks(c);
        bool is_empty = cursor_done(c) || c->left.at[0] == ';';
        if (!is_empty && !read_parameter(c, a, names))
            return false;
    }
}

enum file_name_verdict field_file_name(struct str disposition, struct arena *a, struct str *name)
{
    struct cursor c = cursor_of(disposition);
    struct names names = {STR_NONE, STR_NONE};
    struct str type;
    if (!cursor_token(&c, &type) || !str_equal_nocase(type, STR("attachment")) ||
        !read_parameters(&c, a, &names))
        return FILE_NAME_UNREADABLE;
    struct str chosen = names.coded.at != NULL ? names.coded : names.plain;
    if (chosen.at != NULL && !letter_file_name_is_sane(chosen))
        return FILE_NAME_WRONG;
    *name = chosen.at == NULL ? STR("") : arena_copy(a, chosen);
    return FILE_NAME_GOOD;
}

bool field_content_digest(struct str field, unsigned char sha256[static 32])
{
    AUTO_BUF octets = BUF(64);
    struct str text = str_from(field, sizeof("sha-256=:") - 1);
    struct error fault = {0};
    if (!str_starts(field, STR("sha-256=:")) || text.len != 45 || text.at[44] != ':' ||
        !base64_decode(&octets, str_upto(text, 44), false, &fault) || octets.len != 32)
        return false;
    for (size_t i = 0; i < 32; i++)
        sha256[i] = (unsigned char)octets.at[i];
    return true;
}

struct str field_bearer(struct str authorization)
{
    if (!str_equal_nocase(str_upto(authorization, 7), STR("Bearer ")))
        return STR_NONE;
    return str_trim(str_from(authorization, 7));
}

bool field_holds_etag(struct str field, struct str etag)
{
    struct str one;
    while (field.len > 0 && str_next(&field, ',', &one)) {
        one = str_trim(one);
        if (str_starts(one, STR("W/")))
            one = str_from(one, 2);
        if (str_is(one, "*") || str_equal(one, etag))
            return true;
    }
    return false;
}

/* --- ranges */

static bool number_of(struct str digits, uint64_t *out)
{
    struct error e = {0};
    return digits.len > 0 && digits.len <= 19 && parse_u64(digits, 0, INT64_MAX, out, &e);
}

static enum range_verdict last_octets(struct str digits, uint64_t size, uint64_t *offset,
                                      uint64_t *length)
{
    uint64_t count;
    if (!number_of(digits, &count))
        return RANGE_WHOLE;
    if (count == 0 || size == 0)
        return RANGE_OUTSIDE;
    *length = count < size ? count : size;
    *offset = size - *length;
    return RANGE_PART;
}

enum range_verdict field_range(struct str field, uint64_t size, uint64_t *offset, uint64_t *length)
{
    struct str set = str_from(field, 6);
    size_t hyphen = str_find_char(set, '-');
    if (!str_starts(field, STR("bytes=")) || hyphen == set.len)
        return RANGE_WHOLE;
    struct str last_text = str_from(set, hyphen + 1);
    if (hyphen == 0)
        return last_octets(last_text, size, offset, length);
    uint64_t first;
    uint64_t last = INT64_MAX;
    if (!number_of(str_upto(set, hyphen), &first) ||
        (last_text.len > 0 && !number_of(last_text, &last)) || last < first)
        return RANGE_WHOLE;
    if (first >= size)
        return RANGE_OUTSIDE;
    *offset = first;
    *length = (last < size ? last + 1 : size) - first;
    return RANGE_PART;
}
