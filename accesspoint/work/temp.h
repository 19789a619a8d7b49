/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* temp.h - a private unnamed file for what is being opened: gone with its descriptor. */
#pragma once

#include "accesspoint/work/workplace.h"

MUST_USE bool temp_open(const struct workplace *w, int *fd, struct error *e);
/* A payload of the store, whole, in such a file. */
MUST_USE bool temp_payload(const struct workplace *w, struct str message, struct str slot, int *fd,
                           uint64_t *octets, struct error *e);
