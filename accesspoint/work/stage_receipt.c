/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include <stdio.h>

#include "accesspoint/work/references.h"
#include "accesspoint/work/stage.h"
#include "runtime/base/text.h"

/* The other access point answered: is it the receipt for what we sent? (spec/as4.md 13.2, 14, 15) */

struct answered {
    struct stage_run *run;
    const char *to;
    int64_t due_ms;
    char why[400];
    struct str receipt; /* kept as evidence; none where it is no receipt */
};

static bool write_answered(struct store_tx *tx, void *ctx, struct error *e)
{
    struct answered *a = ctx;
    const struct store_message *m = &a->run->message;
    struct store_payload receipt = {.message = m->id,
                                    .slot = STR(SLOT_AS4_RECEIPT),
                                    .media_type = STR("application/soap+xml"),
                                    .open = true};
    struct store_move move = {.to = a->to, .due_ms = a->due_ms, .why = a->why};
    return store_event_add_at(tx, m->id, a->run->answered_ms, STATE_ANSWERED, a->run->answered,
                              e) &&
           (a->receipt.len == 0 || store_payload_put(tx, &receipt, a->receipt, e)) &&
           store_message_move(tx, m, &move, e);
}

static void was_answered(void *ctx, bool ok)
{
    const struct answered *a = ctx;
    if (ok)
        log_info(&a->run->log, "work.answered", KV_TEXT("to", a->to), KV_TEXT("why", a->why));
}

static bool settle(struct answered *a)
{
    stage_hand_in(a->run, write_answered, was_answered, a);
    return true;
}

/* Another attempt with the same octets, until the window is over. */
static bool push_again(const struct answered *a, const char *why)
{
    struct error again = {0};
    error_code(&again, ERROR_RETRY, EBMS_MISSING_RECEIPT, "%s", why);
    stage_fail(a->run, &again, STAGE_OUTSIDE);
    return true;
}

static bool signer_is_expected(const struct stage_run *run, const struct as4_received *r,
                               struct error *e)
{
    AUTO_BUF hex = BUF(64);
    if (r->signer == NULL || !hex_encode(&hex, cert_sha256(r->signer), e) ||
        !str_equal(buf_str(&hex), run->attributes.signer))
        return error_code(e, ERROR_DENY, EBMS_INVALID_RECEIPT,
                          "the receipt is signed by another certificate than the directory names");
    return true;
}

static bool is_good_receipt(const struct stage_run *run, const struct as4_received *r,
                            struct error *e)
{
    struct as4_references sent;
    return references_read(run->attributes.references, run->arena, &sent, e) &&
           as4_receipt_check(r, run->attributes.as4_id, &sent, NULL, e) &&
           signer_is_expected(run, r, e);
}

/* A message waits for its message receipt then; a receipt or a ping is never acknowledged. */
static void set_arrived(struct answered *a)
{
    bool is_last = !str_is(a->run->message.kind, KIND_SDK_OUT);
    a->to = is_last ? STATE_DELIVERED : STATE_TRANSFERRED;
    a->due_ms = is_last
                    ? INT64_MAX
                    : store_now_ms(a->run->w->store) + a->run->w->settings->send->receipt_wait_ms;
}

static bool holds(struct str text, struct str word)
{
    return str_find(text, word) < text.len;
}

/* "Seen before", said of an id that only we have made: the message arrived and its receipt was lost.
 * EBMS:4001 of newer peers; phase4 to 4.4 says EBMS:0004 and the word in its detail (spec/as4.md P6b).
 * The first push too: the HTTP client repeats a request whose kept connection was cut. */
static bool says_duplicate(const struct as4_error_item *item)
{
    return str_is(item->code, "EBMS:4001") ||
           (str_is(item->code, "EBMS:0004") &&
            (holds(item->detail, STR("uplicate")) || holds(item->description, STR("uplicate"))));
}

static bool take_arrived(struct answered *a, const struct as4_received *r, const char *words)
{
    struct error bad = {0};
    if (!signer_is_expected(a->run, r, &bad))
        return push_again(a, bad.text);
    set_arrived(a);
    snprintf(a->why, sizeof(a->why), "%s (taken as arrived)", words);
    return settle(a);
}

/* A refusal that can change comes again; any other is final and told to the sender. */
static bool take_error(struct answered *a, const struct as4_received *r,
                       const struct as4_signal *signal)
{
    const struct as4_error_item *item = &signal->errors[0];
    const struct as4_error_code *code = as4_error_code_find(item->code);
    char words[300];
    snprintf(words, sizeof(words), "%.*s %.*s: %.*s", STR_ARG(item->code),
             STR_ARG(str_upto(item->short_description, 60)), STR_ARG(str_upto(item->detail, 180)));
    if (item->is_warning)
        return push_again(a, words);
    if (says_duplicate(item))
        return take_arrived(a, r, words);
    if (code != NULL && code->may_retry)
        return push_again(a, words);
    a->to = STATE_REFUSED;
    a->due_ms = INT64_MAX;
    snprintf(a->why, sizeof(a->why), "the other access point refused it: %s", words);
    return settle(a);
}

static bool take_receipt(struct answered *a, const struct as4_received *r)
{
    struct error bad = {0};
    if (!is_good_receipt(a->run, r, &bad))
        return push_again(a, bad.text);
    a->receipt = a->run->reply;
    set_arrived(a);
    return settle(a);
}

bool stage_receipt(struct stage_run *run, struct error *e)
{
    const struct workplace *w = run->w;
    struct answered *a = arena_new(run->arena, sizeof(*a));
    AUTO_AS4_RECEIVED received = {0};
    struct as4_octets body = {.memory = run->reply, .fd = -1};
    struct as4_in_config config = {
        .keys = &w->own_key,
        .key_count = 1,
        .trust = w->ap_trust,
        .partners = &w->partners,
        .modes = w->modes,
        .mode_count = w->mode_count,
        .temp_dir = w->settings->work->temp.at,
        .body_octets_max = ERRAND_REPLY_MAX,
        .now_ms = store_now_ms(w->store),
        .signals_only = true,
    };
    struct error bad = {0};
    (void)e;
    a->run = run;
    if (!as4_receive(&config, run->reply_type, &body, &received, &bad)) {
        error_prefix(&bad, "what the other access point answered");
        return push_again(a, bad.text);
    }
    const struct as4_signal *signal = as4_signal_for(&received, run->attributes.as4_id);
    if (signal == NULL)
        return push_again(a, "the answer is about another message");
    return signal->kind == AS4_ERROR && signal->error_count > 0 ? take_error(a, &received, signal)
                                                                : take_receipt(a, &received);
}
