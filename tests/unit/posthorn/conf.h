/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* conf.h - a folder with a posthorn.conf on the test world's keys, in which a test changes lines. */
#pragma once

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accesspoint/settings.h"
#include "runtime/base/sys.h"
#include "tests/check.h"

struct conf {
    char folder[64];
    struct settings *all;
    struct accesspoint_settings s;
};

static inline void conf_release(struct conf *c)
{
    char command[128];
    settings_free(c->all);
    snprintf(command, sizeof(command), "rm -rf '%s'", c->folder);
    CHECK(system(command) == 0);
}
#define AUTO_CONF __attribute__((cleanup(conf_release))) struct conf

static inline void conf_put(const struct conf *c, const char *name, struct str octets, mode_t mode)
{
    struct error e = {0};
    char path[200];
    snprintf(path, sizeof(path), "%s/%s", c->folder, name);
    AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    CHECK(fd != -1 && fchmod(fd, mode) == 0);
    CHECK_OK(sys_write_all(fd, octets, &e), e);
}

static inline void conf_link(const struct conf *c, const char *name, const char *to,
                             const char *below)
{
    char target[4200], real[4096], path[200];
    CHECK(to != NULL && realpath(to, real) != NULL);
    snprintf(target, sizeof(target), "%s%s", real, below);
    snprintf(path, sizeof(path), "%s/%s", c->folder, name);
    CHECK(symlink(target, path) == 0);
}

static inline struct conf conf_new(void)
{
    struct conf c = {.folder = "/tmp/posthorn-test-XXXXXX"};
    char path[128];
    CHECK(mkdtemp(c.folder) != NULL);
    static const char *const folders[] = {"store", "run", "temp"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", c.folder, folders[i]);
        CHECK(mkdir(path, 0700) == 0);
    }
    conf_link(&c, "world", getenv("POSTHORN_WORLD"), "/open-test");
    conf_link(&c, "schemas", getenv("top_srcdir"), "/schemas");
    conf_put(&c, "storage.key", STR("0123456789abcdef0123456789abcdef"), 0600);
    return c;
}

/* Writes the good file, with `to` in place of the first `from` (NULL: as it is), and reads it. */
static inline void conf_read(struct conf *c, const char *from, const char *to)
{
    static const char form[] =
        "[store]\npath = store\nstorage-key = storage.key\n"
        "[accesspoint]\nparty = AP0001-OPEN-TEST\nprofile = schemas/profiles/open-test.profile\n"
        "key = world/kommun/ap.key\nchain = world/kommun/ap.pem\n"
        "ap-anchors = world/trust/ap.pem\nap-crl = world/crl/ap.pem\n"
        "smp-anchors = world/trust/smp.pem\nsmp-crl = world/crl/smp.pem\n"
        "o2o-anchors = world/trust/o2o.pem\no2o-crl = world/crl/o2o.pem\nrun = run\n"
        "[accesspoint-api]\nlisten = 127.0.0.1:0\nadmin-listen = 127.0.0.1:0\n"
        "key = world/kommun/api.key\nchain = world/kommun/api.pem\n"
        "[accesspoint-receive]\nlisten = 127.0.0.1:0\nadmin-listen = 127.0.0.1:0\n"
        "key = world/kommun/tls.key\nchain = world/kommun/tls.pem\n"
        "client-anchors = world/trust/tls.pem\nclient-crl = world/crl/tls.pem\n"
        "[accesspoint-work]\ntemp = temp\n"
        "[accesspoint-send]\nsmp-url = https://smp.example/\nadmin-listen = 127.0.0.1:0\n"
        "smp-server-anchors = world/trust/tls.pem\n"
        "key = world/kommun/tls.key\nchain = world/kommun/tls.pem\n"
        "server-anchors = world/trust/tls.pem\nserver-crl = world/crl/tls.pem\n"
        "[participant 0203:kommun.example]\nname = Kommunen\n"
        "key = world/kommun/o2o.key\nchain = world/kommun/o2o.pem\n"
        "[mailbox sdk:inkorg:0203:kommun.example]\nparticipant = 0203:kommun.example\nname = Inkorg\n"
        "[client ekonomi]\naddresses = sdk:inkorg:0203:kommun.example\ntoken-sha256 = "
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n";
    char path[128];
    struct error e = {0};
    AUTO_BUF changed = BUF(64 * 1024);
    struct str all = str_of(form);
    if (from != NULL) {
        size_t at = str_find(all, str_of(from));
        CHECK(at < all.len);
        CHECK_OK(buf_addf(&changed, &e, "%.*s%s", (int)at, all.at, to), e);
        CHECK_OK(buf_add(&changed, str_from(all, at + strlen(from)), &e), e);
        all = buf_str(&changed);
    }
    conf_put(c, "posthorn.conf", all, 0600);
    snprintf(path, sizeof(path), "%s/posthorn.conf", c->folder);
    CHECK_OK(settings_read(path, accesspoint_sections, &c->all, &e), e);
    CHECK_OK(accesspoint_settings_view(c->all, &c->s, &e), e);
}
