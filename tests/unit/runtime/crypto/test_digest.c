/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/digest.h"

#include "runtime/base/text.h"
#include "tests/check.h"

static void check_hex(const char *row, const struct digest_value *got, const char *hex)
{
    struct error e = {0};
    AUTO_BUF text = BUF(200);
    CHECK_OK(hex_encode(&text, digest_str(got), &e), e);
    CHECK_ROW(row, str_is(buf_str(&text), hex));
}

/* FIPS 180-4 examples */
static const struct {
    const char *row;
    enum digest_type type;
    struct str in;
    const char *hex;
} rows[] = {
    {"sha256 of nothing", DIGEST_SHA256, {NULL, 0},
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"sha256 of abc", DIGEST_SHA256, STR_INIT("abc"),
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"sha384 of abc", DIGEST_SHA384, STR_INIT("abc"),
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825"
     "a7"},
    {"sha512 of abc", DIGEST_SHA512, STR_INIT("abc"),
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feeb"
     "bd454d4423643ce80e2a9ac94fa54ca49f"},
    {"sha1 of abc", DIGEST_SHA1, STR_INIT("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d"},
};

TEST(digests_are_those_of_the_standard)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct digest_value d;
        CHECK_ROW(rows[i].row, digest_of(rows[i].type, rows[i].in, &d));
        check_hex(rows[i].row, &d, rows[i].hex);
    }
}

TEST(a_stream_gives_the_same_digest_octet_by_octet_and_passes_on)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF copy = BUF(100);
        struct sink_buf end;
        sink_buf_init(&end, &copy);
        AUTO_DIGEST_SINK s;
        digest_sink_init(&s, rows[i].type, &end.sink);
        for (size_t at = 0; at < rows[i].in.len; at++)
            CHECK_OK(sink_write(&s.sink, (struct str){rows[i].in.at + at, 1}, &e), e);
        CHECK_OK(sink_finish(&s.sink, &e), e);
        struct digest_value d;
        digest_sink_value(&s, &d);
        check_hex(rows[i].row, &d, rows[i].hex);
        CHECK_STR(buf_str(&copy), rows[i].in);
    }
}

TEST(a_stream_may_end_in_nothing)
{
    struct error e = {0};
    AUTO_DIGEST_SINK s;
    digest_sink_init(&s, DIGEST_SHA256, NULL);
    CHECK_OK(sink_write(&s.sink, STR("abc"), &e), e);
    CHECK_OK(sink_finish(&s.sink, &e), e);
    struct digest_value d;
    digest_sink_value(&s, &d);
    check_hex("abc", &d, rows[1].hex);
}

TEST(equal_means_same_length_and_octets)
{
    struct digest_value d;
    CHECK(digest_of(DIGEST_SHA256, STR("abc"), &d));
    struct digest_value other = d;
    CHECK(digest_equal(&d, digest_str(&other)));
    other.octets[31] ^= 1;
    CHECK(!digest_equal(&d, digest_str(&other)));
    CHECK(!digest_equal(&d, str_upto(digest_str(&d), 31)));
    CHECK(!digest_equal(&d, STR_NONE));
}

CHECK_MAIN
