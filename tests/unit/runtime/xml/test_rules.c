/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <pthread.h>
#include <string.h>

#include "runtime/xml/schema.h"
#include "tests/check.h"
#include "tests/unit/runtime/crypto/judge.h"
#include "tests/unit/runtime/xml/xml_samples.h"

enum { MOST = 4 * 1024 * 1024, THREADS = 4, ROUNDS = 50 };

static const char head[] = "# a comment\nformat posthorn-rules-1\nprefix x urn:x\n\n";
static const char good[] =
    "rule R1\norigin digg\ncode BV/invariant\ncontext //x:n\n"
    "test matches(., '^[0-9]{1,3}$')\n  and\n not(. = '200')\ntext A number below 200.\n";
static const char sending[] =
    "rule R2\norigin posthorn\nwhen send\ncode BV/structure\ncontext //@d\n"
    "test false()\ntext No d.\n";

static bool load(const struct judge *j, const char *one, const char *two, const char *three,
                 struct xml_rules **out, struct error *e)
{
    AUTO_BUF text = BUF(64 * 1024);
    sample_put(&text, one);
    sample_put(&text, two);
    sample_put(&text, three);
    judge_put(j, "test.rules", buf_str(&text));
    CHECK(setenv("POSTHORN_SCHEMA_DIR", j->folder, 1) == 0);
    xml_setup();
    return xml_rules_new("test.rules", out, e);
}

static void ask(const struct xml_rules *r, const char *octets, bool send, struct arena *a,
                struct xml_findings *f)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    CHECK_OK(xml_read(str_of(octets), &xml_limits_envelope, &d, &e), e);
    xml_rules_check(r, d, send, a, f);
}

TEST(a_rule_finds_each_node_that_breaks_it)
{
    struct error e = {0};
    struct xml_rules *r = NULL;
    AUTO_JUDGE j = judge_new();
    CHECK_OK(load(&j, head, good, sending, &r, &e), e);
    AUTO_ARENA a = {0};
    struct xml_findings f = {0};
    ask(r, "<y:a xmlns:y='urn:x'><y:n>12</y:n><n>x</n><y:n>x</y:n><y:n d='1'>200</y:n></y:a>",
        false, &a, &f);
    CHECK(f.count == 2 && f.more == 0);
    CHECK_STR(f.at[0].rule, STR("R1"));
    CHECK_STR(f.at[0].where, STR("/y:a/y:n[2]"));
    CHECK_STR(f.at[0].text, STR("A number below 200."));
    CHECK_STR(f.at[0].code, STR("BV/invariant"));
    CHECK_STR(f.at[1].where, STR("/y:a/y:n[3]"));
    xml_rules_free(r);
}

TEST(rules_for_sending_are_asked_of_senders_alone)
{
    struct error e = {0};
    struct xml_rules *r = NULL;
    AUTO_JUDGE j = judge_new();
    CHECK_OK(load(&j, head, good, sending, &r, &e), e);
    for (int send = 0; send < 2; send++) {
        AUTO_ARENA a = {0};
        struct xml_findings f = {0};
        ask(r, "<a d='1'/>", send, &a, &f);
        CHECK(f.count == (size_t)send);
        CHECK(send == 0 || str_is(f.at[0].where, "/a/@d"));
    }
    xml_rules_free(r);
}

TEST(a_file_that_is_not_quite_right_is_refused_as_a_whole)
{
    static const struct {
        const char *row, *one, *two, *three, *why;
    } rows[] = {
        {"no format", "", good, "", "format must come first"},
        {"other format", "format posthorn-rules-2\n", good, "", "posthorn-rules-1"},
        {"format twice", head, "format posthorn-rules-1\n", good, "posthorn-rules-1"},
        {"unknown keyword", head, good, "severity high\n", "no such keyword"},
        {"keyword twice", head, good, "text Again.\n", "twice"},
        {"field before a rule", head, "text Lost.\n", good, "outside of a rule"},
        {"prefix behind a rule", head, good, "prefix y urn:y\n", "behind the first"},
        {"prefix without namespace", head, "prefix y\n", good, "no namespace"},
        {"nothing behind a keyword", head, "rule\n", good, "nothing behind"},
        {"nothing to continue", " and more\n", head, good, "nothing to continue"},
        {"no text", head, "rule R\norigin digg\ncode c\ncontext /a\ntest true()\n", good,
         "missing"},
        {"bad origin", head, "rule R\norigin me\ncode c\ncontext /a\ntest true()\ntext t\n", good,
         "origin"},
        {"bad when", head,
         "rule R\norigin digg\nwhen never\ncode c\ncontext /a\ntest true()\ntext t\n", good,
         "when"},
        {"bad XPath", head, "rule R\norigin digg\ncode c\ncontext //[\ntest true()\ntext t\n", good,
         "XPath"},
        {"XPath 2", head, "rule R\norigin digg\ncode c\ncontext /a\ntest . eq 'x'\ntext t\n", good,
         "XPath"},
        {"unknown prefix", head,
         "rule R\norigin digg\ncode c\ncontext //z:a\ntest true()\ntext t\n", good,
         "cannot be asked"},
        {"unknown function", head,
         "rule R\norigin digg\ncode c\ncontext /a\ntest exists(.)\ntext t\n", good,
         "cannot be asked"},
        {"bad regex", head,
         "rule R\norigin digg\ncode c\ncontext /a\ntest matches(., '[')\ntext t\n", good,
         "cannot be asked"},
        {"regex of the document", head,
         "rule R\norigin digg\ncode c\ncontext /a\ntest matches('a', .)\ntext t\n", good,
         "cannot be asked"},
        {"context is no nodes", head,
         "rule R\norigin digg\ncode c\ncontext 1\ntest true()\ntext t\n", good, "XPath"},
        {"no rules", head, "", "", "no rules"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct xml_rules *r = NULL;
        AUTO_JUDGE j = judge_new();
        CHECK_ROW(rows[i].row, !load(&j, rows[i].one, rows[i].two, rows[i].three, &r, &e));
        CHECK_ROW(rows[i].row, e.kind == ERROR_BUG);
        if (strstr(e.text, rows[i].why) == NULL)
            fail_msg("row '%s': '%s' does not say '%s'", rows[i].row, e.text, rows[i].why);
    }
}

TEST(a_line_too_long_and_a_missing_file_are_refused)
{
    struct error e = {0};
    struct xml_rules *r = NULL;
    AUTO_JUDGE j = judge_new();
    AUTO_BUF line = BUF(8192);
    sample_put(&line, "#");
    for (size_t i = 0; i < 4097; i++)
        sample_put(&line, "x");
    CHECK(!load(&j, head, good, buf_text(&line), &r, &e) && strstr(e.text, "too long") != NULL);
    CHECK(!xml_rules_new("none.rules", &r, &e) && e.kind == ERROR_BUG);
}

struct work {
    const struct xml_rules *rules;
    bool ok;
};

static void *work(void *ctx)
{
    struct work *w = ctx;
    w->ok = true;
    for (int i = 0; i < ROUNDS; i++) {
        struct error e = {0};
        struct xml_findings f = {0};
        AUTO_ARENA a = {0};
        AUTO_XML d = NULL;
        w->ok = w->ok && xml_read(STR("<a xmlns='urn:x'><n>1</n><n>x</n></a>"),
                                  &xml_limits_envelope, &d, &e);
        if (w->ok)
            xml_rules_check(w->rules, d, false, &a, &f);
        w->ok = w->ok && f.count == 1;
    }
    return NULL;
}

TEST(threads_share_compiled_rules)
{
    struct error e = {0};
    struct xml_rules *r = NULL;
    AUTO_JUDGE j = judge_new();
    pthread_t threads[THREADS];
    struct work works[THREADS];
    CHECK_OK(load(&j, head, good, "", &r, &e), e);
    for (size_t i = 0; i < THREADS; i++) {
        works[i] = (struct work){r, false};
        CHECK(pthread_create(&threads[i], NULL, work, &works[i]) == 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0 && works[i].ok);
    xml_rules_free(r);
}

TEST(the_tree_s_own_rules_judge_the_official_files)
{
    static const struct {
        const char *rules, *file, *broken; /* NULL: none */
    } rows[] = {
        {"sdk-message-3.rules", "data/sdk/message/examples/messageWithAttachments3.xml", NULL},
        {"sdk-message-3.rules", "data/sdk/message/testdata/min.xml", NULL},
        {"sdk-message-3.rules", "data/sdk/message/testdata/TF2.4.2.xml", "M6"},
        {"xhe-1.0.rules", "data/sdk/xhe/examples/XHE-tm-base.xml", NULL},
        {"xhe-1.0.rules", "data/sdk/xhe/examples/XHE-tm-base-ext-sigenc.xml", NULL},
        {"xhe-1.0.rules", "data/sdk/xhe/examples/XHE-NonXML-tm-base.xml", NULL},
        {"receipt-2.1.rules", "data/sdk/receipt/examples/Kvittens_AP-Accepterat.xml", NULL},
        {"receipt-2.1.rules", "data/sdk/receipt/examples/Kvittens_RE-SCHFel.xml", NULL},
    };
    const char *top = getenv("top_srcdir");
    char folder[512];
    snprintf(folder, sizeof(folder), "%s/schemas", top == NULL ? ".." : top);
    CHECK(setenv("POSTHORN_SCHEMA_DIR", folder, 1) == 0);
    xml_setup();
    size_t seen = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        struct xml_rules *r = NULL;
        struct xml_findings f = {0};
        AUTO_ARENA a = {0};
        AUTO_BUF doc = BUF(MOST);
        CHECK_OK(xml_rules_new(rows[i].rules, &r, &e), e);
        if (sample_read(rows[i].file, &doc)) {
            ask(r, buf_text(&doc), false, &a, &f);
            CHECK_ROW(rows[i].file, f.count == (rows[i].broken != NULL));
            CHECK_ROW(rows[i].file, f.count == 0 || str_is(f.at[0].rule, rows[i].broken));
            seen++;
        }
        xml_rules_free(r);
    }
    if (seen == 0)
        skip();
}

CHECK_MAIN
