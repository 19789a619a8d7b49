/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/loop/networks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "runtime/base/number.h"

enum { OCTETS = 16, MAPPED_OCTETS = 12, MAPPED_BITS = 96 };

static const unsigned char mapped[MAPPED_OCTETS] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* IANA's special-purpose registries (RFC 6890) and multicast: nobody's partner answers there. */
static const char *const special_4[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
};
/* Of IPv6 only 2000::/3 is given out, and of that these are not the internet: protocol assignments with
 * Teredo, documentation, 6to4. */
static const char *const special_6[] = {"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"};

static bool has_prefix(const unsigned char *octets, const struct network *n)
{
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    if (!str_equal(str_bytes(octets, whole), str_bytes(n->prefix, whole)))
        return false;
    unsigned mask = rest == 0 ? 0 : 0xffU << (8 - rest) & 0xffU;
    return rest == 0 || ((octets[whole] ^ n->prefix[whole]) & mask) == 0;
}

static bool octets_of(const struct sockaddr *a, unsigned char out[static OCTETS])
{
    if (a->sa_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, a, sizeof six);
        memcpy(out, &six.sin6_addr, OCTETS);
        return true;
    }
    if (a->sa_family != AF_INET)
        return false;
    struct sockaddr_in four;
    memcpy(&four, a, sizeof four);
    memcpy(out, mapped, MAPPED_OCTETS);
    memcpy(out + MAPPED_OCTETS, &four.sin_addr, sizeof four.sin_addr);
    return true;
}

static bool parse_address(struct str text, struct network *n)
{
    char word[INET6_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof word)
        return false;
    memcpy(word, text.at, text.len);
    word[text.len] = '\0';
    if (inet_pton(AF_INET6, word, n->prefix) == 1) {
        n->bits = OCTETS * 8;
        return true;
    }
    memcpy(n->prefix, mapped, MAPPED_OCTETS);
    n->bits = OCTETS * 8;
    return inet_pton(AF_INET, word, n->prefix + MAPPED_OCTETS) == 1;
}

static bool parse_network(struct str text, struct network *n)
{
    size_t slash = str_find_char(text, '/');
    struct str host = str_upto(text, slash);
    struct error e;
    uint64_t bits;
    if (!parse_address(host, n))
        return false;
    if (slash == text.len)
        return true;
    bool is_4 = str_find_char(host, ':') == host.len;
    if (!parse_u64(str_from(text, slash + 1), 0, is_4 ? 32 : OCTETS * 8, &bits, &e))
        return false;
    n->bits = (unsigned)bits + (is_4 ? MAPPED_BITS : 0);
    return true;
}

bool networks_parse(const struct str *texts, size_t count, struct arena *a, struct networks *out,
                    struct error *e)
{
    struct network *all = arena_array(a, count, sizeof *all);
    for (size_t i = 0; i < count; i++)
        if (!parse_network(texts[i], &all[i]))
            return error_set(e, ERROR_REJECT,
                             "'%.*s' is no network: 10.1.0.0/16, 192.0.2.7 and fd00:1::/48 are",
                             STR_ARG(str_upto(texts[i], 60)));
    *out = (struct networks){all, count};
    return true;
}

static bool is_in(const unsigned char *octets, const char *const *texts, size_t count)
{
    struct network n;
    for (size_t i = 0; i < count; i++)
        if (parse_network(str_of(texts[i]), &n) && has_prefix(octets, &n))
            return true;
    return false;
}

bool networks_hold(const struct networks *n, const struct sockaddr *a)
{
    unsigned char octets[OCTETS];
    if (!octets_of(a, octets))
        return false;
    for (size_t i = 0; i < n->count; i++)
        if (has_prefix(octets, &n->at[i]))
            return true;
    return false;
}

static bool is_public_4(const unsigned char octets[static 4])
{
    unsigned char six[OCTETS];
    memcpy(six, mapped, MAPPED_OCTETS);
    memcpy(six + MAPPED_OCTETS, octets, 4);
    return !is_in(six, special_4, sizeof special_4 / sizeof special_4[0]);
}

bool address_is_public(const struct sockaddr *a)
{
    static const char *const translated[] = {"::ffff:0:0/96",
                                             "64:ff9b::/96"}; /* hold an IPv4 one */
    static const char *const given_out[] = {"2000::/3"};
    unsigned char octets[OCTETS];
    if (!octets_of(a, octets))
        return false;
    if (is_in(octets, translated, sizeof translated / sizeof translated[0]))
        return is_public_4(octets + MAPPED_OCTETS);
    return is_in(octets, given_out, 1) &&
           !is_in(octets, special_6, sizeof special_6 / sizeof special_6[0]);
}

struct networks networks_copy(const struct networks *n, struct arena *a)
{
    struct network *all = arena_array(a, n->count, sizeof *all);
    for (size_t i = 0; i < n->count; i++)
        all[i] = n->at[i];
    return (struct networks){all, n->count};
}

bool networks_may_reach(const struct networks *n, const struct sockaddr *a, struct error *e)
{
    unsigned char octets[OCTETS];
    char text[INET6_ADDRSTRLEN] = "an address of another family";
    if (address_is_public(a) || networks_hold(n, a))
        return true;
    if (octets_of(a, octets))
        (void)inet_ntop(AF_INET6, octets, text, sizeof text);
    return error_code(e, ERROR_DENY, "connect:inside",
                      "connect: %s is an address inside, not of the internet, and in none of the "
                      "networks that may be reached (allow-networks)",
                      str_starts(str_of(text), STR("::ffff:")) ? text + sizeof "::ffff:" - 1
                                                               : text);
}
