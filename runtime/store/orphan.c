/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_crashes.c */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "runtime/base/number.h"
#include "runtime/store/tx.h"

enum { OWNERS_MAX = 256 };

/* "program/pid" of the lease. Our own number is an earlier process's too: we have leased nothing yet. */
static bool is_dead(const struct store *store, struct str owner)
{
    struct str program = str_of(store->program), digits = str_from(owner, program.len + 1);
    uint64_t pid;
    struct error e = {0};
    if (!str_starts(owner, program) || !parse_u64(digits, 1, INT32_MAX, &pid, &e))
        return false;
    return (pid_t)pid == getpid() || (kill((pid_t)pid, 0) == -1 && errno == ESRCH);
}

static bool list_owners(struct store_tx *tx, struct arena *a, struct tx_rows *owners,
                        struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    return sql_start(tx->sql, "SELECT DISTINCT owner FROM message WHERE leased_until_ms > $1",
                     SQL_VALUES(SQL_I(tx->now_ms)), &q, e) &&
           tx_rows(&q, a, owners, e);
}

/* The lease stays as it is but for its end: what was lost with it still counts. */
static bool free_all(struct store_tx *tx, void *ctx, struct error *e)
{
    AUTO_ARENA a = {0};
    struct tx_rows rows = {OWNERS_MAX, sizeof(struct str), tx_read_text, NULL, 0};
    (void)ctx;
    if (!list_owners(tx, &a, &rows, e))
        return false;
    const struct str *owners = rows.at;
    for (size_t i = 0; i < rows.n; i++)
        if (is_dead(tx->store, owners[i]) &&
            !tx_change(tx, "UPDATE message SET leased_until_ms = 0 WHERE owner = $1",
                       SQL_VALUES(SQL_T(owners[i])), NULL, e))
            return false;
    return true;
}

static bool free_gone(struct store_tx *tx, void *ctx, struct error *e)
{
    (void)ctx;
    return presence_free_gone(tx, e);
}

bool orphans_free(struct store *store, struct error *e)
{
    return store_do(store, store->postgres == NULL ? free_all : free_gone, NULL, e);
}
