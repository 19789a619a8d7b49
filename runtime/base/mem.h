/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* mem.h - memory that is there or ends the process. So anything sized by a peer passes a limit
 * first. The only file beside arena.c and buf.c that calls malloc and its kin. */
#pragma once

#include <stddef.h>

/* Once, at the start of a program that stays, before its threads: what is freed is kept for the next
 * message rather than given back to the system each time, and threads share as many heaps as there are
 * processors, so that the next message finds it in the processor's cache. */
void mem_setup(void);
void *mem_new(size_t size);  /* zeroed; free with mem_free */
void *mem_room(size_t size); /* not zeroed: for octets that are written before they are read */
void *mem_new_array(size_t count, size_t size);
void *mem_grow(void *at, size_t old_size, size_t new_size); /* new octets are zero */
void *mem_copy(const void *at, size_t size);
char *mem_text(const char *text); /* a copy with its NUL; NULL gives NULL */
void mem_free(void *at);
void mem_wipe(void *at, size_t size); /* not optimised away */
/* For AUTO_MEM variables. */
void mem_free_at(void *pointer_to_pointer);
#define AUTO_MEM __attribute__((cleanup(mem_free_at)))
