/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* output.h - what a command prints: lines for people, one JSON object a line for programs. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "runtime/base/arena.h"
#include "runtime/base/json.h"

/* For a terminal: control characters (of foreign texts above all) become '?', so that no letter can
 * steer the reader's screen. Line feeds stay where `lines` says so. In the arena. */
struct str output_safe(struct arena *a, struct str text, bool lines);
/* "3 s", "5 min", "2 h", "12 days": how long. In the arena. */
struct str output_age(struct arena *a, int64_t ms);
/* "12 messages", "1 message" is the caller's; this prints a size: "48 KiB". */
struct str output_octets(struct arena *a, uint64_t octets);
/* "2026-11-20 12:00:00.123" UTC */
struct str output_time(struct arena *a, int64_t ms);

/* struct output_line line; struct json_writer *w = output_open(&line); json_put_...(w, ...);
 * output_send(&line); one line on standard output, at once. */
struct output_line {
    struct buf text;
    struct error e;
    struct json_writer w;
};
struct json_writer *output_open(struct output_line *line);
void output_put_time(struct json_writer *w, const char *name, int64_t ms); /* RFC 3339 */
void output_send(struct output_line *line);

/* The line of a checker for a file that could not be judged: "verdict" is null. */
void output_not_judged(const char *file, const char *kind, const struct error *e);

/* "posthorn <command>: <text>" on standard error; returns EXIT_FOUND. */
int output_failed(const char *command, const struct error *e);
/* The same for what could not run at all; returns EXIT_CANNOT. */
int output_cannot(const char *command, const struct error *e);

/* Last in main: closes standard output. `status`, or where not all of it was taken (a full disk, a
 * closed descriptor) EXIT_CANNOT and a line on standard error. */
int output_end(int status);
