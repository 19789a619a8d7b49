/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/cli.py */
/* posthorn inbox, inbox ack: what came in, through the running API. */
#include "posthorn/api_client.h"
#include "posthorn/command.h"
#include "posthorn/output.h"
#include "runtime/base/text.h"

enum { PAGE = 200, PAGES_MAX = 1000, ANSWER_MAX = 1024 * 1024 };

struct inbox_options {
    struct common_options common;
    struct api_options api;
    const char *mailbox;
    bool all;
};

struct listing {
    const struct inbox_options *o;
    struct api_client *api;
    size_t mailboxes, letters;
};

/* --- letters of one mailbox */

static void put_item(const struct json *item, struct str address)
{
    static const char *const names[] = {"inboxMessageId", "status",         "receivedAt",
                                        "messageId",      "conversationId", "replyTo"};
    struct output_line line;
    struct json_writer *w = output_open(&line);
    const struct json *sender = json_member(item, "sender");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (api_text(item, names[i]).len > 0)
            json_put_text(w, names[i], api_text(item, names[i]));
    json_put_text(w, "mailbox", address);
    json_put_text(w, "from", api_text(sender, "participant"));
    json_put_text(w, "fromAddress", api_text(sender, "address"));
    output_send(&line);
}

static void print_item(const struct json *item, struct str address)
{
    AUTO_ARENA a = {0};
    const struct json *sender = json_member(item, "sender");
    printf("%.*s  %.*s  %-12.*s  %.*s  %.*s -> %.*s\n",
           STR_ARG(output_safe(&a, api_text(item, "inboxMessageId"), false)),
           STR_ARG(output_safe(&a, api_text(item, "receivedAt"), false)),
           STR_ARG(output_safe(&a, api_text(item, "status"), false)),
           STR_ARG(output_safe(&a, api_text(sender, "participant"), false)),
           STR_ARG(output_safe(&a, api_text(sender, "address"), false)), STR_ARG(address));
}

static bool list_page(struct listing *l, struct str path, struct str address, size_t *got,
                      struct error *e)
{
    AUTO_JSON doc = {0};
    if (!api_client_get(l->api, path, &doc, e))
        return false;
    const struct json *letters = json_member(doc.root, "messages");
    *got = letters == NULL ? 0 : json_count(letters);
    for (size_t i = 0; i < *got; i++)
        if (l->o->common.json)
            put_item(json_item(letters, i), address);
        else
            print_item(json_item(letters, i), address);
    l->letters += *got;
    return true;
}

static bool list_mailbox(struct listing *l, const struct json *mailbox, struct error *e)
{
    AUTO_ARENA a = {0};
    struct str id = api_text(mailbox, "mailboxId"), address = api_text(mailbox, "address");
    size_t got = PAGE;
    l->mailboxes++;
    for (unsigned page = 1; got == PAGE && page < PAGES_MAX; page++) {
        struct str path = arena_format(&a, "/mailboxes/%.*s/messages?limit=%d&page=%u%s",
                                       STR_ARG(id), PAGE, page, l->o->all ? "" : "&status=new");
        if (!list_page(l, path, output_safe(&a, address, false), &got, e))
            return false;
    }
    return true;
}

static bool list_all(struct listing *l, struct error *e)
{
    size_t got = PAGE;
    for (unsigned page = 1; got == PAGE && page < PAGES_MAX; page++) {
        AUTO_ARENA a = {0};
        AUTO_JSON doc = {0};
        struct str path = arena_format(&a, "/mailboxes?limit=%d&page=%u", PAGE, page);
        if (!api_client_get(l->api, path, &doc, e))
            return false;
        const struct json *mailboxes = json_member(doc.root, "mailboxes");
        got = mailboxes == NULL ? 0 : json_count(mailboxes);
        for (size_t i = 0; i < got; i++) {
            const struct json *m = json_item(mailboxes, i);
            bool is_wanted = l->o->mailbox == NULL || str_is(api_text(m, "address"), l->o->mailbox);
            if (is_wanted && !list_mailbox(l, m, e))
                return false;
        }
    }
    if (l->mailboxes == 0)
        return error_set(e, ERROR_REJECT, "%s%s", "this token may read no mailbox",
                         l->o->mailbox == NULL ? "" : " of that address");
    return true;
}

int cmd_inbox(int argc, char **argv)
{
    static const struct argument options[] = {
        {"--mailbox", ARGUMENT_TEXT, offsetof(struct inbox_options, mailbox), "ADDRESS",
         "only this function address"},
        {"--all", ARGUMENT_FLAG, offsetof(struct inbox_options, all), NULL,
         "also what was acknowledged"},
        API_ARGUMENTS(struct inbox_options),
        COMMON_ARGUMENTS(struct inbox_options),
        {0}};
    static const struct arguments_form form = {
        "inbox [DIR]",
        "Lists what came in and was not acknowledged yet, oldest first: id, time, status, who\n"
        "sent it, function address. posthorn inbox show ID reads it, posthorn inbox ack ID takes\n"
        "it off the list.",
        options, 0, 1};
    struct inbox_options o = {0};
    struct argument_list words = {0};
    struct error e = {0};
    int status;
    if (!arguments_read(&form, argc, argv, &o, &words, &status))
        return status;
    AUTO_API_CLIENT api = NULL;
    if (!api_client_new(&o.api, installation_dir(o.common.dir, words.at[0]), &api, &e))
        return output_cannot("inbox", &e);
    struct listing l = {.o = &o, .api = api};
    if (!list_all(&l, &e))
        return output_failed("inbox", &e);
    if (l.letters == 0 && !o.common.json)
        puts("nothing new");
    return EXIT_GOOD;
}

/* --- ack */

int cmd_inbox_ack(int argc, char **argv)
{
    static const struct argument options[] = {
        API_ARGUMENTS(struct inbox_options), COMMON_ARGUMENTS(struct inbox_options), {0}};
    static const struct arguments_form form = {
        "inbox ack ID [DIR]",
        "Says that a letter and its attachments are safe elsewhere: it leaves the list of new\n"
        "ones and can still be read. Twice is the same as once.",
        options, 1, 2};
    struct inbox_options o = {0};
    struct argument_list words = {0};
    struct error e = {0};
    int status;
    if (!arguments_read(&form, argc, argv, &o, &words, &status))
        return status;
    AUTO_API_CLIENT api = NULL;
    AUTO_BUF path = BUF(4096);
    AUTO_BUF answer = BUF(ANSWER_MAX);
    if (!api_client_new(&o.api, installation_dir(o.common.dir, words.at[1]), &api, &e))
        return output_cannot("inbox ack", &e);
    if (!buf_add(&path, STR("/inbox-messages/"), &e) ||
        !percent_encode(&path, str_of(words.at[0]), &e) ||
        !buf_add(&path, STR("/acknowledgements"), &e))
        return output_failed("inbox ack", &e);
    struct api_ask ask = {.method = "POST", .path = buf_str(&path), .tries = 3};
    if (!api_client_call(api, &ask, &answer, &e))
        return output_failed("inbox ack", &e);
    if (o.common.json)
        printf("%.*s\n", (int)answer.len, answer.at);
    else
        printf("%s acknowledged\n", words.at[0]);
    return EXIT_GOOD;
}
