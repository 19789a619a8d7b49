/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/http/route.h"
#include "tests/check.h"

static const struct http_route routes[] = {
    {"GET", "/", NULL, 0, NULL, 1},
    {"GET|POST", "/things", NULL, 0, NULL, 2},
    {"GET", "/things/new", NULL, 0, NULL, 3},
    {"GET|DELETE", "/things/{id}", NULL, 0, NULL, 4},
    {"PUT", "/things/{id}", NULL, 0, NULL, 5},
    {"GET", "/things/{id}/parts/{part}", NULL, 0, NULL, 6},
    {0},
};

TEST(the_first_route_that_fits_is_taken_and_others_are_named)
{
    static const struct {
        const char *method, *path;
        unsigned verdict;
        int tag;
        const char *more; /* parameters, or what is allowed */
    } rows[] = {
        {"GET", "/", 0, 1, ""},
        {"HEAD", "/things", 0, 2, ""},
        {"GET", "/things/new", 0, 3, ""},
        {"GET", "/things/7", 0, 4, "id=7;"},
        {"GET", "/things/a%C3%A5", 0, 4, "id=a\xc3\xa5;"},
        {"PUT", "/things/new", 0, 5, "id=new;"},
        {"GET", "/things/7/parts/8", 0, 6, "id=7;part=8;"},
        {"POST", "/things/7", 405, 0, "GET, HEAD, DELETE, PUT"},
        {"get", "/things", 405, 0, "GET, HEAD, POST"},
        {"HEAD", "/things/7/parts/", 404, 0, ""},
        {"GET", "/things/", 404, 0, ""},
        {"GET", "/things//parts/8", 404, 0, ""},
        {"GET", "/Things", 404, 0, ""},
        {"GET", "/thing%73", 404, 0, ""},
        {"GET", "/things/%2e%2e", 400, 0, ""},
        {"GET", "/things/%00", 400, 0, ""},
        {"GET", "/things/%c3", 400, 0, ""},
        {"OPTIONS", "*", 404, 0, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_ARENA arena = {0};
        AUTO_BUF more = BUF(ROUTE_ALLOW_MAX);
        struct route_match m = {0};
        struct error e = {0};
        struct http1_head head = {.method = str_of(rows[i].method), .path = str_of(rows[i].path)};
        unsigned verdict = route_find(&arena, routes, &head, &m, &more, &e);
        CHECK_ROW(rows[i].path, verdict == rows[i].verdict);
        CHECK_ROW(rows[i].path, verdict != 0 || m.route->tag == rows[i].tag);
        if (verdict == 0)
            buf_clear(&more);
        for (size_t k = 0; verdict == 0 && k < m.param_count; k++)
            CHECK_OK(buf_addf(&more, &e, "%.*s=%.*s;", STR_ARG(m.params[k].name),
                              STR_ARG(m.params[k].value)),
                     e);
        CHECK_ROW(rows[i].path, verdict == 400 || str_is(buf_str(&more), rows[i].more));
    }
}

TEST(types_are_compared_without_case_and_parameters)
{
    static const struct http_route some = {"POST", "/", NULL, 1, "text/plain|application/json", 0};
    static const struct http_route any = {"POST", "/", NULL, 1, NULL, 0};
    CHECK(route_takes_type(&some, STR("text/plain")));
    CHECK(route_takes_type(&some, STR("Application/JSON ; charset=utf-8")));
    CHECK(!route_takes_type(&some, STR("text/plainer")) && !route_takes_type(&some, STR("")));
    CHECK(route_takes_type(&any, STR("")) && route_takes_type(&any, STR("x/y")));
}

CHECK_MAIN
