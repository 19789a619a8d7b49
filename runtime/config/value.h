/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* value.h - inside runtime/config only: one value from its text, checked. */
#pragma once

#include "runtime/config/settings.h"

struct value_place { /* where values go */
    struct arena *arena;
    struct str folder; /* of the file, for relative paths; "" for the current one */
    void *section;     /* the struct that setting.at counts in */
};

/* REJECT says what would be right, without file and line. */
MUST_USE bool value_read(const struct setting *setting, struct str text,
                         const struct value_place *place, struct error *e);
/* A value that reads: the fallback, or one made up. "" for a text that may be empty. */
MUST_USE bool value_example(const struct setting *setting, struct buf *out, struct error *e);
/* "a number from 1 to 256", for people. */
MUST_USE bool value_words(const struct setting *setting, struct buf *out, struct error *e);
