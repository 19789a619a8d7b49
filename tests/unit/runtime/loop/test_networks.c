/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "runtime/loop/networks.h"
#include "tests/check.h"

static struct sockaddr_storage address(const char *text)
{
    struct sockaddr_storage at = {0};
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        memcpy(&at, &four, sizeof four);
    else if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
        memcpy(&at, &six, sizeof six);
    else
        fail_msg("no address: %s", text);
    return at;
}

TEST(what_is_not_the_internet_is_known)
{
    static const struct {
        const char *address;
        bool is_public;
    } rows[] = {
        {"8.8.8.8", true},
        {"192.0.1.1", true},
        {"172.32.0.1", true},
        {"172.15.255.255", true},
        {"100.128.0.1", true},
        {"223.255.255.255", true},
        {"193.10.1.1", true},
        {"0.0.0.0", false},
        {"10.0.0.1", false},
        {"10.255.255.255", false},
        {"100.64.0.1", false},
        {"100.127.255.255", false},
        {"127.0.0.1", false},
        {"127.255.0.1", false},
        {"169.254.169.254", false},
        {"172.16.0.1", false},
        {"172.31.255.255", false},
        {"192.0.0.8", false},
        {"192.0.2.1", false},
        {"192.168.1.1", false},
        {"198.18.0.1", false},
        {"198.51.100.1", false},
        {"203.0.113.1", false},
        {"224.0.0.1", false},
        {"240.0.0.1", false},
        {"255.255.255.255", false},
        {"2a00:801::1", true},
        {"2001:67c::1", true},
        {"2620:fe::fe", true},
        {"::", false},
        {"::1", false},
        {"::ffff:10.0.0.1", false},
        {"::ffff:8.8.8.8", true},
        {"64:ff9b::10.0.0.1", false},
        {"64:ff9b::8.8.8.8", true},
        {"64:ff9b:1::1", false},
        {"::7f00:1", false},
        {"100::1", false},
        {"2001::1", false},
        {"2001:db8::1", false},
        {"2002:7f00:1::", false},
        {"3fff::1", false},
        {"fc00::1", false},
        {"fd12:3456::1", false},
        {"fe80::1", false},
        {"fec0::1", false},
        {"ff02::1", false},
        {"4000::1", false},
    };
    struct sockaddr_storage at = {.ss_family = AF_UNIX};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sockaddr_storage a = address(rows[i].address);
        CHECK_ROW(rows[i].address, address_is_public((struct sockaddr *)&a) == rows[i].is_public);
    }
    CHECK(!address_is_public((struct sockaddr *)&at));
}

TEST(a_list_holds_what_it_names_and_no_more)
{
    static const struct {
        const char *network, *address;
        bool holds;
    } rows[] = {
        {"10.1.0.0/16", "10.1.255.255", true},
        {"10.1.0.0/16", "10.2.0.0", false},
        {"10.1.0.0/15", "10.0.3.4", true},
        {"10.1.2.3", "10.1.2.3", true},
        {"10.1.2.3", "10.1.2.2", false},
        {"10.1.2.3/31", "10.1.2.2", true},
        {"0.0.0.0/0", "8.8.8.8", true},
        {"0.0.0.0/0", "2a00::1", false},
        {"::/0", "8.8.8.8", true},
        {"fd00:1::/48", "fd00:1::7", true},
        {"fd00:1::/48", "fd00:1:1::7", false},
        {"::1", "::1", true},
        {"127.0.0.0/8", "::ffff:127.0.0.1", true},
        {"127.0.0.0/8", "::1", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_ARENA arena = {0};
        struct error e = {0};
        struct networks n;
        struct str text = str_of(rows[i].network);
        struct sockaddr_storage a = address(rows[i].address);
        CHECK_OK(networks_parse(&text, 1, &arena, &n, &e), e);
        CHECK_ROW(rows[i].network, networks_hold(&n, (struct sockaddr *)&a) == rows[i].holds);
    }
    struct sockaddr_storage any = address("127.0.0.1");
    CHECK(!networks_hold(&(struct networks){NULL, 0}, (struct sockaddr *)&any));
}

TEST(what_is_no_network_is_refused_with_what_would_be)
{
    static const char *const rows[] = {
        "",          "/8",           "10.0.0.0/",   "10.0.0.0/33", "10.0.0/8",    "::/129",
        "localhost", "10.0.0.0/8/8", "10.0.0.0/-1", "[::1]",       "10.0.0.0 /8", "fe80::1%eth0",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_ARENA arena = {0};
        struct error e = {0};
        struct networks n;
        struct str text = str_of(rows[i]);
        CHECK_ROW(rows[i], !networks_parse(&text, 1, &arena, &n, &e));
        CHECK_ROW(rows[i], e.kind == ERROR_REJECT && strstr(e.text, "10.1.0.0/16") != NULL);
    }
}

TEST(an_address_inside_is_refused_by_name)
{
    AUTO_ARENA arena = {0};
    struct error e = {0};
    struct networks n, copy;
    struct str text = STR("10.1.0.0/16");
    struct sockaddr_storage in = address("10.1.2.3"), out = address("8.8.8.8"),
                            other = address("10.2.0.1"), six = address("fe80::1");
    CHECK_OK(networks_parse(&text, 1, &arena, &n, &e), e);
    copy = networks_copy(&n, &arena);
    CHECK_OK(networks_may_reach(&copy, (struct sockaddr *)&in, &e), e);
    CHECK_OK(networks_may_reach(&copy, (struct sockaddr *)&out, &e), e);
    CHECK(!networks_may_reach(&copy, (struct sockaddr *)&other, &e) && e.kind == ERROR_DENY);
    CHECK(strcmp(e.code, "connect:inside") == 0 && strstr(e.text, "connect: 10.2.0.1 is") != NULL);
    CHECK(!networks_may_reach(&copy, (struct sockaddr *)&six, &e));
    CHECK(strstr(e.text, "fe80::1") != NULL);
}

CHECK_MAIN
