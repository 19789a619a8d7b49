/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
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

CHECK_MAIN
