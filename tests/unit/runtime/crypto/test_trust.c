/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/trust.h"

#include <pthread.h>
#include <time.h>

#include "runtime/base/clock.h"
#include "tests/unit/runtime/crypto/judge.h"

static const int64_t in_2026 = 1782000000000;
static const int64_t day = 86400000;

static void trust_free_at(struct trust **t)
{
    trust_free(*t);
}
#define AUTO_TRUST __attribute__((cleanup(trust_free_at))) struct trust

static void read_world(const char *file, struct cert_list *list)
{
    struct error e = {0};
    char path[512];
    CHECK_OK(cert_list_read_pem(list, world_path(file, path), &e), e);
}

static struct trust *trust_in(const char *anchors, const char *crl, enum trust_crl mode,
                              enum trust_use use)
{
    struct error e = {0};
    char anchors_path[512], crl_path[512];
    struct trust *t = NULL;
    struct trust_config config = {.anchors_path = world_path(anchors, anchors_path),
                                  .crl_path = crl == NULL ? NULL : world_path(crl, crl_path),
                                  .crl = mode,
                                  .use = use,
                                  .skew_ms = 60000};
    CHECK_OK(trust_new(&config, &t, &e), e);
    return t;
}

static const struct {
    const char *file, *use_name;
    enum trust_use use;
    bool ok;
    const char *why; /* part of the text */
} rows[] = {
    {"open-test/kommun/ap.pem", "ap", TRUST_SIGN, true, NULL},
    {"open-test/myndighet/ap.pem", "ap", TRUST_SIGN, true, NULL},
    {"open-test/kommun/o2o.pem", "o2o", TRUST_SIGN, true, NULL},
    {"open-test/smp/smp.pem", "smp", TRUST_SIGN, true, NULL},
    {"open-test/kommun/tls.pem", "tls", TRUST_TLS_SERVER, true, NULL},
    {"open-test/kommun/tls.pem", "tls", TRUST_TLS_CLIENT, true, NULL},
    {"open-test/kommun/api.pem", "tls", TRUST_TLS_SERVER, true, NULL},
    {"open-test/kommun/ap.pem", "o2o", TRUST_SIGN, false, "issuer"},
    {"open-test/bad/ap-expired.pem", "ap", TRUST_SIGN, false, "expired on 2021-01-01"},
    {"open-test/bad/ap-not-yet-valid.pem", "ap", TRUST_SIGN, false, "not valid before 2040-01-01"},
    {"open-test/bad/ap-revoked.pem", "ap", TRUST_SIGN, false, "was revoked on 20"},
    {"open-test/bad/smp-revoked.pem", "smp", TRUST_SIGN, false, "was revoked on 20"},
    {"open-test/bad/tls-revoked.pem", "tls", TRUST_TLS_CLIENT, false, "was revoked on 20"},
    {"open-test/bad/ap-wrong-environment.pem", "ap", TRUST_SIGN, false, "not trusted"},
    {"open-test/bad/o2o-wrong-environment.pem", "o2o", TRUST_SIGN, false, "not trusted"},
    {"open-test/bad/ap-unknown-ca.pem", "ap", TRUST_SIGN, false, "not trusted"},
    {"open-test/bad/smp-unknown-ca.pem", "smp", TRUST_SIGN, false, "not trusted"},
    {"open-test/bad/tls-unknown-ca.pem", "tls", TRUST_TLS_SERVER, false, "not trusted"},
    {"open-test/bad/ap-wrong-usage.pem", "ap", TRUST_SIGN, false, "key usage"},
    {"open-test/bad/o2o-wrong-usage.pem", "o2o", TRUST_SIGN, false, "key usage"},
    {"open-test/bad/tls-wrong-usage.pem", "tls", TRUST_TLS_CLIENT, false, "purpose"},
    {"open-test/bad/tls-wrong-usage.pem", "tls", TRUST_TLS_SERVER, false, "purpose"},
};

TEST(good_ones_pass_and_bad_ones_are_denied_with_the_reason)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char anchors[64], crl[64];
        bool stale = true;
        struct error e = {0};
        AUTO_CERT_LIST list = {0};
        snprintf(anchors, sizeof(anchors), "open-test/trust/%s.pem", rows[i].use_name);
        snprintf(crl, sizeof(crl), "open-test/crl/%s.pem", rows[i].use_name);
        AUTO_TRUST *t = trust_in(anchors, crl, TRUST_CRL_HARD, rows[i].use);
        read_world(rows[i].file, &list);
        for (int again = 0; again < 2; again++) { /* the second answer is the remembered one */
            bool ok = trust_check(t, list.at[0], &list, in_2026, &stale, &e);
            if (ok != rows[i].ok)
                fail_msg("row '%s': %d: %s", rows[i].file, ok, e.text);
            CHECK_ROW(rows[i].file, !ok || !stale);
            CHECK_ROW(rows[i].file, ok || e.kind == ERROR_DENY);
            if (!ok && str_find(str_of(e.text), str_of(rows[i].why)) == str_of(e.text).len)
                fail_msg("row '%s': '%s' lacks '%s'", rows[i].file, e.text, rows[i].why);
        }
    }
}

TEST(sixty_seconds_of_skew_are_granted_at_both_ends)
{
    AUTO_TRUST *t = trust_in("open-test/trust/ap.pem", NULL, TRUST_CRL_NONE, TRUST_SIGN);
    AUTO_CERT_LIST expired = {0};
    AUTO_CERT_LIST coming = {0};
    struct error e = {0};
    read_world("open-test/bad/ap-expired.pem", &expired);
    read_world("open-test/bad/ap-not-yet-valid.pem", &coming);
    int64_t end = cert_not_after_ms(expired.at[0]), start = cert_not_before_ms(coming.at[0]);
    CHECK_OK(trust_check(t, expired.at[0], NULL, end + 59000, NULL, &e), e);
    CHECK(!trust_check(t, expired.at[0], NULL, end + 61000, NULL, &e) && e.kind == ERROR_DENY);
    CHECK_OK(trust_check(t, coming.at[0], NULL, start - 59000, NULL, &e), e);
    CHECK(!trust_check(t, coming.at[0], NULL, start - 61000, NULL, &e) && e.kind == ERROR_DENY);
}

TEST(a_stale_or_missing_list_is_retry_when_hard_and_told_when_soft)
{
    static const struct {
        const char *crl;
        enum trust_crl mode;
        bool ok, stale;
    } cases[] = {
        {"open-test/crl/ap.pem", TRUST_CRL_HARD, true, false},
        {"open-test/crl/ap.pem", TRUST_CRL_SOFT, true, false},
        {"open-test/crl-expired/ap.pem", TRUST_CRL_HARD, false, false},
        {"open-test/crl-expired/ap.pem", TRUST_CRL_SOFT, true, true},
        {"open-test/crl/smp.pem", TRUST_CRL_HARD, false, false}, /* of somebody else */
        {"open-test/crl/smp.pem", TRUST_CRL_SOFT, true, true},
        {"no/such/file", TRUST_CRL_HARD, false, false},
        {"no/such/file", TRUST_CRL_SOFT, true, true},
        {NULL, TRUST_CRL_HARD, false, false},
        {NULL, TRUST_CRL_SOFT, true, false},
    };
    AUTO_CERT_LIST list = {0};
    read_world("open-test/kommun/ap.pem", &list);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error e = {0};
        bool stale = false;
        const char *row = cases[i].crl == NULL ? "none" : cases[i].crl;
        AUTO_TRUST *t = trust_in("open-test/trust/ap.pem", cases[i].crl, cases[i].mode, TRUST_SIGN);
        CHECK_ROW(row, trust_check(t, list.at[0], NULL, in_2026, &stale, &e) == cases[i].ok);
        CHECK_ROW(row, stale == cases[i].stale);
        CHECK_ROW(row, cases[i].ok || (e.kind == ERROR_RETRY &&
                                       str_starts(str_of(e.text), STR("cannot check revocation"))));
    }
}

TEST(a_certificate_revoked_by_a_stale_list_stays_revoked)
{
    AUTO_TRUST *t = trust_in("open-test/trust/ap.pem", "open-test/crl-expired/ap.pem",
                             TRUST_CRL_SOFT, TRUST_SIGN);
    AUTO_CERT_LIST list = {0};
    struct error e = {0};
    read_world("open-test/bad/ap-revoked.pem", &list);
    CHECK(!trust_check(t, list.at[0], NULL, in_2026, NULL, &e) && e.kind == ERROR_DENY);
}

TEST(an_issuing_ca_alone_may_be_the_anchor)
{
    AUTO_TRUST *t = trust_in("open-test/ca/ap-issuing.pem", NULL, TRUST_CRL_NONE, TRUST_SIGN);
    AUTO_CERT_LIST list = {0};
    struct error e = {0};
    read_world("open-test/kommun/ap.pem", &list);
    CHECK_OK(trust_check(t, list.at[0], NULL, in_2026, NULL, &e), e);
    AUTO_TRUST *root = trust_in("open-test/ca/ap-root.pem", NULL, TRUST_CRL_NONE, TRUST_SIGN);
    CHECK(!trust_check(root, list.at[0], NULL, in_2026, NULL, &e) && e.kind == ERROR_DENY);
    CHECK_OK(trust_check(root, list.at[0], &list, in_2026, NULL, &e), e); /* sent along */
}

static void copy_world(const struct judge *judge, const char *from, const char *to)
{
    char path[512];
    CHECK(judge_run(judge, "cp '%s' '%s.new' && mv '%s.new' '%s'", world_path(from, path), to, to, to));
}

TEST(a_changed_list_is_read_again_and_answers_are_forgotten)
{
    AUTO_JUDGE judge = judge_new();
    AUTO_CERT_LIST list = {0};
    struct error e = {0};
    char anchors[512], crl[512];
    snprintf(crl, sizeof(crl), "%s/crl.pem", judge.folder);
    copy_world(&judge, "open-test/crl/smp.pem", "crl.pem");
    struct trust_config config = {.anchors_path = world_path("open-test/trust/ap.pem", anchors),
                                  .crl_path = crl,
                                  .crl = TRUST_CRL_HARD,
                                  .use = TRUST_SIGN};
    AUTO_TRUST *t = NULL;
    CHECK_OK(trust_new(&config, &t, &e), e);
    read_world("open-test/bad/ap-revoked.pem", &list);
    CHECK(!trust_check(t, list.at[0], NULL, in_2026, NULL, &e) && e.kind == ERROR_RETRY);
    copy_world(&judge, "open-test/crl/ap.pem", "crl.pem");
    int64_t deadline = clock_monotonic_ms() + 5000;
    while (e.kind == ERROR_RETRY && clock_monotonic_ms() < deadline) {
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
        CHECK(!trust_check(t, list.at[0], NULL, in_2026, NULL, &e));
    }
    CHECK(e.kind == ERROR_DENY);
    judge_put(&judge, "crl.pem", STR("-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n"));
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 50000000}, NULL);
    CHECK(!trust_check(t, list.at[0], NULL, in_2026 + day, NULL, &e)); /* the old list serves */
    CHECK(e.kind == ERROR_DENY);
}

TEST(files_that_cannot_be_read_stop_the_start)
{
    AUTO_JUDGE judge = judge_new();
    struct error e = {0};
    char anchors[512], broken[512];
    struct trust *t = NULL;
    snprintf(broken, sizeof(broken), "%s/broken", judge.folder);
    judge_put(&judge, "broken", STR("-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n"));
    struct trust_config config = {.anchors_path = world_path("open-test/trust/ap.pem", anchors),
                                  .crl_path = broken,
                                  .crl = TRUST_CRL_SOFT};
    CHECK(!trust_new(&config, &t, &e) && e.kind == ERROR_REJECT && t == NULL);
    config.anchors_path = broken;
    CHECK(!trust_new(&config, &t, &e) && e.kind == ERROR_REJECT && t == NULL);
    config.anchors_path = "/no/such/file";
    CHECK(!trust_new(&config, &t, &e) && t == NULL);
}

struct work {
    struct trust *trust;
    struct cert_list good, bad;
};

static void *check_many(void *ctx)
{
    struct work *w = ctx;
    for (int i = 0; i < 300; i++) {
        struct error e;
        int64_t at_ms = in_2026 + i * day; /* not remembered */
        if (!trust_check(w->trust, w->good.at[0], &w->good, at_ms, NULL, &e) ||
            trust_check(w->trust, w->bad.at[0], &w->bad, at_ms, NULL, &e))
            return ctx;
    }
    return NULL;
}

TEST(threads_may_ask_at_once)
{
    struct work w = {trust_in("open-test/trust/ap.pem", "open-test/crl/ap.pem", TRUST_CRL_HARD,
                              TRUST_SIGN), {0}, {0}};
    read_world("open-test/kommun/ap.pem", &w.good);
    read_world("open-test/bad/ap-unknown-ca.pem", &w.bad);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, check_many, &w) == 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed = NULL;
        CHECK(pthread_join(threads[i], &failed) == 0 && failed == NULL);
    }
    trust_free(w.trust);
    cert_list_release(&w.good);
    cert_list_release(&w.bad);
}

CHECK_MAIN
