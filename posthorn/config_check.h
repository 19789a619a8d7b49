/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* config_check.h - looks at everything a posthorn.conf names before a program does: files, keys,
 * certificates, addresses. Reads only; programs may run meanwhile. */
#pragma once

#include "accesspoint/settings.h"

enum finding_level { FINDING_ERROR /* a program will not start, or fail */, FINDING_WARNING };
struct finding {
    enum finding_level level;
    struct str section; /* without brackets; empty: the file as a whole */
    const char *key;    /* "" where it is about a section */
    const char *text;   /* what is wrong and what would be right */
};
struct config_check { /* the caller's */
    int64_t now_ms;
    void (*found)(void *ctx, const struct finding *f);
    void *ctx;
    size_t errors, warnings, looked_at; /* counted here */
};
void config_check(struct config_check *check, const struct accesspoint_settings *s);

/* The two halves, in files of their own. */
struct config_file;
void config_check_file(struct config_check *check, const struct accesspoint_settings *s,
                       const struct config_file *file);
void config_check_values(struct config_check *check, const struct accesspoint_settings *s);
void config_check_add(struct config_check *check, enum finding_level level, struct str section,
                      const char *key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
