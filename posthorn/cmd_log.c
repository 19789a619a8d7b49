/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_queue.sh */
/* posthorn log verify | show: the chain of events. */
#include "posthorn/command.h"
#include "posthorn/opening.h"
#include "posthorn/output.h"

enum { PAGE = 500, SHOWN = 1000 };

struct log_options {
    struct common_options common;
    int64_t after, max;
};

/* --- verify */

struct verdict {
    uint64_t checked;
    int64_t bad_seq;
};

static bool verify(struct store_tx *tx, void *ctx, struct error *e)
{
    struct verdict *v = ctx;
    return store_event_verify(tx, &v->checked, &v->bad_seq, e);
}

static int say_verdict(const struct log_options *o, const struct verdict *v, bool holds,
                       const struct error *e)
{
    if (o->common.json) {
        struct output_line line;
        struct json_writer *w = output_open(&line);
        json_put_boolean(w, "holds", holds);
        json_put_integer(w, "checked", (int64_t)v->checked);
        if (!holds) {
            json_put_integer(w, "bad_seq", v->bad_seq);
            json_put_text(w, "why", str_of(e->text));
        }
        output_send(&line);
    } else if (holds) {
        printf("%llu events; the chain holds\n", (unsigned long long)v->checked);
    } else {
        printf("the chain is broken at event %lld: %s\n", (long long)v->bad_seq, e->text);
    }
    return holds ? EXIT_GOOD : EXIT_FOUND;
}

int cmd_log_verify(int argc, char **argv)
{
    static const struct argument options[] = {COMMON_ARGUMENTS(struct log_options), {0}};
    static const struct arguments_form form = {
        "log verify [DIR]",
        "Walks the chain of events from the first to the last: each holds the hash of the one\n"
        "before it. 1: one was changed, removed or put in; its number is shown.",
        options, 0, 1};
    struct log_options o = {0};
    AUTO_OPENING at = {0};
    struct error e = {0};
    struct verdict v = {0};
    int status;
    if (!opening_store(&at, &form, argc, argv, &o, &status))
        return status;
    bool holds = store_read(at.store, verify, &v, &e);
    if (!holds && e.kind != ERROR_DENY)
        return output_cannot(at.command, &e);
    return say_verdict(&o, &v, holds, &e);
}

/* --- show */

struct page {
    const struct log_options *o;
    struct arena arena;
    int64_t after;
    size_t want;
    struct store_event *events;
    size_t got;
};

static bool read_page(struct store_tx *tx, void *ctx, struct error *e)
{
    struct page *p = ctx;
    return store_event_feed(tx, &p->arena, p->after, p->want, &p->events, &p->got, e);
}

static void put_event(const struct store_event *v)
{
    struct output_line line;
    struct json_writer *w = output_open(&line);
    json_put_integer(w, "seq", v->seq);
    output_put_time(w, "time", v->time_ms);
    json_put_text(w, "message", v->message);
    json_put_text(w, "program", v->actor);
    json_put_text(w, "what", v->what);
    json_put_text(w, "why", v->why);
    output_send(&line);
}

static void print_event(struct arena *a, const struct store_event *v)
{
    printf("%8lld  %.*s  %-36.*s  %-20.*s %-13.*s %.*s\n", (long long)v->seq,
           STR_ARG(output_time(a, v->time_ms)), STR_ARG(v->message),
           STR_ARG(output_safe(a, v->actor, false)), STR_ARG(output_safe(a, v->what, false)),
           STR_ARG(output_safe(a, v->why, false)));
}

static bool show_page(struct page *p, struct store *store, struct error *e)
{
    p->arena = (struct arena){0};
    bool ok = store_read(store, read_page, p, e);
    for (size_t i = 0; ok && i < p->got; i++) {
        if (p->o->common.json)
            put_event(&p->events[i]);
        else
            print_event(&p->arena, &p->events[i]);
        p->after = p->events[i].seq;
    }
    arena_release(&p->arena);
    return ok;
}

static int show(const struct log_options *o, struct store *store, struct error *e)
{
    struct page p = {.o = o, .after = o->after};
    int64_t left = o->max == 0 ? SHOWN : o->max;
    while (left > 0) {
        p.want = left > PAGE ? PAGE : (size_t)left;
        if (!show_page(&p, store, e))
            return output_failed("log show", e);
        if (p.got < p.want)
            break;
        left -= (int64_t)p.got;
    }
    return EXIT_GOOD;
}

int cmd_log_show(int argc, char **argv)
{
    static const struct argument options[] = {
        {"--after", ARGUMENT_NUMBER, offsetof(struct log_options, after), "SEQ",
         "only events behind this number"},
        {"--max", ARGUMENT_NUMBER, offsetof(struct log_options, max), "N",
         "how many, 1000 where it is not given"},
        COMMON_ARGUMENTS(struct log_options),
        {0}};
    static const struct arguments_form form = {
        "log show [DIR]",
        "Shows the events of all messages in their order: number, time, message, program, what\n"
        "and why. They hold no content of messages.",
        options, 0, 1};
    struct log_options o = {0};
    AUTO_OPENING at = {0};
    struct error e = {0};
    int status;
    return opening_store(&at, &form, argc, argv, &o, &status) ? show(&o, at.store, &e) : status;
}
