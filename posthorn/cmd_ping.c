/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/cli.py */
/* posthorn ping PARTICIPANT: a message of the AS4 test service through the running programs, as any other:
 * a row in the store that accesspoint-work takes. It goes away again; its events stay. */
#include <time.h>

#include "accesspoint/attributes.h"
#include "accesspoint/letter.h"
#include "posthorn/command.h"
#include "posthorn/family.h"
#include "posthorn/opening.h"
#include "posthorn/output.h"
#include "runtime/base/clock.h"
#include "runtime/base/uuid.h"

enum { LOOK_AGAIN_MS = 20, WAIT_S = 30 };

struct ping_options {
    struct common_options common;
    int64_t wait_s;
};

struct ping {
    const struct ping_options *o;
    struct store *store;
    struct str from, participant;
    struct uuid id;
    int64_t began_ms; /* monotonic */
    /* of the present look */
    struct arena arena;
    struct store_message message;
    struct attributes attributes;
    struct store_event *events;
    size_t event_count, shown;
};

/* --- in the store */

static bool begin(struct store_tx *tx, void *ctx, struct error *e)
{
    struct ping *p = ctx;
    struct attributes attributes = {.from = p->from, .to = p->participant};
    struct store_message m = {
        .id = uuid_str(&p->id),
        .kind = STR(KIND_PING_OUT),
        .state = STR(STATE_ACCEPTED),
    };
    return attributes_write(&attributes, &p->arena, &m.attributes, e) &&
           store_message_insert(tx, &m, "", e);
}

static bool look(struct store_tx *tx, void *ctx, struct error *e)
{
    struct ping *p = ctx;
    struct str id = uuid_str(&p->id);
    return store_message_get(tx, &p->arena, id, &p->message, e) &&
           attributes_read(p->message.attributes, &p->arena, &p->attributes, e) &&
           store_event_list(tx, &p->arena, id, &p->events, &p->event_count, e);
}

static bool end(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct ping *p = ctx;
    return store_message_dispose(tx, uuid_str(&p->id), "pinged", e);
}

/* --- what is seen */

static void show_steps(struct ping *p)
{
    for (; !p->o->common.json && p->shown < p->event_count; p->shown++) {
        const struct store_event *v = &p->events[p->shown];
        printf("%7lld ms  %-10.*s %.*s\n", (long long)(v->time_ms - p->events[0].time_ms),
               STR_ARG(output_safe(&p->arena, v->what, false)),
               STR_ARG(output_safe(&p->arena, v->why, false)));
        fflush(stdout);
    }
}

static void put_verdict(const struct ping *p, bool good, struct str why)
{
    struct output_line line;
    struct json_writer *w = output_open(&line);
    const struct attributes *a = &p->attributes;
    json_put_text(w, "participant", p->participant);
    json_put_boolean(w, "answers", good);
    json_put_text(w, "state", p->message.state);
    if (a->to_party.len > 0)
        json_put_text(w, "party", a->to_party);
    if (a->endpoint.len > 0)
        json_put_text(w, "endpoint", a->endpoint);
    if (a->as4_id.len > 0)
        json_put_text(w, "as4_message_id", a->as4_id);
    json_put_integer(w, "ms", clock_monotonic_ms() - p->began_ms);
    if (why.len > 0)
        json_put_text(w, "why", why);
    output_send(&line);
}

static void print_verdict(struct ping *p, bool good, struct str why)
{
    struct arena *a = &p->arena;
    if (good)
        printf("%.*s answers: %.*s at %.*s gave a signed receipt\n", STR_ARG(p->participant),
               STR_ARG(output_safe(a, p->attributes.to_party, false)),
               STR_ARG(output_safe(a, p->attributes.endpoint, false)));
    else
        printf("%.*s does not answer: %.*s\n", STR_ARG(p->participant),
               STR_ARG(output_safe(a, why, false)));
}

static int say(struct ping *p)
{
    bool good = str_is(p->message.state, STATE_DELIVERED);
    bool is_over = family_is_final(p->message.state) || str_is(p->message.state, STATE_PARKED);
    struct str why = is_over ? p->message.last_why
                             : arena_format(&p->arena,
                                            "it is still %.*s; do accesspoint-work and "
                                            "accesspoint-send run?",
                                            STR_ARG(p->message.state));
    if (p->o->common.json)
        put_verdict(p, good, good ? STR("") : why);
    else
        print_verdict(p, good, why);
    return good ? EXIT_GOOD : EXIT_FOUND;
}

/* --- the command */

/* In whose name: some access points refuse a message without its corners, even a test. */
static struct str our_participant(const struct installation *i)
{
    const struct participant_section *first = settings_nth(i->all, "participant", 0);
    return first == NULL ? STR_NONE : first->id;
}

static bool wait_for_end(struct ping *p, struct error *e)
{
    int64_t wait_s = p->o->wait_s == 0 ? WAIT_S : p->o->wait_s;
    const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};
    for (;;) {
        arena_release(&p->arena);
        if (!store_read(p->store, look, p, e))
            return false;
        show_steps(p);
        if (family_is_final(p->message.state) || str_is(p->message.state, STATE_PARKED) ||
            clock_monotonic_ms() - p->began_ms > wait_s * 1000)
            return true;
        nanosleep(&pause, NULL);
    }
}

static int ping(struct ping *p, const char *command)
{
    struct error e = {0};
    p->id = uuid_timed(store_now_ms(p->store));
    p->began_ms = clock_monotonic_ms();
    if (!store_do(p->store, begin, p, &e))
        return output_cannot(command, &e);
    bool ok = wait_for_end(p, &e);
    int status = ok ? say(p) : output_cannot(command, &e);
    struct error unended = {0};
    if (!store_do(p->store, end, p, &unended))
        output_failed(command, &unended);
    arena_release(&p->arena);
    return status;
}

int cmd_ping(int argc, char **argv)
{
    static const struct argument options[] = {{"--wait", ARGUMENT_NUMBER,
                                               offsetof(struct ping_options, wait_s), "SECONDS",
                                               "give up after this time, 30 where it is not given"},
                                              COMMON_ARGUMENTS(struct ping_options),
                                              {0}};
    static const struct arguments_form form = {
        "ping PARTICIPANT [DIR]",
        "Asks a participant's access point whether it is there, through the running programs: its\n"
        "entry in the directory (SMP) is verified, a message of the AS4 test service is signed\n"
        "and pushed, and its receipt must be signed by whom the directory names. The other side\n"
        "delivers it to nobody. One attempt. 1: some step failed, and why; its events stay.",
        options, 1, 2};
    struct ping_options o = {0};
    AUTO_OPENING at = {0};
    int status;
    if (!opening_store(&at, &form, argc, argv, &o, &status))
        return status;
    struct ping p = {.o = &o,
                     .store = at.store,
                     .from = our_participant(&at.installation),
                     .participant = str_of(at.words.at[0])};
    if (letter_participant_is_sane(p.participant) && p.from.len > 0)
        return ping(&p, at.command);
    if (p.from.len == 0) {
        fputs("posthorn ping: posthorn.conf has no [participant ...] in whose name to ask\n",
              stderr);
        return EXIT_CANNOT;
    }
    fputs("posthorn ping: PARTICIPANT is 0203: and a domain name, 0007: and 10 digits, or 0088: "
          "and 13 digits\n",
          stderr);
    return EXIT_CANNOT;
}
