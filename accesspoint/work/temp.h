/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* temp.h - a private unnamed file for what is being opened: gone with its descriptor. */
#pragma once

#include "accesspoint/work/workplace.h"

/* Octets into such a file: in memory while they are few, on disk from TEMP_MEMORY_MAX on (*fd then
 * names the file on disk; its number stays). */
enum { TEMP_MEMORY_MAX = 4 * 1024 * 1024 };
struct temp_sink {
    struct sink sink;
    const struct workplace *w;
    int fd; /* borrowed */
    uint64_t written, limit;
    bool is_on_disk;
};
MUST_USE bool temp_open(const struct workplace *w, uint64_t limit, int *fd, struct temp_sink *sink,
                        struct error *e);
/* A payload of the store, whole, in such a file. */
MUST_USE bool temp_payload(const struct workplace *w, struct str message, struct str slot, int *fd,
                           uint64_t *octets, struct error *e);
