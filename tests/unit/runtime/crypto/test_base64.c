/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/base64.h"

#include "tests/unit/runtime/crypto/judge.h"

static const struct {
    struct str plain, text;
} pairs[] = { /* RFC 4648 §10 */
    {STR_INIT(""), STR_INIT("")},
    {STR_INIT("f"), STR_INIT("Zg==")},
    {STR_INIT("fo"), STR_INIT("Zm8=")},
    {STR_INIT("foo"), STR_INIT("Zm9v")},
    {STR_INIT("foob"), STR_INIT("Zm9vYg==")},
    {STR_INIT("fooba"), STR_INIT("Zm9vYmE=")},
    {STR_INIT("foobar"), STR_INIT("Zm9vYmFy")},
    {STR_INIT("\xfb\xff\xbf"), STR_INIT("+/+/")},
};

TEST(the_examples_of_the_standard_go_both_ways)
{
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct error e = {0};
        AUTO_BUF text = BUF(100);
        AUTO_BUF back = BUF(100);
        CHECK_OK(base64_encode(&text, pairs[i].plain, &e), e);
        CHECK_STR(buf_str(&text), pairs[i].text);
        CHECK_OK(base64_decode(&back, buf_str(&text), false, &e), e);
        CHECK_STR(buf_str(&back), pairs[i].plain);
    }
}

TEST(what_is_not_base64_is_refused_and_leaves_nothing)
{
    static const struct {
        struct str text;
        bool skip_space;
    } rows[] = {
        {STR_INIT("Z"), false},         {STR_INIT("Zg"), false},       {STR_INIT("Zg="), false},
        {STR_INIT("Zg==="), false},     {STR_INIT("Zg==Zg=="), false}, {STR_INIT("Zm8=Z"), false},
        {STR_INIT("===="), false},      {STR_INIT("Z==="), false},     {STR_INIT("Zm=v"), false},
        {STR_INIT("=Zm9"), false},      {STR_INIT("Zm9v\n"), false},   {STR_INIT(" Zm9v"), false},
        {STR_INIT("Zm9-"), false},      {STR_INIT("Zm9_"), false},     {STR_INIT("Zm9v-"), true},
        {STR_INIT("Zm9v\0"), true},     {STR_INIT("Zh=="), false},     {STR_INIT("Zm9="), false},
        {STR_INIT("Zm9v\xc3\xa5"), true}, {STR_INIT("Zm9v\v"), true},  {STR_INIT("Z g = = ="), true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF b = BUF(100);
        CHECK_OK(buf_add(&b, STR("kept"), &e), e);
        CHECK_ROW(rows[i].text.at, !base64_decode(&b, rows[i].text, rows[i].skip_space, &e));
        CHECK_ROW(rows[i].text.at, e.kind == ERROR_REJECT);
        CHECK_STR(buf_str(&b), STR("kept"));
    }
}

TEST(xml_white_space_is_skipped_where_asked)
{
    struct error e = {0};
    AUTO_BUF b = BUF(6);
    CHECK_OK(base64_decode(&b, STR(" Z\tm9\r\nv Y m\n\n E = \n"), true, &e), e);
    CHECK_STR(buf_str(&b), STR("fooba"));
}

TEST(decoding_keeps_the_limit_of_the_buf)
{
    struct error e = {0};
    AUTO_BUF exact = BUF(5);
    AUTO_BUF small = BUF(4);
    CHECK_OK(base64_decode(&exact, STR("Zm9vYmE="), false, &e), e);
    CHECK(!base64_decode(&small, STR("Zm9vYmE="), false, &e));
    CHECK(e.kind == ERROR_REJECT && small.len == 0);
}

/* Feeds `in` in pieces of `step` octets. */
static void pump(struct sink *s, struct str in, size_t step)
{
    struct error e = {0};
    for (; in.len > 0; in = str_from(in, step))
        CHECK_OK(sink_write(s, str_upto(in, step), &e), e);
    CHECK_OK(sink_finish(s, &e), e);
}

TEST(streams_give_the_same_in_every_split_and_openssl_agrees)
{
    enum { LEN = 100 * 1000 + 1 };
    static const size_t steps[] = {1, 2, 3, 4, 5, 7, 8189, 8190, 8191, 10920, 65536, LEN};
    AUTO_JUDGE judge = judge_new();
    AUTO_MEM char *octets = mem_new(LEN);
    AUTO_BUF foreign = BUF(LEN * 2);
    fill_octets(octets, LEN);
    judge_put(&judge, "plain", str_bytes(octets, LEN));
    CHECK(judge_run(&judge, "openssl base64 -A -in plain -out text"));
    judge_get(&judge, "text", &foreign);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        AUTO_BUF text = BUF(LEN * 2);
        AUTO_BUF back = BUF(LEN);
        struct sink_buf to_text, to_back;
        struct base64_sink encoder, decoder;
        sink_buf_init(&to_text, &text);
        sink_buf_init(&to_back, &back);
        base64_encode_sink_init(&encoder, &to_text.sink);
        base64_decode_sink_init(&decoder, false, &to_back.sink);
        pump(&encoder.sink, str_bytes(octets, LEN), steps[i]);
        CHECK(str_equal(buf_str(&text), buf_str(&foreign)));
        pump(&decoder.sink, buf_str(&text), steps[i]);
        CHECK(str_equal(buf_str(&back), str_bytes(octets, LEN)));
    }
}

TEST(lines_as_openssl_breaks_them_are_read_in_every_split)
{
    enum { LEN = 1000 };
    char octets[LEN];
    AUTO_JUDGE judge = judge_new();
    AUTO_BUF lines = BUF(LEN * 2);
    fill_octets(octets, LEN);
    judge_put(&judge, "plain", str_bytes(octets, LEN));
    CHECK(judge_run(&judge, "openssl base64 -in plain -out text"));
    judge_get(&judge, "text", &lines);
    for (size_t step = 1; step <= lines.len; step++) {
        AUTO_BUF back = BUF(LEN);
        struct sink_buf end;
        struct base64_sink decoder;
        sink_buf_init(&end, &back);
        base64_decode_sink_init(&decoder, true, &end.sink);
        pump(&decoder.sink, buf_str(&lines), step);
        CHECK(str_equal(buf_str(&back), str_bytes(octets, LEN)));
    }
}

TEST(a_stream_that_ends_early_is_refused)
{
    struct error e = {0};
    AUTO_BUF back = BUF(10);
    struct sink_buf end;
    struct base64_sink decoder;
    sink_buf_init(&end, &back);
    base64_decode_sink_init(&decoder, false, &end.sink);
    CHECK_OK(sink_write(&decoder.sink, STR("Zm9vYg="), &e), e);
    CHECK(!sink_finish(&decoder.sink, &e) && e.kind == ERROR_REJECT);
}

CHECK_MAIN
