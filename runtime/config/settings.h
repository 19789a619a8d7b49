/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* settings.h - one INI file per installation. A table per section in code yields parser, range
 * check, "config check", sample file and man page. Unknown section, unknown key, missing key, bad
 * value: REJECT with file, line and what would be right. A federation profile is the same form. */
#pragma once

#include <stdint.h>

#include "runtime/base/arena.h"
#include "runtime/base/buf.h"
#include "runtime/base/error.h"

enum setting_type {
    SETTING_TEXT,    /* struct str, as all texts with a NUL behind it; min/max: length */
    SETTING_WORD,    /* struct str, one of `words` ("a|b|c") */
    SETTING_PATH,    /* struct str; relative paths are taken from the folder of the file; min 0: may
                      * be empty and stays so */
    SETTING_LIST,    /* struct str_list: values separated by blanks or commas; min/max: how many */
    SETTING_NUMBER,  /* int64_t; min and max both 0: any */
    SETTING_SIZE,    /* int64_t octets: 20M, 64K, 1G (powers of 1024) */
    SETTING_TIME,    /* int64_t milliseconds: 500ms, 30s, 5m, 4h, 2d */
    SETTING_BOOLEAN, /* bool: yes no true false */
    SETTING_ADDRESS, /* struct str "127.0.0.1:8443", "[::1]:0", "unix:/path" (relative as a PATH);
                      * port 0: kernel chooses */
};

struct str_list {
    struct str *at;
    size_t count;
};

struct setting {
    const char *key;
    enum setting_type type;
    size_t at; /* offsetof in the section's struct */
    int64_t min, max;
    const char *fallback; /* as it would stand in the file; NULL: must be given */
    const char *help;     /* one sentence, for the man page and the sample */
    const char *words;    /* SETTING_WORD */
};

/* [name] once, or [name WORD] any number of times when repeated: WORD goes to a struct str at
 * offset 0 of the section's struct. */
struct settings_section {
    const char *name;
    const struct setting *settings; /* ends with a zero row */
    size_t size;                    /* of the struct */
    bool repeated;
    unsigned repeated_max; /* limit for repeated ones */
    const char *help;
};

struct settings; /* everything read, in one arena */

/* `sections` ends with a zero row. *out with settings_free. */
MUST_USE bool settings_read(const char *path, const struct settings_section *sections,
                            struct settings **out, struct error *e);
/* The same from memory; path: for messages and relative paths. */
MUST_USE bool settings_read_text(struct str text, const char *path,
                                 const struct settings_section *sections, struct settings **out,
                                 struct error *e);
struct settings *settings_hold(const struct settings *s); /* one more that has to settings_free() it */
void settings_free(struct settings *s);                   /* the last one frees */
/* The struct of a section (never NULL for a known one that is not repeated). */
const void *settings_section(const struct settings *s, const char *name);
size_t settings_count(const struct settings *s, const char *name);
const void *settings_nth(const struct settings *s, const char *name, size_t index);
/* The first of `keys` ("section.key", of sections that are not repeated; ends with NULL) whose value is
 * another in `fresh`: REJECT with both values. */
MUST_USE bool settings_unchanged(const struct settings *now, const struct settings *fresh,
                                 const char *const *keys, struct error *e);
MUST_USE bool settings_sample(const struct settings_section *sections, struct buf *out,
                              struct error *e); /* a file that reads back, fallbacks commented out */
MUST_USE bool settings_manual(const struct settings_section *sections, struct buf *out,
                              struct error *e); /* mdoc lines for posthorn.conf(5) */
