/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_queue.sh */
/* posthorn queue retry | drop: a person's word about one message. */
#include <stdlib.h>

#include "accesspoint/flow.h"
#include "posthorn/arguments.h"
#include "posthorn/command.h"
#include "posthorn/family.h"
#include "posthorn/opening.h"
#include "posthorn/output.h"

enum { WHY_MAX = 400 };

struct change_options {
    struct common_options common;
    const char *why;
    bool force;
};

struct change {
    const struct change_options *o;
    struct str id;
    struct arena arena;
    char why[WHY_MAX + 100]; /* with who said so */
    struct str before;       /* state */
};

static void say_who(struct change *c, const char *why)
{
    const char *user = getenv("SUDO_USER");
    if (user == NULL)
        user = getenv("LOGNAME");
    snprintf(c->why, sizeof(c->why), "%.*s (by %.60s)", WHY_MAX, why,
             user == NULL ? "the command line" : user);
}

/* --- retry */

static bool retry(struct store_tx *tx, void *ctx, struct error *e)
{
    struct change *c = ctx;
    struct store_message m;
    if (!store_message_get(tx, &c->arena, c->id, &m, e))
        return false;
    c->before = m.state;
    if (str_is(m.state, STATE_PARKED))
        return store_message_unpark(tx, c->id, c->why, e);
    if (family_is_final(m.state))
        return error_set(e, ERROR_REJECT,
                         "its state is %.*s: nothing is left to be tried; what was sent can be "
                         "sent again as a new message",
                         STR_ARG(m.state));
    struct store_move move = {.to = arena_text(&c->arena, m.state), .why = c->why};
    return store_message_move(tx, &m, &move, e);
}

/* --- drop */

/* What is under way, or waits for its reader, is not thrown away by mistake. */
static bool drop(struct store_tx *tx, void *ctx, struct error *e)
{
    struct change *c = ctx;
    struct store_message m;
    if (!store_message_get(tx, &c->arena, c->id, &m, e))
        return false;
    c->before = m.state;
    bool is_kept = !family_is_final(m.state) || str_is(m.state, STATE_INBOX);
    if (is_kept && !c->o->force)
        return error_set(e, ERROR_REJECT,
                         "its state is %.*s: it would be lost; --force drops it all the same",
                         STR_ARG(m.state));
    return store_message_dispose(tx, c->id, c->why, e);
}

/* --- both */

static int done(const struct change *c, const char *what)
{
    if (c->o->common.json) {
        struct output_line line;
        struct json_writer *w = output_open(&line);
        json_put_text(w, "message", c->id);
        json_put_text(w, "done", str_of(what));
        json_put_text(w, "state_before", c->before);
        output_send(&line);
    } else {
        printf("%.*s %s; it was %.*s\n", STR_ARG(c->id), what, STR_ARG(c->before));
    }
    return EXIT_GOOD;
}

static int change(const struct opening *at, const struct change_options *o, const char *why,
                  store_fn *fn, const char *what)
{
    struct error e = {0};
    struct change c = {.o = o, .id = str_of(at->words.at[0])};
    say_who(&c, why);
    int status = store_do(at->store, fn, &c, &e) ? done(&c, what) : output_failed(at->command, &e);
    arena_release(&c.arena);
    return status;
}

int cmd_queue_retry(int argc, char **argv)
{
    static const struct argument options[] = {{"--why", ARGUMENT_TEXT,
                                               offsetof(struct change_options, why), "TEXT",
                                               "for the chain of events"},
                                              COMMON_ARGUMENTS(struct change_options),
                                              {0}};
    static const struct arguments_form form = {
        "queue retry ID [DIR]",
        "Lets a parked message go on from the state it was parked in; one that waits for its\n"
        "next attempt is tried now. The step is written into the chain of events.",
        options, 1, 2};
    struct change_options o = {0};
    AUTO_OPENING at = {0};
    int status;
    if (!opening_store(&at, &form, argc, argv, &o, &status))
        return status;
    return change(&at, &o, o.why == NULL ? "to be tried again" : o.why, retry, "is tried again");
}

int cmd_queue_drop(int argc, char **argv)
{
    static const struct argument options[] = {
        {"--why", ARGUMENT_TEXT, offsetof(struct change_options, why), "TEXT",
         "the reason, for the chain of events; it must be given"},
        {"--force", ARGUMENT_FLAG, offsetof(struct change_options, force), NULL,
         "also what is still under way or was not read"},
        COMMON_ARGUMENTS(struct change_options),
        {0}};
    static const struct arguments_form form = {
        "queue drop ID --why TEXT [DIR]",
        "Removes a message for ever: its content can never be read again, its events stay.",
        options, 1, 2};
    struct change_options o = {0};
    AUTO_OPENING at = {0};
    int status;
    if (!opening_store(&at, &form, argc, argv, &o, &status))
        return status;
    if (o.why == NULL || o.why[0] == '\0') {
        fputs("posthorn queue drop: --why TEXT is wanted: the reason stays in the log\n", stderr);
        return EXIT_CANNOT;
    }
    return change(&at, &o, o.why, drop, "is gone");
}
