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
        struct str key = STR("");
        CHECK_ROW(rows[i].field.at, field_idempotency_key(rows[i].field, &key) == rows[i].ok);
        CHECK_ROW(rows[i].field.at, str_equal(key, rows[i].key));
    }
}

TEST(a_file_name_is_read_from_every_legal_form)
{
    static const struct {
        struct str field, name;
    } rows[] = {
        {STR_INIT("attachment"), STR_INIT("")},
        {STR_INIT("Attachment;"), STR_INIT("")},
        {STR_INIT("attachment; filename=\"a b.pdf\""), STR_INIT("a b.pdf")},
        {STR_INIT("attachment;filename=a.pdf"), STR_INIT("a.pdf")},
        {STR_INIT("attachment ; filename=a.pdf"), STR_INIT("a.pdf")},
        {STR_INIT("attachment\t;\t FileName = a.pdf ;"), STR_INIT("a.pdf")},
        {STR_INIT("attachment; filename=\"åäö.pdf\""), STR_INIT("åäö.pdf")},
        {STR_INIT("attachment; filename=\"a\\\"b\""), STR_INIT("a\"b")},
        {STR_INIT("attachment; filename=\"a;b, c=d\""), STR_INIT("a;b, c=d")},
        {STR_INIT("attachment; filename=a%20b"), STR_INIT("a%20b")},
        {STR_INIT("attachment; filename*=UTF-8''%C3%A5.pdf"), STR_INIT("å.pdf")},
        {STR_INIT("attachment; filename*=utf-8''%c3%a5.pdf"), STR_INIT("å.pdf")},
        {STR_INIT("attachment; FILENAME*=Utf-8'sv-SE'%C3%A5.pdf"), STR_INIT("å.pdf")},
        {STR_INIT("attachment; filename=\"x\"; filename*=UTF-8''y"), STR_INIT("y")},
        {STR_INIT("attachment; filename*=UTF-8''y; filename=\"x\""), STR_INIT("y")},
        {STR_INIT("attachment; filename*=UTF-8''y; filename=\"../x\""), STR_INIT("y")},
        {STR_INIT("attachment; size=10; filename=a; creation-date=\"Mon, 2 Mar\""), STR_INIT("a")},
        {STR_INIT("attachment; x=y"), STR_INIT("")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        struct str name = STR_NONE;
        CHECK_ROW(rows[i].field.at, field_file_name(rows[i].field, &a, &name) == FILE_NAME_GOOD);
        CHECK_ROW(rows[i].field.at, str_equal(name, rows[i].name));
    }
}

TEST(what_is_no_file_name_is_refused)
{
    static const struct {
        struct str field;
        enum file_name_verdict verdict;
    } rows[] = {
        {STR_INIT(""), FILE_NAME_UNREADABLE},
        {STR_INIT("inline"), FILE_NAME_UNREADABLE},
        {STR_INIT("form-data; name=\"a\""), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment filename=a"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename="), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename=\"a"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename=\"a\\"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename=\"C:\\a\""), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename=\"a\"b"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename=å.pdf"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename=a b"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename=a; filename=b"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename*=UTF-8''a; filename*=UTF-8''b"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename*=\"UTF-8''a\""), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename*=UTF-8''%C"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename*=UTF-8''"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename*=UTF-8'a"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename*=a"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename*=iso-8859-1''x"), FILE_NAME_UNREADABLE},
        {STR_INIT("attachment; filename=\"\""), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename=\" \""), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename=\"../etc\""), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename=\"a\\\\b\""), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename=\"\xc3\""), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename=\"a\tb\""), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename=.."), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename*=UTF-8''x%E2%80%8E"), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename*=UTF-8''x%E2%80%8Fy"), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename*=UTF-8''%E2%80%AAy"), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename*=UTF-8''x%E2%80%AEfdp.exe"), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename*=UTF-8''%E2%81%A6y"), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename=\"\xe2\x81\xa9y\""), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename*=UTF-8''%FF"), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename*=UTF-8''a%00b"), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename*=UTF-8''%EF%BF%BE"), FILE_NAME_WRONG},
        {STR_INIT("attachment; filename=x; filename*=UTF-8''a%2Fb"), FILE_NAME_WRONG},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        struct str name = STR("before");
        CHECK_ROW(rows[i].field.at, field_file_name(rows[i].field, &a, &name) == rows[i].verdict);
        CHECK_ROW(rows[i].field.at, str_is(name, "before"));
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
        unsigned char digest[32] = {0};
        CHECK_ROW(rows[i].field.at, field_content_digest(rows[i].field, digest) == rows[i].ok);
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
