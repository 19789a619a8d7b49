/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/loop/address.h"
#include "tests/check.h"

TEST(addresses_read_and_write_the_same_text)
{
    static const char *const rows[] = {"127.0.0.1:8443", "0.0.0.0:0", "[::1]:443",
                                       "[2001:db8::7]:65535", "unix:/run/posthorn/work"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct address a;
        struct error e = {0};
        char text[ADDRESS_TEXT_SIZE];
        CHECK_OK(address_parse(str_of(rows[i]), &a, &e), e);
        CHECK_STR(str_of(address_text(&a, text)), str_of(rows[i]));
        CHECK_ROW(rows[i], address_is_unix(&a) == str_starts(str_of(rows[i]), STR("unix:")));
    }
}

TEST(what_is_no_address_is_refused_with_the_forms)
{
    static const char long_path[] =
        "unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const char *const rows[] = {
        "",      "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "localhost:1", "::1:80",
        "[::1]", "[::1]80",   "1.2.3:80",   "127.0.0.1:+80",   "[1.2.3.4]:1", "unix:",
        ":80",   long_path};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct address a;
        struct error e = {0};
        CHECK_ROW(rows[i], !address_parse(str_of(rows[i]), &a, &e));
        CHECK_ROW(rows[i], e.kind == ERROR_REJECT);
    }
}

TEST(port_0_fits_any_port_of_the_same_host)
{
    static const struct {
        const char *a, *b;
        bool fits;
    } rows[] = {
        {"127.0.0.1:80", "127.0.0.1:80", true}, {"127.0.0.1:80", "127.0.0.1:81", false},
        {"127.0.0.1:0", "127.0.0.1:81", true},  {"127.0.0.2:0", "127.0.0.1:81", false},
        {"[::1]:80", "[::1]:0", true},          {"[::1]:80", "127.0.0.1:80", false},
        {"unix:/a", "unix:/a", true},           {"unix:/a", "unix:/b", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct address a, b;
        struct error e = {0};
        CHECK_OK(address_parse(str_of(rows[i].a), &a, &e), e);
        CHECK_OK(address_parse(str_of(rows[i].b), &b, &e), e);
        CHECK_ROW(rows[i].b, address_fits(&a, &b) == rows[i].fits);
    }
}

CHECK_MAIN
