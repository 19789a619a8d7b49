/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* receive.h - In: HTTP requests of other access points. Each body goes to accesspoint-work with a
 * question, a large one as the descriptor of an unlinked file; its answer is the HTTP answer.
 * Out: what accesspoint-work said; 503 where it is away. The hooks of runtime/loop/program.h. */
#pragma once

#include "runtime/loop/program.h"

MUST_USE bool receive_open(struct program_env *env, void **state, struct error *e);
MUST_USE bool receive_sandbox(struct program_env *env, void *state, struct sandbox *out,
                              struct error *e);
MUST_USE bool receive_start(struct program_env *env, void *state, struct error *e);
extern const char *const receive_fixed[]; /* settings that need a restart */
MUST_USE bool receive_reload(struct program_env *env, void *state, const struct settings *fresh,
                             struct error *e);
void receive_drain(struct program_env *env, void *state);
void receive_close(void *state);
