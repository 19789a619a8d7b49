/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/config_files.h"
#include "tests/unit/posthorn/conf.h"

static void count_setting(struct str section, const struct setting *setting, size_t *paths,
                          size_t *keys)
{
    if (setting->type != SETTING_PATH)
        return;
    (*paths)++;
    *keys += str_is(str_of(setting->key), "key") ? 1 : 0;
    (void)section;
}

static void count_visit(void *ctx, const struct config_file *file)
{
    size_t *seen = ctx;
    *seen += file->kind == CONFIG_IDENTITY ? 2 : 1;
}

/* A path added to the settings and forgotten here is a file that `config check` does not see. */
TEST(every_path_of_the_settings_is_in_the_table)
{
    AUTO_CONF c = conf_new();
    AUTO_ARENA a = {0};
    size_t paths = 0, keys = 0, seen = 0;
    for (const struct settings_section *s = accesspoint_sections; s->name != NULL; s++)
        for (const struct setting *k = s->settings; k->key != NULL; k++)
            if (!str_is(str_of(s->name), "program"))
                count_setting(str_of(s->name), k, &paths, &keys);
    conf_read(&c, "[client ekonomi]", "[partner AP0002]\ncertificate = x\n[client ekonomi]");
    config_files_each(&c.s, &a, count_visit, &seen);
    CHECK(keys > 0);
    assert_int_equal(seen, paths);
}

struct found {
    size_t hits;
    struct config_file file;
};

static void keep_participant(void *ctx, const struct config_file *file)
{
    struct found *f = ctx;
    if (str_starts(file->section, STR("participant"))) {
        f->hits++;
        f->file = *file;
    }
}

TEST(a_participant_has_a_key_a_chain_and_issuers)
{
    AUTO_CONF c = conf_new();
    AUTO_ARENA a = {0};
    struct found f = {0};
    conf_read(&c, NULL, NULL);
    config_files_each(&c.s, &a, keep_participant, &f);
    CHECK(f.hits == 1);
    CHECK_STR(f.file.section, STR("participant 0203:kommun.example"));
    CHECK(str_ends(f.file.path, STR("kommun/o2o.pem")));
    CHECK(str_ends(f.file.key_path, STR("kommun/o2o.key")));
    CHECK(str_ends(f.file.anchors, STR("trust/o2o.pem")));
    CHECK(str_ends(f.file.crl, STR("crl/o2o.pem")));
}

CHECK_MAIN
