/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/http/route.h"

enum fit { FITS, FITS_NOT, FITS_BADLY };

static bool is_param(struct str part)
{
    return part.len > 2 && part.at[0] == '{' && part.at[part.len - 1] == '}';
}

/* Both without their first '/'. */
static enum fit fit_path(struct arena *arena, struct str pattern, struct str path,
                         struct route_match *m, struct error *e)
{
    struct str want, have;
    enum fit fit = FITS;
    m->param_count = 0;
    while (str_next(&pattern, '/', &want)) {
        if (!str_next(&path, '/', &have))
            return FITS_NOT;
        if (!is_param(want)) {
            if (!str_equal(want, have))
                return FITS_NOT;
            continue;
        }
        struct http1_field *p = &m->params[m->param_count];
        if (have.len == 0 || m->param_count == ROUTE_PARAMS_MAX)
            return FITS_NOT;
        m->param_count++;
        p->name = str_upto(str_from(want, 1), want.len - 2);
        if (!http1_segment_read(arena, have, &p->value, e))
            fit = FITS_BADLY;
    }
    return str_next(&path, '/', &have) ? FITS_NOT : fit;
}

static bool has_method(const struct http_route *route, struct str method)
{
    struct str rest = str_of(route->methods), one;
    while (str_next(&rest, '|', &one))
        if (str_equal(one, method) || (str_is(one, "GET") && str_is(method, "HEAD")))
            return true;
    return false;
}

static void add_allowed(struct buf *allow, const struct http_route *route)
{
    struct error e = {0};
    struct str rest = str_of(route->methods), one;
    while (str_next(&rest, '|', &one)) {
        bool ok = (allow->len == 0 || buf_add(allow, STR(", "), &e)) && buf_add(allow, one, &e) &&
                  (!str_is(one, "GET") || buf_add(allow, STR(", HEAD"), &e));
        if (!ok)
            return;
    }
}

unsigned route_find(struct arena *arena, const struct http_route *routes,
                    const struct http1_head *head, struct route_match *out, struct buf *allow,
                    struct error *e)
{
    unsigned verdict = 404;
    if (!str_starts(head->path, STR("/")))
        return verdict;
    for (const struct http_route *r = routes; r->path != NULL; r++) {
        struct route_match m = {.route = r};
        enum fit fit =
            fit_path(arena, str_from(str_of(r->path), 1), str_from(head->path, 1), &m, e);
        if (fit == FITS_NOT)
            continue;
        if (!has_method(r, head->method)) {
            add_allowed(allow, r);
            verdict = verdict == 404 ? 405 : verdict;
        } else if (fit == FITS_BADLY) {
            verdict = 400;
        } else {
            *out = m;
            return 0;
        }
    }
    return verdict;
}

bool route_takes_type(const struct http_route *route, struct str content_type)
{
    struct str rest = str_of(route->types), one;
    struct str type = str_trim(str_upto(content_type, str_find_char(content_type, ';')));
    if (route->types == NULL)
        return true;
    while (str_next(&rest, '|', &one))
        if (str_equal_nocase(one, type))
            return true;
    return false;
}
