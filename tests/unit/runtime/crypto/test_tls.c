/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tests/unit/runtime/crypto/judge.h"

static void tls_free_at(struct tls **t)
{
    tls_free(*t);
}
#define AUTO_TLS __attribute__((cleanup(tls_free_at))) struct tls

struct names { /* files of the world, NULL: none */
    const char *key, *chain, *anchors, *crl;
};

static struct tls *make(bool is_server, struct names n)
{
    struct error e = {0};
    char key[512], chain[512], anchors[512], crl[512];
    struct tls *t = NULL;
    struct tls_config config = {
        .key_path = n.key == NULL ? NULL : world_path(n.key, key),
        .chain_path = n.chain == NULL ? NULL : world_path(n.chain, chain),
        .peer_anchors_path = n.anchors == NULL ? NULL : world_path(n.anchors, anchors),
        .peer_crl_path = n.crl == NULL ? NULL : world_path(n.crl, crl),
        .is_server = is_server,
        .verify_name = !is_server,
    };
    CHECK_OK(tls_new(&config, &t, &e), e);
    return t;
}

struct talk { /* two ends joined in memory */
    SSL *client, *server;
};

static void talk_release(struct talk *t)
{
    SSL_free(t->client);
    SSL_free(t->server);
}
#define AUTO_TALK __attribute__((cleanup(talk_release))) struct talk

static struct talk talk_new(SSL_CTX *client, SSL_CTX *server, const char *host)
{
    struct talk t = {SSL_new(client), SSL_new(server)};
    BIO *one = NULL, *two = NULL;
    CHECK(t.client != NULL && t.server != NULL && BIO_new_bio_pair(&one, 65536, &two, 65536) == 1);
    SSL_set_bio(t.client, one, one);
    SSL_set_bio(t.server, two, two);
    SSL_set_connect_state(t.client);
    SSL_set_accept_state(t.server);
    if (host != NULL)
        CHECK(SSL_set1_host(t.client, host) == 1);
    return t;
}

/* Both ways a few octets, so that a TLS 1.3 server's refusal and tickets arrive too. */
static bool talk_runs(struct talk *t)
{
    char octet;
    for (int i = 0; i < 20; i++) {
        int client = SSL_do_handshake(t->client);
        int server = SSL_do_handshake(t->server);
        bool client_failed = client != 1 && SSL_get_error(t->client, client) == SSL_ERROR_SSL;
        ERR_clear_error();
        bool server_failed = server != 1 && SSL_get_error(t->server, server) == SSL_ERROR_SSL;
        ERR_clear_error();
        if (client_failed || server_failed)
            return false;
        if (client == 1 && server == 1)
            break;
    }
    bool ok = SSL_write(t->server, "x", 1) == 1 && SSL_read(t->client, &octet, 1) == 1 &&
              SSL_write(t->client, "y", 1) == 1 && SSL_read(t->server, &octet, 1) == 1;
    ERR_clear_error();
    return ok;
}

#define WORLD_TLS "open-test/trust/tls.pem"
static const struct names kommun = {"open-test/kommun/tls.key", "open-test/kommun/tls.pem", WORLD_TLS,
                                    "open-test/crl/tls.pem"};
static const struct names myndighet = {"open-test/myndighet/tls.key", "open-test/myndighet/tls.pem",
                                       WORLD_TLS, "open-test/crl/tls.pem"};

TEST(two_access_points_talk_and_know_each_other)
{
    AUTO_TLS *server = make(true, kommun);
    AUTO_TLS *client = make(false, myndighet);
    AUTO_TALK t = talk_new(tls_native(client), tls_native(server), "localhost");
    CHECK(talk_runs(&t));
    AUTO_CERT struct cert *at_server = tls_peer_cert(t.server);
    AUTO_CERT struct cert *at_client = tls_peer_cert(t.client);
    CHECK(at_server != NULL && at_client != NULL && !cert_equal(at_server, at_client));
    CHECK(SSL_version(t.client) == TLS1_3_VERSION);
}

TEST(certificates_that_the_judge_denies_do_not_come_in)
{
    static const struct {
        const char *row;
        bool bad_server;
    } rows[] = {
        {"expired", false},        {"not-yet-valid", false},     {"revoked", false},
        {"wrong-environment", false}, {"wrong-usage", false},    {"unknown-ca", false},
        {"expired", true},         {"revoked", true},            {"unknown-ca", true},
        {"wrong-usage", true},     {"wrong-name", true},         {"wrong-environment", true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char key[64], chain[64];
        snprintf(key, sizeof(key), "open-test/bad/tls-%s.key", rows[i].row);
        snprintf(chain, sizeof(chain), "open-test/bad/tls-%s.pem", rows[i].row);
        struct names bad = {key, chain, WORLD_TLS, NULL};
        AUTO_TLS *server = make(true, rows[i].bad_server ? bad : kommun);
        AUTO_TLS *client = make(false, rows[i].bad_server ? myndighet : bad);
        AUTO_TALK t = talk_new(tls_native(client), tls_native(server), "localhost");
        CHECK_ROW(rows[i].row, !talk_runs(&t));
        struct cert *c = tls_peer_cert(rows[i].bad_server ? t.client : t.server);
        CHECK_ROW(rows[i].row, c == NULL);
    }
}

TEST(the_name_is_checked_where_one_is_asked_for)
{
    static const struct {
        const char *host;
        bool ok;
    } rows[] = {{"localhost", true}, {"127.0.0.1", true}, {"other.example", false}, {NULL, true}};
    AUTO_TLS *server = make(true, kommun);
    AUTO_TLS *client = make(false, myndighet);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_TALK t = talk_new(tls_native(client), tls_native(server), rows[i].host);
        CHECK_ROW(rows[i].host == NULL ? "none" : rows[i].host, talk_runs(&t) == rows[i].ok);
    }
}

TEST(a_client_without_certificate_is_refused_only_where_one_is_asked_for)
{
    struct names open_server = kommun, nobody = {NULL, NULL, WORLD_TLS, NULL};
    open_server.anchors = NULL;
    open_server.crl = NULL;
    AUTO_TLS *strict = make(true, kommun);
    AUTO_TLS *open_to_all = make(true, open_server);
    AUTO_TLS *client = make(false, nobody);
    AUTO_TALK refused = talk_new(tls_native(client), tls_native(strict), "localhost");
    AUTO_TALK taken = talk_new(tls_native(client), tls_native(open_to_all), "localhost");
    CHECK(!talk_runs(&refused));
    CHECK(talk_runs(&taken));
    CHECK(tls_peer_cert(taken.server) == NULL);
}

static void ctx_free_at(SSL_CTX **ctx)
{
    SSL_CTX_free(*ctx);
}

TEST(old_protocols_and_weak_suites_are_refused)
{
    static const struct {
        const char *row;
        int max;
        const char *suites;
        bool ok;
    } rows[] = {
        {"tls 1.2", TLS1_2_VERSION, "DEFAULT:@SECLEVEL=0", true},
        {"tls 1.1", TLS1_1_VERSION, "DEFAULT:@SECLEVEL=0", false},
        {"tls 1.0", TLS1_VERSION, "DEFAULT:@SECLEVEL=0", false},
        {"no forward secrecy", TLS1_2_VERSION, "AES128-GCM-SHA256", false},
        {"cbc", TLS1_2_VERSION, "ECDHE-RSA-AES128-SHA256", false},
        {"finite field", TLS1_2_VERSION, "DHE-RSA-AES128-GCM-SHA256", false},
        {"chacha", TLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305", true},
    };
    struct names open_server = kommun;
    open_server.anchors = NULL;
    open_server.crl = NULL;
    AUTO_TLS *server = make(true, open_server);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        __attribute__((cleanup(ctx_free_at))) SSL_CTX *foreign = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_min_proto_version(foreign, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(foreign, rows[i].max);
        CHECK(SSL_CTX_set_cipher_list(foreign, rows[i].suites) == 1);
        AUTO_TALK t = talk_new(foreign, tls_native(server), NULL);
        CHECK_ROW(rows[i].row, talk_runs(&t) == rows[i].ok);
    }
}

TEST(a_lent_context_is_checked_by_the_same_judge)
{
    struct error e = {0};
    struct names revoked = {"open-test/bad/tls-revoked.key", "open-test/bad/tls-revoked.pem",
                            WORLD_TLS, NULL};
    AUTO_TLS *good = make(true, kommun);
    AUTO_TLS *bad = make(true, revoked);
    AUTO_TLS *client = make(false, myndighet);
    __attribute__((cleanup(ctx_free_at))) SSL_CTX *foreign = SSL_CTX_new(TLS_client_method());
    CHECK_OK(tls_lend(client, foreign, &e), e);
    AUTO_TALK taken = talk_new(foreign, tls_native(good), NULL);
    AUTO_TALK refused = talk_new(foreign, tls_native(bad), NULL);
    CHECK(talk_runs(&taken) && tls_peer_cert(taken.server) != NULL);
    CHECK(!talk_runs(&refused));
}

TEST(a_session_is_resumed_and_still_knows_the_peer)
{
    AUTO_TLS *server = make(true, kommun);
    AUTO_TLS *client = make(false, myndighet);
    AUTO_TALK first = talk_new(tls_native(client), tls_native(server), "localhost");
    CHECK(talk_runs(&first));
    SSL_SESSION *session = SSL_get1_session(first.client);
    CHECK(session != NULL && SSL_SESSION_is_resumable(session) == 1);
    AUTO_TALK second = talk_new(tls_native(client), tls_native(server), "localhost");
    CHECK(SSL_set_session(second.client, session) == 1);
    SSL_SESSION_free(session);
    CHECK(talk_runs(&second) && SSL_session_reused(second.server) == 1);
    AUTO_CERT struct cert *peer = tls_peer_cert(second.server);
    CHECK(peer != NULL);
}

static struct tls *make_with_crl(const char *crl)
{
    struct error e = {0};
    char key[512], chain[512], anchors[512];
    struct tls *t = NULL;
    struct tls_config config = {
        .key_path = world_path(kommun.key, key),
        .chain_path = world_path(kommun.chain, chain),
        .peer_anchors_path = world_path(WORLD_TLS, anchors),
        .peer_crl_path = crl,
        .is_server = true,
    };
    CHECK_OK(tls_new(&config, &t, &e), e);
    return t;
}

TEST(a_revoked_peer_does_not_come_back_by_its_ticket)
{
    static const struct names revoked = {"open-test/bad/tls-revoked.key",
                                         "open-test/bad/tls-revoked.pem", WORLD_TLS, NULL};
    AUTO_JUDGE judge = judge_new();
    char crl[512], from[512];
    snprintf(crl, sizeof(crl), "%s/crl.pem", judge.folder);
    CHECK(judge_run(&judge, "cp '%s' '%s'", world_path("open-test/crl/smp.pem", from), crl));
    AUTO_TLS *server = make_with_crl(crl); /* a list of others: all are let in */
    AUTO_TLS *client = make(false, revoked);
    AUTO_TALK first = talk_new(tls_native(client), tls_native(server), "localhost");
    CHECK(talk_runs(&first));
    SSL_SESSION *session = SSL_get1_session(first.client);
    CHECK(session != NULL && SSL_SESSION_is_resumable(session) == 1);
    CHECK(judge_run(&judge, "cp '%s' '%s'", world_path("open-test/crl/tls.pem", from), crl));
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 50000000}, NULL);
    AUTO_TALK second = talk_new(tls_native(client), tls_native(server), "localhost");
    CHECK(SSL_set_session(second.client, session) == 1);
    SSL_SESSION_free(session);
    CHECK(!talk_runs(&second));
}

TEST(who_holds_a_context_keeps_it)
{
    struct tls *server = make(true, kommun);
    struct tls *held = tls_hold(server);
    AUTO_TLS *client = make(false, myndighet);
    AUTO_TALK t = talk_new(tls_native(client), tls_native(server), "localhost");
    tls_free(server);
    CHECK(talk_runs(&t)); /* the judge of peers is its own */
    tls_free(held);
}

TEST(a_configuration_that_cannot_work_is_refused_with_the_reason)
{
    char key[512], other[512], anchors[512];
    world_path("open-test/kommun/tls.key", key);
    world_path("open-test/myndighet/tls.pem", other);
    world_path(WORLD_TLS, anchors);
    const struct {
        const char *row;
        struct tls_config config;
        const char *why;
    } rows[] = {
        {"server without key", {.is_server = true}, "needs a key"},
        {"client without anchors", {.key_path = NULL}, "needs anchors"},
        {"no chain", {.key_path = key, .is_server = true}, "no certificate"},
        {"foreign chain", {.key_path = key, .chain_path = other, .is_server = true}, "is not the key"},
        {"no such key", {.key_path = "/no/such", .peer_anchors_path = anchors}, "/no/such"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct tls *t = NULL;
        CHECK_ROW(rows[i].row, !tls_new(&rows[i].config, &t, &e) && t == NULL);
        CHECK_ROW(rows[i].row,
                  str_find(str_of(e.text), str_of(rows[i].why)) < str_of(e.text).len);
    }
}

TEST(pkcs12_serves_as_key_and_chain)
{
    struct error e = {0};
    char path[512], anchors[512];
    AUTO_SECRET password = {0};
    AUTO_TLS *server = NULL;
    secret_set(&password, "test", 4);
    struct tls_config config = {.key_path = world_path("open-test/kommun/tls.p12", path),
                                .password = &password,
                                .peer_anchors_path = world_path(WORLD_TLS, anchors),
                                .is_server = true};
    CHECK_OK(tls_new(&config, &server, &e), e);
    AUTO_TLS *client = make(false, myndighet);
    AUTO_TALK t = talk_new(tls_native(client), tls_native(server), "localhost");
    CHECK(talk_runs(&t));
}

CHECK_MAIN
