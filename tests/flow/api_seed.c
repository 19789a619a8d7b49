/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* api_seed - what other programs do, for the tests of the API alone.
 * usage: api_seed FOLDER KEY migrate
 *        api_seed FOLDER KEY inbox ADDRESS FILE        a letter with FILE as its attachment; prints its id
 *        api_seed FOLDER KEY move ID STATE WHY OUTCOME a sent message goes on; "-" for no outcome
 *        api_seed FOLDER KEY letter ID                 prints a sent message's letter as JSON */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "accesspoint/attributes.h"
#include "accesspoint/flow.h"
#include "accesspoint/letter.h"
#include "runtime/base/sys.h"
#include "runtime/base/text.h"
#include "runtime/store/store.h"

struct seed {
    struct arena arena;
    struct store *store;
    struct str address, file, id, state, outcome;
    const char *why;
    struct store_writer *writer;
    struct uuid uuid;
};

static bool letter_of(struct seed *s, struct buf *json, struct error *e)
{
    AUTO_BUF hex = BUF(64);
    struct sdk_text text = {.content = {.memory = STR("Hej!")}};
    struct sdk_file file = {.name = STR("svar på frågan.pdf"), .type = STR("application/pdf")};
    struct sdk_document document = {STR("D"), STR_NONE, STR_NONE, &file, 1, &text, 1};
    if (!hex_encode(&hex, str_bytes(store_writer_sha256(s->writer), 32), e))
        return false;
    struct letter_file f = {.target = &file,
                            .slot = STR("file-1"),
                            .octets = store_writer_octets(s->writer),
                            .sha256 = buf_str(&hex)};
    struct letter l = {.files = &f, .file_count = 1};
    l.message = (struct sdk_message){
        .created_ms = 1772359328000,
        .id = uuid_str(&s->uuid),
        .conversation = uuid_str(&s->uuid),
        .label = STR("Svar"),
        .confidential = true,
        .documents = &document,
        .document_count = 1,
    };
    l.message.sender.id.extension = STR("0203:myndighet.example");
    l.message.sender.attention.organization.extension = STR("sdk:inkorg:0203:myndighet.example");
    l.message.recipient.id.extension = STR("0203:kommun.example");
    l.message.recipient.attention.organization.extension = s->address;
    return letter_write(&l, json, e);
}

static bool insert(struct store_tx *tx, void *ctx, struct error *e)
{
    struct seed *s = ctx;
    AUTO_BUF json = BUF(64 * 1024);
    struct attributes a = {
        .from = STR("0203:myndighet.example"),
        .to = STR("0203:kommun.example"),
        .from_address = STR("sdk:inkorg:0203:myndighet.example"),
        .to_address = s->address,
        .message_id = uuid_str(&s->uuid),
        .conversation_id = uuid_str(&s->uuid),
    };
    struct store_message m = {.id = uuid_str(&s->uuid),
                              .kind = STR(KIND_SDK_IN),
                              .state = STR(STATE_INBOX),
                              .mailbox = s->address,
                              .due_ms = INT64_MAX};
    struct store_payload p = {
        .message = m.id, .slot = STR(SLOT_LETTER), .media_type = STR("application/json")};
    return letter_of(s, &json, e) && attributes_write(&a, &s->arena, &m.attributes, e) &&
           store_message_insert(tx, &m, "", e) && store_payload_put(tx, &p, buf_str(&json), e) &&
           store_payload_attach(tx, m.id, STR("file-1"), STR("application/pdf"), s->writer, e);
}

static bool run_inbox(struct seed *s, struct error *e)
{
    AUTO_FD int fd = open(s->file.at, O_RDONLY | O_CLOEXEC);
    uint64_t size;
    s->uuid = uuid_timed(store_now_ms(s->store));
    if (fd == -1)
        return error_errno(e, "%s", s->file.at);
    bool ok = sys_file_size(fd, &size, e) &&
              store_writer_new(s->store, false, UINT32_MAX, &s->writer, e) &&
              sink_from_file(store_writer_sink(s->writer), fd, 0, size, e) &&
              sink_finish(store_writer_sink(s->writer), e) && store_do(s->store, insert, s, e);
    store_writer_free(s->writer);
    if (ok)
        puts(s->uuid.text);
    return ok;
}

static bool move(struct store_tx *tx, void *ctx, struct error *e)
{
    struct seed *s = ctx;
    struct store_message m;
    struct attributes a = {0};
    struct store_move to = {.to = s->state.at, .due_ms = INT64_MAX, .why = s->why};
    if (!store_message_get(tx, &s->arena, s->id, &m, e) ||
        !attributes_read(m.attributes, &s->arena, &a, e))
        return false;
    if (!str_is(s->outcome, "-"))
        a.outcome = s->outcome;
    if (str_is(s->state, STATE_PARKED))
        return store_message_park(tx, &m, s->why, e);
    return attributes_write(&a, &s->arena, &to.attributes, e) && store_message_move(tx, &m, &to, e);
}

static bool run_letter(struct seed *s, struct error *e)
{
    static const struct federation any;
    AUTO_BUF packed = BUF(UINT32_MAX), json = BUF(UINT32_MAX);
    struct sink_buf into;
    struct letter letter;
    sink_buf_init(&into, &packed);
    return store_payload_read(s->store, s->id, STR(SLOT_LETTER), &into.sink, e) &&
           letter_unpack(buf_str(&packed), &any, &s->arena, &letter, e) &&
           letter_write(&letter, &json, e) && sys_write_all(STDOUT_FILENO, buf_str(&json), e);
}

static bool run(struct seed *s, int argc, char **argv, struct error *e)
{
    if (argc == 6 && str_is(str_of(argv[3]), "inbox")) {
        s->address = str_of(argv[4]);
        s->file = str_of(argv[5]);
        return run_inbox(s, e);
    }
    if (argc == 8 && str_is(str_of(argv[3]), "move")) {
        s->id = str_of(argv[4]);
        s->state = str_of(argv[5]);
        s->why = argv[6];
        s->outcome = str_of(argv[7]);
        return store_do(s->store, move, s, e);
    }
    if (argc == 5 && str_is(str_of(argv[3]), "letter")) {
        s->id = str_of(argv[4]);
        return run_letter(s, e);
    }
    return error_set(e, ERROR_REJECT, "wrong usage");
}

int main(int argc, char **argv)
{
    AUTO_SECRET key = {0};
    struct error e = {0};
    struct seed s = {0};
    int from, to;
    if (argc < 4 || !secret_read_key(&key, argv[2], 32, &e)) {
        fprintf(stderr, "api_seed: %s\n", argc < 4 ? "wrong usage" : e.text);
        return 2;
    }
    /* As packaging/demo/make-organisation: the other engine, where the environment says so. */
    struct store_config config = {.postgres = getenv("POSTHORN_POSTGRES"),
                                  .folder = argv[1],
                                  .program = "api_seed",
                                  .storage_key = secret_peek(&key)};
    bool ok = str_is(str_of(argv[3]), "migrate")
                  ? store_migrate(&config, &from, &to, &e)
                  : store_open(&config, &s.store, &e) && run(&s, argc, argv, &e);
    if (!ok)
        fprintf(stderr, "api_seed: %s\n", e.text);
    if (s.store != NULL)
        store_close(s.store);
    arena_release(&s.arena);
    return ok ? 0 : 1;
}
