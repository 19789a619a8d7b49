/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>
#include <unistd.h>

#include "accesspoint/as4/pmode.h"
#include "fixture.h"
#include "runtime/base/sys.h"

static void write_file(char *path, const char *text)
{
    struct error e = {0};
    AUTO_FD int fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_OK(sys_write_all(fd, str_of(text), &e), e);
}

static struct as4_pmode agreed(void)
{
    struct as4_pmode p = as4_pmode_any();
    p.from_id = STR("AP0001-OPEN-TEST");
    p.to_id = STR("AP0002-OPEN-TEST");
    p.service = STR("bdx:noprocess");
    p.service_type = STR("urn:process");
    p.actions[0] = STR("a::b##c&<\"d");
    p.action_count = 1;
    p.agreement = STR("urn:agreement");
    p.four_corner = true;
    return p;
}

TEST(a_message_fits_a_mode_or_is_told_why_not)
{
    static const struct {
        const char *row;
        size_t at; /* of a struct str in the message */
        struct str value;
        const char *code; /* NULL: fits */
    } rows[] = {
#define FIELD(f) offsetof(struct as4_user_message, f)
        {"as agreed", FIELD(ref_to_message_id), STR_INIT("x"), NULL},
        {"its agreement", FIELD(agreement), STR_INIT("urn:agreement"), NULL},
        {"another agreement", FIELD(agreement), STR_INIT("urn:other"), "EBMS:0001"},
        {"another sender", FIELD(from.id), STR_INIT("AP0009"), "EBMS:0001"},
        {"another receiver", FIELD(to.id), STR_INIT("AP0009"), "EBMS:0001"},
        {"another service", FIELD(service), STR_INIT("bdx:other"), "EBMS:0001"},
        {"another service type", FIELD(service_type), STR_INIT("urn:other"), "EBMS:0001"},
        {"another action", FIELD(action), STR_INIT("other"), "EBMS:0001"},
        {"another channel", FIELD(mpc), STR_INIT("urn:mpc"), "EBMS:0001"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        const struct as4_pmode *found = NULL;
        const struct as4_pmode mode = agreed();
        struct as4_user_message m = fixture_message();
        *(struct str *)(void *)((char *)&m + rows[i].at) = rows[i].value;
        bool fits = as4_pmode_match(&mode, 1, &m, &found, &e);
        CHECK_ROW(rows[i].row, fits == (rows[i].code == NULL));
        CHECK_ROW(rows[i].row, fits ? found == &mode : strcmp(e.code, rows[i].code) == 0);
    }
}

TEST(known_values_that_do_not_go_together_are_a_mismatch)
{
    struct error e = {0};
    const struct as4_pmode *found = NULL;
    struct as4_pmode modes[2] = {agreed(), agreed()};
    modes[0].from_id = STR("AP0008");
    modes[1].actions[0] = STR("other");
    struct as4_user_message m = fixture_message();
    CHECK(!as4_pmode_match(modes, 2, &m, &found, &e));
    CHECK_STR(str_of(e.code), STR("EBMS:0010"));
    CHECK(!as4_pmode_match(modes, 0, &m, &found, &e));
}

TEST(a_test_message_is_matched_by_parties_alone)
{
    struct error e = {0};
    const struct as4_pmode *found = NULL;
    const struct as4_pmode mode = agreed();
    struct as4_user_message m = fixture_message();
    m.service = STR(AS4_TEST_SERVICE);
    m.service_type = STR_NONE;
    m.action = STR(AS4_TEST_ACTION);
    m.property_count = 0;
    CHECK_OK(as4_pmode_match(&mode, 1, &m, &found, &e), e);
    m.from.id = STR("AP0009");
    CHECK(!as4_pmode_match(&mode, 1, &m, &found, &e));
}

TEST(the_four_corners_are_asked_for)
{
    struct error e = {0};
    const struct as4_pmode *found = NULL;
    const struct as4_pmode mode = agreed();
    struct as4_user_message m = fixture_message();
    m.property_count = 1;
    CHECK(!as4_pmode_match(&mode, 1, &m, &found, &e));
    CHECK_STR(str_of(e.code), STR("EBMS:0003"));
}

TEST(a_file_says_what_is_agreed)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct as4_pmode *modes;
    size_t count;
    char path[] = "/tmp/test_pmode.XXXXXX";
    write_file(path, "[pmode sdk]\nto = AP0002\nactions = one two\nencrypt = no\n"
                     "token-styles = bst\nlegacy = rsa-oaep-mgf1p rsa-sha384\n"
                     "party-is-common-name = yes\npayload-limit = 3M\n[pmode other]\n");
    CHECK_OK(as4_pmode_read(path, &a, &modes, &count, &e), e);
    CHECK(count == 2);
    CHECK_STR(modes[0].name, STR("sdk"));
    CHECK_STR(modes[0].to_id, STR("AP0002"));
    CHECK(modes[0].action_count == 2 && str_is(modes[0].actions[1], "two"));
    CHECK(!modes[0].encrypt && modes[0].party_is_common_name);
    CHECK(modes[0].styles == AS4_STYLE_BST);
    CHECK(modes[0].legacy == (AS4_LEGACY_OAEP_MGF1P | AS4_LEGACY_RSA_SHA384));
    CHECK(modes[0].payload_octets_max == 3 * 1024 * 1024);
    CHECK(modes[1].encrypt && modes[1].styles == AS4_STYLES_ALL && modes[1].legacy == 0);
    unlink(path);
}

TEST(a_file_with_unknown_words_is_refused)
{
    static const char *const rows[] = {
        "[pmode x]\nlegacy = rsa-1_5\n", "[pmode x]\ntoken-styles = thumbprint\n",
        "[pmode x]\nkey-bits-min = 1024\n", "[pmode x]\nodd = 1\n", ""};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        struct as4_pmode *modes;
        size_t count;
        char path[] = "/tmp/test_pmode.XXXXXX";
        write_file(path, rows[i]);
        CHECK_ROW(rows[i], !as4_pmode_read(path, &a, &modes, &count, &e));
        CHECK_ROW(rows[i], e.kind == ERROR_REJECT);
        unlink(path);
    }
}

CHECK_MAIN
