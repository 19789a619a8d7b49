/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/cli.py */
/* posthorn send: a message through the running API, as any business system sends one. */
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "posthorn/api_client.h"
#include "posthorn/command.h"
#include "posthorn/output.h"
#include "posthorn/upload.h"
#include "runtime/base/clock.h"
#include "runtime/base/sys.h"
#include "runtime/base/uuid.h"

enum {
    READ_OCTETS = 64 * 1024,
    TEXT_MAX = 22 * 1000 * 1000, /* what an SDK message carries at most */
    MESSAGE_MAX = 64 * 1024 * 1024,
    LOOK_AGAIN_MS = 200,
    TRIES = 3,
};

struct send_options {
    struct common_options common;
    struct api_options api;
    const char *from, *to, *subject;
    struct argument_list texts, files;
    bool confidential, follow;
    int64_t wait_s;
};

struct sending {
    const struct send_options *o;
    struct api_client *api;
    struct arena arena;
    struct str uploads[ARGUMENT_LIST_MAX]; /* attachmentIds */
    struct str id;
    int64_t began_ms;
    size_t shown; /* events */
};

/* --- the message */

static bool read_standard_input(struct buf *out, struct error *e)
{
    for (;;) {
        char *room;
        size_t got;
        if (!buf_room(out, READ_OCTETS, &room, e))
            return error_prefix(e, "--text -");
        if (!sys_read_some(STDIN_FILENO, room, READ_OCTETS, &got, e))
            return false;
        buf_grew(out, got);
        if (got == 0)
            return true;
    }
}

static bool put_text(struct json_writer *w, const char *text, struct error *e)
{
    AUTO_BUF input = BUF(TEXT_MAX);
    if (!str_is(str_of(text), "-")) {
        json_put_text(w, NULL, str_of(text));
        return true;
    }
    if (!read_standard_input(&input, e))
        return false;
    if (!str_is_utf8(buf_str(&input)))
        return error_set(e, ERROR_REJECT, "--text -: the text is not UTF-8");
    json_put_text(w, NULL, buf_str(&input));
    return true;
}

static bool put_documents(const struct sending *s, struct json_writer *w, struct error *e)
{
    json_open_array(w, "documents");
    json_open_object(w, NULL);
    if (s->o->texts.count > 0) {
        json_open_array(w, "texts");
        for (size_t i = 0; i < s->o->texts.count; i++)
            if (!put_text(w, s->o->texts.at[i], e))
                return false;
        json_close(w);
    }
    if (s->o->files.count > 0) {
        json_open_array(w, "attachments");
        for (size_t i = 0; i < s->o->files.count; i++) {
            json_open_object(w, NULL);
            json_put_text(w, "attachmentId", s->uploads[i]);
            json_close(w);
        }
        json_close(w);
    }
    json_close(w);
    json_close(w);
    return true;
}

static bool write_message(const struct sending *s, struct buf *out, struct error *e)
{
    struct json_writer w = json_writer_on(out, e);
    struct str to = str_of(s->o->to);
    size_t slash = str_find_char(to, '/');
    json_open_object(&w, NULL);
    json_open_object(&w, "sender");
    json_put_text(&w, "address", str_of(s->o->from));
    json_close(&w);
    json_open_object(&w, "recipient");
    json_put_text(&w, "participant", str_upto(to, slash));
    json_put_text(&w, "address", str_from(to, slash + 1));
    json_close(&w);
    json_put_text(&w, "subject", str_of(s->o->subject));
    json_put_boolean(&w, "confidential", s->o->confidential);
    if (!put_documents(s, &w, e))
        return false;
    json_close(&w);
    return json_done(&w);
}

static bool post_message(struct sending *s, struct error *e)
{
    AUTO_BUF message = BUF(MESSAGE_MAX);
    AUTO_BUF answer = BUF(MESSAGE_MAX);
    AUTO_JSON doc = {0};
    struct uuid key = uuid_random(); /* the same for each try: never two messages */
    if (!write_message(s, &message, e))
        return false;
    struct api_ask ask = {
        .method = "POST",
        .path = STR("/messages"),
        .fields = {{STR("Content-Type"), STR("application/json")},
                   {STR("Idempotency-Key"), uuid_str(&key)}},
        .field_count = 2,
        .body = {.memory = buf_str(&message), .fd = -1, .length = message.len},
        .tries = TRIES,
    };
    if (!api_client_call(s->api, &ask, &answer, e) || !json_read(buf_str(&answer), &doc, e))
        return false;
    s->id = arena_copy(&s->arena, api_text(doc.root, "messageId"));
    return s->id.len > 0 || error_set(e, ERROR_REJECT, "the API's answer names no messageId");
}

static void say_sent(const struct sending *s)
{
    if (s->o->common.json) {
        struct output_line line;
        struct json_writer *w = output_open(&line);
        json_put_text(w, "type", STR("message"));
        json_put_text(w, "message", s->id);
        output_send(&line);
        return;
    }
    printf("%.*s\n", STR_ARG(s->id));
    fflush(stdout);
}

/* --- following it */

static void show_event(struct sending *s, const struct json *event)
{
    AUTO_ARENA a = {0};
    struct error ignored;
    int64_t at_ms = 0;
    struct str what = api_text(event, "event"), why = api_text(event, "detail");
    struct str when = api_text(event, "occurredAt");
    if (!clock_parse(when, &at_ms, NULL, &ignored))
        at_ms = s->began_ms;
    if (s->began_ms == 0)
        s->began_ms = at_ms;
    if (!s->o->common.json) {
        printf("%8lld ms  %-13.*s %.*s\n", (long long)(at_ms - s->began_ms), STR_ARG(what),
               STR_ARG(output_safe(&a, why, false)));
        fflush(stdout);
        return;
    }
    struct output_line line;
    struct json_writer *w = output_open(&line);
    json_put_text(w, "type", STR("event"));
    json_put_text(w, "what", what);
    json_put_text(w, "time", when);
    json_put_integer(w, "ms", at_ms - s->began_ms);
    json_put_text(w, "why", why);
    output_send(&line);
}

static bool show_new_events(struct sending *s, struct error *e)
{
    AUTO_JSON doc = {0};
    struct str path = arena_format(&s->arena, "/messages/%.*s/events", STR_ARG(s->id));
    if (!api_client_get(s->api, path, &doc, e))
        return false;
    const struct json *events = json_member(doc.root, "events");
    size_t count = events == NULL ? 0 : json_count(events);
    for (; s->shown < count; s->shown++)
        show_event(s, json_item(events, s->shown));
    return true;
}

static bool read_status(struct sending *s, struct arena *a, struct str *status, struct error *e)
{
    AUTO_JSON doc = {0};
    struct str path = arena_format(a, "/messages/%.*s", STR_ARG(s->id));
    if (!api_client_get(s->api, path, &doc, e))
        return false;
    *status = arena_copy(a, api_text(doc.root, "status"));
    return true;
}

static bool is_end(struct str status)
{
    return str_is(status, "delivered") || str_is(status, "refused") ||
           str_is(status, "unanswered") || str_is(status, "parked");
}

/* The status is asked for first, so that the events seen then are all that led to it. */
static int follow(struct sending *s, struct error *e)
{
    struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};
    int64_t wait_ms = s->o->wait_s == 0 ? INT64_MAX / 2 : s->o->wait_s * 1000;
    int64_t until_ms = clock_monotonic_ms() + wait_ms;
    for (;;) {
        AUTO_ARENA a = {0};
        struct str status = STR_NONE;
        if (!read_status(s, &a, &status, e) || !show_new_events(s, e))
            return output_failed("send", e);
        if (is_end(status))
            return str_is(status, "delivered") ? EXIT_GOOD : EXIT_FOUND;
        if (clock_monotonic_ms() > until_ms) {
            fprintf(stderr,
                    "posthorn send: taken, but not at its end in time; posthorn trace %.*s "
                    "shows more\n",
                    STR_ARG(s->id));
            return EXIT_FOUND;
        }
        nanosleep(&pause, NULL);
    }
}

/* --- arguments */

static bool check_options(const struct send_options *o, struct error *e)
{
    static const char wanted[] = "--from, --to, --subject and a --text or --file are wanted";
    if (o->from == NULL || o->to == NULL || o->subject == NULL ||
        o->texts.count + o->files.count == 0)
        return error_set(e, ERROR_REJECT, "%s", wanted);
    struct str to = str_of(o->to);
    size_t slash = str_find_char(to, '/');
    if (slash == 0 || slash + 1 >= to.len)
        return error_set(e, ERROR_REJECT,
                         "--to is PARTICIPANT/ADDRESS, as 0203:kommun.example/"
                         "sdk:inkorg:0203:kommun.example");
    if (o->files.count > 100)
        return error_set(e, ERROR_REJECT, "at most 100 files");
    return true;
}

static bool send_all(struct sending *s, struct error *e)
{
    for (size_t i = 0; i < s->o->files.count; i++)
        if (!upload_file(s->api, s->o->files.at[i], &s->arena, &s->uploads[i], e))
            return error_prefix(e, "%s", s->o->files.at[i]);
    return post_message(s, e);
}

static int run(const struct send_options *o, const char *dir)
{
    struct error e = {0};
    struct sending s = {.o = o};
    AUTO_API_CLIENT api = NULL;
    if (!api_client_new(&o->api, dir, &api, &e))
        return output_cannot("send", &e);
    s.api = api;
    int status = EXIT_GOOD;
    if (send_all(&s, &e))
        say_sent(&s);
    else
        status = output_failed("send", &e);
    if (status == EXIT_GOOD && o->follow)
        status = follow(&s, &e);
    arena_release(&s.arena);
    return status;
}

int cmd_send(int argc, char **argv)
{
    static const struct argument options[] = {
        {"--from", ARGUMENT_TEXT, offsetof(struct send_options, from), "ADDRESS",
         "own function address, as sdk:inkorg:0203:kommun.example"},
        {"--to", ARGUMENT_TEXT, offsetof(struct send_options, to), "ID/ADDRESS",
         "the recipient's participant id and function address"},
        {"--subject", ARGUMENT_TEXT, offsetof(struct send_options, subject), "TEXT",
         "what it is about; shown in lists"},
        {"--text", ARGUMENT_LIST, offsetof(struct send_options, texts), "TEXT",
         "the text, or - for standard input"},
        {"--file", ARGUMENT_LIST, offsetof(struct send_options, files), "FILE", "an attachment"},
        {"--confidential", ARGUMENT_FLAG, offsetof(struct send_options, confidential), NULL,
         "the sender thinks that secrecy applies"},
        {"--follow", ARGUMENT_FLAG, offsetof(struct send_options, follow), NULL,
         "show each step until the message has come to an end"},
        {"--wait", ARGUMENT_NUMBER, offsetof(struct send_options, wait_s), "SECONDS",
         "give up following after this time"},
        API_ARGUMENTS(struct send_options),
        COMMON_ARGUMENTS(struct send_options),
        {0}};
    static const struct arguments_form form = {
        "send [DIR] --from ADDRESS --to PARTICIPANT/ADDRESS --subject TEXT [--text TEXT|-]\n"
        "       [--file FILE]... [--confidential] [--follow]",
        "Sends a message through the running accesspoint-api and prints its id. It is stored when\n"
        "this returns; posthorn trace ID shows how far it has come, and so does --follow: then 1\n"
        "means that it was refused, not answered, parked, or came to no end in time.",
        options, 0, 1};
    struct send_options o = {0};
    struct argument_list words = {0};
    struct error e = {0};
    int status;
    if (!arguments_read(&form, argc, argv, &o, &words, &status))
        return status;
    if (!check_options(&o, &e))
        return output_cannot("send", &e);
    return run(&o, installation_dir(o.common.dir, words.at[0]));
}
