/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/config/settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/sys.h"
#include "tests/check.h"

struct api {
    struct str listen, key, name;
    int64_t workers, size, wait_ms;
    bool open;
    struct str_list tags;
};
struct partner {
    struct str word;
    struct str url, token;
};

#define AT(member) offsetof(struct api, member)
static const struct setting api_settings[] = {
    {"listen", SETTING_ADDRESS, AT(listen), 0, 0, "127.0.0.1:8443", "Where it listens.", NULL},
    {"key", SETTING_PATH, AT(key), 1, 4096, NULL, "The key.", NULL},
    {"name", SETTING_TEXT, AT(name), 1, 64, "Malm\xc3\xb6 stad", ".Starts with a dot \\ and more.", NULL},
    {"workers", SETTING_NUMBER, AT(workers), 1, 256, "4", "Threads.", NULL},
    {"body-size", SETTING_SIZE, AT(size), 1024, 1 << 30, "20M", "Largest body.", NULL},
    {"wait", SETTING_TIME, AT(wait_ms), 0, 86400000, "30s", "Patience.", NULL},
    {"open", SETTING_BOOLEAN, AT(open), 0, 0, "no", "For all.", NULL},
    {"tags", SETTING_LIST, AT(tags), 0, 10, "", "Tags.", NULL},
    {0},
};
static const struct setting partner_settings[] = {
    {"url", SETTING_TEXT, offsetof(struct partner, url), 8, 1024, NULL, "Where it is.", NULL},
    {"token", SETTING_WORD, offsetof(struct partner, token), 0, 0, "bst", "Style.", "bst|ski"},
    {0},
};
static const struct setting empty_settings[] = {{0}};
static const struct settings_section sections[] = {
    {"api", api_settings, sizeof(struct api), false, 0, "The API."},
    {"partner", partner_settings, sizeof(struct partner), true, 3, "A partner."},
    {"mark", empty_settings, 1, false, 0, "Nothing."},
    {0},
};

static void settings_free_at(struct settings **s)
{
    settings_free(*s);
}
#define AUTO_SETTINGS __attribute__((cleanup(settings_free_at))) struct settings

static bool read_text(const char *text, struct settings **out, struct error *e)
{
    return settings_read_text(str_of(text), "demo/posthorn.conf", sections, out, e);
}

TEST(what_stands_in_the_file_and_what_does_not_is_there)
{
    struct error e = {0};
    AUTO_SETTINGS *s = NULL;
    CHECK_OK(read_text("\xef\xbb\xbf# a comment\r\n; another\n\n[api]\nkey = keys/a b.key\r\n"
                       "  workers=7\n\topen\t=\tyes\nname = x ; y # z\ntags = a, b c\n"
                       "[partner ap:0002]\nurl = https://b.example/\n"
                       "[ partner\tap-3 ]\nurl = https://c.example/\ntoken = ski",
                       &s, &e), e);
    const struct api *api = settings_section(s, "api");
    CHECK_STR(api->listen, STR("127.0.0.1:8443"));
    CHECK_STR(api->key, STR("demo/keys/a b.key"));
    CHECK(strlen(api->key.at) == api->key.len); /* a NUL behind it */
    CHECK_STR(api->name, STR("x ; y # z"));
    CHECK(api->workers == 7 && api->open && api->size == 20 << 20 && api->wait_ms == 30000);
    CHECK(api->tags.count == 3 && str_is(api->tags.at[1], "b"));
    CHECK(settings_count(s, "partner") == 2 && settings_count(s, "api") == 1);
    const struct partner *two = settings_nth(s, "partner", 0), *three = settings_nth(s, "partner", 1);
    CHECK_STR(two->word, STR("ap:0002"));
    CHECK_STR(two->token, STR("bst"));
    CHECK_STR(three->word, STR("ap-3"));
    CHECK_STR(three->token, STR("ski"));
    CHECK(settings_nth(s, "partner", 2) == NULL && settings_section(s, "none") == NULL);
    CHECK(settings_section(s, "mark") != NULL);
}

#define GOOD "[api]\nkey = a\n"

TEST(mistakes_are_told_with_file_line_and_what_would_be_right)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        {GOOD "workres = 5\n",
         "demo/posthorn.conf:3: unknown key 'workres' in [api]; did you mean 'workers'?"},
        {GOOD "zzzzzzzz = 5\n", "demo/posthorn.conf:3: unknown key 'zzzzzzzz' in [api]"},
        {"\n\n[apj]\nkey = a\n", "demo/posthorn.conf:3: unknown section 'apj'; did you mean 'api'?"},
        {"[api]\n", "demo/posthorn.conf:1: 'key' is missing in [api]; for example: key = example"},
        {"", "demo/posthorn.conf: 'key' is missing in [api]; for example: key = example"},
        {GOOD "[partner x]\ntoken = ski\n",
         "demo/posthorn.conf:3: 'url' is missing in [partner x]; for example: url = examplee"},
        {GOOD "workers = 300\n",
         "demo/posthorn.conf:3: workers: '300' is not a number from 1 to 256"},
        {GOOD "body-size = 2\n",
         "demo/posthorn.conf:3: body-size: '2' is not a size such as 20M from 1K to 1G"},
        {GOOD "wait = 30\n", "demo/posthorn.conf:3: wait: '30' is not a time such as 500ms, 30s, "
                             "5m, 4h or 2d from 0ms to 1d"},
        {GOOD "open = maybe\n", "demo/posthorn.conf:3: open: 'maybe' is neither yes nor no"},
        {GOOD "listen = here\n", "demo/posthorn.conf:3: listen: 'here' is no address like "
                                 "127.0.0.1:8443, [::1]:8443 or unix:/run/x.sock"},
        {GOOD "name =\n",
         "demo/posthorn.conf:3: name: '' has 0 octets; it is a text of 1 to 64 octets"},
        {GOOD "[partner x]\nurl = https://x\ntoken = SKI\n",
         "demo/posthorn.conf:5: token: 'SKI' is none of bst|ski"},
        {GOOD "key = b\n", "demo/posthorn.conf:3: 'key' stands on line 2 already"},
        {GOOD "[mark]\n[api]\n", "demo/posthorn.conf:4: [api] stands on line 1 already"},
        {GOOD "[partner x]\nurl = https://x\n[partner x]\n",
         "demo/posthorn.conf:5: [partner x] stands on line 3 already"},
        {GOOD "[partner]\n", "demo/posthorn.conf:3: [partner] needs a word: [partner NAME]"},
        {GOOD "[mark x]\n", "demo/posthorn.conf:3: [mark] stands alone, without 'x'"},
        {GOOD "[partner a b]\n",
         "demo/posthorn.conf:3: [partner NAME]: one word of at most 255 octets"},
        {GOOD "[mark] x\n", "demo/posthorn.conf:3: a section looks like [name], alone on its line"},
        {GOOD "[mark\n", "demo/posthorn.conf:3: a section looks like [name], alone on its line"},
        {GOOD "[]\n", "demo/posthorn.conf:3: a section looks like [name], alone on its line"},
        {GOOD "nonsense\n", "demo/posthorn.conf:3: neither [section] nor 'key = value'"},
        {GOOD "= x\n", "demo/posthorn.conf:3: unknown key '' in [api]"},
        {"key = a\n", "demo/posthorn.conf:1: 'key' stands before the first [section]"},
        {GOOD "name = \xff\n", "demo/posthorn.conf:3: name: not UTF-8 text"},
        {GOOD "name = a\n  b\n", "demo/posthorn.conf:4: neither [section] nor 'key = value'"},
        {GOOD "[partner a]\nurl=https://\n[partner b]\nurl=https://\n[partner c]\nurl=https://\n"
              "[partner d]\n", "demo/posthorn.conf:9: more than 3 sections [partner ...]"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct settings *s = NULL;
        CHECK_ROW(rows[i].text, !read_text(rows[i].text, &s, &e) && s == NULL);
        CHECK_ROW(rows[i].text, e.kind == ERROR_REJECT);
        CHECK_STR(str_of(e.text), str_of(rows[i].error));
    }
}

TEST(long_section_words_and_values_are_whole_and_endless_lines_refused)
{
    struct error e = {0};
    AUTO_SETTINGS *s = NULL;
    struct settings *none = NULL;
    AUTO_BUF text = BUF(100000);
    char word[256], path[4001];
    memset(word, 'w', 255);
    word[255] = '\0';
    memset(path, 'p', 4000);
    path[4000] = '\0';
    CHECK_OK(buf_addf(&text, &e, "[api]\nkey = %s\n[partner %s]\nurl = https://%.900s\n", path, word,
                      path), e);
    CHECK_OK(settings_read_text(buf_str(&text), "x.conf", sections, &s, &e), e);
    const struct api *api = settings_section(s, "api");
    const struct partner *p = settings_nth(s, "partner", 0);
    CHECK(api->key.len == 4000 && p->word.len == 255 && p->url.len == 908);
    for (int i = 0; i < 3; i++)
        CHECK_OK(buf_addf(&text, &e, "%s", path), e);
    CHECK(!settings_read_text(buf_str(&text), "x.conf", sections, &none, &e));
    CHECK_STR(str_of(e.text), STR("x.conf:5: a line of 12000 octets; at most 8190"));
}

TEST(a_nul_octet_is_refused)
{
    struct error e = {0};
    struct settings *s = NULL;
    CHECK(!settings_read_text(STR("[api]\nkey = a\0b\n"), "x", sections, &s, &e));
    CHECK(e.kind == ERROR_REJECT);
}

TEST(the_sample_reads_back_and_gives_the_fallbacks)
{
    struct error e = {0};
    AUTO_SETTINGS *s = NULL;
    AUTO_BUF text = BUF(100000);
    CHECK_OK(settings_sample(sections, &text, &e), e);
    CHECK_OK(settings_read_text(buf_str(&text), "sample.conf", sections, &s, &e), e);
    const struct api *api = settings_section(s, "api");
    CHECK_STR(api->key, STR("example"));
    CHECK(api->workers == 4 && settings_count(s, "partner") == 0);
    CHECK(str_find(buf_str(&text), STR("#[partner NAME]\n")) < text.len);
}

/* Uncommented as well: what stands behind a '#' without a blank is a setting. */
TEST(the_sample_reads_back_with_every_comment_taken_away)
{
    struct error e = {0};
    AUTO_SETTINGS *s = NULL;
    AUTO_BUF text = BUF(100000);
    AUTO_BUF bare = BUF(100000);
    CHECK_OK(settings_sample(sections, &text, &e), e);
    struct str rest = buf_str(&text), line;
    while (str_next(&rest, '\n', &line)) {
        bool is_setting = line.len > 1 && line.at[0] == '#' && line.at[1] != ' ';
        CHECK_OK(buf_add(&bare, str_from(line, is_setting ? 1 : 0), &e), e);
        CHECK_OK(buf_add_char(&bare, '\n', &e), e);
    }
    CHECK_OK(settings_read_text(buf_str(&bare), "sample.conf", sections, &s, &e), e);
    CHECK(settings_count(s, "partner") == 1);
}

TEST(a_value_that_may_not_change_is_named_with_both)
{
    static const char *const all[] = {"api.key",  "api.name", "api.listen", "api.workers",
                                      "api.wait", "api.open", NULL};
    static const struct {
        const char *row, *fresh, *says; /* NULL: nothing */
    } rows[] = {
        {"the same in other words", "[api]\nkey=k\nworkers=4\nwait=30000ms\n", NULL},
        {"what may change", "[api]\nkey=k\nbody-size=1M\n[partner x]\nurl=https://x\n", NULL},
        {"a text", "[api]\nkey=k\nname=Lund\n", "[api] name cannot change from 'Malm\xc3\xb6 stad' to 'Lund'"},
        {"an address", "[api]\nkey=k\nlisten=127.0.0.1:1\n", "from '127.0.0.1:8443' to '127.0.0.1:1'"},
        {"a number", "[api]\nkey=k\nworkers=5\n", "workers cannot change from 4 to 5"},
        {"a boolean", "[api]\nkey=k\nopen=yes\n", "open cannot change from no to yes"},
    };
    static const char *const no_such[] = {"api.no", NULL};
    struct error e = {0};
    AUTO_SETTINGS *now = NULL;
    CHECK_OK(read_text("[api]\nkey=k\n", &now, &e), e);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_SETTINGS *fresh = NULL;
        CHECK_OK(read_text(rows[i].fresh, &fresh, &e), e);
        CHECK_ROW(rows[i].row, settings_unchanged(now, fresh, all, &e) == (rows[i].says == NULL));
        CHECK_ROW(rows[i].row, rows[i].says == NULL || strstr(e.text, rows[i].says) != NULL);
    }
    CHECK(!settings_unchanged(now, now, no_such, &e) && e.kind == ERROR_BUG);
}

TEST(who_holds_settings_keeps_them)
{
    struct error e = {0};
    struct settings *now = NULL;
    CHECK_OK(read_text("[api]\nkey=k\n", &now, &e), e);
    AUTO_SETTINGS *held = settings_hold(now);
    settings_free(now);
    const struct api *api = settings_section(held, "api");
    CHECK_STR(api->key, STR("demo/k"));
}

TEST(the_manual_is_mdoc)
{
    struct error e = {0};
    AUTO_BUF text = BUF(100000);
    CHECK_OK(settings_manual(sections, &text, &e), e);
    struct str manual = buf_str(&text);
    CHECK(str_find(manual, STR(".Ss partner NAME\n")) < manual.len);
    CHECK(str_find(manual, STR("\n.It Cm workers\nThreads.\nIt is a number from 1 to 256; by default "
                               "4.\n")) < manual.len);
    CHECK(str_find(manual, STR("\n\\&.Starts with a dot \\e and more.\n")) < manual.len);
    CHECK(str_find(manual, STR("\nIt is a path of 1 to 4096 octets; it must be given.\n")) <
          manual.len);
}

TEST(a_file_is_read_and_a_missing_one_named)
{
    struct error e = {0};
    char path[] = "/tmp/posthorn-test-XXXXXX";
    AUTO_SETTINGS *s = NULL;
    AUTO_FD int fd = mkstemp(path);
    CHECK(fd != -1);
    CHECK_OK(sys_write_all(fd, STR(GOOD), &e), e);
    CHECK_OK(settings_read(path, sections, &s, &e), e);
    const struct api *api = settings_section(s, "api");
    CHECK_STR(api->key, STR("/tmp/a"));
    CHECK(unlink(path) == 0);
    struct settings *none = NULL;
    CHECK(!settings_read(path, sections, &none, &e));
    CHECK(str_starts(str_of(e.text), str_of(path)));
}

CHECK_MAIN
