/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <unistd.h>

#include "accesspoint/settings.h"
#include "runtime/base/buf.h"
#include "runtime/base/sys.h"
#include "tests/check.h"

static const char common[] =
    "[store]\npath=s\nstorage-key=k\n[accesspoint]\nparty=AP0001-OPEN-TEST\nprofile=p\nkey=k\nchain=c\n"
    "ap-anchors=a\nsmp-anchors=a\no2o-anchors=a\nrun=r\n[accesspoint-api]\nkey=k\nchain=c\n"
    "[accesspoint-receive]\nkey=k\nchain=c\nclient-anchors=a\nreload-folder=open\n[accesspoint-work]\ntemp=t\n"
    "[accesspoint-send]\nsmp-url=https://smp.example/\nsmp-server-anchors=a\nkey=k\nchain=c\nserver-anchors=a\n";

static bool view(const char *rest, struct settings **all, struct accesspoint_settings *s,
                 struct error *e)
{
    char path[] = "/tmp/posthorn-test-settings-XXXXXX";
    AUTO_FD int fd = mkstemp(path);
    AUTO_BUF text = BUF(10000);
    CHECK_OK(buf_addf(&text, e, "%s%s", common, rest), *e);
    CHECK_OK(sys_write_all(fd, buf_str(&text), e), *e);
    bool ok =
        settings_read(path, accesspoint_sections, all, e) && accesspoint_settings_view(*all, s, e);
    unlink(path);
    return ok;
}

TEST(what_names_something_names_something_that_is_there)
{
    static const struct {
        const char *row, *rest, *says;
    } rows[] = {
        {"mailbox of nobody", "[mailbox a:b]\nparticipant=0203:x.example\nname=N\n",
         "[mailbox a:b]"},
        {"client of nothing",
         "[client c]\ntoken-sha256=0123456789012345678901234567890123456789012345678901234567890123\naddresses=a:b\n",
         "[client c]"},
        {"a folder with another's key", "[participant 0203:x.example]\nname=X\nkey=open/k\nchain=c\n",
         "[accesspoint-receive] reload-folder holds"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct settings *all = NULL;
        struct accesspoint_settings s;
        CHECK_ROW(rows[i].row, !view(rows[i].rest, &all, &s, &e));
        CHECK_ROW(rows[i].row, str_find(str_of(e.text), str_of(rows[i].says)) < str_of(e.text).len);
        settings_free(all);
    }
}

TEST(a_client_may_use_its_own_addresses_only)
{
    struct error e = {0};
    struct settings *all = NULL;
    struct accesspoint_settings s;
    CHECK_OK(
        view(
            "[participant 0203:x.example]\nname=X\nkey=k\nchain=c\n"
            "[mailbox a:b]\nparticipant=0203:x.example\nname=N\n"
            "[mailbox a:c]\nparticipant=0203:x.example\nname=M\n"
            "[partner AP0002-OPEN-TEST]\nsign-token=ski\n"
            "[client c]\ntoken-sha256=0123456789012345678901234567890123456789012345678901234567890123\naddresses=a:b\n",
            &all, &s, &e),
        e);
    CHECK(accesspoint_participant(&s, STR("0203:X.example")) != NULL);
    CHECK(accesspoint_participant(&s, STR("0203:y.example")) == NULL);
    CHECK(str_is(accesspoint_mailbox(&s, STR("a:c"))->name, "M"));
    CHECK(str_is(accesspoint_partner(&s, STR("AP0002-OPEN-TEST"))->sign_token, "ski"));
    CHECK(accesspoint_partner(&s, STR("AP0003-OPEN-TEST")) == NULL);
    settings_free(all);
}

CHECK_MAIN
