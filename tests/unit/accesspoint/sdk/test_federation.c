/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/sdk/federation.h"
#include "tests/unit/accesspoint/formats.h"

static const char *profile(struct arena *a, const char *name)
{
    return arena_text(
        a, arena_format(a, "%s/profiles/%s", formats_path(a, "POSTHORN_SCHEMA_DIR", ""), name));
}

TEST(the_profiles_of_the_tree_are_read)
{
    static const struct {
        const char *file, *id;
    } rows[] = {
        {"open-test.profile", "urn:fdc:digg.se:edelivery:federation:test"},
        {"sdk-qa.profile", "urn:fdc:digg.se:edelivery:federation:sdk"},
        {"sdk-prod.profile", "urn:fdc:digg.se:edelivery:federation:sdk"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        struct settings *owner = NULL;
        const struct federation *f;
        CHECK_OK(federation_read(profile(&a, rows[i].file), &owner, &f, &e), e);
        CHECK_STR(f->id, str_of(rows[i].id));
        CHECK_STR(f->process, STR("bdx:noprocess"));
        CHECK_STR(f->message_document,
                  STR("urn:riv:infrastructure:messaging:MessageWithAttachments:3::"
                      "messagePayload##3.0::tm-base-ext-sigenc"));
        CHECK(f->transport_profiles.count == 2 && f->content_types.count == 0);
        CHECK_STR(f->transport_profiles.at[0], STR("digg-transport-as4-v1_2"));
        CHECK(f->message_octets == 42000000 && f->send_octets == 22000000);
        CHECK(!f->gcm_accepted && f->duplicate_repeats_receipt);
        settings_free(owner);
    }
}

TEST(a_profile_without_a_federation_is_refused)
{
    struct error e = {0};
    struct settings *owner = NULL;
    const struct federation *f;
    CHECK(!federation_read("/nonexistent.profile", &owner, &f, &e));
    CHECK(!federation_read("/dev/null", &owner, &f, &e) && owner == NULL);
}

CHECK_MAIN
