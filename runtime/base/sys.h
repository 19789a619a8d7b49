/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* sys.h - the wall to the system calls that can fail for real: every durable write goes through
 * here, so that tests can make the n-th one fail (sys_fail_after). The only file with #ifdef. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "runtime/base/buf.h"
#include "runtime/base/error.h"
#include "runtime/base/str.h"

void sys_close(int *fd); /* closes where *fd >= 0, sets -1 */
#define AUTO_FD __attribute__((cleanup(sys_close)))
int sys_take_fd(int *fd); /* out of an AUTO_FD: *fd is -1 after it */
/* First in main: descriptors 0 to 2 that the caller closed are taken, so that no file of ours gets
 * their number. What is then read from 0 or written to 1 fails; what is written to 2 goes nowhere. */
MUST_USE bool sys_hold_standard_fds(struct error *e);

MUST_USE bool sys_write_all(int fd, struct str octets, struct error *e);
MUST_USE bool sys_pread_all(int fd, void *at, size_t len, uint64_t offset, struct error *e);
/* Up to len octets; *got is 0 at the end of the file. */
MUST_USE bool sys_read_some(int fd, void *at, size_t len, size_t *got, struct error *e);
MUST_USE bool sys_fsync(int fd, struct error *e);
MUST_USE bool sys_fsync_dir(const char *path, struct error *e);
MUST_USE bool sys_rename(const char *from, const char *to, struct error *e);
/* An unnamed file in `dir` (O_TMPFILE), for reading and writing, gone when closed. */
MUST_USE bool sys_temp_file(const char *dir, int *fd, struct error *e);
/* The same in memory: ten times cheaper than a file, for octets that are known to be few. */
MUST_USE bool sys_memory_file(int *fd, struct error *e);
MUST_USE bool sys_file_size(int fd, uint64_t *size, struct error *e);
/* Appends the whole file; REJECT where it is larger than out's limit. Every error names the path. */
MUST_USE bool sys_read_file(const char *path, struct buf *out, struct error *e);
/* Where schemas, profiles, SQL and OpenAPI documents lie: $POSTHORN_SCHEMA_DIR, or where installed. */
const char *sys_schema_dir(void);
MUST_USE bool sys_make_dir(const char *path, mode_t mode, struct error *e); /* exists: fine */

/* SIGSYS of a seccomp trap: the call fails with `number` instead. Not on every processor: ask first. */
bool sys_can_answer_trap(void);
void sys_answer_trap(void *context, int number);

/* Tests: let `calls` calls of the functions above that write, sync or rename pass, then fail each
 * with `error_number` until sys_fail_never(). Per process, off by default. */
void sys_fail_after(unsigned calls, int error_number);
void sys_fail_once(unsigned calls, int error_number); /* the next one alone fails */
bool sys_fail_never(void);                            /* true: one has failed */
/* For the hooks of a library that writes by itself: true: errno is set, do not write. */
bool sys_must_fail(void);
