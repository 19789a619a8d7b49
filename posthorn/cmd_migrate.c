/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
/* posthorn migrate: brings the store to this program's schema, or makes it. */
#include <stdio.h>

#include "accesspoint/settings.h"
#include "posthorn/command.h"
#include "runtime/store/store.h"

static void print_help(void)
{
    puts(
        "usage: posthorn migrate DIR\n\n"
        "Makes the store of DIR/posthorn.conf, or brings it to the schema of this version. Safe to\n"
        "run again. Stop the programs first when it is a step between versions.");
}

static int failed(const struct error *e)
{
    fprintf(stderr, "posthorn migrate: %s\n", e->text);
    return EXIT_FOUND;
}

int cmd_migrate(int argc, char **argv)
{
    struct error e = {0};
    struct settings *all = NULL;
    struct accesspoint_settings s;
    char path[1024];
    if (argc != 2 || str_is(str_of(argv[1]), "--help")) {
        print_help();
        return argc == 2 ? EXIT_GOOD : EXIT_CANNOT;
    }
    snprintf(path, sizeof(path), "%s/posthorn.conf", argv[1]);
    if (!settings_read(path, accesspoint_sections, &all, &e))
        return failed(&e);
    int status = EXIT_FOUND, from, to;
    if (!accesspoint_settings_view(all, &s, &e)) {
        failed(&e);
    } else {
        struct store_config config = {
            .folder = s.store->path.at,
            .postgres = str_is(s.store->engine, "postgres") ? s.store->connection.at : NULL,
            .program = "posthorn",
        };
        if (store_migrate(&config, &from, &to, &e)) {
            printf("schema %d -> %d\n", from, to);
            status = EXIT_GOOD;
        } else {
            failed(&e);
        }
    }
    settings_free(all);
    return status;
}
