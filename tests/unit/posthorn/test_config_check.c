/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/config_check.h"
#include "runtime/base/clock.h"
#include "tests/unit/posthorn/conf.h"

enum { NOTED_MAX = 40 };
struct noted {
    struct config_check check;
    char lines[NOTED_MAX][800]; /* "error [section] key: text" */
    size_t count;
};

static void note(void *ctx, const struct finding *f)
{
    struct noted *n = ctx;
    CHECK(n->count < NOTED_MAX);
    snprintf(n->lines[n->count++], sizeof(n->lines[0]), "%s [%.*s] %s: %s",
             f->level == FINDING_ERROR ? "error" : "warning", STR_ARG(f->section), f->key, f->text);
}

static void run(struct noted *n, struct conf *c, const char *now)
{
    struct error e = {0};
    n->check = (struct config_check){.found = note, .ctx = n};
    CHECK_OK(clock_parse(str_of(now), &n->check.now_ms, NULL, &e), e);
    config_check(&n->check, &c->s);
}

static bool has(const struct noted *n, const char *beginning, const char *inside)
{
    for (size_t i = 0; i < n->count; i++) {
        struct str line = str_of(n->lines[i]);
        if (str_starts(line, str_of(beginning)) && str_find(line, str_of(inside)) < line.len)
            return true;
    }
    for (size_t i = 0; i < n->count; i++)
        print_message("  %s\n", n->lines[i]);
    return false;
}

TEST(a_good_file_has_no_finding)
{
    AUTO_CONF c = conf_new();
    static struct noted n;
    n = (struct noted){0};
    conf_read(&c, NULL, NULL);
    run(&n, &c, "2026-11-20T12:00:00Z");
    for (size_t i = 0; i < n.count; i++)
        print_message("  %s\n", n.lines[i]);
    CHECK(n.count == 0);
    CHECK(n.check.errors == 0 && n.check.warnings == 0 && n.check.looked_at > 25);
}

TEST(each_fault_is_found_with_its_place_and_what_would_be_right)
{
    static const struct {
        const char *row, *from, *to, *now, *beginning, *inside;
    } rows[] = {
        {"key of another", "kommun/ap.key", "kommun/tls.key", NULL,
         "error [accesspoint] key:", "is not the key of the certificate of AP0001-OPEN-TEST"},
        {"key missing", "kommun/api.key", "kommun/none.key", NULL,
         "error [accesspoint-api] key:", "none.key: No such file"},
        {"chain missing", "kommun/api.pem", "kommun/none.pem", NULL,
         "error [accesspoint-api] chain:", "none.pem"},
        {"chain without certificates", "kommun/api.pem", "kommun/api.key", NULL,
         "error [accesspoint-api] chain:", "certificate"},
        {"party is not the name", "party = AP0001-OPEN-TEST", "party = AP0009-OPEN-TEST", NULL,
         "error [accesspoint] party:", "'AP0001-OPEN-TEST' would be right"},
        {"expired", "kommun/o2o.pem", "bad/o2o-expired.pem", NULL,
         "error [participant 0203:kommun.example] chain:", "ended on 2021-01-01"},
        {"not yet valid", "kommun/o2o.pem", "bad/o2o-not-yet-valid.pem", NULL,
         "error [participant 0203:kommun.example] chain:", "not valid before 2040-01-01"},
        {"revoked", "kommun/ap.pem", "bad/ap-revoked.pem", NULL,
         "error [accesspoint] chain:", "others will refuse"},
        {"unknown issuer", "kommun/ap.pem", "bad/ap-wrong-environment.pem", NULL,
         "error [accesspoint] chain:", "others will refuse"},
        {"ends soon", NULL, NULL, "2044-12-20T12:00:00Z",
         "warning [accesspoint] chain:", "ends in 11 days, on 2045-01-01"},
        {"stale list", "/crl/ap.pem", "/crl-expired/ap.pem", NULL,
         "warning [accesspoint] ap-crl:", "stale since 2021-01-01"},
        {"no list", "/crl/ap.pem", "/trust/ap.pem", NULL,
         "error [accesspoint] ap-crl:", "holds no revocation list"},
        {"no list set", "server-crl = ", "#server-crl = ", NULL,
         "warning [accesspoint-send] server-crl:", "nothing is set"},
        {"profile", "open-test.profile", "none.profile", NULL,
         "error [accesspoint] profile:", "none.profile"},
        {"agreements", "run = run", "run = run\npmodes = none.pmodes", NULL,
         "error [accesspoint] pmodes:", "none.pmodes"},
        {"folder", "temp = temp", "temp = elsewhere", NULL,
         "error [accesspoint-work] temp:", "mkdir -m 700"},
        {"folder is a file", "temp = temp", "temp = storage.key", NULL,
         "error [accesspoint-work] temp:", "is no folder"},
        {"storage key", "storage-key = storage.key", "storage-key = none.key", NULL,
         "error [store] storage-key:", "openssl rand 32"},
        {"storage key's size", "storage-key = storage.key", "storage-key = posthorn.conf", NULL,
         "error [store] storage-key:", "exactly 32 random ones"},
        {"smp in the clear", "https://smp", "http://smp", NULL,
         "error [accesspoint-send] smp-url:", "https://... would be right"},
        {"network for work", "[accesspoint-work]\n",
         "[accesspoint-work]\nadmin-listen = 127.0.0.1:9\n", NULL,
         "error [accesspoint-work] admin-listen:", "unix:run/work-admin.sock"},
        {"admin for all", "admin-listen = 127.0.0.1:0", "admin-listen = 0.0.0.0:0", NULL,
         "warning [accesspoint-api] admin-listen:", "127.0.0.1:PORT"},
        {"token", "9f86d081", "xyzzy081", NULL,
         "error [client ekonomi] token-sha256:", "sha256sum"},
        {"chain not enforced", "o2o-crl = ", "o2o-chain-enforced = no\no2o-crl = ", NULL,
         "warning [accesspoint] o2o-chain-enforced:", "is let in"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_CONF c = conf_new();
        static struct noted n;
        n = (struct noted){0};
        conf_read(&c, rows[i].from, rows[i].to);
        run(&n, &c, rows[i].now == NULL ? "2026-11-20T12:00:00Z" : rows[i].now);
        CHECK_ROW(rows[i].row, has(&n, rows[i].beginning, rows[i].inside));
    }
}

TEST(open_doors_are_found)
{
    AUTO_CONF c = conf_new();
    static struct noted n;
    char path[128];
    n = (struct noted){0};
    conf_read(&c, "storage-key = storage.key", "storage-key = open.key");
    conf_put(&c, "open.key", STR("0123456789abcdef0123456789abcdef"), 0640);
    snprintf(path, sizeof(path), "%s/store", c.folder);
    CHECK(chmod(path, 0755) == 0);
    run(&n, &c, "2026-11-20T12:00:00Z");
    CHECK(has(&n, "error [store] storage-key:", "has mode 0640; chmod 600 it"));
    CHECK(has(&n, "warning [store] path:", "has mode 0755; chmod 700 it"));
    CHECK(n.check.errors == 1 && n.check.warnings == 1);
}

CHECK_MAIN
