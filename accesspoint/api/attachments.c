/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
/* Uploads: a file streams into the store as its octets arrive, and waits for its message. */
#include "accesspoint/api/api.h"
#include "accesspoint/api/fields.h"
#include "accesspoint/api/upload.h"
#include "accesspoint/attributes.h"
#include "accesspoint/flow.h"
#include "runtime/base/secret.h"
#include "runtime/log/log.h"

struct attachment {
    struct upload upload;
    struct uuid id;
    struct store_writer *writer;
    bool has_digest;
    unsigned char digest[32];
};

static void release(struct call *c)
{
    struct attachment *a = c->own;
    store_writer_free(a->writer);
}

static void put_attachment(struct call *c, struct json_writer *w, const struct upload *u)
{
    json_open_object(w, NULL);
    json_put_text(w, "attachmentId", u->id);
    if (u->name.len > 0)
        json_put_text(w, "fileName", u->name);
    json_put_text(w, "contentType", u->type);
    json_put_integer(w, "size", (int64_t)u->octets);
    json_put_text(w, "digest", u->sha256);
    json_put_text(w, "expiresAt", call_time(c, u->created_ms + UPLOAD_LIFE_MS));
    json_open_object(w, "_links");
    call_put_link(w, "self", call_url(c, "/attachments/%.*s", STR_ARG(u->id)), "self", "GET");
    json_close(w);
    json_close(w);
}

static void answer(struct call *c, unsigned status, const struct upload *u)
{
    AUTO_BUF body = BUF(CALL_BODY_MAX);
    struct error e = {0};
    struct json_writer w = json_writer_on(&body, &e);
    put_attachment(c, &w, u);
    if (json_done(&w))
        call_json(c, status, &body);
    else
        call_error(c, &e);
}

/* --- up */

static bool insert(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct attachment *a = c->own;
    struct attributes attributes = {.client = c->client->name};
    struct store_payload name = {
        .message = a->upload.id, .slot = STR(UPLOAD_NAME_SLOT), .media_type = STR("text/plain")};
    struct store_message m = {
        .id = a->upload.id,
        .kind = STR(KIND_UPLOAD),
        .state = STR(STATE_UPLOADED),
        .due_ms = INT64_MAX,
    };
    if (!attributes_write(&attributes, &c->arena, &m.attributes, e) ||
        !store_message_insert(tx, &m, "", e) ||
        !store_payload_attach(tx, m.id, STR(UPLOAD_SLOT), a->upload.type, a->writer, e) ||
        (a->upload.name.len > 0 && !store_payload_put(tx, &name, a->upload.name, e)))
        return false;
    return upload_get(tx, c, &a->upload, e);
}

static void answer_created(struct call *c, const struct error *fault)
{
    struct attachment *a = c->own;
    if (fault != NULL) {
        call_error(c, fault);
        return;
    }
    struct log_scope scope = {.fields = {KV_STR("msg", a->upload.id)}};
    log_info(&scope, "api.uploaded", KV_STR("client", c->client->name),
             KV_U64("octets", a->upload.octets));
    metric_add(c->api->uploaded, 1);
    call_add_field(c, "Location",
                   arena_format(&c->arena, API_BASE "/attachments/%.*s", STR_ARG(a->upload.id)));
    answer(c, 201, &a->upload);
}

static void on_body(void *ctx, struct http_request *r, const struct error *fault)
{
    struct call *c = ctx;
    struct attachment *a = c->own;
    (void)r;
    if (fault != NULL && fault->kind == ERROR_REJECT) {
        call_problem(c, PROBLEM_TOO_LARGE, STR_NONE);
        return;
    }
    if (fault != NULL) {
        call_error(c, fault);
        return;
    }
    if (store_writer_octets(a->writer) == 0) {
        call_refuse(c, PROBLEM_WRONG_FILE, "The file is empty; SDK carries no empty files.",
                    "Filen är tom; tomma filer kan inte sändas i SDK.");
        return;
    }
    if (a->has_digest && !secret_equal_octets(str_bytes(a->digest, 32),
                                              str_bytes(store_writer_sha256(a->writer), 32))) {
        call_refuse(c, PROBLEM_WRONG_FILE,
                    "The octets that came do not have the SHA-256 of Content-Digest; send the file "
                    "again.",
                    "Filen som kom fram har inte den SHA-256-summa som Content-Digest anger; sänd "
                    "den igen.");
        return;
    }
    call_write(c, insert, answer_created);
}

/* False: answered. */
static bool read_name_of(struct call *c, struct str disposition, struct str *name)
{
    switch (field_file_name(disposition, &c->arena, name)) {
    case FILE_NAME_GOOD:
        return true;
    case FILE_NAME_WRONG:
        call_refuse(c, PROBLEM_WRONG_FILE,
                    "The file name must be 1 to 255 characters without / and \\ and control "
                    "characters (also those that turn the direction of writing).",
                    "Filnamnet ska vara 1 till 255 tecken utan / och \\ och styrtecken (även de "
                    "som vänder skrivriktningen).");
        return false;
    case FILE_NAME_UNREADABLE:
    default:
        call_refuse(c, PROBLEM_BAD_REQUEST,
                    "Content-Disposition must be as attachment; filename=\"beslut.pdf\" or "
                    "attachment; filename*=UTF-8''beslut.pdf.",
                    "Content-Disposition ska vara som attachment; filename=\"beslut.pdf\" eller "
                    "attachment; filename*=UTF-8''beslut.pdf.");
        return false;
    }
}

/* A field that stands there twice is no value, and may not be taken for none. False: answered. */
static bool is_given_once(struct call *c, const char *field)
{
    if (http1_field_count(http_head(c->request), field) < 2)
        return true;
    call_refuse(c, PROBLEM_BAD_REQUEST, "%s must be given once.", "%s ska anges en gång.", field);
    return false;
}

/* False: answered. */
static bool read_head(struct call *c, struct attachment *a)
{
    struct http_request *r = c->request;
    struct str type = http_field(r, "content-type");
    struct str disposition = http1_field_of(http_head(r), "content-disposition");
    struct str digest = http1_field_of(http_head(r), "content-digest");
    type = str_trim(str_upto(type, str_find_char(type, ';')));
    if (!letter_media_type_is_sane(type)) {
        call_refuse(c, PROBLEM_TYPE,
                    "Content-Type must be the file's media type, as application/pdf.",
                    "Content-Type ska vara filens medietyp, som application/pdf.");
        return false;
    }
    if (str_equal_nocase(type, STR("multipart/form-data"))) {
        call_refuse(c, PROBLEM_TYPE,
                    "A file is sent as it is, as the whole body, with its own Content-Type (and "
                    "its name in Content-Disposition), not as a form.",
                    "En fil sänds som den är, som hela meddelandekroppen, med sin egen "
                    "Content-Type (och sitt namn i Content-Disposition), inte som ett formulär.");
        return false;
    }
    if (!is_given_once(c, "Content-Disposition") || !is_given_once(c, "Content-Digest"))
        return false;
    a->upload.type = arena_copy(&c->arena, type);
    a->has_digest = digest.at != NULL;
    if (disposition.at != NULL && !read_name_of(c, disposition, &a->upload.name))
        return false;
    if (!a->has_digest || field_content_digest(digest, a->digest))
        return true;
    call_refuse(c, PROBLEM_WRONG_FILE,
                "Content-Digest must be sha-256=:<base64 of 32 octets>: (RFC 9530).",
                "Content-Digest ska vara sha-256=:<base64 av 32 oktetter>: (RFC 9530).");
    return false;
}

void api_create_attachment(void *ctx, struct http_request *r)
{
    struct error e = {0};
    struct call *c = call_begin(ctx, r, NULL);
    if (c == NULL)
        return;
    struct attachment *a = arena_new(&c->arena, sizeof(*a));
    c->own = a;
    c->release = release;
    if (!read_head(c, a))
        return;
    a->id = uuid_random(); /* whoever knows it may send the file: not to be guessed */
    a->upload.id = uuid_str(&a->id);
    if (store_writer_new(c->api->store, false, (uint64_t)c->api->settings.api->attachment_octets,
                         &a->writer, &e))
        http_body_to_sink(r, store_writer_sink(a->writer), on_body, c);
    else
        call_error(c, &e);
}

/* --- look, take back */

static bool look(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct attachment *a = c->own;
    return upload_get(tx, c, &a->upload, e);
}

static bool dispose(struct store_tx *tx, void *ctx, struct error *e)
{
    struct call *c = ctx;
    struct attachment *a = c->own;
    if (!upload_get(tx, c, &a->upload, e))
        return false;
    return !a->upload.found || store_message_dispose(tx, a->upload.id, "taken back", e);
}

static bool is_there(struct call *c, const struct error *fault)
{
    const struct attachment *a = c->own;
    if (fault != NULL)
        call_error(c, fault);
    else if (!a->upload.found)
        call_problem(c, PROBLEM_NOT_FOUND, STR_NONE);
    else
        return true;
    return false;
}

static bool read_name(struct call *c, struct error *e)
{
    struct attachment *a = c->own;
    return upload_read_name(c, &a->upload, e);
}

static void answer_named(struct call *c, const struct error *fault)
{
    struct attachment *a = c->own;
    if (fault == NULL)
        answer(c, 200, &a->upload);
    else
        call_error(c, fault);
}

static void on_found(struct call *c, const struct error *fault)
{
    if (is_there(c, fault))
        call_block(c, read_name, answer_named);
}

static void answer_disposed(struct call *c, const struct error *fault)
{
    struct http_reply reply = {.status = 204};
    if (is_there(c, fault))
        call_reply(c, &reply);
}

/* NULL: answered. */
static struct call *begin_one(struct api *api, struct http_request *r)
{
    struct call *c = call_begin(api, r, NULL);
    if (c == NULL)
        return NULL;
    struct attachment *a = arena_new(&c->arena, sizeof(*a));
    c->own = a;
    a->upload.id = call_id(c, "attachmentId");
    return a->upload.id.len > 0 ? c : NULL;
}

void api_get_attachment(void *ctx, struct http_request *r)
{
    struct call *c = begin_one(ctx, r);
    if (c != NULL)
        call_read(c, look, on_found);
}

void api_delete_attachment(void *ctx, struct http_request *r)
{
    struct call *c = begin_one(ctx, r);
    if (c != NULL)
        call_write(c, dispose, answer_disposed);
}
