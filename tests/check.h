/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* check.h - the thin wall before cmocka: row checks that say which row failed, and one line to run
 * every TEST of a file. A test name is a claim. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "runtime/base/error.h"
#include "runtime/base/str.h"

enum { CHECK_TESTS_MAX = 128 };
/* Unused in a file of helpers. */
static __attribute__((unused)) struct CMUnitTest check_tests[CHECK_TESTS_MAX];
static __attribute__((unused)) size_t check_count;

#define TEST(claim)                                                                                \
    static void claim(void **state);                                                               \
    __attribute__((constructor)) static void claim##_register(void)                                \
    {                                                                                              \
        check_tests[check_count++] = (struct CMUnitTest){#claim, claim, NULL, NULL, NULL};         \
    }                                                                                              \
    static void claim(__attribute__((unused)) void **state)

#define CHECK(condition) assert_true(condition)
/* A call that must succeed: prints the error's text when it does not. */
#define CHECK_OK(call, e)                                                                          \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_msg("%s: %s: %s", #call, (e).where == NULL ? "?" : (e).where, (e).text);          \
    } while (0)
#define CHECK_ROW(row, condition)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("row '%s': %s", (row), #condition);                                           \
    } while (0)
#define CHECK_STR(got, expected)                                                                   \
    do {                                                                                           \
        struct str check_got = (got), check_expected = (expected);                                 \
        if (!str_equal(check_got, check_expected))                                                 \
            fail_msg("got '%.*s', expected '%.*s'", STR_ARG(check_got), STR_ARG(check_expected));  \
    } while (0)

/* The last line of every test file. */
#define CHECK_MAIN                                                                                 \
    int main(void)                                                                                 \
    {                                                                                              \
        return _cmocka_run_group_tests(__FILE__, check_tests, check_count, NULL, NULL);            \
    }
