/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_queue.sh */
/* posthorn trace ID: every step of a message and of what belongs to it, in one order of time. */
#include <time.h>

#include "posthorn/arguments.h"
#include "posthorn/command.h"
#include "posthorn/family.h"
#include "posthorn/opening.h"
#include "posthorn/output.h"
#include "runtime/base/clock.h"

enum { LOOK_AGAIN_MS = 200, LONGEST_WAIT_S = 7 * 24 * 3600 };

struct trace_options {
    struct common_options common;
    bool follow;
    int64_t wait_s;
};

struct trace {
    const struct trace_options *o;
    struct str id;
    struct arena *arena; /* of the present look */
    struct family family;
    int64_t shown_seq; /* events up to this are printed */
    int64_t began_ms;
    size_t shown_members;
};

/* --- messages */

static void put_member(const struct family_member *m)
{
    struct output_line line;
    struct json_writer *w = output_open(&line);
    const struct attributes *a = &m->attributes;
    const struct {
        const char *name;
        struct str value;
    } fields[] = {{"message", m->message.id},
                  {"kind", m->message.kind},
                  {"state", m->message.state},
                  {"why", m->message.last_why},
                  {"from", a->from},
                  {"to", a->to},
                  {"sdk_message_id", a->message_id},
                  {"xhe_id", a->xhe_id},
                  {"as4_message_id", a->as4_id},
                  {"outcome", a->outcome}};
    json_put_text(w, "type", STR("message"));
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (fields[i].value.len > 0)
            json_put_text(w, fields[i].name, fields[i].value);
    json_put_integer(w, "attempts", m->message.attempts);
    output_send(&line);
}

static void print_member(struct arena *a, const struct family_member *m)
{
    printf("%-12.*s %.*s  %.*s -> %.*s\n", STR_ARG(m->message.kind), STR_ARG(m->message.id),
           STR_ARG(output_safe(a, m->attributes.from, false)),
           STR_ARG(output_safe(a, m->attributes.to, false)));
    if (m->attributes.as4_id.len > 0)
        printf("%-12s AS4 %.*s\n", "", STR_ARG(output_safe(a, m->attributes.as4_id, false)));
    if (m->attributes.xhe_id.len > 0)
        printf("%-12s XHE %.*s\n", "", STR_ARG(output_safe(a, m->attributes.xhe_id, false)));
}

static void show_members(struct trace *t)
{
    for (size_t i = t->shown_members; i < t->family.member_count; i++)
        if (t->o->common.json)
            put_member(&t->family.members[i]);
        else
            print_member(t->arena, &t->family.members[i]);
    if (!t->o->common.json && t->shown_members == 0)
        printf("\n%-23s %10s  %-12s %-20s %-13s %s\n", "time (UTC)", "+ms", "message", "program",
               "what", "why");
    t->shown_members = t->family.member_count;
}

/* --- events */

static struct str kind_of(const struct trace *t, struct str id)
{
    for (size_t i = 0; i < t->family.member_count; i++)
        if (str_equal(t->family.members[i].message.id, id))
            return t->family.members[i].message.kind;
    return STR("-");
}

static void put_event(const struct trace *t, const struct store_event *v)
{
    struct output_line line;
    struct json_writer *w = output_open(&line);
    json_put_text(w, "type", STR("event"));
    json_put_integer(w, "seq", v->seq);
    output_put_time(w, "time", v->time_ms);
    json_put_integer(w, "ms", v->time_ms - t->began_ms);
    json_put_text(w, "message", v->message);
    json_put_text(w, "kind", kind_of(t, v->message));
    json_put_text(w, "program", v->actor);
    json_put_text(w, "what", v->what);
    json_put_text(w, "why", v->why);
    output_send(&line);
}

static void print_event(const struct trace *t, const struct store_event *v)
{
    printf("%.*s %10lld  %-12.*s %-20.*s %-13.*s %.*s\n",
           STR_ARG(output_time(t->arena, v->time_ms)), (long long)(v->time_ms - t->began_ms),
           STR_ARG(kind_of(t, v->message)), STR_ARG(output_safe(t->arena, v->actor, false)),
           STR_ARG(output_safe(t->arena, v->what, false)),
           STR_ARG(output_safe(t->arena, v->why, false)));
    fflush(stdout);
}

static void show_events(struct trace *t)
{
    for (size_t i = 0; i < t->family.event_count; i++) {
        const struct store_event *v = &t->family.events[i];
        if (t->began_ms == 0)
            t->began_ms = v->time_ms;
        if (v->seq <= t->shown_seq)
            continue;
        t->shown_seq = v->seq;
        if (t->o->common.json)
            put_event(t, v);
        else
            print_event(t, v);
    }
}

/* --- one look, or many */

static bool look(struct store_tx *tx, void *ctx, struct error *e)
{
    struct trace *t = ctx;
    return family_read(tx, t->arena, t->id, &t->family, e);
}

static bool is_over(const struct family *f)
{
    for (size_t i = 0; i < f->member_count; i++)
        if (!family_is_final(f->members[i].message.state))
            return false;
    return true;
}

static bool is_good(const struct family *f)
{
    for (size_t i = 0; i < f->member_count; i++)
        if (!family_is_good(f->members[i].message.state))
            return false;
    return true;
}

static void sleep_ms(long ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static int follow(struct trace *t, struct store *store, struct error *e)
{
    int64_t wait_s = t->o->wait_s == 0 ? LONGEST_WAIT_S : t->o->wait_s;
    int64_t until_ms = clock_monotonic_ms() + wait_s * 1000;
    for (;;) {
        AUTO_ARENA a = {0};
        t->arena = &a;
        if (!store_read(store, look, t, e))
            return output_failed("trace", e);
        show_members(t);
        show_events(t);
        if (is_over(&t->family))
            return !t->o->follow || is_good(&t->family) ? EXIT_GOOD : EXIT_FOUND;
        if (!t->o->follow)
            return EXIT_GOOD;
        if (clock_monotonic_ms() > until_ms) {
            fputs("posthorn trace: it came to no end in time\n", stderr);
            return EXIT_FOUND;
        }
        sleep_ms(LOOK_AGAIN_MS);
    }
}

int cmd_trace(int argc, char **argv)
{
    static const struct argument options[] = {
        {"--follow", ARGUMENT_FLAG, offsetof(struct trace_options, follow), NULL,
         "wait for new steps until the message has come to an end"},
        {"--wait", ARGUMENT_NUMBER, offsetof(struct trace_options, wait_s), "SECONDS",
         "give up following after this time"},
        COMMON_ARGUMENTS(struct trace_options),
        {0}};
    static const struct arguments_form form = {
        "trace ID [DIR]",
        "Shows every step of a message: when, by which program, what and why; and of what belongs\n"
        "to it: its message receipt, or the message a receipt is for. ID is our own id, the SDK\n"
        "messageId, an AS4 MessageId or the id of a receipt's envelope. With --follow 1 means\n"
        "that it was refused, not answered, parked, or came to no end in time.",
        options, 1, 2};
    struct trace_options o = {0};
    AUTO_OPENING at = {0};
    struct error e = {0};
    int status;
    if (!opening_store(&at, &form, argc, argv, &o, &status))
        return status;
    struct trace t = {.o = &o, .id = str_of(at.words.at[0])};
    return follow(&t, at.store, &e);
}
