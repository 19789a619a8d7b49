/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/xml/test_schema.c */
#include "runtime/xml/loader.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "runtime/base/str.h"
#include "runtime/base/sys.h"

/* libxml2 gives its loader no context of ours, and has one loader for the whole process. */
static _Thread_local bool is_open;

/* Both are resolved first: libxml2 folds "build/../schemas" of imports, the environment does not. */
static bool is_ours(const char *url)
{
    char real_folder[PATH_MAX], real_url[PATH_MAX];
    if (realpath(sys_schema_dir(), real_folder) == NULL || realpath(url, real_url) == NULL)
        return false;
    struct str path = str_of(real_url), base = str_of(real_folder);
    struct str name = str_from(path, base.len + 1);
    return str_starts(path, base) && path.len > base.len && path.at[base.len] == '/' &&
           str_find_char(name, '/') == name.len && str_ends(name, STR(".xsd"));
}

static xmlParserInputPtr load(const char *url, const char *id, xmlParserCtxtPtr context)
{
    (void)id;
    if (!is_open || url == NULL || !is_ours(url))
        return NULL;
    return xmlNewInputFromFile(context, url);
}

void loader_setup(void)
{
    xmlSetExternalEntityLoader(load);
}

bool loader_path(const char *name, char path[static LOADER_PATH_SIZE], struct error *e)
{
    int n = snprintf(path, LOADER_PATH_SIZE, "%s/%s", sys_schema_dir(), name);
    if (n < 0 || n >= LOADER_PATH_SIZE)
        return error_set(e, ERROR_BUG, "the path of the schema folder is too long");
    return true;
}

void loader_open(void)
{
    is_open = true;
}

void loader_close(void)
{
    is_open = false;
}
