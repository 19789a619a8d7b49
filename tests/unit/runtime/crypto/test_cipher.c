/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/cipher.h"

#include "runtime/base/text.h"
#include "tests/unit/runtime/crypto/judge.h"

static const struct str key_32 = STR_INIT("0123456789abcdefghijklmnopqrstuv");

static const struct {
    const char *row;
    enum cipher_type type;
    size_t overhead; /* IV and tag; CBC's padding comes on top */
} ciphers[] = {
    {"aes128-gcm", CIPHER_AES128_GCM, 28},
    {"aes256-gcm", CIPHER_AES256_GCM, 28},
    {"aes256-cbc", CIPHER_AES256_CBC, 16},
};
enum { CIPHERS = sizeof(ciphers) / sizeof(ciphers[0]) };

static struct str key_for(enum cipher_type type)
{
    return str_upto(key_32, cipher_key_size(type));
}

static bool pump(struct sink *s, struct str in, size_t step, struct error *e)
{
    for (; in.len > 0; in = str_from(in, step))
        if (!sink_write(s, str_upto(in, step), e))
            return false;
    return sink_finish(s, e);
}

static void seal(enum cipher_type type, struct str plain, size_t step, struct buf *out)
{
    struct error e = {0};
    struct sink_buf end;
    AUTO_CIPHER_SINK s = {0};
    sink_buf_init(&end, out);
    CHECK_OK(cipher_seal_sink_init(&s, type, key_for(type), &end.sink, &e), e);
    CHECK_OK(pump(&s.sink, plain, step, &e), e);
}

static bool open_sealed(enum cipher_type type, struct str key, struct str sealed, size_t step,
                        struct buf *out, struct error *e)
{
    struct sink_buf end;
    AUTO_CIPHER_SINK s = {0};
    sink_buf_init(&end, out);
    return cipher_open_sink_init(&s, type, key, &end.sink, e) && pump(&s.sink, sealed, step, e);
}

TEST(what_is_sealed_opens_again_in_every_length_and_split)
{
    char plain[70];
    fill_octets(plain, sizeof(plain));
    for (size_t i = 0; i < CIPHERS; i++)
        for (size_t len = 0; len <= sizeof(plain); len++)
            for (size_t step = 1; step < 100; step = step * 2 + 1) {
                struct error e = {0};
                AUTO_BUF sealed = BUF(200);
                AUTO_BUF back = BUF(sizeof(plain));
                seal(ciphers[i].type, str_bytes(plain, len), step, &sealed);
                CHECK_ROW(ciphers[i].row, sealed.len >= len + ciphers[i].overhead);
                CHECK_OK(open_sealed(ciphers[i].type, key_for(ciphers[i].type), buf_str(&sealed),
                                     step, &back, &e),
                         e);
                CHECK_ROW(ciphers[i].row, str_equal(buf_str(&back), str_bytes(plain, len)));
            }
}

TEST(large_streams_pass)
{
    enum { LEN = 1000 * 1000 + 3 };
    AUTO_MEM char *plain = mem_new(LEN);
    fill_octets(plain, LEN);
    static const size_t steps[] = {999, 32768, 32769, LEN};
    for (size_t i = 0; i < CIPHERS; i++)
        for (size_t j = 0; j < sizeof(steps) / sizeof(steps[0]); j++) {
            struct error e = {0};
            AUTO_BUF sealed = BUF(LEN + 64);
            AUTO_BUF back = BUF(LEN + 64);
            seal(ciphers[i].type, str_bytes(plain, LEN), steps[j], &sealed);
            CHECK_OK(open_sealed(ciphers[i].type, key_for(ciphers[i].type), buf_str(&sealed),
                                 steps[j], &back, &e),
                     e);
            CHECK_ROW(ciphers[i].row, str_equal(buf_str(&back), str_bytes(plain, LEN)));
        }
}

static void check_same_refusal(const char *row, enum cipher_type type, struct str key,
                               struct str sealed)
{
    struct error e = {0};
    AUTO_BUF back = BUF(1000);
    CHECK_ROW(row, !open_sealed(type, key, sealed, 5, &back, &e));
    CHECK_ROW(row, e.kind == ERROR_DENY && str_is(str_of(e.text), "cannot be decrypted"));
}

TEST(every_failure_has_the_same_kind_and_text)
{
    for (size_t i = 0; i < CIPHERS; i++) {
        enum cipher_type type = ciphers[i].type;
        struct str key = key_for(type);
        bool is_gcm = type != CIPHER_AES256_CBC;
        AUTO_BUF sealed = BUF(200);
        seal(type, STR("thirty-two octets of plain text!"), 100, &sealed);
        for (size_t len = 0; len < sealed.len; len++)
            if (is_gcm || len < 32 || len % 16 != 0)
                check_same_refusal("cut", type, key, str_upto(buf_str(&sealed), len));
        for (size_t at = 0; is_gcm && at < sealed.len; at++) {
            sealed.at[at] ^= 1;
            check_same_refusal("changed", type, key, buf_str(&sealed));
            sealed.at[at] ^= 1;
        }
    }
}

TEST(the_openssl_command_line_reads_our_cbc_and_we_read_its)
{
    enum { LEN = 1000 };
    char plain[LEN];
    AUTO_JUDGE judge = judge_new();
    fill_octets(plain, LEN);
    struct error e = {0};
    AUTO_BUF hex_key = BUF(64);
    CHECK_OK(hex_encode(&hex_key, key_32, &e), e);
    for (size_t len = 990; len <= LEN; len++) {
        AUTO_BUF sealed = BUF(2000);
        AUTO_BUF hex_iv = BUF(64);
        AUTO_BUF theirs = BUF(2000);
        seal(CIPHER_AES256_CBC, str_bytes(plain, len), 100, &sealed);
        CHECK_OK(hex_encode(&hex_iv, str_upto(buf_str(&sealed), 16), &e), e);
        judge_put(&judge, "sealed", str_from(buf_str(&sealed), 16));
        CHECK(judge_run(&judge, "openssl enc -d -aes-256-cbc -K %s -iv %s -in sealed -out plain",
                        buf_text(&hex_key), buf_text(&hex_iv)));
        judge_get(&judge, "plain", &theirs);
        CHECK(str_equal(buf_str(&theirs), str_bytes(plain, len)));
        AUTO_BUF again = BUF(2000);
        AUTO_BUF back = BUF(2000);
        CHECK(judge_run(&judge, "openssl enc -aes-256-cbc -K %s -iv %s -in plain -out again",
                        buf_text(&hex_key), buf_text(&hex_iv)));
        CHECK_OK(buf_add(&again, str_upto(buf_str(&sealed), 16), &e), e);
        judge_get(&judge, "again", &again);
        CHECK_OK(open_sealed(CIPHER_AES256_CBC, key_32, buf_str(&again), 7, &back, &e), e);
        CHECK(str_equal(buf_str(&back), str_bytes(plain, len)));
    }
}

/* Encrypts whole blocks as they stand, so that a test chooses the padding. */
static void seal_blocks(const struct judge *judge, struct str blocks, struct buf *out)
{
    struct error e = {0};
    AUTO_BUF hex_key = BUF(64);
    CHECK_OK(hex_encode(&hex_key, key_32, &e), e);
    judge_put(judge, "blocks", blocks);
    CHECK(judge_run(judge,
                    "openssl enc -aes-256-cbc -nopad -K %s -iv %032d -in blocks -out sealed",
                    buf_text(&hex_key), 0));
    CHECK_OK(buf_add(out, str_bytes("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16), &e), e);
    judge_get(judge, "sealed", out);
}

TEST(xml_padding_counts_only_its_last_octet)
{
    static const struct {
        struct str blocks;
        bool ok;
        struct str plain;
    } rows[] = {
        {STR_INIT("0123456789abcdeX0123456789??\x7f\x00!\x06"), true,
         STR_INIT("0123456789abcdeX0123456789")},
        {STR_INIT("0123456789abcde\x01"), true, STR_INIT("0123456789abcde")},
        {STR_INIT("0123456789abcde\x10"), true, STR_INIT("")},
        {STR_INIT("0123456789abcde\x11"), false, STR_INIT("")},
        {STR_INIT("0123456789abcde\x00"), false, STR_INIT("")},
        {STR_INIT("0123456789abcde\xff"), false, STR_INIT("")},
    };
    AUTO_JUDGE judge = judge_new();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_BUF sealed = BUF(200);
        AUTO_BUF back = BUF(200);
        seal_blocks(&judge, rows[i].blocks, &sealed);
        CHECK_ROW(rows[i].blocks.at, open_sealed(CIPHER_AES256_CBC, key_32, buf_str(&sealed), 3,
                                                 &back, &e) == rows[i].ok);
        CHECK_ROW(rows[i].blocks.at, rows[i].ok || (e.kind == ERROR_DENY &&
                                                    str_is(str_of(e.text), "cannot be decrypted")));
        CHECK_ROW(rows[i].blocks.at, !rows[i].ok || str_equal(buf_str(&back), rows[i].plain));
    }
}

/* NIST: The Galois/Counter Mode of Operation (2005), test case 4 without its associated data, which
 * is test case 3: K, IV, P give C and T. */
TEST(gcm_reads_the_vector_of_its_authors)
{
    struct error e = {0};
    AUTO_BUF key = BUF(16);
    AUTO_BUF sealed = BUF(200);
    AUTO_BUF plain = BUF(200);
    AUTO_BUF hex = BUF(200);
    CHECK_OK(hex_decode(&key, STR("feffe9928665731c6d6a8f9467308308"), &e), e);
    CHECK_OK(hex_decode(&sealed,
                        STR("cafebabefacedbaddecaf888"
                            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                            "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
                            "4d5c2af327cd64a62cf35abd2ba6fab4"),
                        &e),
             e);
    CHECK_OK(open_sealed(CIPHER_AES128_GCM, buf_str(&key), buf_str(&sealed), 11, &plain, &e), e);
    CHECK_OK(hex_encode(&hex, buf_str(&plain), &e), e);
    CHECK_STR(buf_str(&hex), STR("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                                 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"));
}

TEST(a_key_of_the_wrong_size_is_a_bug)
{
    struct error e = {0};
    AUTO_CIPHER_SINK s = {0};
    CHECK(!cipher_seal_sink_init(&s, CIPHER_AES256_CBC, STR("short"), NULL, &e));
    CHECK(e.kind == ERROR_BUG);
    CHECK(!cipher_open_sink_init(&s, CIPHER_AES128_GCM, key_32, NULL, &e));
    CHECK(e.kind == ERROR_BUG);
}

TEST(small_values_open_only_with_their_key_and_context)
{
    struct error e = {0};
    AUTO_BUF sealed = BUF(100);
    AUTO_BUF again = BUF(100);
    AUTO_BUF back = BUF(100);
    CHECK_OK(cipher_seal(key_32, STR("row 7"), STR("value"), &sealed, &e), e);
    CHECK_OK(cipher_seal(key_32, STR("row 7"), STR("value"), &again, &e), e);
    CHECK(sealed.len == 12 + 5 + 16 && !str_equal(buf_str(&sealed), buf_str(&again)));
    CHECK_OK(cipher_open(key_32, STR("row 7"), buf_str(&sealed), &back, &e), e);
    CHECK_STR(buf_str(&back), STR("value"));
    CHECK(!cipher_open(key_32, STR("row 8"), buf_str(&sealed), &back, &e));
    CHECK(e.kind == ERROR_DENY && back.len == 5);
    CHECK(!cipher_open(STR("0123456789abcdefghijklmnopqrstuV"), STR("row 7"), buf_str(&sealed),
                       &back, &e));
    CHECK(!cipher_open(key_32, STR("row 7"), str_upto(buf_str(&sealed), 27), &back, &e));
    CHECK_OK(cipher_seal(key_32, STR_NONE, STR_NONE, &again, &e), e);
    CHECK_OK(cipher_open(key_32, STR_NONE, str_from(buf_str(&again), 33), &back, &e), e);
    CHECK(back.len == 5);
}

CHECK_MAIN
