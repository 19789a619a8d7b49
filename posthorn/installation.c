/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_config.sh */
#include "posthorn/installation.h"

#include <stdio.h>
#include <stdlib.h>

const char *installation_dir(const char *option, const char *word)
{
    const char *environment = getenv("POSTHORN_DIR");
    if (option != NULL)
        return option;
    if (word != NULL)
        return word;
    return environment != NULL && environment[0] != '\0' ? environment : "/etc/posthorn";
}

bool installation_read(struct installation *i, const char *dir, struct error *e)
{
    char path[1024];
    i->dir = dir;
    if (snprintf(path, sizeof(path), "%s/posthorn.conf", dir) >= (int)sizeof(path))
        return error_set(e, ERROR_REJECT, "the name of the folder is too long");
    return settings_read(path, accesspoint_sections, &i->all, e) &&
           (accesspoint_settings_view(i->all, &i->s, e) || error_prefix(e, "%s", path));
}

void installation_release(struct installation *i)
{
    settings_free(i->all);
    *i = (struct installation){0};
}
