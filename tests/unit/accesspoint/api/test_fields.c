/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/fields.h"
#include "tests/check.h"

TEST(accept_follows_the_nearest_range)
{
    static const struct {
        struct str accept;
        bool ok;
    } rows[] = {
        {STR_INIT(""), true},
        {STR_INIT("*/*"), true},
        {STR_INIT("application/json"), true},
        {STR_INIT("Application/JSON; charset=utf-8"), true},
        {STR_INIT("application/*"), true},
        {STR_INIT("text/html, */*;q=0.1"), true},
        {STR_INIT("text/html"), false},
        {STR_INIT("application/json;q=0"), false},
        {STR_INIT("*/*, application/json;q=0"), false},
        {STR_INIT("*/*;q=0, application/json;q=0.001"), true},
        {STR_INIT("application/jsonx"), false},
        {STR_INIT("text/*"), false},
        {STR_INIT(";;,,"), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_ROW(rows[i].accept.at,
                  field_accepts(rows[i].accept, STR("application/json")) == rows[i].ok);
}

TEST(swedish_is_chosen_when_it_is_wanted_more)
{
    static const struct {
        struct str languages;
        bool swedish;
    } rows[] = {
        {STR_INIT(""), false},          {STR_INIT("sv"), true},
        {STR_INIT("sv-SE, en"), false}, {STR_INIT("sv-SE,en;q=0.9"), true},
        {STR_INIT("en"), false},        {STR_INIT("en;q=0.8, sv;q=0.9"), true},
        {STR_INIT("de"), false},        {STR_INIT("sv;q=0"), false},
        {STR_INIT("SV;Q=0.5"), true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_ROW(rows[i].languages.at,
                  field_prefers_swedish(rows[i].languages) == rows[i].swedish);
}

TEST(an_idempotency_key_is_letters_digits_and_hyphens)
{
    static const struct {
        struct str field, key;
        bool ok;
    } rows[] = {
        {STR_INIT("\"8e03978e-40d5-43e8-bc93-6894a57f9324\""),
         STR_INIT("8e03978e-40d5-43e8-bc93-6894a57f9324"), true},
        {STR_INIT("abcdefgh"), STR_INIT("abcdefgh"), true},
        {STR_INIT("abcdefg"), STR_INIT(""), false},
        {STR_INIT("\"abcdefgh"), STR_INIT(""), false},
        {STR_INIT("abcd efgh"), STR_INIT(""), false},
        {STR_INIT(""), STR_INIT(""), false},
        {STR_INIT("\"\""), STR_INIT(""), false},
        {STR_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
         STR_INIT(""), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct str key = STR("");
        CHECK_ROW(rows[i].field.at, field_idempotency_key(rows[i].field, &key, &e) == rows[i].ok);
        CHECK_ROW(rows[i].field.at, str_equal(key, rows[i].key));
    }
}

TEST(a_file_name_is_plain_or_coded)
{
    static const struct {
        struct str field, name;
        bool ok;
        const char *code;
    } rows[] = {
        {STR_INIT("attachment"), STR_INIT(""), true, NULL},
        {STR_INIT("attachment; filename=\"a b.pdf\""), STR_INIT("a b.pdf"), true, NULL},
        {STR_INIT("attachment;filename=a.pdf"), STR_INIT("a.pdf"), true, NULL},
        {STR_INIT("attachment; filename*=UTF-8''%C3%A5.pdf"), STR_INIT("å.pdf"), true, NULL},
        {STR_INIT("attachment; filename=\"x\"; filename*=UTF-8''y"), STR_INIT("y"), true, NULL},
        {STR_INIT("inline"), STR_INIT(""), false, NULL},
        {STR_INIT("attachment; filename="), STR_INIT(""), false, NULL},
        {STR_INIT("attachment; filename=\"\""), STR_INIT(""), false, NULL},
        {STR_INIT("attachment; filename=\"a"), STR_INIT(""), false, NULL},
        {STR_INIT("attachment; filename=\"a\\\"b\""), STR_INIT(""), false, NULL},
        {STR_INIT("attachment; filename=a; filename=b"), STR_INIT(""), false, NULL},
        {STR_INIT("attachment; filename*=UTF-8''%C"), STR_INIT(""), false, NULL},
        {STR_INIT("attachment; filename*=iso-8859-1''x"), STR_INIT(""), false, NULL},
        {STR_INIT("attachment; x=y"), STR_INIT(""), false, NULL},
        {STR_INIT(""), STR_INIT(""), false, NULL},
        {STR_INIT("attachment; filename=\"../etc\""), STR_INIT(""), false, "name"},
        {STR_INIT("attachment; filename*=UTF-8''%FF"), STR_INIT(""), false, "name"},
        {STR_INIT("attachment; filename*=UTF-8''a%00b"), STR_INIT(""), false, "name"},
        {STR_INIT("attachment; filename*=UTF-8''%EF%BF%BE"), STR_INIT(""), false, "name"},
        {STR_INIT("attachment; filename=.."), STR_INIT(""), false, "name"},
        {STR_INIT("attachment; filename=\" \""), STR_INIT(""), false, "name"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        struct error e = {0};
        struct str name = STR("");
        CHECK_ROW(rows[i].field.at, field_file_name(rows[i].field, &a, &name, &e) == rows[i].ok);
        CHECK_ROW(rows[i].field.at, str_equal(name, rows[i].name));
        CHECK_ROW(rows[i].field.at, str_equal(str_of(e.code), str_of(rows[i].code)));
    }
}

TEST(a_content_digest_is_a_whole_sha256)
{
    static const struct {
        struct str field;
        bool ok;
    } rows[] = {
        {STR_INIT("sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:"), true},
        {STR_INIT("sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:,"), false},
        {STR_INIT("sha-256=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCg==:"), false},
        {STR_INIT("sha-512=:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=:"), false},
        {STR_INIT("sha-256=n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="), false},
        {STR_INIT(""), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        unsigned char digest[32] = {0};
        CHECK_ROW(rows[i].field.at, field_content_digest(rows[i].field, digest, &e) == rows[i].ok);
        CHECK_ROW(rows[i].field.at, (digest[0] == 0x9f) == rows[i].ok);
    }
}

TEST(a_bearer_token_stands_alone)
{
    CHECK_STR(field_bearer(STR("Bearer abc")), STR("abc"));
    CHECK_STR(field_bearer(STR("bearer abc")), STR("abc"));
    CHECK(field_bearer(STR("Basic eDp4")).len == 0);
    CHECK(field_bearer(STR("Bearer")).len == 0);
    CHECK(field_bearer(STR("")).len == 0);
}

TEST(entity_tags_are_found_in_lists)
{
    CHECK(field_holds_etag(STR("\"a\", W/\"b\""), STR("\"b\"")));
    CHECK(field_holds_etag(STR("*"), STR("\"b\"")));
    CHECK(!field_holds_etag(STR("\"a\""), STR("\"b\"")));
    CHECK(!field_holds_etag(STR(""), STR("\"b\"")));
}

TEST(one_range_of_octets_is_understood)
{
    static const struct {
        struct str field;
        uint64_t size;
        enum range_verdict verdict;
        uint64_t offset, length;
    } rows[] = {
        {STR_INIT(""), 10, RANGE_WHOLE, 0, 0},
        {STR_INIT("bytes=0-0"), 10, RANGE_PART, 0, 1},
        {STR_INIT("bytes=2-5"), 10, RANGE_PART, 2, 4},
        {STR_INIT("bytes=5-"), 10, RANGE_PART, 5, 5},
        {STR_INIT("bytes=-3"), 10, RANGE_PART, 7, 3},
        {STR_INIT("bytes=-30"), 10, RANGE_PART, 0, 10},
        {STR_INIT("bytes=5-99"), 10, RANGE_PART, 5, 5},
        {STR_INIT("bytes=9-9"), 10, RANGE_PART, 9, 1},
        {STR_INIT("bytes=10-"), 10, RANGE_OUTSIDE, 0, 0},
        {STR_INIT("bytes=-0"), 10, RANGE_OUTSIDE, 0, 0},
        {STR_INIT("bytes=0-"), 0, RANGE_OUTSIDE, 0, 0},
        {STR_INIT("bytes=-1"), 0, RANGE_OUTSIDE, 0, 0},
        {STR_INIT("bytes=5-2"), 10, RANGE_WHOLE, 0, 0},
        {STR_INIT("bytes=0-1,3-4"), 10, RANGE_WHOLE, 0, 0},
        {STR_INIT("bytes=a-b"), 10, RANGE_WHOLE, 0, 0},
        {STR_INIT("bytes=-"), 10, RANGE_WHOLE, 0, 0},
        {STR_INIT("bytes="), 10, RANGE_WHOLE, 0, 0},
        {STR_INIT("lines=0-1"), 10, RANGE_WHOLE, 0, 0},
        {STR_INIT("bytes=99999999999999999999-"), 10, RANGE_WHOLE, 0, 0},
        {STR_INIT("bytes=0-9223372036854775807"), 10, RANGE_PART, 0, 10},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t offset = 0, length = 0;
        enum range_verdict v = field_range(rows[i].field, rows[i].size, &offset, &length);
        CHECK_ROW(rows[i].field.at, v == rows[i].verdict);
        CHECK_ROW(rows[i].field.at, offset == rows[i].offset && length == rows[i].length);
    }
}

CHECK_MAIN
