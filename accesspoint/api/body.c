/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/api.sh */
/* The body of POST /messages: JSON alone, or form data with the JSON in part "message" and files that
 * stream into the store. */
#include "accesspoint/api/api.h"
#include "accesspoint/api/creation.h"
#include "accesspoint/api/fields.h"

static bool write_json(struct sink *s, struct str octets, struct error *e)
{
    struct creation_body *b = (struct creation_body *)s;
    if (!buf_add(&b->json, octets, e)) {
        b->json_too_large = true;
        return false;
    }
    return true;
}

/* Through the scanner's error to the caller, in its language. */
static bool refuse_part(const struct creation *n, struct error *e, const char *english,
                        const char *swedish)
{
    return error_set(e, ERROR_REJECT, "%s", n->call->swedish ? swedish : english);
}

static struct creation_part *add_part(struct creation *n, struct error *e)
{
    struct creation_body *b = &n->body;
    if (b->part_count == CREATION_PARTS_MAX) {
        error_set(e, ERROR_REJECT,
                  n->call->swedish ? "fler än %d filer i ett anrop"
                                   : "more than %d files in one request",
                  CREATION_PARTS_MAX);
        return NULL;
    }
    return &b->parts[b->part_count];
}

static bool has_part(const struct creation_body *b, struct str name)
{
    for (size_t i = 0; i < b->part_count; i++)
        if (str_equal(b->parts[i].name, name))
            return true;
    return false;
}

/* As the contract has it: a name that can stand in every header and pointer. */
static bool is_part_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!plain && c != '.' && c != '_' && c != '-')
            return false;
    }
    return name.len > 0 && name.len <= 100;
}

static bool begin_file(struct creation *n, const struct part_header *h, const struct media_type *d,
                       struct sink **sink, struct error *e)
{
    struct call *c = n->call;
    struct creation_part *p = add_part(n, e);
    if (p == NULL)
        return false;
    if (!is_part_name(d->name))
        return refuse_part(n, e,
                           "the name of a part must be 1 to 100 letters, digits, '.', '_' and '-'",
                           "namnet på en del ska vara 1 till 100 bokstäver (a-z), siffror, '.', '_' "
                           "och '-'");
    if (has_part(&n->body, d->name))
        return refuse_part(n, e, "two parts of the same name; each file needs its own",
                           "två delar med samma namn; varje fil behöver ett eget");
    struct str type = str_trim(str_upto(h->content_type, str_find_char(h->content_type, ';')));
    *p = (struct creation_part){
        .name = d->name,
        .file_name = arena_copy(&c->arena, d->filename),
        .type = letter_media_type_is_sane(type) ? arena_copy(&c->arena, type)
                                                : STR("application/octet-stream"),
    };
    if (!store_writer_new(c->api->store, false, (uint64_t)c->api->settings.api->attachment_octets,
                          &p->writer, e))
        return false;
    n->body.part_count++;
    *sink = store_writer_sink(p->writer);
    return true;
}

static bool begin_part(void *ctx, unsigned index, const struct part_header *h, struct sink **sink,
                       struct error *e)
{
    struct creation *n = ctx;
    struct media_type d = {0};
    (void)index;
    if (!media_type_read(h->disposition, &n->call->arena, &d, e))
        return error_prefix(e, "Content-Disposition of a part");
    if (!str_is(d.type, "form-data") || d.name.len == 0)
        return refuse_part(n, e, "each part needs Content-Disposition: form-data; name=\"...\"",
                           "varje del behöver Content-Disposition: form-data; name=\"...\"");
    if (!str_is(d.name, "message"))
        return begin_file(n, h, &d, sink, e);
    if (n->body.has_json)
        return refuse_part(n, e, "two parts named message", "två delar heter message");
    n->body.has_json = true;
    *sink = &n->body.sink;
    return true;
}

static struct sink *open_form(struct creation *n, struct str boundary)
{
    struct error e = {0};
    struct multipart_limits limits = {
        .parts = CREATION_PARTS_MAX + 1,
        .part_octets = (uint64_t)n->call->api->settings.api->attachment_octets,
    };
    struct multipart_events events = {.part = begin_part, .ctx = n};
    if (multipart_new(boundary, &limits, &events, &n->body.scanner, &e))
        return multipart_sink(n->body.scanner);
    call_error(n->call, &e);
    return NULL;
}

struct sink *creation_open_body(struct creation *n)
{
    struct call *c = n->call;
    struct error e = {0};
    struct media_type type = {0};
    uint64_t json_max = (uint64_t)c->api->settings.api->message_octets;
    n->body.sink.write = write_json;
    n->body.json = BUF(json_max);
    bool readable = media_type_read(http_field(c->request, "content-type"), &c->arena, &type, &e);
    if (readable && str_is(type.type, "multipart/form-data") && type.boundary.len > 0)
        return open_form(n, type.boundary);
    bool utf8 = type.charset.len == 0 || str_equal_nocase(type.charset, STR("utf-8"));
    if (!readable || !str_is(type.type, "application/json") || !utf8) {
        call_problem(c, PROBLEM_TYPE, STR_NONE);
        return NULL;
    }
    n->body.has_json = true;
    if (http_head(c->request)->content_length <= json_max)
        return &n->body.sink;
    call_refuse(c, PROBLEM_TOO_LARGE,
                "The JSON of a message may have %llu octets; upload files on their own.",
                "Meddelandets JSON får vara högst %llu oktetter; ladda upp filerna separat.",
                (unsigned long long)json_max);
    return NULL;
}

void creation_release(struct creation *n)
{
    multipart_free(n->body.scanner);
    buf_release(&n->body.json);
    for (size_t i = 0; i < n->body.part_count; i++)
        store_writer_free(n->body.parts[i].writer);
    store_writer_free(n->letter_writer);
}
