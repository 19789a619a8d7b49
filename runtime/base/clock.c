/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/clock.h"

#include <time.h>

#include "runtime/base/cursor.h"
#include "runtime/base/number.h"

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Days since 1970-01-01 of a Gregorian date, and back (Howard Hinnant's algorithms). */
static int64_t days_from_date(int64_t y, int64_t m, int64_t d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void date_from_days(int64_t days, int64_t *y, int64_t *m, int64_t *d)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = yoe + era * 400 + (*m <= 2);
}

/* The last digits of a number, and what stands behind them; returns its end. */
static char *put_digits(char *at, size_t count, int64_t number, char behind)
{
    for (size_t i = count; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    at[count] = behind;
    return at + count + 1;
}

const char *clock_format(int64_t ms, char text[static CLOCK_TEXT_SIZE])
{
    int64_t days = ms / 86400000 - (ms % 86400000 < 0);
    int64_t rest = ms - days * 86400000;
    int64_t y, m, d;
    date_from_days(days, &y, &m, &d);
    char *at = put_digits(text, 4, y < 0 ? 0 : y, '-');
    at = put_digits(at, 2, m, '-');
    at = put_digits(at, 2, d, 'T');
    at = put_digits(at, 2, rest / 3600000, ':');
    at = put_digits(at, 2, rest / 60000 % 60, ':');
    at = put_digits(at, 2, rest / 1000 % 60, '.');
    at = put_digits(at, 3, rest % 1000, 'Z');
    *at = '\0';
    return text;
}

static bool two_digits(struct cursor *c, int64_t min, int64_t max, int64_t *out)
{
    struct str digits;
    uint64_t value;
    struct error e;
    if (!cursor_take(c, 2, &digits) || !parse_u64(digits, (uint64_t)min, (uint64_t)max, &value, &e))
        return false;
    *out = (int64_t)value;
    return true;
}

static bool read_date(struct cursor *c, int64_t *days)
{
    struct str digits;
    uint64_t y;
    int64_t m, d;
    struct error e;
    if (!cursor_take(c, 4, &digits) || !parse_u64(digits, 1, 9999, &y, &e) ||
        !cursor_char(c, '-') || !two_digits(c, 1, 12, &m) || !cursor_char(c, '-') ||
        !two_digits(c, 1, 31, &d))
        return false;
    int64_t y2, m2, d2;
    *days = days_from_date((int64_t)y, m, d);
    date_from_days(*days, &y2, &m2, &d2);
    return m2 == m && d2 == d; /* no 30 February */
}

static bool read_time(struct cursor *c, int64_t *ms)
{
    int64_t h, m, s, fraction = 0, weight = 100;
    if (!two_digits(c, 0, 24, &h) || !cursor_char(c, ':') || !two_digits(c, 0, 59, &m) ||
        !cursor_char(c, ':') || !two_digits(c, 0, 59, &s))
        return false;
    if (cursor_char(c, '.')) {
        struct str digit = STR_NONE;
        size_t count = 0;
        while (!cursor_done(c) && c->left.at[0] >= '0' && c->left.at[0] <= '9' &&
               cursor_take(c, 1, &digit)) {
            fraction += (digit.at[0] - '0') * weight;
            weight /= 10;
            count++;
        }
        if (count == 0)
            return false;
    }
    *ms = ((h * 60 + m) * 60 + s) * 1000 + fraction;
    return h < 24 || (m == 0 && s == 0 && fraction == 0); /* xs:dateTime: 24:00:00 ends the day */
}

static bool read_zone(struct cursor *c, int64_t *offset_ms, bool *zoned)
{
    *zoned = true;
    *offset_ms = 0;
    if (cursor_char(c, 'Z'))
        return true;
    bool plus = cursor_char(c, '+');
    if (!plus && !cursor_char(c, '-')) {
        *zoned = false;
        return true;
    }
    int64_t h, m;
    if (!two_digits(c, 0, 14, &h) || !cursor_char(c, ':') || !two_digits(c, 0, 59, &m))
        return false;
    *offset_ms = (plus ? 1 : -1) * (h * 60 + m) * 60000;
    return true;
}

bool clock_parse(struct str text, int64_t *ms, bool *zoned, struct error *e)
{
    struct cursor c = cursor_of(text);
    int64_t days, time_ms, offset_ms;
    bool has_zone;
    if (!read_date(&c, &days) || !(cursor_char(&c, 'T') || cursor_char(&c, 't')) ||
        !read_time(&c, &time_ms) || !read_zone(&c, &offset_ms, &has_zone) || !cursor_done(&c))
        return error_set(e, ERROR_REJECT, "'%.*s' is not a time like 2026-11-20T12:00:00.123Z",
                         STR_ARG(str_upto(text, 40)));
    *ms = days * 86400000 + time_ms - offset_ms;
    if (zoned != NULL)
        *zoned = has_zone;
    return true;
}
