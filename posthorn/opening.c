/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_queue.sh, test_help.sh */
#include "posthorn/opening.h"

#include "posthorn/output.h"

/* "queue drop ID --why TEXT [DIR]" is called "queue drop". */
static void name_command(struct opening *o, const struct arguments_form *form)
{
    size_t n = 0;
    for (const char *at = form->usage;
         *at == ' ' || (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9'); at++)
        if (n < sizeof(o->command) - 1)
            o->command[n++] = *at;
    while (n > 0 && o->command[n - 1] == ' ')
        n--;
    o->command[n] = '\0';
}

bool opening_settings(struct opening *o, const struct arguments_form *form, int argc, char **argv,
                      void *options, int *status)
{
    const struct common_options *common = options;
    struct error e = {0};
    name_command(o, form);
    if (!arguments_read(form, argc, argv, options, &o->words, status))
        return false;
    const char *dir = installation_dir(common->dir, o->words.at[form->words_max - 1]);
    if (installation_read(&o->installation, dir, &e))
        return true;
    *status = output_cannot(o->command, &e);
    return false;
}

bool opening_store(struct opening *o, const struct arguments_form *form, int argc, char **argv,
                   void *options, int *status)
{
    struct error e = {0};
    if (!opening_settings(o, form, argc, argv, options, status))
        return false;
    if (installation_open_store(&o->installation, &o->store, &e))
        return true;
    *status = output_cannot(o->command, &e);
    return false;
}

void opening_release(struct opening *o)
{
    installation_close_store(&o->store);
    installation_release(&o->installation);
}
