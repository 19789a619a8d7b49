/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/problem.h"
#include "runtime/base/json.h"
#include "tests/check.h"

static struct str member(const struct json_doc *d, const char *name)
{
    struct str text = STR_NONE;
    (void)json_as_text(json_member(d->root, name), &text);
    return text;
}

static void write_problem(const struct problem_words *w, struct json_doc *doc)
{
    AUTO_BUF body = BUF(16 * 1024);
    struct error e = {0};
    CHECK_OK(problem_write(w, &body, &e), e);
    CHECK_OK(json_read(buf_str(&body), doc, &e), e);
}

TEST(a_problem_has_the_five_members_in_the_language_wanted)
{
    AUTO_ARENA a = {0};
    struct str swedish;
    AUTO_JSON doc = {0};
    struct problem_words w = {.problem = PROBLEM_NOT_FOUND,
                              .swedish = true,
                              .instance = STR("7a1d6c2e-9d0f-4f5e-8a64-0b6f4f6a9c11"),
                              .trace_id = STR("0af7651916cd43dd8448eb211c80319c")};
    int64_t status = 0;
    write_problem(&w, &doc);
    CHECK_STR(member(&doc, "type"), STR("https://posthorn.example/problems/not-found"));
    CHECK_STR(member(&doc, "title"), STR("Finns inte"));
    CHECK(json_as_integer(json_member(doc.root, "status"), &status) && status == 404);
    CHECK_STR(member(&doc, "detail"), STR("Det finns ingen sådan resurs för den här klienten."));
    swedish = arena_copy(&a, member(&doc, "detail"));
    CHECK_STR(member(&doc, "instance"), STR("urn:uuid:7a1d6c2e-9d0f-4f5e-8a64-0b6f4f6a9c11"));
    w.swedish = false;
    write_problem(&w, &doc);
    CHECK_STR(member(&doc, "title"), STR("Not found"));
    CHECK(!str_equal(member(&doc, "detail"), swedish));
    CHECK(json_member(doc.root, "errors") == NULL);
}

TEST(faults_of_our_own_are_not_told)
{
    static const enum problem rows[] = {PROBLEM_INTERNAL, PROBLEM_UNAVAILABLE,
                                        PROBLEM_NOT_IMPLEMENTED};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_JSON doc = {0};
        struct problem_words w = {.problem = rows[i], .detail = STR("/var/lib: disk I/O error")};
        write_problem(&w, &doc);
        CHECK(str_find(member(&doc, "detail"), STR("/var")) == member(&doc, "detail").len);
    }
}

/* A table with a hole would show nothing, or the other language. */
TEST(every_problem_speaks_both_languages)
{
    for (unsigned p = PROBLEM_BAD_REQUEST; p <= PROBLEM_VERSION; p++) {
        AUTO_JSON swedish = {0}, english = {0};
        struct problem_words w = {.problem = (enum problem)p, .swedish = true};
        write_problem(&w, &swedish);
        w.swedish = false;
        write_problem(&w, &english);
        static const char *const names[] = {"title", "detail"};
        for (size_t i = 0; i < 2; i++) {
            struct str one = member(&swedish, names[i]), other = member(&english, names[i]);
            CHECK_ROW(problem_name(w.problem), one.len > 0 && other.len > 0);
            CHECK_ROW(problem_name(w.problem), !str_equal(one, other));
        }
    }
}

TEST(each_fault_stands_with_its_place)
{
    AUTO_JSON doc = {0};
    AUTO_ARENA a = {0};
    struct letter_faults f = {.count = 0};
    struct str text;
    letter_fault(&f, &a, STR("/subject"), "missing", "is required", "måste finnas");
    f.swedish = true;
    letter_fault(&f, &a, STR("/documents/0"), "empty", "holds %d \"things\"",
                 "innehåller %d \"saker\"", 0);
    struct problem_words w = {.problem = PROBLEM_WRONG_MESSAGE, .faults = &f};
    write_problem(&w, &doc);
    const struct json *errors = json_member(doc.root, "errors");
    CHECK(json_count(errors) == 2);
    CHECK(json_as_text(json_member(json_item(errors, 1), "pointer"), &text));
    CHECK_STR(text, STR("/documents/0"));
    CHECK(json_as_text(json_member(json_item(errors, 0), "detail"), &text));
    CHECK_STR(text, STR("is required"));
    CHECK(json_as_text(json_member(json_item(errors, 1), "detail"), &text));
    CHECK_STR(text, STR("innehåller 0 \"saker\""));
    CHECK(json_as_text(json_member(json_item(errors, 1), "code"), &text));
    CHECK_STR(text, STR("empty"));
}

TEST(every_status_of_the_server_has_a_problem)
{
    static const unsigned rows[] = {400, 401, 404, 405, 408, 411, 413, 414,
                                    415, 417, 431, 500, 501, 503, 505};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK(problem_status(problem_of_status(rows[i])) == rows[i]);
    CHECK(problem_status(problem_of_status(499)) == 400);
    CHECK(problem_status(problem_of_status(599)) == 500);
}

TEST(errors_become_problems_by_their_kind)
{
    static const struct {
        enum error_kind kind;
        unsigned status;
    } rows[] = {{ERROR_RETRY, 503}, {ERROR_REJECT, 400}, {ERROR_DENY, 500}, {ERROR_BUG, 500}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {.kind = rows[i].kind};
        CHECK(problem_status(problem_of_error(&e)) == rows[i].status);
    }
}

CHECK_MAIN
