/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_messages.c, suite_leases.c, suite_crashes.c */
#include "runtime/store/message.h"

void message_read(const struct sql_query *q, struct arena *a, void *row)
{
    *(struct store_message *)row = (struct store_message){
        .id = tx_column(q, 0, a),
        .kind = tx_column(q, 1, a),
        .state = tx_column(q, 2, a),
        .mailbox = tx_column(q, 3, a),
        .attributes = tx_column(q, 4, a),
        .due_ms = sql_column_integer(q, 5),
        .created_ms = sql_column_integer(q, 6),
        .changed_ms = sql_column_integer(q, 7),
        .leased_until_ms = sql_column_integer(q, 8),
        .owner = tx_column(q, 9, a),
        .attempts = (uint32_t)sql_column_integer(q, 10),
        .last_why = tx_column(q, 11, a),
        .parked_from = tx_column(q, 12, a),
    };
}

static bool check_shape(const struct store_message *m, struct error *e)
{
    if (m->id.len == 0)
        return error_set(e, ERROR_REJECT, "id: empty");
    return tx_text(m->id, STORE_ID_MAX, "id", e) && tx_word(m->kind, "kind", e) &&
           tx_word(m->state, "state", e) && tx_text(m->mailbox, STORE_MAILBOX_MAX, "mailbox", e) &&
           tx_text(m->attributes, STORE_ATTRIBUTES_MAX, "attributes", e);
}

/* The lease is m's: owner, lease and leased_until_ms are empty where nobody has it. */
static bool insert(struct store_tx *tx, const struct store_message *m, struct error *e)
{
    uint64_t changed = 0;
    if (!check_shape(m, e))
        return false;
    if (!tx_change(tx,
                   "INSERT INTO message (" MESSAGE_COLUMNS
                   ", lease, claims_without_outcome) VALUES "
                   "($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, 0, $10, '', $11, $12) "
                   "ON CONFLICT (id) DO NOTHING",
                   SQL_VALUES(SQL_T(m->id), SQL_T(m->kind), SQL_T(m->state), SQL_T(m->mailbox),
                              SQL_T(m->attributes), SQL_I(m->due_ms), SQL_I(tx->now_ms),
                              SQL_I(m->leased_until_ms), SQL_T(m->owner), SQL_T(m->last_why),
                              SQL_T(m->lease), SQL_I(m->lease.len > 0 ? 1 : 0)),
                   &changed, e))
        return false;
    return changed == 1 || error_code(e, ERROR_REJECT, "store:exists",
                                      "message %.*s is there already", STR_ARG(m->id));
}

bool store_message_insert(struct store_tx *tx, const struct store_message *m, const char *why,
                          struct error *e)
{
    struct store_message row = *m;
    row.owner = row.lease = STR("");
    row.leased_until_ms = 0;
    row.last_why = tx_why(why);
    return insert(tx, &row, e) && tx_entered(tx, m->id, m->state, row.last_why, e);
}

static void grant(const struct store_tx *tx, struct str token, int64_t lease_ms,
                  struct store_message *m)
{
    m->lease = token;
    m->owner = str_of(tx->store->owner);
    m->leased_until_ms = tx->now_ms + lease_ms;
}

bool store_message_insert_leased(struct store_tx *tx, struct arena *a,
                                 const struct store_message *m, int64_t lease_ms,
                                 struct store_message *out, struct error *e)
{
    struct uuid random = uuid_random();
    struct store_message row = *m;
    row.created_ms = row.changed_ms = tx->now_ms;
    row.attempts = 0;
    row.last_why = tx_reason(m->last_why);
    row.parked_from = STR("");
    grant(tx, arena_copy(a, uuid_str(&random)), lease_ms, &row);
    if (!presence_hold(tx, e) || !insert(tx, &row, e) ||
        !tx_entered_leased(tx, m->id, m->state, row.last_why, e))
        return false;
    *out = row;
    return true;
}

static bool unknown(struct str id, struct error *e)
{
    return error_code(e, ERROR_REJECT, "store:unknown", "no message %.*s",
                      STR_ARG(str_upto(id, STORE_ID_MAX)));
}

bool store_message_get(struct store_tx *tx, struct arena *a, struct str id,
                       struct store_message *out, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    bool row = false;
    if (!tx_text(id, STORE_ID_MAX, "id", e) ||
        !sql_start(tx->sql, "SELECT " MESSAGE_COLUMNS " FROM message WHERE id = $1",
                   SQL_VALUES(SQL_T(id)), &q, e) ||
        !sql_next(&q, &row, e))
        return false;
    if (!row)
        return unknown(id, e);
    message_read(&q, a, out);
    return true;
}

/* What ends a lease well or badly: the guard is the same for all. $1 id, $2 state it is in, $3 lease,
 * $4 now. A message nobody leases may be moved by who read it. */
#define GUARD \
    " WHERE id = $1 AND state = $2 AND (lease = $3 OR ($3 = '' AND leased_until_ms <= $4))"
#define UNLEASED " leased_until_ms = 0, owner = '', lease = '', claims_without_outcome = 0"
/* As if it had ended and been claimed again. */
#define KEPT " leased_until_ms = $10, claims_without_outcome = 1"
#define ENTER                                                                                      \
    "UPDATE message SET state = $5, changed_ms = $4, due_ms = $6, attributes = $7, attempts = 0, " \
    "last_why = $8, parked_from = $9,"

static bool taken(const struct store_message *m, struct error *e)
{
    return error_code(e, ERROR_RETRY, "store:taken",
                      "message %.*s was taken over: it is no longer in state %.*s under this lease",
                      STR_ARG(m->id), STR_ARG(m->state));
}

static bool enter(struct store_tx *tx, const struct store_message *m, const struct store_move *move,
                  struct str parked_from, struct error *e)
{
    bool keeps = move->lease_ms > 0;
    uint64_t changed = 0;
    struct store_message row = *m;
    row.state = str_of(move->to);
    row.attributes = move->attributes.at == NULL ? m->attributes : move->attributes;
    row.due_ms = move->due_ms == 0 ? tx->now_ms : move->due_ms;
    row.changed_ms = tx->now_ms;
    row.leased_until_ms = tx->now_ms + move->lease_ms;
    row.attempts = 0;
    row.last_why = tx_why(move->why);
    row.parked_from = parked_from;
    if (keeps && (m->lease.len == 0 || move->kept == NULL))
        return error_set(e, ERROR_BUG, "only who claimed a message can keep its lease");
    if (!tx_word(row.state, "state", e) ||
        !tx_text(row.attributes, STORE_ATTRIBUTES_MAX, "attributes", e) ||
        !tx_change(tx, keeps ? ENTER KEPT GUARD : ENTER UNLEASED GUARD,
                   SQL_VALUES(SQL_T(m->id), SQL_T(m->state), SQL_T(m->lease), SQL_I(tx->now_ms),
                              SQL_T(row.state), SQL_I(row.due_ms), SQL_T(row.attributes),
                              SQL_T(row.last_why), SQL_T(row.parked_from),
                              SQL_I(row.leased_until_ms)),
                   &changed, e))
        return false;
    if (changed == 0)
        return taken(m, e);
    if (!keeps)
        return tx_entered(tx, m->id, row.state, row.last_why, e);
    *move->kept = row;
    return tx_entered_leased(tx, m->id, row.state, row.last_why, e);
}

bool store_message_move(struct store_tx *tx, const struct store_message *m,
                        const struct store_move *move, struct error *e)
{
    return enter(tx, m, move, STR(""), e);
}

bool store_message_park(struct store_tx *tx, const struct store_message *m, const char *why,
                        struct error *e)
{
    struct store_move move = {.to = "parked", .why = why};
    return enter(tx, m, &move, m->state, e);
}

bool store_message_retry(struct store_tx *tx, const struct store_message *m, int64_t due_ms,
                         const char *why, struct error *e)
{
    uint64_t changed = 0;
    if (!tx_change(
            tx,
            "UPDATE message SET due_ms = $5, attempts = attempts + 1, last_why = $6," UNLEASED
                GUARD,
            SQL_VALUES(SQL_T(m->id), SQL_T(m->state), SQL_T(m->lease), SQL_I(tx->now_ms),
                       SQL_I(due_ms), SQL_T(tx_why(why))),
            &changed, e))
        return false;
    if (changed == 0)
        return taken(m, e);
    return store_event_add(tx, m->id, "retry", why, e);
}

bool store_message_release(struct store_tx *tx, const struct store_message *m, struct error *e)
{
    uint64_t changed = 0;
    if (!tx_change(tx, "UPDATE message SET" UNLEASED GUARD,
                   SQL_VALUES(SQL_T(m->id), SQL_T(m->state), SQL_T(m->lease), SQL_I(tx->now_ms)),
                   &changed, e))
        return false;
    return changed == 1 || taken(m, e);
}

bool store_message_extend(struct store_tx *tx, const struct store_message *m, int64_t lease_ms,
                          struct error *e)
{
    uint64_t changed = 0;
    if (m->lease.len == 0)
        return error_set(e, ERROR_BUG, "only who claimed a message can extend its lease");
    if (!presence_hold(tx, e) ||
        !tx_change(tx, "UPDATE message SET leased_until_ms = $5" GUARD,
                   SQL_VALUES(SQL_T(m->id), SQL_T(m->state), SQL_T(m->lease), SQL_I(tx->now_ms),
                              SQL_I(tx->now_ms + lease_ms)),
                   &changed, e))
        return false;
    return changed == 1 || taken(m, e);
}

bool store_message_unpark(struct store_tx *tx, struct str id, const char *why, struct error *e)
{
    AUTO_ARENA a = {0};
    struct store_message m = {0};
    if (!store_message_get(tx, &a, id, &m, e))
        return false;
    if (!str_is(m.state, "parked") || m.parked_from.len == 0)
        return error_set(e, ERROR_REJECT, "message %.*s is not parked but %.*s", STR_ARG(id),
                         STR_ARG(m.state));
    struct store_move move = {.to = arena_text(&a, m.parked_from), .why = why};
    return enter(tx, &m, &move, STR(""), e);
}

bool store_message_dispose(struct store_tx *tx, struct str id, const char *why, struct error *e)
{
    uint64_t changed = 0;
    if (!tx_text(id, STORE_ID_MAX, "id", e) || !tx_dispose_payloads(tx, id, e) ||
        !tx_change(tx, "DELETE FROM name WHERE message = $1", SQL_VALUES(SQL_T(id)), NULL, e) ||
        !tx_change(tx, "DELETE FROM message WHERE id = $1", SQL_VALUES(SQL_T(id)), &changed, e))
        return false;
    return changed == 1 ? store_event_add(tx, id, "disposed", why, e) : unknown(id, e);
}

/* --- claim */
struct candidate {
    struct store_message m;
    int64_t claims;
};

/* One state at a time, so that the index gives the oldest without sorting a long queue. */
static bool find_in_state(struct store_tx *tx, struct arena *a, const char *state, size_t max,
                          struct candidate *out, size_t *n, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    if (!sql_start(tx->sql,
                   "SELECT " MESSAGE_COLUMNS
                   ", claims_without_outcome FROM message WHERE state = $1 AND "
                   "due_ms <= $2 AND leased_until_ms <= $2 ORDER BY due_ms LIMIT $3 @LOCK_FREE@",
                   SQL_VALUES(SQL_T(str_of(state)), SQL_I(tx->now_ms), SQL_I((int64_t)max)), &q, e))
        return false;
    for (size_t i = 0; i < max; i++) {
        bool row = false;
        if (!sql_next(&q, &row, e))
            return false;
        if (!row)
            return true;
        message_read(&q, a, &out[*n].m);
        out[(*n)++].claims = sql_column_integer(&q, MESSAGE_COLUMNS_COUNT);
    }
    return true;
}

/* Insertion sort by due time: each state's part is in order already. */
static void sort_by_due(struct candidate *at, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct candidate moving = at[i];
        size_t to = i;
        for (; to > 0 && at[to - 1].m.due_ms > moving.m.due_ms; to--)
            at[to] = at[to - 1];
        at[to] = moving;
    }
}

static bool lease(struct store_tx *tx, struct str token, int64_t lease_ms, struct store_message *m,
                  struct error *e)
{
    grant(tx, token, lease_ms, m);
    return tx_change(
        tx,
        "UPDATE message SET owner = $2, lease = $3, leased_until_ms = $4, "
        "claims_without_outcome = claims_without_outcome + 1 WHERE id = $1",
        SQL_VALUES(SQL_T(m->id), SQL_T(m->owner), SQL_T(m->lease), SQL_I(m->leased_until_ms)), NULL,
        e);
}

/* So many claims ended without a word: processes died of it, again and again. One more must not. */
static bool lease_or_park(struct store_tx *tx, struct str token, int64_t lease_ms,
                          struct candidate *c, bool *leased, struct error *e)
{
    *leased = c->claims < STORE_LOST_CLAIMS_MAX;
    if (!*leased)
        return store_message_park(tx, &c->m, "five claims of it in a row ended without an outcome",
                                  e);
    if (c->claims > 0 && !store_event_add(tx, c->m.id, "taken-over", "the lease ran out", e))
        return false;
    return lease(tx, token, lease_ms, &c->m, e);
}

bool store_message_claim(struct store_tx *tx, struct arena *a, const struct store_claim *claim,
                         struct store_message *out, size_t *got, struct error *e)
{
    if (claim->n_states > STORE_CLAIM_STATES_MAX || claim->max > STORE_CLAIM_MAX)
        return error_set(e, ERROR_BUG, "a claim asks for too much");
    if (!presence_hold(tx, e) || !presence_free_gone(tx, e))
        return false;
    struct candidate *found = arena_array(a, claim->n_states * claim->max + 1, sizeof(*found));
    size_t n = 0;
    for (size_t i = 0; i < claim->n_states; i++)
        if (!find_in_state(tx, a, claim->states[i], claim->max, found, &n, e))
            return false;
    sort_by_due(found, n);
    struct uuid random = uuid_random();
    struct str token = arena_copy(a, uuid_str(&random));
    size_t taken_now = 0;
    for (size_t i = 0; i < n && taken_now < claim->max; i++) {
        bool leased = false;
        if (!lease_or_park(tx, token, claim->lease_ms, &found[i], &leased, e))
            return false;
        if (leased)
            out[taken_now++] = found[i].m;
    }
    *got = taken_now;
    return true;
}
