/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/loop/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "runtime/base/number.h"

static bool parse_unix(struct str path, struct address *out, struct error *e)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (path.len == 0 || path.len >= sizeof un.sun_path || str_find_char(path, '\0') != path.len)
        return error_set(e, ERROR_REJECT, "a socket's path has 1 to %zu octets, not %zu",
                         sizeof un.sun_path - 1, path.len);
    memcpy(un.sun_path, path.at, path.len);
    memcpy(&out->at, &un, sizeof un);
    out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + 1);
    return true;
}

static bool parse_host(struct str host, bool is_v6, uint16_t port, struct address *out)
{
    char text[INET6_ADDRSTRLEN] = "";
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (host.len == 0 || host.len >= sizeof text)
        return false;
    memcpy(text, host.at, host.len);
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, text,
                  is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1)
        return false;
    out->len = is_v6 ? sizeof v6 : sizeof v4;
    memcpy(&out->at, is_v6 ? (void *)&v6 : (void *)&v4, out->len);
    return true;
}

bool address_parse(struct str text, struct address *out, struct error *e)
{
    struct address a = {0};
    if (str_starts(text, STR("unix:"))) {
        if (!parse_unix(str_from(text, 5), &a, e))
            return false;
        *out = a;
        return true;
    }
    bool is_v6 = str_starts(text, STR("["));
    size_t end = is_v6 ? str_find(text, STR("]:")) : str_find_char(text, ':');
    uint64_t port;
    struct str host = is_v6 ? str_from(str_upto(text, end), 1) : str_upto(text, end);
    if (end == text.len || !parse_u64(str_from(text, end + (is_v6 ? 2 : 1)), 0, 65535, &port, e) ||
        !parse_host(host, is_v6, (uint16_t)port, &a))
        return error_set(
            e, ERROR_REJECT,
            "'%.*s' is no address; write 192.0.2.7:443, [2001:db8::7]:443 or unix:/path",
            STR_ARG(str_upto(text, 100)));
    *out = a;
    return true;
}

const char *address_text(const struct address *a, char text[static ADDRESS_TEXT_SIZE])
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (a->at.ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, &a->at, sizeof v4);
        inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
        (void)snprintf(text, ADDRESS_TEXT_SIZE, "%s:%u", host, (unsigned)ntohs(v4.sin_port));
    } else if (a->at.ss_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, &a->at, sizeof v6);
        inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
        (void)snprintf(text, ADDRESS_TEXT_SIZE, "[%s]:%u", host, (unsigned)ntohs(v6.sin6_port));
    } else {
        struct sockaddr_un un;
        memcpy(&un, &a->at, sizeof un);
        bool has_name = a->len > offsetof(struct sockaddr_un, sun_path) && un.sun_path[0] != '\0';
        (void)snprintf(text, ADDRESS_TEXT_SIZE, "unix%s%.*s", has_name ? ":" : "",
                       has_name ? (int)sizeof un.sun_path : 0, un.sun_path);
    }
    return text;
}

bool address_is_unix(const struct address *a)
{
    return a->at.ss_family == AF_UNIX;
}

/* By the texts; without their ports where one of them is 0. */
bool address_fits(const struct address *a, const struct address *b)
{
    char one[ADDRESS_TEXT_SIZE], two[ADDRESS_TEXT_SIZE];
    struct str x = str_of(address_text(a, one)), y = str_of(address_text(b, two));
    if (address_is_unix(a) || address_is_unix(b))
        return str_equal(x, y);
    if (!str_ends(x, STR(":0")) && !str_ends(y, STR(":0")))
        return str_equal(x, y);
    while (x.len > 0 && x.at[x.len - 1] != ':')
        x.len--;
    while (y.len > 0 && y.at[y.len - 1] != ':')
        y.len--;
    return str_equal(x, y);
}
