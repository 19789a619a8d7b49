/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/cli.py */
/* posthorn inbox show ID: a letter on the terminal, its attachments into a folder. */
#include "posthorn/api_client.h"
#include "posthorn/command.h"
#include "posthorn/output.h"
#include "posthorn/upload.h"
#include "runtime/base/text.h"

enum { LETTER_MAX = 64 * 1024 * 1024 };

struct show_options {
    struct common_options common;
    struct api_options api;
    const char *out;
};

struct showing {
    const struct show_options *o;
    struct api_client *api;
    struct str path; /* of the letter: "/inbox-messages/..." */
    struct arena arena;
    size_t unsaved; /* attachments that failed */
};

static struct str safe(struct showing *s, const struct json *object, const char *name)
{
    return output_safe(&s->arena, api_text(object, name), false);
}

/* --- head and texts */

static void print_party(struct showing *s, const char *what, const struct json *party)
{
    struct str label = safe(s, party, "label");
    printf("%-13s %.*s  %.*s%s%.*s\n", what, STR_ARG(safe(s, party, "participant")),
           STR_ARG(safe(s, party, "address")), label.len > 0 ? "  " : "", STR_ARG(label));
}

static void print_head(struct showing *s, const struct json *root, const struct json *letter)
{
    bool confidential = false;
    const struct json *flag = json_member(letter, "confidential");
    if (flag != NULL)
        json_as_boolean(flag, &confidential);
    printf("%-13s %.*s%s\n", "Subject", STR_ARG(safe(s, letter, "subject")),
           confidential ? "   (confidential)" : "");
    print_party(s, "From", json_member(letter, "sender"));
    print_party(s, "To", json_member(letter, "recipient"));
    printf("%-13s %.*s   received %.*s   %.*s\n", "Sent", STR_ARG(safe(s, letter, "createdAt")),
           STR_ARG(safe(s, root, "receivedAt")), STR_ARG(safe(s, root, "status")));
    printf("%-13s %.*s\n", "Message", STR_ARG(safe(s, letter, "messageId")));
    printf("%-13s %.*s\n", "Conversation", STR_ARG(safe(s, letter, "conversationId")));
    if (api_text(letter, "replyTo").len > 0)
        printf("%-13s %.*s\n", "Reply to", STR_ARG(safe(s, letter, "replyTo")));
}

static void print_texts(struct showing *s, const struct json *document)
{
    const struct json *texts = json_member(document, "texts");
    if (api_text(document, "name").len > 0)
        printf("\n== %.*s\n", STR_ARG(safe(s, document, "name")));
    for (size_t i = 0; texts != NULL && i < json_count(texts); i++) {
        struct str text = STR_NONE;
        json_as_text(json_item(texts, i), &text);
        struct str shown = output_safe(&s->arena, text, true);
        putchar('\n');
        fwrite(shown.at, 1, shown.len, stdout);
        putchar('\n');
    }
}

/* --- attachments */

static void put_saved(struct str name, struct str sha256)
{
    struct output_line line;
    struct json_writer *w = output_open(&line);
    json_put_text(w, "file", name);
    json_put_text(w, "sha256", sha256);
    output_send(&line);
}

static void save(struct showing *s, const struct json *file)
{
    struct error e = {0};
    struct str name = STR_NONE;
    struct download d = {
        .path = arena_format(&s->arena, "%.*s/attachments/%.*s", STR_ARG(s->path),
                             STR_ARG(api_text(file, "attachmentId"))),
        .name = api_text(file, "fileName"),
        .sha256 = api_text(file, "digest"),
    };
    if (!download_file(s->api, &d, s->o->out, &s->arena, &name, &e)) {
        error_prefix(&e, "%.*s", STR_ARG(safe(s, file, "fileName")));
        output_failed("inbox show", &e);
        s->unsaved++;
    } else if (s->o->common.json) {
        put_saved(name, d.sha256);
    } else {
        printf("  saved as %s/%.*s\n", s->o->out, STR_ARG(name));
    }
}

static void show_file(struct showing *s, const struct json *file)
{
    int64_t size = 0;
    json_as_integer(json_member(file, "size"), &size);
    if (!s->o->common.json)
        printf("\n%.*s  %.*s  %.*s  %.*s\n  sha256 %.*s\n", STR_ARG(safe(s, file, "attachmentId")),
               STR_ARG(safe(s, file, "fileName")), STR_ARG(safe(s, file, "contentType")),
               STR_ARG(output_octets(&s->arena, (uint64_t)size)), STR_ARG(safe(s, file, "digest")));
    if (s->o->out != NULL)
        save(s, file);
}

static void show_document(struct showing *s, const struct json *document)
{
    const struct json *files = json_member(document, "attachments");
    if (!s->o->common.json)
        print_texts(s, document);
    for (size_t i = 0; files != NULL && i < json_count(files); i++)
        show_file(s, json_item(files, i));
}

/* --- the letter */

static bool show_letter(struct showing *s, struct error *e)
{
    AUTO_BUF body = BUF(LETTER_MAX);
    AUTO_JSON doc = {0};
    struct api_ask ask = {.method = "GET", .path = s->path, .tries = 3};
    if (!api_client_call(s->api, &ask, &body, e) || !json_read(buf_str(&body), &doc, e))
        return false;
    const struct json *letter = json_member(doc.root, "letter");
    if (letter == NULL)
        return error_set(e, ERROR_REJECT, "the API's answer holds no letter");
    if (s->o->common.json) { /* as the API gave it: one line */
        fwrite(body.at, 1, body.len, stdout);
        putchar('\n');
    } else {
        print_head(s, doc.root, letter);
    }
    const struct json *documents = json_member(letter, "documents");
    for (size_t i = 0; documents != NULL && i < json_count(documents); i++)
        show_document(s, json_item(documents, i));
    return true;
}

static int run(const struct show_options *o, const char *dir, const char *id)
{
    struct error e = {0};
    struct showing s = {.o = o};
    AUTO_API_CLIENT api = NULL;
    AUTO_BUF path = BUF(4096);
    if (!api_client_new(&o->api, dir, &api, &e))
        return output_cannot("inbox show", &e);
    s.api = api;
    bool ok = buf_add(&path, STR("/inbox-messages/"), &e) && percent_encode(&path, str_of(id), &e);
    s.path = buf_str(&path);
    ok = ok && show_letter(&s, &e);
    arena_release(&s.arena);
    if (!ok)
        return output_failed("inbox show", &e);
    return s.unsaved == 0 ? EXIT_GOOD : EXIT_FOUND;
}

int cmd_inbox_show(int argc, char **argv)
{
    static const struct argument options[] = {
        {"--out", ARGUMENT_TEXT, offsetof(struct show_options, out), "FOLDER",
         "save the attachments there, each checked by its SHA-256"},
        API_ARGUMENTS(struct show_options),
        COMMON_ARGUMENTS(struct show_options),
        {0}};
    static const struct arguments_form form = {
        "inbox show ID [DIR] [--out FOLDER]",
        "Prints a letter: who, when, what about, its texts and which attachments it has. With\n"
        "--out the attachments are saved; nothing is overwritten. With --json the letter as the\n"
        "API gives it, then one line for each file that was saved.",
        options, 1, 2};
    struct show_options o = {0};
    struct argument_list words = {0};
    int status;
    if (!arguments_read(&form, argc, argv, &o, &words, &status))
        return status;
    return run(&o, installation_dir(o.common.dir, words.at[1]), words.at[0]);
}
