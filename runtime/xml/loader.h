/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* loader.h - the one door through which libxml2 may open a file: shut, but while a schema is loaded
 * open for the schema folder's own XSDs in this thread. Inside of runtime/xml only. */
#pragma once

#include "runtime/base/error.h"

enum { LOADER_PATH_SIZE = 1024 };

void loader_setup(void);
/* The path of a file of the schema folder. */
MUST_USE bool loader_path(const char *name, char path[static LOADER_PATH_SIZE], struct error *e);
void loader_open(void);
void loader_close(void);
