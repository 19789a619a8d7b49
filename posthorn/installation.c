/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_config.sh */
#include "posthorn/installation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define USUAL "/etc/posthorn"
enum { PATH_SIZE = 1024 };

const char *installation_dir(const char *option, const char *word)
{
    const char *environment = getenv("POSTHORN_DIR");
    if (option != NULL)
        return option;
    if (word != NULL)
        return word;
    return environment != NULL && environment[0] != '\0' ? environment : USUAL;
}

static bool name_file(const char *dir, char path[static PATH_SIZE], struct error *e)
{
    return snprintf(path, PATH_SIZE, "%s/posthorn.conf", dir) < PATH_SIZE ||
           error_set(e, ERROR_REJECT, "the name of the folder is too long");
}

bool installation_is_there(const char *dir, struct error *e)
{
    char path[PATH_SIZE];
    if (!name_file(dir, path, e))
        return false;
    if (access(path, R_OK) == 0)
        return true;
    bool is_unnamed = errno == ENOENT && str_is(str_of(dir), USUAL);
    return error_errno(e, "%s%s",
                       is_unnamed ? "no installation is named (DIR, --dir or POSTHORN_DIR): " : "",
                       path);
}

bool installation_read(struct installation *i, const char *dir, struct error *e)
{
    char path[PATH_SIZE];
    i->dir = dir;
    return installation_is_there(dir, e) && name_file(dir, path, e) &&
           settings_read(path, accesspoint_sections, &i->all, e) &&
           (accesspoint_settings_view(i->all, &i->s, e) || error_prefix(e, "%s", path));
}

void installation_release(struct installation *i)
{
    settings_free(i->all);
    *i = (struct installation){0};
}
