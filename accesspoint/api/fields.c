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

bool field_idempotency_key(struct str field, struct str *key, struct error *e)
{
    struct str k = field;
    bool quoted = k.len >= 2 && k.at[0] == '"' && k.at[k.len - 1] == '"';
    if (quoted)
        k = str_bytes(k.at + 1, k.len - 2);
    bool ok = k.len >= 8 && k.len <= 64;
    for (size_t i = 0; ok && i < k.len; i++)
        ok = is_plain(k.at[i]) || k.at[i] == '-';
    if (!ok)
        return error_set(e, ERROR_REJECT,
                         "Idempotency-Key must be 8 to 64 letters, digits and hyphens, best a UUID "
                         "that is new for each message");
    *key = k;
    return true;
}

static bool check_name(struct str name, struct error *e)
{
    if (!letter_file_name_is_sane(name))
        return error_code(e, ERROR_REJECT, "name",
                          "the file name must be 1 to 255 characters without / and \\ and control "
                          "characters");
    return true;
}

static bool read_quoted(struct cursor *c, struct str *name)
{
    if (!cursor_char(c, '"') || !cursor_until(c, STR("\""), name))
        return false;
    for (size_t i = 0; i < name->len; i++)
        if (name->at[i] < 0x20 || name->at[i] > 0x7e || name->at[i] == '\\')
            return false;
    return name->len > 0;
}

static bool is_token_of_name(struct str token)
{
    for (size_t i = 0; i < token.len; i++)
        if (!is_plain(token.at[i]) && token.at[i] != '.' && token.at[i] != '_' &&
            token.at[i] != '-')
            return false;
    return true;
}

static bool read_plain_name(struct cursor *c, struct str *name)
{
    struct cursor quoted = *c;
    if (read_quoted(&quoted, name)) {
        *c = quoted;
        return true;
    }
    return cursor_token(c, name) && is_token_of_name(*name);
}

static bool read_coded_name(struct cursor *c, struct arena *a, struct str *name)
{
    AUTO_BUF decoded = BUF(1024);
    struct error e = {0};
    struct str coded;
    if (!cursor_skip(c, STR("UTF-8''")) || !cursor_token(c, &coded) ||
        str_find_char(coded, '*') < coded.len || str_find_char(coded, '\'') < coded.len ||
        !percent_decode(&decoded, coded, &e))
        return false;
    *name = arena_copy(a, buf_str(&decoded));
    return true;
}

static bool read_parameter(struct cursor *c, struct arena *a, struct str *plain, struct str *coded)
{
    (void)cursor_char(c, ' ');
    if (cursor_skip(c, STR("filename*=")))
        return coded->at == NULL && read_coded_name(c, a, coded);
    return plain->at == NULL && coded->at == NULL && cursor_skip(c, STR("filename=")) &&
           read_plain_name(c, plain);
}

bool field_file_name(struct str disposition, struct arena *a, struct str *name, struct error *e)
{
    struct cursor c = cursor_of(disposition);
    struct str plain = STR_NONE;
    struct str coded = STR_NONE;
    bool ok = cursor_skip(&c, STR("attachment"));
    while (ok && !cursor_done(&c))
        ok = cursor_char(&c, ';') && read_parameter(&c, a, &plain, &coded);
    if (!ok)
        return error_set(e, ERROR_REJECT,
                         "Content-Disposition must be as attachment; filename=\"beslut.pdf\" or "
                         "attachment; filename*=UTF-8''beslut.pdf");
    struct str chosen = coded.at != NULL ? coded : plain;
    if (chosen.at != NULL && !check_name(chosen, e))
        return false;
    *name = chosen.at == NULL ? STR("") : arena_copy(a, chosen);
    return true;
}

bool field_content_digest(struct str field, unsigned char sha256[static 32], struct error *e)
{
    AUTO_BUF octets = BUF(64);
    struct str text = str_from(field, sizeof("sha-256=:") - 1);
    struct error fault = {0};
    bool ok = str_starts(field, STR("sha-256=:")) && text.len == 45 && text.at[44] == ':' &&
              base64_decode(&octets, str_upto(text, 44), false, &fault) && octets.len == 32;
    if (!ok)
        return error_set(e, ERROR_REJECT,
                         "Content-Digest must be sha-256=:<base64 of 32 octets>: (RFC 9530)");
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
