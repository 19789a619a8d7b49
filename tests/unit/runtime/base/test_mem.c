/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/base/mem.h"
#include "tests/check.h"

TEST(memory_is_there_and_zero)
{
    unsigned char *at = mem_new(100);
    for (int i = 0; i < 100; i++)
        CHECK(at[i] == 0);
    at[99] = 7;
    at = mem_grow(at, 100, 200);
    CHECK(at[99] == 7 && at[100] == 0 && at[199] == 0);
    mem_wipe(at, 200);
    CHECK(at[99] == 0);
    mem_free(at);
    AUTO_MEM char *text = mem_text("abc");
    CHECK_STR(str_of(text), STR("abc"));
    CHECK(mem_text(NULL) == NULL);
    AUTO_MEM int *many = mem_new_array(3, sizeof(int));
    CHECK(many[2] == 0);
    AUTO_MEM char *room = mem_room(0); /* something to free, too */
    CHECK(room != NULL);
    AUTO_MEM char *copy = mem_copy("xy", 2);
    CHECK(copy[1] == 'y');
}

static void *take_some(void *barrier)
{
    void *at = mem_new(1000);
    pthread_barrier_wait(barrier);
    mem_free(at);
    return NULL;
}

static long count_heaps(void)
{
    char *report = NULL;
    size_t size;
    long count = 0;
    FILE *out = open_memstream(&report, &size);
    CHECK(out != NULL && malloc_info(0, out) == 0);
    fclose(out);
    struct str left = str_bytes(report, size), heap = STR("<heap nr=");
    for (size_t at; (at = str_find(left, heap)) < left.len; count++)
        left = str_from(left, at + heap.len);
    free(report);
    return count;
}

TEST(threads_share_as_many_heaps_as_there_are_processors)
{
    pthread_barrier_t barrier;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = (size_t)processors * 2 + 2;
    AUTO_MEM pthread_t *threads = mem_new_array(count, sizeof(*threads));
    mem_setup();
    CHECK(pthread_barrier_init(&barrier, NULL, (unsigned)count) == 0);
    for (size_t i = 0; i < count; i++)
        CHECK(pthread_create(&threads[i], NULL, take_some, &barrier) == 0);
    for (size_t i = 0; i < count; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    pthread_barrier_destroy(&barrier);
    CHECK(count_heaps() <= processors); /* another allocator than glibc's reports none */
}

CHECK_MAIN
