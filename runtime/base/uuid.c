/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/base/uuid.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "runtime/base/number.h"

static void ask_kernel(void *at, size_t len)
{
    unsigned char *left = at;
    while (len > 0) {
        ssize_t n = getrandom(left, len, 0);
        if (n == -1 && errno != EINTR)
            abort();
        if (n > 0) {
            left += n;
            len -= (size_t)n;
        }
    }
}

/* Each thread has some octets in stock: one call to the kernel gives many ids and keys. What was handed
 * out is wiped here, and nothing of it is handed out twice: a child process starts with none. */
struct stock {
    size_t left;
    unsigned forks; /* of this process when it was filled */
    unsigned char octets[512];
};

static atomic_uint forks;

static void count_fork(void)
{
    forks++;
}

static void watch_forks(void)
{
    if (pthread_atfork(NULL, NULL, count_fork) != 0)
        abort(); /* at start: no memory */
}

void random_octets(void *at, size_t len)
{
    static _Thread_local struct stock stock;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (len > 64) {
        ask_kernel(at, len);
        return;
    }
    pthread_once(&once, watch_forks);
    if (stock.left < len || stock.forks != forks) {
        ask_kernel(stock.octets, sizeof(stock.octets));
        stock.left = sizeof(stock.octets);
        stock.forks = forks;
    }
    stock.left -= len;
    memcpy(at, stock.octets + stock.left, len);
    explicit_bzero(stock.octets + stock.left, len);
}

static struct uuid uuid_print(unsigned char octets[static 16], unsigned version)
{
    static const char hex[] = "0123456789abcdef";
    octets[6] = (unsigned char)((octets[6] & 0x0f) | version << 4);
    octets[8] = (unsigned char)((octets[8] & 0x3f) | 0x80);
    struct uuid u = {{0}};
    size_t at = 0;
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            u.text[at++] = '-';
        u.text[at++] = hex[octets[i] >> 4];
        u.text[at++] = hex[octets[i] & 15];
    }
    return u;
}

struct uuid uuid_random(void)
{
    unsigned char octets[16];
    random_octets(octets, sizeof(octets));
    return uuid_print(octets, 4);
}

struct uuid uuid_timed(int64_t now_ms)
{
    unsigned char octets[16];
    random_octets(octets, sizeof(octets));
    for (int i = 0; i < 6; i++)
        octets[i] = (unsigned char)(now_ms >> (40 - 8 * i));
    return uuid_print(octets, 7);
}

bool uuid_is(struct str text)
{
    if (text.len != UUID_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.at[i] != '-' : hex_digit(text.at[i]) < 0)
            return false;
    }
    return true;
}

struct str uuid_str(const struct uuid *u)
{
    return (struct str){u->text, UUID_TEXT_SIZE - 1};
}
