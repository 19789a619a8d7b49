/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* sandbox_files.h - the files a process may still touch (landlock(7)). Within runtime/loop only. */
#pragma once

#include "runtime/loop/sandbox.h"

/* *abi gets the kernel's version of Landlock, 0: it has none, and nothing was done. Needs
 * no_new_privs. Holds for this thread and those it starts later. */
MUST_USE bool sandbox_enter_files(const struct sandbox *s, int *abi, struct error *e);
