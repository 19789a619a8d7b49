/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_events.c, suite_crashes.c */
#include <endian.h>
#include <inttypes.h>

#include "runtime/crypto/digest.h"
#include "runtime/store/tx.h"

bool store_event_add(struct store_tx *tx, struct str message, const char *what, const char *why,
                     struct error *e)
{
    return store_event_add_at(tx, message, tx->now_ms, what, why, e);
}

bool store_event_add_at(struct store_tx *tx, struct str message, int64_t time_ms, const char *what,
                        const char *why, struct error *e)
{
    struct tx_effect event = {.type = TX_EVENT,
                              .time_ms = time_ms,
                              .message = message,
                              .what = str_of(what),
                              .why = tx_why(why)};
    if (!tx->writes)
        return error_set(e, ERROR_BUG, "an event in a transaction that only reads");
    return tx_text(message, STORE_ID_MAX, "message", e) && tx_word(event.what, "event", e) &&
           tx_effect(tx, &event, e);
}

static bool add_number(struct buf *out, int64_t number, struct error *e)
{
    uint64_t wire = htobe64((uint64_t)number);
    return buf_add(out, str_bytes(&wire, sizeof(wire)), e);
}

static bool add_field(struct buf *out, struct str field, struct error *e)
{
    return add_number(out, (int64_t)field.len, e) && buf_add(out, field, e);
}

/* SHA-256 over the hash before, seq and time as 8 octets each (big endian), then each text with its
 * length in 8 octets before it: no two rows have the same octets. */
static bool chain(struct str before, const struct store_event *event, struct digest_value *out,
                  struct error *e)
{
    AUTO_BUF b = BUF(4096);
    if (!buf_add(&b, before, e) || !add_number(&b, event->seq, e) ||
        !add_number(&b, event->time_ms, e) || !add_field(&b, event->message, e) ||
        !add_field(&b, event->actor, e) || !add_field(&b, event->what, e) ||
        !add_field(&b, event->why, e))
        return false;
    return digest_of(DIGEST_SHA256, buf_str(&b), out) ||
           error_set(e, ERROR_BUG, "SHA-256 is not to be had");
}

struct head {
    int64_t seq;
    struct digest_value hash;
};

static bool read_head(struct store_tx *tx, const char *text, struct head *head, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    bool row = false;
    if (!sql_start(tx->sql, text, SQL_NO_VALUES, &q, e) || !sql_next(&q, &row, e))
        return false;
    struct str hash = row ? sql_column_text(&q, 1) : STR_NONE;
    if (!row || hash.len != 32)
        return error_set(e, ERROR_DENY, "the head of the event chain is missing or wrong");
    head->seq = sql_column_integer(&q, 0);
    head->hash.len = hash.len;
    for (size_t i = 0; i < hash.len; i++)
        head->hash.octets[i] = (unsigned char)hash.at[i];
    return true;
}

static bool append(struct store_tx *tx, const struct tx_effect *effect, struct head *head,
                   struct error *e)
{
    struct store_event event = {head->seq + 1,   effect->time_ms,
                                effect->message, str_of(tx->store->program),
                                effect->what,    effect->why};
    struct digest_value hash;
    if (!chain(digest_str(&head->hash), &event, &hash, e) ||
        !tx_change(tx,
                   "INSERT INTO event (seq, time_ms, message, actor, what, why, hash) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                   SQL_VALUES(SQL_I(event.seq), SQL_I(event.time_ms), SQL_T(event.message),
                              SQL_T(event.actor), SQL_T(event.what), SQL_T(event.why),
                              SQL_O(digest_str(&hash))),
                   NULL, e))
        return false;
    *head = (struct head){event.seq, hash};
    return true;
}

bool tx_append_events(struct store_tx *tx, struct error *e)
{
    struct head head = {0};
    bool begun = false;
    for (size_t i = 0; i < tx->n_effects; i++) {
        if (tx->effects[i].type != TX_EVENT)
            continue;
        if (!begun &&
            !read_head(tx, "SELECT seq, hash FROM event_head WHERE id = 1 @LOCK@", &head, e))
            return false;
        begun = true;
        if (!append(tx, &tx->effects[i], &head, e))
            return false;
    }
    return !begun || tx_change(tx, "UPDATE event_head SET seq = $1, hash = $2 WHERE id = 1",
                               SQL_VALUES(SQL_I(head.seq), SQL_O(digest_str(&head.hash))), NULL, e);
}

#define COLUMNS "SELECT seq, time_ms, message, actor, what, why, hash FROM event WHERE "

static void read_event(const struct sql_query *q, struct arena *a, void *row)
{
    *(struct store_event *)row = (struct store_event){
        sql_column_integer(q, 0), sql_column_integer(q, 1), tx_column(q, 2, a),
        tx_column(q, 3, a),       tx_column(q, 4, a),       tx_column(q, 5, a)};
}

static bool read_events(struct sql_query *q, struct arena *a, size_t max, struct store_event **out,
                        size_t *got, struct error *e)
{
    struct tx_rows rows = {.max = max, .size = sizeof(**out), .read = read_event};
    if (!tx_rows(q, a, &rows, e))
        return false;
    *out = rows.at;
    *got = rows.n;
    return true;
}

bool store_event_list(struct store_tx *tx, struct arena *a, struct str message,
                      struct store_event **out, size_t *got, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    return tx_text(message, STORE_ID_MAX, "message", e) &&
           sql_start(tx->sql, COLUMNS "message = $1 ORDER BY seq LIMIT 1000",
                     SQL_VALUES(SQL_T(message)), &q, e) &&
           read_events(&q, a, STORE_LIST_MAX, out, got, e);
}

bool store_event_feed(struct store_tx *tx, struct arena *a, int64_t after, size_t max,
                      struct store_event **out, size_t *got, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    max = max > STORE_LIST_MAX ? STORE_LIST_MAX : max;
    return sql_start(tx->sql, COLUMNS "seq > $1 ORDER BY seq LIMIT $2",
                     SQL_VALUES(SQL_I(after), SQL_I((int64_t)max)), &q, e) &&
           read_events(&q, a, max, out, got, e);
}

/* --- verify: a page at a time, so that PostgreSQL's answer stays small */
struct walk {
    struct head at;
    uint64_t checked;
    int64_t bad_seq;
};

static bool bad(struct walk *walk, const char *what, struct error *e)
{
    walk->bad_seq = walk->at.seq + 1;
    return error_code(e, ERROR_DENY, "store:chain", "event %" PRId64 ": %s", walk->bad_seq, what);
}

static bool verify_row(struct walk *walk, const struct sql_query *q, struct error *e)
{
    AUTO_ARENA a = {0};
    struct store_event event;
    struct digest_value hash;
    read_event(q, &a, &event);
    if (event.seq != walk->at.seq + 1)
        return bad(walk, "the row is missing", e);
    if (!chain(digest_str(&walk->at.hash), &event, &hash, e))
        return false;
    if (!digest_equal(&hash, sql_column_text(q, 6)))
        return bad(walk, "the row or the one before it was altered", e);
    walk->at = (struct head){event.seq, hash};
    walk->checked++;
    return true;
}

static bool verify_page(struct store_tx *tx, struct walk *walk, bool *more, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    if (!sql_start(tx->sql, COLUMNS "seq > $1 ORDER BY seq LIMIT 1000",
                   SQL_VALUES(SQL_I(walk->at.seq)), &q, e))
        return false;
    *more = false;
    for (bool row = true;; *more = true) {
        if (!sql_next(&q, &row, e))
            return false;
        if (!row)
            return true;
        if (!verify_row(walk, &q, e))
            return false;
    }
}

static bool verify_all(struct store_tx *tx, struct walk *walk, struct error *e)
{
    struct head head = {0};
    if (!read_head(tx, "SELECT seq, hash FROM event_head WHERE id = 1", &head, e))
        return false;
    for (bool more = true; more;)
        if (!verify_page(tx, walk, &more, e))
            return false;
    if (walk->at.seq < head.seq)
        return bad(walk, "the row is missing at the end of the chain", e);
    if (walk->at.seq > head.seq)
        return bad(walk, "the chain is longer than its head says", e);
    return digest_equal(&walk->at.hash, digest_str(&head.hash)) ||
           bad(walk, "the head of the chain does not match the last row", e);
}

bool store_event_verify(struct store_tx *tx, uint64_t *checked, int64_t *bad_seq, struct error *e)
{
    struct walk walk = {.at = {.seq = 0, .hash = {.len = 32}}};
    bool ok = verify_all(tx, &walk, e);
    *checked = walk.checked;
    *bad_seq = walk.bad_seq;
    return ok;
}
