/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* sandbox_calls.h - names of system calls: what each kind of program may use, what ends it at once.
 * What stands in no list is refused. Within runtime/loop. */
#pragma once

#include <stddef.h>

struct sandbox_calls {
    const char *const *names;
    size_t count;
};

extern const struct sandbox_calls sandbox_calls_always;  /* every program, whatever the arguments */
extern const struct sandbox_calls sandbox_calls_deadly;  /* no program has a reason: it was taken over */
extern const struct sandbox_calls sandbox_calls_sanitizers; /* their leak check stops the threads */
