/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/key.h"

#include <pthread.h>

#include "runtime/base/mem.h"
#include "tests/unit/runtime/crypto/judge.h"

static const struct {
    const char *row;
    enum digest_type type;
    const char *dgst;
} digests[] = {
    {"sha256", DIGEST_SHA256, "-sha256"},
    {"sha384", DIGEST_SHA384, "-sha384"},
    {"sha512", DIGEST_SHA512, "-sha512"},
};

static const struct {
    const char *row;
    enum oaep_type type;
    const char *options;
} oaeps[] = {
    {"sha1, mgf sha1", OAEP_SHA1_MGF_SHA1, "-pkeyopt rsa_oaep_md:sha1 -pkeyopt rsa_mgf1_md:sha1"},
    {"sha256, mgf sha1", OAEP_SHA256_MGF_SHA1,
     "-pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha1"},
    {"sha256, mgf sha256", OAEP_SHA256_MGF_SHA256,
     "-pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256"},
};

struct pair {
    struct key *key;
    struct cert_list certs;
    char key_path[512], cert_path[512];
};

static void pair_release(struct pair *p)
{
    key_free(p->key);
    cert_list_release(&p->certs);
}
#define AUTO_PAIR __attribute__((cleanup(pair_release))) struct pair

static void pair_read(struct pair *p)
{
    struct error e = {0};
    world_path("open-test/kommun/ap.key", p->key_path);
    world_path("open-test/kommun/ap.pem", p->cert_path);
    CHECK_OK(key_read(p->key_path, NULL, &p->key, NULL, &e), e);
    CHECK_OK(cert_list_read_pem(&p->certs, p->cert_path, &e), e);
}

TEST(signatures_hold_for_us_and_for_openssl_and_the_other_way)
{
    AUTO_PAIR p = {0};
    AUTO_JUDGE judge = judge_new();
    pair_read(&p);
    judge_put(&judge, "text", STR("some octets"));
    CHECK(judge_run(&judge, "openssl x509 -in '%s' -noout -pubkey >public", p.cert_path));
    for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
        struct error e = {0};
        struct digest_value d;
        AUTO_BUF signature = BUF(1024);
        AUTO_BUF theirs = BUF(1024);
        CHECK(digest_of(digests[i].type, STR("some octets"), &d));
        CHECK_OK(key_sign(p.key, digests[i].type, &d, &signature, &e), e);
        CHECK_ROW(digests[i].row, signature.len == key_signature_size(p.key));
        judge_put(&judge, "signature", buf_str(&signature));
        CHECK_ROW(digests[i].row, judge_run(&judge, "openssl dgst %s -verify public -signature signature text",
                                            digests[i].dgst));
        CHECK(judge_run(&judge, "openssl dgst %s -sign '%s' -out theirs text", digests[i].dgst,
                        p.key_path));
        judge_get(&judge, "theirs", &theirs);
        CHECK_OK(cert_verify(p.certs.at[0], digests[i].type, &d, buf_str(&theirs), &e), e);
    }
}

TEST(a_signature_that_does_not_hold_is_denied)
{
    AUTO_PAIR p = {0};
    struct error e = {0};
    struct digest_value d, other;
    AUTO_BUF signature = BUF(1024);
    pair_read(&p);
    CHECK(digest_of(DIGEST_SHA256, STR("a"), &d) && digest_of(DIGEST_SHA256, STR("b"), &other));
    CHECK_OK(key_sign(p.key, DIGEST_SHA256, &d, &signature, &e), e);
    struct str good = buf_str(&signature);
    CHECK_OK(cert_verify(p.certs.at[0], DIGEST_SHA256, &d, good, &e), e);
    CHECK(!cert_verify(p.certs.at[0], DIGEST_SHA256, &other, good, &e) && e.kind == ERROR_DENY);
    CHECK(!cert_verify(p.certs.at[1], DIGEST_SHA256, &d, good, &e) && e.kind == ERROR_DENY);
    CHECK(!cert_verify(p.certs.at[0], DIGEST_SHA512, &d, good, &e) && e.kind == ERROR_DENY);
    CHECK(!cert_verify(p.certs.at[0], DIGEST_SHA256, &d, str_upto(good, 255), &e));
    CHECK(!cert_verify(p.certs.at[0], DIGEST_SHA256, &d, STR_NONE, &e) && e.kind == ERROR_DENY);
    signature.at[100] ^= 1;
    CHECK(!cert_verify(p.certs.at[0], DIGEST_SHA256, &d, good, &e) && e.kind == ERROR_DENY);
}

static const struct str content_key = STR_INIT("0123456789abcdef");

TEST(wrapped_keys_open_for_us_and_for_openssl_and_the_other_way)
{
    AUTO_PAIR p = {0};
    AUTO_JUDGE judge = judge_new();
    pair_read(&p);
    judge_put(&judge, "key", content_key);
    CHECK(judge_run(&judge, "openssl x509 -in '%s' -noout -pubkey >public", p.cert_path));
    for (size_t i = 0; i < sizeof(oaeps) / sizeof(oaeps[0]); i++) {
        struct error e = {0};
        AUTO_BUF wrapped = BUF(1024);
        AUTO_BUF theirs = BUF(1024);
        AUTO_BUF opened = BUF(1024);
        AUTO_SECRET mine = {0};
        CHECK_OK(cert_wrap_key(p.certs.at[0], oaeps[i].type, content_key, &wrapped, &e), e);
        judge_put(&judge, "wrapped", buf_str(&wrapped));
        CHECK_ROW(oaeps[i].row,
                  judge_run(&judge, "openssl pkeyutl -decrypt -inkey '%s' -in wrapped -out opened "
                                    "-pkeyopt rsa_padding_mode:oaep %s",
                            p.key_path, oaeps[i].options));
        judge_get(&judge, "opened", &opened);
        CHECK_STR(buf_str(&opened), content_key);
        CHECK_ROW(oaeps[i].row,
                  judge_run(&judge, "openssl pkeyutl -encrypt -pubin -inkey public -in key -out "
                                    "theirs -pkeyopt rsa_padding_mode:oaep %s",
                            oaeps[i].options));
        judge_get(&judge, "theirs", &theirs);
        CHECK_OK(key_unwrap(p.key, oaeps[i].type, buf_str(&theirs), 16, &mine, &e), e);
        CHECK_STR(secret_peek(&mine), content_key);
    }
}

static void check_random_key(const char *row, const struct key *k, enum oaep_type type,
                             struct str wrapped, size_t size)
{
    struct error e = {0};
    AUTO_SECRET one = {0};
    AUTO_SECRET two = {0};
    CHECK_OK(key_unwrap(k, type, wrapped, size, &one, &e), e);
    CHECK_OK(key_unwrap(k, type, wrapped, size, &two, &e), e);
    CHECK_ROW(row, one.len == size && two.len == size);
    CHECK_ROW(row, !str_equal(secret_peek(&one), secret_peek(&two)));
    CHECK_ROW(row, !str_equal(str_upto(secret_peek(&one), 16), content_key));
}

TEST(whatever_is_wrong_with_a_wrapped_key_gives_a_random_one)
{
    AUTO_PAIR p = {0};
    struct error e = {0};
    AUTO_BUF wrapped = BUF(1024);
    AUTO_BUF to_other = BUF(1024);
    pair_read(&p);
    CHECK_OK(cert_wrap_key(p.certs.at[0], OAEP_SHA1_MGF_SHA1, content_key, &wrapped, &e), e);
    CHECK_OK(cert_wrap_key(p.certs.at[1], OAEP_SHA1_MGF_SHA1, content_key, &to_other, &e), e);
    struct str good = buf_str(&wrapped);
    check_random_key("longer key", p.key, OAEP_SHA1_MGF_SHA1, good, 32);
    check_random_key("other padding", p.key, OAEP_SHA256_MGF_SHA256, good, 16);
    check_random_key("other recipient", p.key, OAEP_SHA1_MGF_SHA1, buf_str(&to_other), 16);
    check_random_key("too short", p.key, OAEP_SHA1_MGF_SHA1, str_upto(good, good.len - 1), 16);
    check_random_key("nothing", p.key, OAEP_SHA1_MGF_SHA1, STR_NONE, 16);
    CHECK_OK(buf_add_char(&wrapped, 'x', &e), e);
    check_random_key("too long", p.key, OAEP_SHA1_MGF_SHA1, buf_str(&wrapped), 16);
    buf_cut(&wrapped, wrapped.len - 1);
    wrapped.at[17] ^= 1;
    check_random_key("changed", p.key, OAEP_SHA1_MGF_SHA1, buf_str(&wrapped), 16);
    memset(wrapped.at, 0xff, wrapped.len);
    check_random_key("larger than the modulus", p.key, OAEP_SHA1_MGF_SHA1, buf_str(&wrapped), 16);
}

/* More threads than contexts are kept. */
enum { THREADS = 7, ROUNDS = 20 };

static void *use_pair(void *ctx)
{
    const struct pair *p = ctx;
    bool *failed = NULL;
    for (int i = 0; i < ROUNDS && failed == NULL; i++) {
        AUTO_BUF wrapped = BUF(1024), signature = BUF(1024);
        AUTO_SECRET key = {0};
        struct error e = {0};
        struct digest_value d;
        bool ok =
            digest_of(DIGEST_SHA256, STR("octets"), &d) &&
            key_sign(p->key, DIGEST_SHA256, &d, &signature, &e) &&
            cert_verify(p->certs.at[0], DIGEST_SHA256, &d, buf_str(&signature), &e) &&
            !cert_verify(p->certs.at[0], DIGEST_SHA256, &d, STR("no"), &e) &&
            cert_wrap_key(p->certs.at[0], OAEP_SHA256_MGF_SHA256, content_key, &wrapped, &e) &&
            key_unwrap(p->key, OAEP_SHA256_MGF_SHA256, buf_str(&wrapped), content_key.len, &key,
                       &e) &&
            str_equal(secret_peek(&key), content_key);
        failed = ok ? NULL : mem_new(1);
    }
    return failed;
}

TEST(any_number_of_threads_use_a_key_and_a_certificate)
{
    AUTO_PAIR p = {0};
    pthread_t threads[THREADS];
    pair_read(&p);
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, use_pair, &p) == 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failed = NULL;
        CHECK(pthread_join(threads[i], &failed) == 0);
        CHECK(failed == NULL);
    }
}

TEST(pkcs12_gives_key_and_certificates_leaf_first)
{
    struct error e = {0};
    char path[512];
    AUTO_PAIR p = {0};
    AUTO_KEY struct key *k = NULL;
    AUTO_CERT_LIST certs = {0};
    AUTO_SECRET password = {0};
    AUTO_SECRET wrong = {0};
    secret_set(&password, "test", 4);
    secret_set(&wrong, "guess", 5);
    pair_read(&p);
    world_path("open-test/kommun/ap.p12", path);
    CHECK_OK(key_read(path, &password, &k, &certs, &e), e);
    CHECK(certs.count == 2 && cert_equal(certs.at[0], p.certs.at[0]));
    CHECK(key_fits(k, certs.at[0]) && !key_fits(k, certs.at[1]));
    struct key *none = NULL;
    CHECK(!key_read(path, &wrong, &none, &certs, &e) && e.kind == ERROR_REJECT);
    CHECK(!key_read(path, NULL, &none, &certs, &e) && e.kind == ERROR_REJECT);
    CHECK(none == NULL && certs.count == 2);
}

static const char *in_folder(const struct judge *j, const char *name, char path[static 512])
{
    snprintf(path, 512, "%s/%s", j->folder, name);
    return path;
}

TEST(a_pem_key_with_a_password_needs_it)
{
    struct error e = {0};
    char path[512];
    AUTO_PAIR p = {0};
    AUTO_JUDGE judge = judge_new();
    AUTO_SECRET password = {0};
    AUTO_KEY struct key *k = NULL;
    secret_set(&password, "secret words", 12);
    pair_read(&p);
    CHECK(judge_run(&judge, "umask 077 && openssl pkey -in '%s' -aes256 -passout 'pass:secret words' -out k",
                    p.key_path));
    in_folder(&judge, "k", path);
    CHECK(!key_read(path, NULL, &k, NULL, &e) && e.kind == ERROR_REJECT && k == NULL);
    CHECK_OK(key_read(path, &password, &k, NULL, &e), e);
    CHECK(key_fits(k, p.certs.at[0]));
}

TEST(keys_that_are_weak_broken_or_open_to_others_are_refused)
{
    static const struct {
        const char *row, *command;
    } rows[] = {
        {"short", "umask 077 && openssl genrsa -out k 1024"},
        {"open to others", "openssl genrsa -out k 2048 && chmod 644 k"},
        {"garbage", "umask 077 && echo garbage >k"},
        {"empty", "umask 077 && : >k"},
        {"a public key", "umask 077 && openssl genrsa 2048 | openssl pkey -pubout -out k"},
    };
    AUTO_JUDGE judge = judge_new();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        char path[512];
        struct key *k = NULL;
        CHECK_ROW(rows[i].row, judge_run(&judge, "rm -f k; %s", rows[i].command));
        CHECK_ROW(rows[i].row, !key_read(in_folder(&judge, "k", path), NULL, &k, NULL, &e));
        CHECK_ROW(rows[i].row, e.kind == ERROR_REJECT && k == NULL);
    }
}

TEST(an_elliptic_key_is_read_but_does_no_rsa)
{
    struct error e = {0};
    char path[512];
    AUTO_JUDGE judge = judge_new();
    AUTO_KEY struct key *k = NULL;
    AUTO_BUF out = BUF(1000);
    AUTO_SECRET secret = {0};
    struct digest_value d;
    CHECK(judge_run(&judge, "umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k"));
    CHECK_OK(key_read(in_folder(&judge, "k", path), NULL, &k, NULL, &e), e);
    CHECK(digest_of(DIGEST_SHA256, STR("a"), &d));
    CHECK(!key_sign(k, DIGEST_SHA256, &d, &out, &e));
    CHECK(!key_unwrap(k, OAEP_SHA1_MGF_SHA1, STR("x"), 16, &secret, &e) && e.kind == ERROR_BUG);
}

CHECK_MAIN
