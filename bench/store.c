/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* store.c - messages per second through the store: inserted, claimed, moved to done, each step a commit
 * of its own as the programs make them; and nothing else.
 * usage: store FOLDER THREADS SECONDS [POSTGRES-CONNECTION]     prints one JSON object
 *
 * Each thread inserts one message, claims what is due (at most one) and moves it: what it claims may be
 * another thread's. Commits of threads that wait at once share a transaction and a sync. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "runtime/base/clock.h"
#include "runtime/store/store.h"

enum { THREADS_MAX = 64, LEASE_MS = 60000 };

struct load {
    struct store *store;
    int64_t end_ms;
    atomic_ulong moved;
    atomic_bool failed;
};

struct step {
    struct arena arena;
    struct store_message message;
    size_t got;
};

static bool insert(struct store_tx *tx, void *ctx, struct error *e)
{
    (void)ctx;
    struct uuid id = uuid_timed(clock_now_ms());
    struct store_message m = {
        .id = uuid_str(&id),
        .kind = STR("bench"),
        .state = STR("accepted"),
        .attributes = STR("{\"from\":\"0203:kommun.example\",\"to\":\"0203:myndighet.example\"}"),
    };
    return store_message_insert(tx, &m, "", e);
}

static bool claim(struct store_tx *tx, void *ctx, struct error *e)
{
    static const char *const states[] = {"accepted"};
    struct store_claim which = {.states = states, .n_states = 1, .lease_ms = LEASE_MS, .max = 1};
    struct step *s = ctx;
    return store_message_claim(tx, &s->arena, &which, &s->message, &s->got, e);
}

static bool move(struct store_tx *tx, void *ctx, struct error *e)
{
    struct step *s = ctx;
    struct store_move to = {.to = "done", .due_ms = INT64_MAX, .why = ""};
    return store_message_move(tx, &s->message, &to, e);
}

static bool one_message(struct load *l, struct error *e)
{
    struct step s = {.got = 0};
    bool ok = store_do(l->store, insert, NULL, e) && store_do(l->store, claim, &s, e) &&
              (s.got == 0 || store_do(l->store, move, &s, e));
    if (ok)
        atomic_fetch_add(&l->moved, s.got);
    arena_release(&s.arena);
    return ok;
}

static void *work(void *ctx)
{
    struct load *l = ctx;
    struct error e = {0};
    while (clock_now_ms() < l->end_ms && !atomic_load(&l->failed))
        if (!one_message(l, &e)) {
            fprintf(stderr, "store: %s\n", e.text);
            atomic_store(&l->failed, true);
        }
    return NULL;
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int run(struct load *l, unsigned threads, int64_t ms, const char *engine)
{
    pthread_t ids[THREADS_MAX];
    int64_t start = clock_now_ms();
    double cpu = cpu_seconds();
    l->end_ms = start + ms;
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&ids[i], NULL, work, l) != 0)
            return 1;
    for (unsigned i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    double seconds = (double)(clock_now_ms() - start) / 1e3;
    cpu = cpu_seconds() - cpu;
    unsigned long moved = atomic_load(&l->moved);
    printf("{\"bench\": \"store\", \"engine\": \"%s\", \"threads\": %u, \"messages\": %lu, "
           "\"per_second\": %.1f, \"cpu_ms_per_message\": %.3f",
           engine, threads, moved, (double)moved / seconds, moved == 0 ? 0 : cpu * 1e3 / (double)moved);
    return atomic_load(&l->failed) ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct error e = {0};
    struct load load = {.store = NULL};
    int from, to;
    if (argc < 4 || argc > 5 || strtoul(argv[2], NULL, 10) - 1 >= THREADS_MAX) {
        fputs("usage: store FOLDER THREADS SECONDS [POSTGRES-CONNECTION]\n", stderr);
        return 2;
    }
    struct store_config config = {.folder = argv[1],
                                  .postgres = argc == 5 ? argv[4] : NULL,
                                  .program = "bench-store",
                                  .storage_key = STR("0123456789abcdef0123456789abcdef")};
    if (!store_migrate(&config, &from, &to, &e) || !store_open(&config, &load.store, &e)) {
        fprintf(stderr, "store: %s\n", e.text);
        return 1;
    }
    int code = run(&load, (unsigned)strtoul(argv[2], NULL, 10),
                   (int64_t)(strtod(argv[3], NULL) * 1e3), argc == 5 ? "postgres" : "sqlite");
    puts("}");
    store_close(load.store);
    return code;
}
