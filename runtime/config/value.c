/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/config/value.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "runtime/base/number.h"

enum { LIST_MAX = 10000, SHOWN = 60 };

#define SHOW(text) STR_ARG(str_upto((text), SHOWN))

struct unit {
    const char *name;
    int64_t worth;
};

static const struct unit size_units[] = {
    {"", 1}, {"K", 1024}, {"M", 1024 * 1024}, {"G", 1024 * 1024 * 1024}, {NULL, 0}};
static const struct unit time_units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0}};

static struct str keep(struct arena *arena, struct str text)
{
    return (struct str){arena_text(arena, text), text.len};
}

/* --- numbers */

static bool is_unbounded(const struct setting *s)
{
    return s->min == 0 && s->max == 0;
}

/* Up to 24 characters: the number as one would write it. */
static void number_text(const struct unit *units, int64_t value, char text[static 32])
{
    const struct unit *best = units;
    for (const struct unit *u = units; u->name != NULL; u++)
        if (value != 0 && value % u->worth == 0)
            best = u;
    snprintf(text, 32, "%" PRId64 "%s", value / best->worth, best->name);
}

static const struct unit *units_of(enum setting_type type)
{
    static const struct unit none[] = {{"", 1}, {NULL, 0}};
    return type == SETTING_SIZE ? size_units : type == SETTING_TIME ? time_units : none;
}

static bool split_unit(const struct unit *units, struct str text, struct str *digits,
                       int64_t *worth)
{
    size_t len = 0;
    while (len < text.len && text.at[len] >= '0' && text.at[len] <= '9')
        len++;
    *digits = str_upto(text, len);
    for (const struct unit *u = units; u->name != NULL; u++)
        if (str_is(str_from(text, len), u->name)) {
            *worth = u->worth;
            return len > 0;
        }
    *worth = 1; /* 0 needs no unit */
    return str_is(text, "0");
}

static bool number_value(const struct setting *s, struct str text, int64_t *out)
{
    struct error ignored;
    struct str digits;
    uint64_t value;
    int64_t worth, product;
    bool is_negative = s->type == SETTING_NUMBER && text.len > 1 && text.at[0] == '-';
    if (!split_unit(units_of(s->type), str_from(text, is_negative ? 1 : 0), &digits, &worth) ||
        !parse_u64(digits, 0, INT64_MAX, &value, &ignored) ||
        __builtin_mul_overflow((int64_t)value, is_negative ? -worth : worth, &product))
        return false;
    *out = product;
    return is_unbounded(s) || (product >= s->min && product <= s->max);
}

static bool read_number(const struct setting *s, struct str text, int64_t *out, struct error *e)
{
    AUTO_BUF words = BUF(200);
    int64_t value;
    if (!number_value(s, text, &value))
        return value_words(s, &words, e) &&
               error_set(e, ERROR_REJECT, "'%.*s' is not %s", SHOW(text), buf_text(&words));
    *out = value;
    return true;
}

/* --- texts */

static bool check_length(const struct setting *s, struct str text, struct error *e)
{
    AUTO_BUF words = BUF(200);
    int64_t len = (int64_t)text.len;
    if (is_unbounded(s) || (len >= s->min && len <= s->max))
        return true;
    return value_words(s, &words, e) &&
           error_set(e, ERROR_REJECT, "'%.*s' has %" PRId64 " octets; it is %s", SHOW(text), len,
                     buf_text(&words));
}

static bool read_word(const struct setting *s, struct str text, struct str *out, struct error *e)
{
    struct str words = str_of(s->words), word;
    while (str_next(&words, '|', &word))
        if (str_equal(word, text)) {
            *out = word;
            return true;
        }
    return error_set(e, ERROR_REJECT, "'%.*s' is none of %s", SHOW(text), s->words);
}

static struct str join_path(const struct value_place *place, struct str path)
{
    if (path.len == 0 || path.at[0] == '/' || place->folder.len == 0)
        return keep(place->arena, path);
    return arena_format(place->arena, "%.*s/%.*s", STR_ARG(place->folder), STR_ARG(path));
}

static bool read_path(const struct setting *s, struct str text, const struct value_place *place,
                      struct str *out, struct error *e)
{
    if (!check_length(s, text, e))
        return false;
    struct str path = join_path(place, text);
    if (path.len >= 4096)
        return error_set(e, ERROR_REJECT, "a path of %zu octets is too long", path.len);
    *out = path;
    return true;
}

static bool next_item(struct str *rest, struct str *item)
{
    size_t start = 0, end;
    while (start < rest->len && strchr(" \t,", rest->at[start]) != NULL)
        start++;
    for (end = start; end < rest->len && strchr(" \t,", rest->at[end]) == NULL;)
        end++;
    *item = str_upto(str_from(*rest, start), end - start);
    *rest = str_from(*rest, end);
    return item->len > 0;
}

static bool read_list(const struct setting *s, struct str text, const struct value_place *place,
                      struct str_list *out, struct error *e)
{
    struct str rest = text, item;
    size_t count = 0, most = s->max > 0 ? (size_t)s->max : LIST_MAX;
    while (next_item(&rest, &item))
        count++;
    if (count > most || (int64_t)count < s->min)
        return error_set(e, ERROR_REJECT, "%zu values; there must be %" PRId64 " to %zu", count,
                         s->min, most);
    struct str *at = arena_array(place->arena, count, sizeof(*at));
    rest = text;
    for (size_t i = 0; i < count && next_item(&rest, &item); i++)
        at[i] = keep(place->arena, item);
    *out = (struct str_list){at, count};
    return true;
}

static bool read_boolean(struct str text, bool *out, struct error *e)
{
    bool is_true = str_is(text, "yes") || str_is(text, "true");
    if (!is_true && !str_is(text, "no") && !str_is(text, "false"))
        return error_set(e, ERROR_REJECT, "'%.*s' is neither yes nor no", SHOW(text));
    *out = is_true;
    return true;
}

/* --- addresses */

static bool is_port(struct str digits)
{
    struct error ignored;
    uint64_t port;
    return digits.len <= 5 && parse_u64(digits, 0, 65535, &port, &ignored);
}

static bool is_host(int family, struct str host)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char octets[sizeof(struct in6_addr)];
    if (host.len == 0 || host.len >= sizeof(text) || memchr(host.at, '\0', host.len) != NULL)
        return false;
    memcpy(text, host.at, host.len);
    text[host.len] = '\0';
    return inet_pton(family, text, octets) == 1;
}

static bool is_inet_address(struct str text)
{
    bool is_six = text.len > 0 && text.at[0] == '[';
    struct str separator = is_six ? STR("]:") : STR(":");
    size_t at = str_find(text, separator);
    if (at == text.len)
        return false;
    struct str host = is_six ? str_from(str_upto(text, at), 1) : str_upto(text, at);
    return is_host(is_six ? AF_INET6 : AF_INET, host) && is_port(str_from(text, at + separator.len));
}

static bool read_address(struct str text, const struct value_place *place, struct str *out,
                         struct error *e)
{
    struct sockaddr_un un;
    if (str_starts(text, STR("unix:")) && text.len > 5) {
        struct str path = join_path(place, str_from(text, 5));
        if (path.len >= sizeof(un.sun_path))
            return error_set(e, ERROR_REJECT, "'%.*s' is longer than the %zu octets of a socket path",
                             SHOW(path), sizeof(un.sun_path) - 1);
        *out = arena_format(place->arena, "unix:%.*s", STR_ARG(path));
        return true;
    }
    if (!is_inet_address(text))
        return error_set(e, ERROR_REJECT,
                         "'%.*s' is no address like 127.0.0.1:8443, [::1]:8443 or unix:/run/x.sock",
                         SHOW(text));
    *out = keep(place->arena, text);
    return true;
}

bool value_read(const struct setting *setting, struct str text, const struct value_place *place,
                struct error *e)
{
    void *at = (char *)place->section + setting->at;
    switch (setting->type) {
    case SETTING_TEXT:
        if (!check_length(setting, text, e))
            return false;
        *(struct str *)at = keep(place->arena, text);
        return true;
    case SETTING_WORD:
        return read_word(setting, text, at, e);
    case SETTING_PATH:
        return read_path(setting, text, place, at, e);
    case SETTING_LIST:
        return read_list(setting, text, place, at, e);
    case SETTING_NUMBER:
    case SETTING_SIZE:
    case SETTING_TIME:
        return read_number(setting, text, at, e);
    case SETTING_BOOLEAN:
        return read_boolean(text, at, e);
    case SETTING_ADDRESS:
        return read_address(text, place, at, e);
    }
    return error_set(e, ERROR_BUG, "a setting of unknown type");
}

/* --- for people */

static bool number_words(const struct setting *s, struct buf *out, struct error *e)
{
    const char *what = s->type == SETTING_SIZE   ? "a size such as 20M"
                       : s->type == SETTING_TIME ? "a time such as 500ms, 30s, 5m, 4h or 2d"
                                                 : "a number";
    char min[32], max[32];
    number_text(units_of(s->type), s->min, min);
    number_text(units_of(s->type), s->max, max);
    return is_unbounded(s) ? buf_add(out, str_of(what), e)
                           : buf_addf(out, e, "%s from %s to %s", what, min, max);
}

static bool text_words(const struct setting *s, struct buf *out, struct error *e)
{
    const char *what = s->type == SETTING_PATH ? "a path" : "a text";
    if (is_unbounded(s))
        return buf_add(out, str_of(what), e);
    if (s->min == s->max)
        return buf_addf(out, e, "%s of %" PRId64 " octets", what, s->min);
    return buf_addf(out, e, "%s of %" PRId64 " to %" PRId64 " octets", what, s->min, s->max);
}

bool value_words(const struct setting *setting, struct buf *out, struct error *e)
{
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_PATH:
        return text_words(setting, out, e);
    case SETTING_WORD:
        return buf_addf(out, e, "one of %s", setting->words);
    case SETTING_LIST:
        return buf_add(out, STR("values separated by blanks or commas"), e);
    case SETTING_NUMBER:
    case SETTING_SIZE:
    case SETTING_TIME:
        return number_words(setting, out, e);
    case SETTING_BOOLEAN:
        return buf_add(out, STR("yes or no"), e);
    case SETTING_ADDRESS:
        return buf_add(out, STR("an address such as 127.0.0.1:8443, [::1]:8443 or unix:/run/x.sock"),
                       e);
    }
    return error_set(e, ERROR_BUG, "a setting of unknown type");
}

static bool text_example(const struct setting *s, struct buf *out, struct error *e)
{
    static const char fill[] = "example";
    size_t len = sizeof(fill) - 1;
    if (!is_unbounded(s) && (int64_t)len > s->max)
        len = (size_t)s->max;
    if ((int64_t)len < s->min)
        len = (size_t)s->min;
    for (size_t i = 0; i < len; i++)
        if (!buf_add_char(out, fill[i % (sizeof(fill) - 1)], e))
            return false;
    return true;
}

static bool list_example(const struct setting *s, struct buf *out, struct error *e)
{
    for (int64_t i = 0; i < (s->min > 1 ? s->min : 1); i++)
        if (!buf_addf(out, e, "%sexample-%" PRId64, i == 0 ? "" : " ", i + 1))
            return false;
    return true;
}

bool value_example(const struct setting *setting, struct buf *out, struct error *e)
{
    char number[32];
    struct str word, words = str_of(setting->words);
    if (setting->fallback != NULL)
        return buf_add(out, str_of(setting->fallback), e);
    switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_PATH:
        return text_example(setting, out, e);
    case SETTING_WORD:
        return str_next(&words, '|', &word) && buf_add(out, word, e);
    case SETTING_LIST:
        return list_example(setting, out, e);
    case SETTING_NUMBER:
    case SETTING_SIZE:
    case SETTING_TIME:
        number_text(units_of(setting->type), setting->min, number);
        return buf_add(out, str_of(number), e);
    case SETTING_BOOLEAN:
        return buf_add(out, STR("no"), e);
    case SETTING_ADDRESS:
        return buf_add(out, STR("127.0.0.1:8443"), e);
    }
    return error_set(e, ERROR_BUG, "a setting of unknown type");
}
