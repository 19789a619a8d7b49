/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* work.h - the worker: answers accesspoint-receive, and takes messages further: claims what is due, and
 * jobs.h brings each on its way, on a pool of threads and with the help of accesspoint-send. */
#pragma once

#include "runtime/loop/program.h"

MUST_USE bool work_open(struct program_env *env, void **state, struct error *e);
MUST_USE bool work_sandbox(struct program_env *env, void *state, struct sandbox *out,
                           struct error *e);
MUST_USE bool work_start(struct program_env *env, void *state, struct error *e);
extern const char *const work_fixed[]; /* settings that need a restart */
MUST_USE bool work_reload(struct program_env *env, void *state, const struct settings *fresh,
                          struct error *e);
void work_drain(struct program_env *env, void *state);
void work_close(void *state);
