/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* fill_store FOLDER: puts messages in all kinds of states into an empty store, for the tests of the
 * command line. Each has an id that says what it is; see `fixtures`. */
#include <stdio.h>

#include "accesspoint/attributes.h"
#include "runtime/store/store.h"

struct fixture {
    const char *id, *kind;
    const char *states[8]; /* after accepted or received */
    const char *why;       /* of the last */
    const char *message_id, *xhe_id, *as4_id;
};

/* clang-format off */
static const struct fixture fixtures[] = {
    {"00000000-0000-7000-8000-00000000000a", KIND_SDK_OUT, {STATE_ACCEPTED, STATE_ADDRESSED, STATE_SEALED, STATE_ANSWERED, STATE_TRANSFERRED, STATE_DELIVERED}, "ACCEPTED",
     "00000000-0000-7000-8000-00000000000a", NULL, "out-1@ap.kommun.example"},
    {"00000000-0000-7000-8000-00000000000b", KIND_RECEIPT_IN, {STATE_RECEIVED, STATE_VOUCHED, STATE_NOTED}, "",
     "00000000-0000-7000-8000-00000000000a", "11111111-0000-4000-8000-00000000000b", "in-1@ap.myndighet.example"},
    {"00000000-0000-7000-8000-00000000000c", KIND_SDK_IN, {STATE_RECEIVED, STATE_VOUCHED, STATE_INBOX}, "",
     "22222222-0000-4000-8000-00000000000c", "22222222-0000-4000-8000-00000000000c", "in-2@ap.myndighet.example"},
    {"00000000-0000-7000-8000-00000000000d", KIND_RECEIPT_OUT, {STATE_ACCEPTED, STATE_DELIVERED}, "",
     "22222222-0000-4000-8000-00000000000c", "33333333-0000-4000-8000-00000000000d", "out-2@ap.kommun.example"},
    {"00000000-0000-7000-8000-00000000000e", KIND_SDK_OUT, {STATE_ACCEPTED, STATE_REFUSED}, "the SMP does not know 0203:nobody.example \x1b[2J",
     "00000000-0000-7000-8000-00000000000e", NULL, NULL},
    {"00000000-0000-7000-8000-00000000000f", KIND_SDK_OUT, {STATE_ACCEPTED, STATE_ADDRESSED, "parked"}, "no answer for 24 h",
     "00000000-0000-7000-8000-00000000000f", NULL, NULL},
    {"00000000-0000-7000-8000-000000000010", KIND_SDK_OUT, {STATE_ACCEPTED}, "",
     "00000000-0000-7000-8000-000000000010", NULL, NULL},
    {"00000000-0000-7000-8000-000000000011", KIND_SDK_IN, {STATE_RECEIVED, STATE_NOTED}, "Sender signature not validated",
     NULL, "44444444-0000-4000-8000-000000000011", "in-3@ap.myndighet.example"},
    {"00000000-0000-7000-8000-000000000012", KIND_SDK_OUT, {STATE_ACCEPTED, STATE_ADDRESSED, STATE_SEALED, STATE_TRANSFERRED, STATE_UNANSWERED}, "no message receipt in time",
     "00000000-0000-7000-8000-000000000012", NULL, NULL},
};
/* clang-format on */

struct step {
    const struct fixture *f;
    size_t n;
    struct arena *arena;
};

static struct str attributes_of(const struct fixture *f, struct arena *a)
{
    struct error e = {0};
    struct attributes attributes = {
        .from = STR("0203:kommun.example"),
        .to = STR("0203:myndighet.example"),
        .message_id = str_of(f->message_id),
        .xhe_id = str_of(f->xhe_id),
        .as4_id = str_of(f->as4_id),
    };
    struct str json = STR_NONE;
    return attributes_write(&attributes, a, &json, &e) ? json : STR_NONE;
}

static bool insert(struct store_tx *tx, void *ctx, struct error *e)
{
    struct step *s = ctx;
    struct store_message m = {
        .id = str_of(s->f->id),
        .kind = str_of(s->f->kind),
        .state = str_of(s->f->states[0]),
        .attributes = attributes_of(s->f, s->arena),
    };
    return store_message_insert(tx, &m, "", e);
}

static bool go_on(struct store_tx *tx, void *ctx, struct error *e)
{
    struct step *s = ctx;
    struct store_message m;
    const char *to = s->f->states[s->n];
    bool is_last = s->f->states[s->n + 1] == NULL;
    struct store_move move = {
        .to = to, .due_ms = is_last ? INT64_MAX : 0, .why = is_last ? s->f->why : ""};
    if (!store_message_get(tx, s->arena, str_of(s->f->id), &m, e))
        return false;
    return str_is(str_of(to), STATE_PARKED) ? store_message_park(tx, &m, s->f->why, e)
                                            : store_message_move(tx, &m, &move, e);
}

static bool fill(struct store *store, const struct fixture *f, struct error *e)
{
    AUTO_ARENA a = {0};
    struct step s = {f, 0, &a};
    if (!store_do(store, insert, &s, e))
        return false;
    for (s.n = 1; f->states[s.n] != NULL; s.n++)
        if (!store_do(store, go_on, &s, e))
            return false;
    return true;
}

int main(int argc, char **argv)
{
    struct error e = {0};
    struct store *store = NULL;
    if (argc != 2)
        return 2;
    struct store_config config = {.folder = argv[1], .program = "accesspoint-test"};
    bool ok = store_open(&config, &store, &e);
    for (size_t i = 0; ok && i < sizeof(fixtures) / sizeof(fixtures[0]); i++)
        ok = fill(store, &fixtures[i], &e);
    if (store != NULL)
        store_close(store);
    if (!ok)
        fprintf(stderr, "fill_store: %s\n", e.text);
    return ok ? 0 : 1;
}
