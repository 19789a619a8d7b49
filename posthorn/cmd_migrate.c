/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_queue.sh */
/* posthorn migrate: brings the store to this program's schema, or makes it. */
#include "posthorn/command.h"
#include "posthorn/opening.h"
#include "posthorn/output.h"

struct migrate_options {
    struct common_options common;
};

static int say(const struct migrate_options *o, int from, int to)
{
    if (o->common.json) {
        struct output_line line;
        struct json_writer *w = output_open(&line);
        json_put_integer(w, "from", from);
        json_put_integer(w, "to", to);
        output_send(&line);
    } else {
        printf("schema %d -> %d\n", from, to);
    }
    return EXIT_GOOD;
}

int cmd_migrate(int argc, char **argv)
{
    static const struct argument options[] = {COMMON_ARGUMENTS(struct migrate_options), {0}};
    static const struct arguments_form form = {
        "migrate [DIR]",
        "Makes the store of DIR/posthorn.conf, or brings it to the schema of this version. Safe\n"
        "to run again. Stop the programs first when it is a step between versions.",
        options, 0, 1};
    struct migrate_options o = {0};
    AUTO_OPENING at = {0};
    struct error e = {0};
    int status, from, to;
    if (!opening_settings(&at, &form, argc, argv, &o, &status))
        return status;
    struct store_config config = installation_store_config(&at.installation);
    return store_migrate(&config, &from, &to, &e) ? say(&o, from, to)
                                                  : output_failed(at.command, &e);
}
