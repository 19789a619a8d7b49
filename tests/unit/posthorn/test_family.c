/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>

#include "posthorn/family.h"
#include "tests/check.h"

/* More messages than a page, most of them of one millisecond, and one family spread among them. */
enum { CROWD = 1300, BLOCKS = 3 };
static int64_t now_ms;

static int64_t fixed_now(void)
{
    return now_ms;
}

struct put {
    const char *kind, *id, *message_id, *as4_id;
};

static bool put_one(struct store_tx *tx, const struct put *p, struct error *e)
{
    AUTO_ARENA a = {0};
    struct attributes attributes = {.message_id = str_of(p->message_id),
                                    .as4_id = str_of(p->as4_id)};
    struct store_message m = {
        .id = str_of(p->id), .kind = str_of(p->kind), .state = STR(STATE_NOTED)};
    return attributes_write(&attributes, &a, &m.attributes, e) &&
           store_message_insert(tx, &m, "", e);
}

static bool put_crowd(struct store_tx *tx, void *ctx, struct error *e)
{
    (void)ctx;
    for (size_t i = 0; i < CROWD; i++) {
        struct uuid id = uuid_random(), other = uuid_random();
        struct put p = {KIND_SDK_OUT, id.text, id.text, other.text};
        if (!put_one(tx, &p, e))
            return false;
    }
    return true;
}

static bool put(struct store_tx *tx, void *ctx, struct error *e)
{
    return put_one(tx, ctx, e);
}

struct question {
    struct arena *a;
    const char *id;
    struct family family;
};

static bool ask(struct store_tx *tx, void *ctx, struct error *e)
{
    struct question *q = ctx;
    return family_read(tx, q->a, str_of(q->id), &q->family, e);
}

/* A message in the first block, its receipt in the second, an unknown receipt's message nowhere. */
static void fill(struct store *store)
{
    struct error e = {0};
    static const struct put family[BLOCKS] = {
        {KIND_SDK_OUT, "00000000-0000-7000-8000-000000000001",
         "00000000-0000-7000-8000-000000000001", "out@ap"},
        {KIND_RECEIPT_IN, "00000000-0000-7000-8000-000000000002",
         "00000000-0000-7000-8000-000000000001", "in@ap"},
        {KIND_RECEIPT_OUT, "00000000-0000-7000-8000-000000000003",
         "99999999-0000-4000-8000-000000000003", "alone@ap"},
    };
    for (size_t i = 0; i < BLOCKS; i++) {
        now_ms = 1800000000000 + (int64_t)i * 1000;
        CHECK_OK(store_do(store, put_crowd, NULL, &e), e);
        struct put p = family[i];
        CHECK_OK(store_do(store, put, &p, &e), e);
        CHECK_OK(store_do(store, put_crowd, NULL, &e), e);
    }
}

TEST(a_family_is_found_by_any_id_among_pages_of_one_moment)
{
    static const struct {
        const char *id;
        size_t members;
    } rows[] = {
        {"00000000-0000-7000-8000-000000000001", 2},
        {"00000000-0000-7000-8000-000000000002", 2},
        {"out@ap", 2},
        {"IN@AP", 2},
        {"alone@ap", 1},
        {"99999999-0000-4000-8000-000000000003", 1},
        {"ap", 0},
        {"00000000-0000-7000-8000-00000000000", 0},
        {"", 0},
    };
    struct error e = {0};
    char folder[] = "/tmp/posthorn-test-XXXXXX", command[64];
    int from, to;
    struct store *store = NULL;
    CHECK(mkdtemp(folder) != NULL);
    struct store_config config = {.folder = folder, .program = "test", .now_ms = fixed_now};
    CHECK_OK(store_migrate(&config, &from, &to, &e) && store_open(&config, &store, &e), e);
    fill(store);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        struct question q = {.a = &a, .id = rows[i].id};
        CHECK_ROW(rows[i].id, store_read(store, ask, &q, &e) == (rows[i].members > 0));
        CHECK_ROW(rows[i].id, q.family.member_count == rows[i].members);
        CHECK_ROW(rows[i].id, q.family.event_count == rows[i].members);
    }
    store_close(store);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    CHECK(system(command) == 0);
}

TEST(an_end_is_good_or_for_a_person_and_nothing_else_is_an_end)
{
    static const struct {
        const char *state;
        bool is_final, is_good;
    } rows[] = {
        {STATE_ACCEPTED, false, false},    {STATE_ADDRESSED, false, false},
        {STATE_SEALED, false, false},      {STATE_ANSWERED, false, false},
        {STATE_TRANSFERRED, false, false}, {STATE_DELIVERED, true, true},
        {STATE_REFUSED, true, false},      {STATE_UNANSWERED, true, false},
        {STATE_RECEIVED, false, false},    {STATE_VOUCHED, false, false},
        {STATE_INBOX, true, true},         {STATE_ACKNOWLEDGED, true, true},
        {STATE_NOTED, true, true},         {STATE_PARKED, true, false},
        {STATE_UPLOADED, true, true},      {"", false, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_ROW(rows[i].state, family_is_final(str_of(rows[i].state)) == rows[i].is_final);
        CHECK_ROW(rows[i].state, family_is_good(str_of(rows[i].state)) == rows[i].is_good);
    }
}

CHECK_MAIN
