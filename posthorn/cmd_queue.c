/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_queue.sh */
/* posthorn queue: how many messages are where, and which of them need a person. */
#include "accesspoint/flow.h"
#include "posthorn/arguments.h"
#include "posthorn/command.h"
#include "posthorn/opening.h"
#include "posthorn/output.h"
#include "runtime/base/clock.h"

enum { PAGE = 500, LISTED = 100, NOTED_LOOKED_AT = 10000 };

struct queue_options {
    struct common_options common;
    const char *state, *kind;
    bool list;
    int64_t max;
};

struct queue {
    const struct queue_options *o;
    struct arena *arena;
    int64_t now_ms;
    struct store_list ask; /* one page */
    struct store_message *page;
    size_t got;
    uint64_t total;
    struct store_count *counts;
    size_t count;
};

/* parked, refused, unanswered: somebody must act or tell somebody. */
static bool needs_person(struct str state)
{
    return str_is(state, STATE_PARKED) || str_is(state, STATE_REFUSED) ||
           str_is(state, STATE_UNANSWERED);
}

/* A message that we refused, a receipt that fits nothing. */
static bool is_odd_note(const struct store_message *m)
{
    return str_is(m->state, STATE_NOTED) && m->last_why.len > 0;
}

static bool read_page(struct store_tx *tx, void *ctx, struct error *e)
{
    struct queue *q = ctx;
    return store_message_list(tx, q->arena, &q->ask, &q->page, &q->got, &q->total, e);
}

/* --- counts */

static bool read_counts(struct store_tx *tx, void *ctx, struct error *e)
{
    struct queue *q = ctx;
    return store_message_counts(tx, q->arena, &q->counts, &q->count, e);
}

static bool is_wanted(const struct queue_options *o, struct str kind, struct str state)
{
    return (o->kind == NULL || str_is(kind, o->kind)) &&
           (o->state == NULL || str_is(state, o->state));
}

struct odd_notes {
    uint64_t messages;
    int64_t oldest_ms;
};

static bool count_odd_notes(struct queue *q, struct store *store, struct odd_notes *out,
                            struct error *e)
{
    q->ask = (struct store_list){.state = STR(STATE_NOTED), .limit = PAGE, .newest_first = true};
    do {
        AUTO_ARENA scratch = {0};
        struct arena *kept = q->arena;
        q->arena = &scratch;
        bool ok = store_read(store, read_page, q, e);
        q->arena = kept;
        for (size_t i = 0; ok && i < q->got; i++)
            if (is_odd_note(&q->page[i]) && is_wanted(q->o, q->page[i].kind, STR(STATE_NOTED))) {
                out->messages++;
                out->oldest_ms = q->page[i].changed_ms;
            }
        if (!ok)
            return false;
        q->ask.offset += q->got;
    } while (q->got > 0 && q->ask.offset < q->total && q->ask.offset < NOTED_LOOKED_AT);
    return true;
}

static void show_count(const struct queue *q, const struct store_count *c, const char *note)
{
    if (q->o->common.json) {
        struct output_line line;
        struct json_writer *w = output_open(&line);
        json_put_text(w, "kind", c->kind);
        json_put_text(w, "state", c->state);
        json_put_integer(w, "messages", (int64_t)c->messages);
        output_put_time(w, "oldest", c->oldest_ms);
        json_put_integer(w, "oldest_age_s", (q->now_ms - c->oldest_ms) / 1000);
        json_put_boolean(w, "needs_person", note[0] != '\0');
        output_send(&line);
        return;
    }
    printf("%-12.*s %-14.*s %10llu  %-10.*s%s\n", STR_ARG(c->kind), STR_ARG(c->state),
           (unsigned long long)c->messages, STR_ARG(output_age(q->arena, q->now_ms - c->oldest_ms)),
           note);
}

static int show_counts(struct queue *q, struct store *store, struct error *e)
{
    struct odd_notes odd = {0};
    if (!store_read(store, read_counts, q, e) || !count_odd_notes(q, store, &odd, e))
        return output_failed("queue", e);
    if (!q->o->common.json)
        printf("%-12s %-14s %10s  %s\n", "kind", "state", "messages", "oldest");
    for (size_t i = 0; i < q->count; i++)
        if (is_wanted(q->o, q->counts[i].kind, q->counts[i].state))
            show_count(q, &q->counts[i],
                       needs_person(q->counts[i].state) ? "  <-- needs a person" : "");
    if (odd.messages > 0) {
        struct store_count c = {STR("any"), STR("noted, why"), odd.messages, odd.oldest_ms};
        show_count(q, &c, "  <-- refused by us, or a receipt that fits nothing");
    }
    return EXIT_GOOD;
}

/* --- list */

static void put_message(const struct store_message *m)
{
    struct output_line line;
    struct json_writer *w = output_open(&line);
    json_put_text(w, "message", m->id);
    json_put_text(w, "kind", m->kind);
    json_put_text(w, "state", m->state);
    output_put_time(w, "created", m->created_ms);
    output_put_time(w, "since", m->changed_ms);
    json_put_integer(w, "attempts", m->attempts);
    if (m->due_ms != INT64_MAX)
        output_put_time(w, "next_attempt", m->due_ms);
    if (m->owner.len > 0)
        json_put_text(w, "owner", m->owner);
    if (m->parked_from.len > 0)
        json_put_text(w, "parked_from", m->parked_from);
    json_put_text(w, "why", m->last_why);
    json_put_boolean(w, "needs_person", needs_person(m->state) || is_odd_note(m));
    output_send(&line);
}

static struct str next_attempt(const struct queue *q, const struct store_message *m)
{
    if (m->leased_until_ms > q->now_ms)
        return STR("now");
    if (m->due_ms == INT64_MAX || needs_person(m->state))
        return STR("-");
    if (m->due_ms <= q->now_ms)
        return STR("due");
    return arena_format(q->arena, "in %.*s", STR_ARG(output_age(q->arena, m->due_ms - q->now_ms)));
}

static void print_message(const struct queue *q, const struct store_message *m)
{
    struct str state = m->state;
    if (m->parked_from.len > 0)
        state = arena_format(q->arena, "%.*s (%.*s)", STR_ARG(m->state), STR_ARG(m->parked_from));
    printf("%.*s  %-12.*s %-20.*s %-9.*s %8u  %-10.*s %.*s\n", STR_ARG(m->id), STR_ARG(m->kind),
           STR_ARG(state), STR_ARG(output_age(q->arena, q->now_ms - m->changed_ms)), m->attempts,
           STR_ARG(next_attempt(q, m)), STR_ARG(output_safe(q->arena, m->last_why, false)));
}

/* Without --state what came to a good end is left out. */
static bool is_listed(const struct queue *q, const struct store_message *m)
{
    bool is_noted = str_is(m->state, STATE_NOTED);
    return q->o->state != NULL || !is_noted || is_odd_note(m);
}

static bool list_page(struct queue *q, struct store *store, int64_t *left, struct error *e)
{
    AUTO_ARENA scratch = {0};
    q->arena = &scratch;
    if (!store_read(store, read_page, q, e))
        return false;
    for (size_t i = 0; i<q->got && * left> 0; i++) {
        if (!is_listed(q, &q->page[i]))
            continue;
        (*left)--;
        if (q->o->common.json)
            put_message(&q->page[i]);
        else
            print_message(q, &q->page[i]);
    }
    q->ask.offset += q->got;
    return true;
}

static bool list_states(struct queue *q, struct store *store, const char *const *states, size_t n,
                        int64_t *left, struct error *e)
{
    q->ask = (struct store_list){.limit = PAGE, .states = states, .n_states = n};
    q->ask.kind = str_of(q->o->kind);
    do
        if (!list_page(q, store, left, e))
            return false;
    while (*left > 0 && q->got > 0 && q->ask.offset < q->total);
    return true;
}

static int show_list(struct queue *q, struct store *store, struct error *e)
{
    static const char *const person[] = {STATE_PARKED, STATE_REFUSED, STATE_UNANSWERED};
    static const char *const moving[] = {STATE_ACCEPTED, STATE_SEALED, STATE_TRANSFERRED,
                                         STATE_RECEIVED, STATE_VOUCHED};
    static const char *const noted[] = {STATE_NOTED};
    const char *given[] = {q->o->state};
    int64_t left = q->o->max == 0 ? LISTED : q->o->max;
    if (!q->o->common.json)
        printf("%-36s  %-12s %-20s %-9s %8s  %-10s %s\n", "message", "kind", "state", "since",
               "attempts", "next", "why");
    bool ok = q->o->state != NULL ? list_states(q, store, given, 1, &left, e)
                                  : list_states(q, store, person, 3, &left, e) &&
                                        list_states(q, store, moving, 5, &left, e) &&
                                        list_states(q, store, noted, 1, &left, e);
    if (ok && left == 0)
        fprintf(stderr, "posthorn queue: there may be more; --max N shows more\n");
    return ok ? EXIT_GOOD : output_failed("queue", e);
}

/* A word that no message can have would find nothing, as if all were well. */
static bool check_word(const char *option, const char *word, const char *known, struct error *e)
{
    struct str rest = str_of(known), one;
    while (word != NULL && str_next(&rest, '|', &one))
        if (str_is(one, word))
            return true;
    return word == NULL || error_set(e, ERROR_REJECT, "%s is one of %s", option, known);
}

static bool check_words(const struct queue_options *o, struct error *e)
{
    return check_word("--state", o->state,
                      STATE_ACCEPTED "|" STATE_SEALED "|" STATE_TRANSFERRED "|" STATE_DELIVERED
                                     "|" STATE_REFUSED "|" STATE_UNANSWERED "|" STATE_RECEIVED
                                     "|" STATE_VOUCHED "|" STATE_INBOX "|" STATE_ACKNOWLEDGED
                                     "|" STATE_NOTED "|" STATE_PARKED "|" STATE_UPLOADED,
                      e) &&
           check_word("--kind", o->kind,
                      KIND_SDK_OUT "|" KIND_RECEIPT_OUT "|" KIND_PING_OUT "|" KIND_SDK_IN
                                   "|" KIND_RECEIPT_IN "|" KIND_AS4_IN "|" KIND_UPLOAD,
                      e);
}

int cmd_queue(int argc, char **argv)
{
    static const struct argument options[] = {
        {"--list", ARGUMENT_FLAG, offsetof(struct queue_options, list), NULL,
         "each message, those that need a person first"},
        {"--state", ARGUMENT_TEXT, offsetof(struct queue_options, state), "STATE",
         "only this state"},
        {"--kind", ARGUMENT_TEXT, offsetof(struct queue_options, kind), "KIND",
         "only sdk-out, receipt-out, ping-out, sdk-in, receipt-in, as4-in or upload"},
        {"--max", ARGUMENT_NUMBER, offsetof(struct queue_options, max), "N",
         "how many to list, 100 where it is not given"},
        COMMON_ARGUMENTS(struct queue_options),
        {0}};
    static const struct arguments_form form = {
        "queue [DIR]",
        "Counts the messages of each kind in each state, with the age of the oldest, and marks\n"
        "what needs a person: parked (no program goes on by itself), refused, unanswered, and\n"
        "what came in and fits nothing. With --list each message with its attempts, the time of\n"
        "the next one and the reason. See also: posthorn queue retry, posthorn queue drop.",
        options, 0, 1};
    struct queue_options o = {0};
    AUTO_OPENING at = {0};
    AUTO_ARENA a = {0};
    struct error e = {0};
    int status;
    if (!opening_store(&at, &form, argc, argv, &o, &status))
        return status;
    if (!check_words(&o, &e))
        return output_cannot(at.command, &e);
    struct queue q = {.o = &o, .arena = &a, .now_ms = clock_now_ms()};
    return o.list ? show_list(&q, at.store, &e) : show_counts(&q, at.store, &e);
}
