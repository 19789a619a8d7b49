/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
/* A message that was read: is it the client's to send, is all there, was it sent before; then one
 * transaction with everything in it, and 202 only when that is on disk (design.md 1, idea 1). */
#include "accesspoint/api/api.h"
#include "accesspoint/api/creation.h"
#include "accesspoint/api/view.h"
#include "accesspoint/attributes.h"
#include "accesspoint/flow.h"
#include "runtime/base/text.h"
#include "runtime/crypto/digest.h"
#include "runtime/log/log.h"

enum {
    KEY_LIFE_MS = 2 * 24 * 60 * 60 * 1000,
    LETTER_OVERHEAD = 1024 * 1024, /* names, sizes and digests of files */
};

static void start_store(struct creation *n);

/* --- whose, and what belongs together */

static void check_sender(struct creation *n)
{
    struct sdk_party *s = &n->letter.message.sender;
    if (s->id.extension.len > 0 && !str_equal_nocase(s->id.extension, n->mailbox->participant))
        letter_fault(&n->faults, &n->call->arena, STR("/sender/participant"), "mismatch",
                     "is not the participant of the sender address; leave it out",
                     "är inte avsändaradressens deltagare; utelämna den");
    s->id.extension = n->mailbox->participant; /* as the installation spells it */
    if (s->label.len == 0)
        s->label = n->mailbox->participant_name;
    if (s->attention.organization_label.len == 0)
        s->attention.organization_label = n->mailbox->name;
}

static struct creation_part *find_part(struct creation *n, struct str name)
{
    for (size_t i = 0; i < n->body.part_count; i++)
        if (str_equal(n->body.parts[i].name, name) && !n->body.parts[i].is_used)
            return &n->body.parts[i];
    return NULL;
}

static bool is_named_before(const struct creation *n, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (str_equal_nocase(n->letter.files[i].attachment_id,
                             n->letter.files[index].attachment_id))
            return true;
    return false;
}

static void bind_file(struct creation *n, size_t index)
{
    struct letter_file *f = &n->letter.files[index];
    if (f->part.len > 0) {
        n->parts[index] = find_part(n, f->part);
        if (n->parts[index] == NULL)
            letter_fault(&n->faults, &n->call->arena, f->pointer, "not-found",
                         "names no part of this request, or one that is used already",
                         "pekar inte ut någon del av anropet, eller en som redan används");
        else
            n->parts[index]->is_used = true;
        return;
    }
    n->uploads[index].id = f->attachment_id;
    if (is_named_before(n, index))
        letter_fault(&n->faults, &n->call->arena, f->pointer, "duplicate",
                     "names an upload that is named before; upload it twice, or refer to it once",
                     "pekar ut en fil som redan har pekats ut; ladda upp den två gånger eller "
                     "hänvisa till den bara en gång");
}

static void bind_files(struct creation *n)
{
    struct arena *a = &n->call->arena;
    n->uploads = arena_array(a, n->letter.file_count, sizeof(n->uploads[0]));
    n->parts = arena_array(a, n->letter.file_count, sizeof(struct creation_part *));
    for (size_t i = 0; i < n->letter.file_count; i++)
        bind_file(n, i);
    for (size_t i = 0; i < n->body.part_count; i++)
        if (!n->body.parts[i].is_used)
            letter_fault(&n->faults, a, STR("/documents"), "not-used",
                         "no attachment refers to part '%.*s' of this request",
                         "ingen bilaga hänvisar till anropets del '%.*s'",
                         STR_ARG(str_upto(n->body.parts[i].name, 100)));
}

/* --- the same again? */

static bool digest_content(struct creation *n, struct buf *hex, struct error *e)
{
    struct digest_value value = {0};
    AUTO_DIGEST_SINK d = {0};
    digest_sink_init(&d, DIGEST_SHA256, NULL);
    if (!sink_write(&d.sink, buf_str(&n->body.json), e))
        return false;
    for (size_t i = 0; i < n->body.part_count; i++) {
        const struct creation_part *p = &n->body.parts[i];
        if (!sink_write(&d.sink, p->name, e) ||
            !sink_write(&d.sink, str_bytes(store_writer_sha256(p->writer), 32), e))
            return false;
    }
    if (!sink_finish(&d.sink, e))
        return false;
    digest_sink_value(&d, &value);
    return hex_encode(hex, digest_str(&value), e);
}

static bool name_key(struct creation *n, struct error *e)
{
    struct arena *a = &n->call->arena;
    AUTO_BUF hex = BUF(128);
    if (!digest_content(n, &hex, e))
        return false;
    n->key_name = arena_format(a, "%.*s %.*s", STR_ARG(n->call->client->name), STR_ARG(n->key));
    n->body_name = arena_format(a, "%.*s %.*s", STR_ARG(n->key_name), STR_ARG(buf_str(&hex)));
    return true;
}

/* In the store: was this key used, and for this content? What are the uploads? */
static bool look_up(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct creation *n = c->own;
    struct str scope = STR(SCOPE_IDEMPOTENCY);
    struct str same = STR_NONE;
    if (!store_name_find(tx, &c->arena, scope, n->key_name, &n->existing, e))
        return false;
    if (n->existing.len > 0) {
        if (!store_name_find(tx, &c->arena, scope, n->body_name, &same, e))
            return false;
        n->same_content = str_equal(same, n->existing);
        return true;
    }
    for (size_t i = 0; i < n->letter.file_count; i++)
        if (n->parts[i] == NULL && !upload_get(tx, c, &n->uploads[i], e))
            return false;
    return true;
}

/* --- the letter */

static bool take_part(struct creation *n, struct letter_file *f, const struct creation_part *p,
                      struct error *e)
{
    AUTO_BUF hex = BUF(64);
    if (!hex_encode(&hex, str_bytes(store_writer_sha256(p->writer), 32), e))
        return false;
    f->octets = store_writer_octets(p->writer);
    f->sha256 = arena_copy(&n->call->arena, buf_str(&hex));
    if (f->target->type.len == 0)
        f->target->type = p->type;
    if (f->target->name.len == 0)
        f->target->name = p->file_name;
    return true;
}

static bool take_upload(struct creation *n, struct letter_file *f, struct upload *u,
                        struct error *e)
{
    if (f->target->name.len == 0 && !upload_read_name(n->call, u, e))
        return false;
    if (f->target->name.len == 0)
        f->target->name = u->name;
    if (f->target->type.len == 0)
        f->target->type = u->type;
    f->octets = u->octets;
    f->sha256 = u->sha256;
    return true;
}

static bool take_file(struct creation *n, size_t index, struct error *e)
{
    struct letter_file *f = &n->letter.files[index];
    f->slot = arena_format(&n->call->arena, SLOT_FILE, index + 1);
    if (n->parts[index] == NULL && !n->uploads[index].found) {
        letter_fault(&n->faults, &n->call->arena, f->pointer, "not-found",
                     "attachmentId names no upload of this client; uploads go away after a day "
                     "and with their message",
                     "attachmentId pekar inte ut någon fil som klienten har laddat upp; "
                     "uppladdade filer tas bort efter ett dygn och med sitt meddelande");
        return true;
    }
    bool ok = n->parts[index] != NULL ? take_part(n, f, n->parts[index], e)
                                      : take_upload(n, f, &n->uploads[index], e);
    if (!ok)
        return false;
    if (f->target->name.len == 0)
        letter_fault(&n->faults, &n->call->arena, f->pointer, "missing",
                     "needs a fileName, here or with the file",
                     "behöver fileName, här eller med filen");
    else if (!letter_file_name_is_sane(f->target->name))
        letter_fault(&n->faults, &n->call->arena, f->pointer, "form",
                     "the name that came with the file is no plain file name; give a fileName here",
                     "namnet som följde med filen är inget giltigt filnamn; ange fileName här");
    if (f->octets == 0)
        letter_fault(&n->faults, &n->call->arena, f->pointer, "empty", "SDK carries no empty files",
                     "filen är tom; tomma filer kan inte sändas i SDK");
    return true;
}

static uint64_t count_texts(const struct sdk_message *m)
{
    uint64_t octets = 0;
    for (size_t i = 0; i < m->document_count; i++)
        for (size_t j = 0; j < m->documents[i].text_count; j++)
            octets += m->documents[i].texts[j].content.memory.len;
    return octets;
}

static bool take_files(struct creation *n, struct error *e)
{
    uint64_t total = count_texts(&n->letter.message);
    uint64_t most = (uint64_t)n->call->api->federation->send_octets;
    for (size_t i = 0; i < n->letter.file_count; i++) {
        if (!take_file(n, i, e))
            return false;
        total += n->letter.files[i].octets;
    }
    if (total > most) /* spec/sdk.md 4.6 */
        letter_fault(&n->faults, &n->call->arena, STR("/documents"), "too-long",
                     "texts and attachments have %llu octets; at most %llu may be sent",
                     "texter och bilagor är tillsammans %llu oktetter; högst %llu får sändas",
                     (unsigned long long)total, (unsigned long long)most);
    return true;
}

static bool write_letter(struct creation *n, struct error *e)
{
    struct call *c = n->call;
    struct sdk_message *m = &n->letter.message;
    AUTO_BUF packed = BUF(2 * n->body.json.limit + LETTER_OVERHEAD);
    m->id = uuid_str(&n->id);
    m->created_ms = store_now_ms(c->api->store);
    if (m->conversation.len == 0)
        m->conversation = m->id;
    return letter_pack(&n->letter, &packed, e) &&
           store_writer_new(c->api->store, false, packed.limit, &n->letter_writer, e) &&
           sink_write(store_writer_sink(n->letter_writer), buf_str(&packed), e) &&
           sink_finish(store_writer_sink(n->letter_writer), e);
}

/* --- into the store: everything or nothing */

static bool put_name(struct store_tx *tx, struct creation *n, const char *scope, struct str name,
                     int64_t expires_ms, struct error *e)
{
    struct str existing;
    struct store_name row = {str_of(scope), name, uuid_str(&n->id), expires_ms};
    if (!store_name_put(tx, &n->call->arena, &row, &existing, e))
        return false;
    if (existing.len == 0)
        return true;
    n->existing = existing;
    return error_code(e, ERROR_RETRY, "api:raced", "a request with the same key was faster");
}

static bool put_message(struct store_tx *tx, struct creation *n, struct error *e)
{
    const struct sdk_message *m = &n->letter.message;
    struct attributes attributes = {
        .from = m->sender.id.extension,
        .to = m->recipient.id.extension,
        .from_address = m->sender.attention.organization.extension,
        .to_address = m->recipient.attention.organization.extension,
        .message_id = m->id,
        .conversation_id = m->conversation,
        .ref_id = m->ref_to,
        .client = n->call->client->name,
    };
    struct store_message row = {
        .id = m->id,
        .kind = STR(KIND_SDK_OUT),
        .state = STR(STATE_ACCEPTED),
        .mailbox = n->mailbox->address,
    };
    return attributes_write(&attributes, &n->call->arena, &row.attributes, e) &&
           store_message_insert(tx, &row, "", e);
}

static bool put_file(struct store_tx *tx, struct creation *n, size_t index, struct error *e)
{
    const struct letter_file *f = &n->letter.files[index];
    struct str id = uuid_str(&n->id);
    if (n->parts[index] != NULL)
        return store_payload_attach(tx, id, f->slot, f->target->type, n->parts[index]->writer, e);
    return store_payload_move(tx, n->uploads[index].id, STR(UPLOAD_SLOT), id, f->slot, e) &&
           store_message_dispose(tx, n->uploads[index].id, "went into its message", e);
}

static bool store_all(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct creation *n = c->own;
    int64_t until = store_now_ms(c->api->store) + KEY_LIFE_MS;
    n->existing = STR_NONE;
    if (!put_message(tx, n, e) || !put_name(tx, n, SCOPE_IDEMPOTENCY, n->key_name, until, e) ||
        !put_name(tx, n, SCOPE_IDEMPOTENCY, n->body_name, until, e) ||
        !put_name(tx, n, SCOPE_XHE_OUT, uuid_str(&n->id), 0, e) ||
        !store_payload_attach(tx, uuid_str(&n->id), STR(SLOT_LETTER),
                              STR("application/octet-stream"), n->letter_writer, e))
        return false;
    for (size_t i = 0; i < n->letter.file_count; i++)
        if (!put_file(tx, n, i, e))
            return false;
    return true;
}

/* --- the answer */

static void answer(struct call *c, struct str id, struct str conversation)
{
    AUTO_BUF body = BUF(CALL_BODY_MAX);
    struct error e = {0};
    struct json_writer w = json_writer_on(&body, &e);
    json_open_object(&w, NULL);
    json_put_text(&w, "messageId", id);
    json_put_text(&w, "conversationId", conversation);
    json_put_text(&w, "status", STR("accepted"));
    view_put_message_links(c, &w, id);
    json_close(&w);
    if (!json_done(&w)) {
        call_error(c, &e);
        return;
    }
    call_add_field(c, "Location", arena_format(&c->arena, API_BASE "/messages/%.*s", STR_ARG(id)));
    call_json(c, 202, &body);
}

/* In the store: what the first answer said. */
static bool recall(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct creation *n = c->own;
    struct store_message m;
    struct attributes a = {0};
    if (!store_message_get(tx, &c->arena, n->existing, &m, e) ||
        !attributes_read(m.attributes, &c->arena, &a, e))
        return false;
    n->letter.message.conversation = a.conversation_id;
    return true;
}

static void answer_again(struct call *c, const struct error *e)
{
    struct creation *n = c->own;
    if (e == NULL)
        answer(c, n->existing, n->letter.message.conversation);
    else
        call_error(c, e);
}

static void on_stored(struct call *c, const struct error *e)
{
    struct creation *n = c->own;
    if (e != NULL && e->code != NULL && str_is(str_of(e->code), "api:raced") && !n->tried_again) {
        n->tried_again = true;
        start_store(n); /* it finds the other's answer, or its other content */
        return;
    }
    if (e != NULL && e->code != NULL && str_is(str_of(e->code), "store:unknown")) {
        letter_fault(&n->faults, &c->arena, STR("/documents"), "not-found",
                     "an upload went away meanwhile; upload it again",
                     "en uppladdad fil togs bort under tiden; ladda upp den igen");
        call_faults(c, PROBLEM_WRONG_MESSAGE, &n->faults);
        return;
    }
    if (e != NULL) {
        call_error(c, e);
        return;
    }
    struct log_scope scope = {
        .fields = {KV_STR("msg", uuid_str(&n->id)), KV_STR("trace", trace_id(&c->trace))}};
    log_info(&scope, "api.accepted", KV_STR("client", c->client->name),
             KV_STR("to", n->letter.message.recipient.id.extension),
             KV_U64("files", n->letter.file_count));
    metric_add(c->api->accepted, 1);
    answer(c, uuid_str(&n->id), n->letter.message.conversation);
}

/* On a thread that may block: names of uploads are read, the letter is written. */
static bool prepare(struct call *c, struct error *e)
{
    struct creation *n = c->own;
    return take_files(n, e) && (n->faults.count > 0 || write_letter(n, e));
}

static void on_prepared(struct call *c, const struct error *fault)
{
    const struct creation *n = c->own;
    if (fault != NULL)
        call_error(c, fault);
    else if (n->faults.count > 0)
        call_faults(c, PROBLEM_WRONG_MESSAGE, &n->faults);
    else
        call_write(c, store_all, on_stored);
}

/* The store was asked: an old request, a wrong one, or one to store. */
static void on_looked_up(struct call *c, const struct error *fault)
{
    struct creation *n = c->own;
    if (fault != NULL) {
        call_error(c, fault);
        return;
    }
    if (n->existing.len > 0) {
        if (n->same_content)
            call_read(c, recall, answer_again);
        else
            call_problem(c, PROBLEM_KEY_REUSED, STR_NONE);
        return;
    }
    call_block(c, prepare, on_prepared);
}

static void start_store(struct creation *n)
{
    store_writer_free(n->letter_writer);
    n->letter_writer = NULL;
    n->id = uuid_timed(store_now_ms(n->call->api->store));
    call_read(n->call, look_up, on_looked_up);
}

void creation_accept(struct creation *n)
{
    struct call *c = n->call;
    struct error e = {0};
    struct letter *l = &n->letter;
    n->faults.swedish = c->swedish;
    if (!letter_read_new(buf_str(&n->body.json), c->api->federation, &c->arena, l, &n->faults,
                         &e)) {
        call_error(c, &e);
        return;
    }
    if (n->faults.count > 0) {
        call_faults(c, PROBLEM_WRONG_MESSAGE, &n->faults);
        return;
    }
    n->mailbox =
        client_mailbox_by_address(c->client, l->message.sender.attention.organization.extension);
    if (n->mailbox == NULL) {
        letter_fault(&n->faults, &c->arena, STR("/sender/address"), "not-yours",
                     "is not one of this client's function addresses; GET mailboxes lists them",
                     "är inte en av klientens funktionsadresser; GET mailboxes listar dem");
        call_faults(c, PROBLEM_NOT_YOURS, &n->faults);
        return;
    }
    check_sender(n);
    bind_files(n);
    if (n->faults.count > 0)
        call_faults(c, PROBLEM_WRONG_MESSAGE, &n->faults);
    else if (name_key(n, &e))
        start_store(n);
    else
        call_error(c, &e);
}
