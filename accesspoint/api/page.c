/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
#include "accesspoint/api/page.h"

#include "runtime/base/clock.h"
#include "runtime/base/number.h"
#include "runtime/base/text.h"

enum { PAGE_MAX = 10000, LIMIT_MAX = 200, LIMIT_USUAL = 20, LINK_MAX = 16 * 1024 };

static bool refuse(struct call *c, const char *name, const char *english, const char *swedish)
{
    call_refuse(c, PROBLEM_BAD_REQUEST, "query parameter %s must be %s",
                "frågeparametern %s ska vara %s", name, c->swedish ? swedish : english);
    return false;
}

static bool read_number(struct call *c, const char *name, uint64_t most, uint64_t usual,
                        uint64_t *out)
{
    struct error e = {0};
    struct str text = http_query(c->request, name);
    *out = usual;
    if (text.at == NULL || (text.len <= 9 && parse_u64(text, 1, most, out, &e)))
        return true;
    call_refuse(c, PROBLEM_BAD_REQUEST, "query parameter %s must be a number from 1 to %llu",
                "frågeparametern %s ska vara ett tal från 1 till %llu", name,
                (unsigned long long)most);
    return false;
}

static bool two_digits(struct str s, size_t at, int64_t most, int64_t *out)
{
    uint64_t n;
    struct error e = {0};
    if (!parse_u64(str_upto(str_from(s, at), 2), 0, (uint64_t)most, &n, &e))
        return false;
    *out = (int64_t)n;
    return true;
}

/* "Z", "+hh:mm" up to 23:59 (RFC 3339 §5.6, wider than xs:dateTime); *rest is what is before it. */
static bool split_zone(struct str text, struct str *rest, int64_t *offset_ms)
{
    int64_t hours, minutes;
    *offset_ms = 0;
    *rest = str_upto(text, text.len - 1);
    if (text.at[text.len - 1] == 'Z')
        return true;
    struct str zone = str_from(text, text.len - 6);
    *rest = str_upto(text, text.len - 6);
    if ((zone.at[0] != '+' && zone.at[0] != '-') || zone.at[3] != ':' ||
        !two_digits(zone, 1, 23, &hours) || !two_digits(zone, 4, 59, &minutes))
        return false;
    *offset_ms = (zone.at[0] == '-' ? -1 : 1) * (hours * 60 + minutes) * 60000;
    return true;
}

/* RFC 3339, so with a zone; a leap second is the second before it here. */
static bool parse_time(struct arena *a, struct str text, int64_t *out)
{
    struct error e = {0};
    struct str local;
    int64_t offset_ms;
    if (text.len < 20 || text.len > 64)
        return false;
    char *copy = arena_new(a, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = (char)(text.at[i] == 't' ? 'T' : text.at[i] == 'z' ? 'Z' : text.at[i]);
    if (str_equal(str_bytes(copy + 16, 3), STR(":60"))) {
        copy[17] = '5';
        copy[18] = '9';
    }
    if (copy[10] != 'T' || !split_zone(str_bytes(copy, text.len), &local, &offset_ms))
        return false;
    if (!clock_parse(arena_format(a, "%.*sZ", STR_ARG(local)), out, NULL, &e))
        return false;
    *out -= offset_ms;
    return true;
}

static bool read_time(struct call *c, const char *name, int64_t *out)
{
    struct str text = http_query(c->request, name);
    if (text.at == NULL || parse_time(&c->arena, text, out))
        return true;
    return refuse(c, name, "a time with a zone (RFC 3339), as 2026-03-01T09:00:00Z",
                  "en tid med zon (RFC 3339), som 2026-03-01T09:00:00Z");
}

static bool read_sort(struct call *c, bool *newest_first)
{
    struct str text = http_query(c->request, "sort");
    if (text.at == NULL)
        return true;
    if (!str_is(text, "createdAt") && !str_is(text, "-createdAt"))
        return refuse(c, "sort", "createdAt or -createdAt", "createdAt eller -createdAt");
    *newest_first = text.at[0] == '-';
    return true;
}

bool page_read(struct call *c, bool newest_first, struct page *out)
{
    struct page p = {.newest_first = newest_first};
    if (!read_number(c, "page", PAGE_MAX, 1, &p.page) ||
        !read_number(c, "limit", LIMIT_MAX, LIMIT_USUAL, &p.limit) ||
        !read_sort(c, &p.newest_first) || !read_time(c, "createdFrom", &p.from_ms) ||
        !read_time(c, "createdTo", &p.to_ms))
        return false;
    if (p.to_ms != 0 && p.from_ms > p.to_ms)
        p.to_ms = p.from_ms; /* nothing lies between */
    if (p.from_ms < 0)
        p.from_ms = 0;
    if (p.to_ms < 0)
        p.to_ms = 1;
    p.status = http_query(c->request, "status");
    *out = p;
    return true;
}

static bool add_query(struct buf *b, struct str name, struct str value, struct error *e)
{
    return buf_add(b, name, e) && buf_add_char(b, '=', e) && percent_encode(b, value, e) &&
           buf_add_char(b, '&', e);
}

/* Every link repeats the other parameters (FNS.12). */
static void put_link(struct call *c, struct json_writer *w, struct str path, const struct page *p,
                     const char *rel, uint64_t page)
{
    AUTO_BUF b = BUF(LINK_MAX);
    struct error e = {0};
    const struct http1_query *q = http_query_all(c->request);
    bool ok = true;
    for (size_t i = 0; ok && i < q->count; i++)
        if (!str_is(q->at[i].name, "page") && !str_is(q->at[i].name, "limit"))
            ok = add_query(&b, q->at[i].name, q->at[i].value, &e);
    if (!ok)
        buf_clear(&b);
    struct str host = call_url(c, "%.*s", STR_ARG(path));
    struct str href =
        arena_format(&c->arena, "%.*s?%.*spage=%llu&limit=%llu", STR_ARG(host),
                     STR_ARG(buf_str(&b)), (unsigned long long)page, (unsigned long long)p->limit);
    call_put_link(w, rel, href, rel, "GET");
}

void page_put(struct call *c, struct json_writer *w, const struct page *p, struct str path,
              uint64_t total, size_t count)
{
    uint64_t last = total == 0 ? 1 : (total - 1) / p->limit + 1;
    json_open_object(w, "_meta");
    json_put_integer(w, "totalRecords", (int64_t)total);
    json_put_integer(w, "page", (int64_t)p->page);
    json_put_integer(w, "limit", (int64_t)p->limit);
    json_put_integer(w, "count", (int64_t)count);
    json_close(w);
    json_open_object(w, "_links");
    put_link(c, w, path, p, "self", p->page);
    put_link(c, w, path, p, "first", 1);
    put_link(c, w, path, p, "last", last);
    if (p->page < last)
        put_link(c, w, path, p, "next", p->page + 1);
    if (p->page > 1)
        put_link(c, w, path, p, "prev", p->page - 1 < last ? p->page - 1 : last);
    json_close(w);
}
