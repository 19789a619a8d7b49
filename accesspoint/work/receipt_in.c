/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include <stdio.h>

#include "accesspoint/work/opening.h"

/* An inbound message receipt: verified, correlated, shown; never acknowledged (spec/sdk.md 5.7). */

enum { WAIT_FOR_TRANSFER_MS = 2 * 60 * 1000 };

struct correlation { /* in the run's arena, until it is committed */
    struct stage_run *run;
    struct str from, to; /* of the envelope */
    struct receipt receipt;
    struct store_message message; /* ours, that is acknowledged */
    struct attributes attributes;
    bool is_known;
    bool is_ignored;
    char why[400]; /* what it says, or why it is ignored: for the event */
};

static void ignore(struct correlation *c, const char *why)
{
    c->is_ignored = true;
    snprintf(c->why, sizeof(c->why), "%s", why);
}

static bool find_ours(struct store_tx *tx, struct correlation *c, struct error *e)
{
    struct str id;
    if (!store_name_find(tx, c->run->arena, STR(SCOPE_XHE_OUT), c->receipt.reference, &id, e))
        return false;
    c->is_known = id.len > 0;
    return !c->is_known ||
           (store_message_get(tx, c->run->arena, id, &c->message, e) &&
            attributes_read(c->message.attributes, c->run->arena, &c->attributes, e));
}

static bool is_final(struct str state)
{
    return str_is(state, STATE_DELIVERED) || str_is(state, STATE_REFUSED);
}

/* It must be from whom the message went to, and to whom it came from. */
static const char *mismatch(const struct correlation *c)
{
    const struct receipt *r = &c->receipt;
    if (!str_equal_nocase(r->sender, c->from) || !str_equal_nocase(r->receiver, c->to))
        return "the receipt's parties are not its envelope's";
    if (!c->is_known)
        return "the receipt is for a message we never sent";
    if (!str_equal_nocase(c->attributes.to, r->sender) ||
        !str_equal_nocase(c->attributes.from, r->receiver))
        return "the receipt is from another organisation than the message went to";
    if (is_final(c->message.state))
        return "a receipt for this message was taken before";
    return NULL;
}

/* It overtook the AS4 receipt of what it answers: that comes in a moment. */
static bool is_early(const struct correlation *c)
{
    return str_is(c->message.state, STATE_SEALED) &&
           store_now_ms(c->run->w->store) < c->run->message.created_ms + WAIT_FOR_TRANSFER_MS;
}

/* "REJECTED BV/not-found text; ..." for the API; the lines hold no content (spec/sdk.md 5.4). */
static void describe(struct correlation *c)
{
    const struct receipt *r = &c->receipt;
    AUTO_BUF text = BUF(4000);
    struct error e = {0};
    bool ok = buf_add(&text, r->is_accepted ? STR("ACCEPTED") : STR("REJECTED"), &e);
    for (size_t i = 0; ok && i < r->line_count; i++)
        ok = buf_addf(&text, &e, "%s%.*s/%.*s %.*s", i == 0 ? " " : "; ", STR_ARG(r->lines[i].code),
                      STR_ARG(r->lines[i].detail), STR_ARG(str_upto(r->lines[i].text, 300)));
    c->run->attributes.outcome = arena_copy(c->run->arena, buf_str(&text));
    c->run->attributes.message_id = r->reference;
    snprintf(c->why, sizeof(c->why), "%.*s", STR_ARG(str_upto(buf_str(&text), 390)));
}

static bool move_ours(struct store_tx *tx, struct correlation *c, struct error *e)
{
    struct store_move move = {
        .to = c->receipt.is_accepted ? STATE_DELIVERED : STATE_REFUSED,
        .due_ms = INT64_MAX,
        .why = c->why,
    };
    describe(c);
    c->attributes.outcome = c->run->attributes.outcome;
    return attributes_write(&c->attributes, c->run->arena, &move.attributes, e) &&
           store_message_move(tx, &c->message, &move, e);
}

static bool answer_ours(struct store_tx *tx, struct correlation *c, struct error *e)
{
    if (!find_ours(tx, c, e))
        return false;
    const char *why = mismatch(c);
    if (why != NULL)
        ignore(c, why);
    else if (is_early(c))
        return error_set(e, ERROR_RETRY, "the transport receipt of the message is not in yet");
    return why != NULL || move_ours(tx, c, e);
}

static bool write_correlation(struct store_tx *tx, void *ctx, struct error *e)
{
    struct correlation *c = ctx;
    return (c->is_ignored || answer_ours(tx, c, e)) &&
           stage_move(tx, c->run, STATE_NOTED, INT64_MAX, c->is_ignored ? c->why : "", e);
}

/* What it says; a fault of its own is why it is ignored. */
static bool read_receipt(struct correlation *c, struct opening *o, const struct error *denied,
                         struct error *e)
{
    struct xml_findings findings = {0};
    struct error fault = {0};
    if (denied != NULL) {
        ignore(c, denied->text);
    } else if (o->xhe.is_encrypted) {
        ignore(c, "a message receipt must not be encrypted");
    } else if (!opening_payload(o, &fault)) {
        if (fault.kind == ERROR_RETRY)
            return error_set(e, ERROR_RETRY, "%s", fault.text);
        ignore(c, fault.text);
    } else if (!receipt_check(o->run->w->judge_receipt, o->payload, o->run->arena, &c->receipt,
                              &findings, e)) {
        return false;
    } else if (findings.count > 0) {
        ignore(c, arena_text(o->run->arena, findings.at[0].text));
    }
    return true;
}

static void was_written(void *ctx, bool ok)
{
    const struct correlation *c = ctx;
    if (ok && c->is_ignored)
        log_warning(&c->run->log, "sdk.receipt_ignored", KV_STR("reference", c->receipt.reference),
                    KV_TEXT("why", c->why));
    else if (ok)
        log_info(&c->run->log, "sdk.answered", KV_STR("messageId", c->receipt.reference),
                 KV_STR("outcome", c->run->attributes.outcome));
}

bool open_receipt(struct opening *o, const struct error *denied, struct error *e)
{
    struct correlation *c = arena_new(o->run->arena, sizeof(*c));
    *c = (struct correlation){.run = o->run, .from = o->xhe.from, .to = o->xhe.to};
    if (!read_receipt(c, o, denied, e))
        return false;
    stage_hand_in(o->run, write_correlation, was_written, c);
    return true;
}
