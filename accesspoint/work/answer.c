/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/flow/demo.sh */
#include "accesspoint/work/answer.h"

#include "accesspoint/question.h"
#include "accesspoint/work/arrival.h"
#include "accesspoint/work/partner_in.h"
#include "runtime/base/sys.h"

enum { ENVELOPE_MAX = 1024 * 1024 };
#define BODY_OCTETS_MAX (64ULL * 1024 * 1024 * 1024)

struct exchange { /* one question and what is answered; in the run's arena */
    struct stage_run *run;
    const struct workplace *w;
    struct handover_request *request;
    struct arena *arena; /* the run's */
    struct question question;
    struct log_scope log;
    struct as4_received received;
    struct buf envelope;
    unsigned status;
};

static struct as4_signal_ids signal_ids(struct exchange *x)
{
    struct uuid id = uuid_random();
    struct str host = x->w->settings->accesspoint->party;
    return (struct as4_signal_ids){
        .message_id = arena_format(x->arena, "%s@%.*s", id.text, STR_ARG(host)),
        .now_ms = store_now_ms(x->w->store),
    };
}

/* Every refusal is a signed ebMS error with a SOAP Fault (spec/as4.md 3): what went wrong is in our log
 * with the message's id. */
static void refuse(struct exchange *x, const struct error *fault)
{
    struct as4_answer answer = as4_answer_for(fault);
    struct as4_signal_ids ids = signal_ids(x);
    struct as4_signer signer = workplace_signer(x->w, STR_NONE);
    struct str ref = as4_messaging_id(&x->received.messaging);
    struct error e = {0};
    log_warning(&x->log, "as4.refused", KV_STR("as4", ref), KV_TEXT("ebms", answer.code->code),
                KV_ERROR(fault));
    buf_clear(&x->envelope);
    x->status = answer.http_status;
    if (!as4_error_write(&signer, &ids, ref, &answer, &x->envelope, &e)) {
        log_error(&x->log, "as4.error_unwritten", KV_ERROR(&e));
        x->status = 500;
    }
}

static bool write_receipt(struct exchange *x, struct buf *out, struct error *e)
{
    struct as4_signal_ids ids = signal_ids(x);
    struct as4_signer signer = workplace_signer(x->w, x->received.messaging.user.from.id);
    return as4_receipt_write(&signer, &ids, &x->received, out, e);
}

static bool answer_ping(struct exchange *x, struct error *e)
{
    log_info(&x->log, "as4.pinged", KV_STR("from", x->received.messaging.user.from.id));
    x->status = 200;
    return write_receipt(x, &x->envelope, e);
}

static bool take_partner(struct exchange *x, struct arrival *a, struct error *e)
{
    return write_receipt(x, &a->receipt, e) && partner_store(a, x->run, e);
}

static bool take(struct exchange *x, struct arrival *a, struct error *e)
{
    return arrival_check(a, e) && write_receipt(x, &a->receipt, e) && arrival_store(a, x->run, e);
}

/* What is refused now may have been taken before: then it is answered as then. */
static bool answer_repeated(struct exchange *x, struct arrival *a, const struct error *fault,
                            struct error *e)
{
    bool found = false;
    x->status = 200;
    buf_clear(&x->envelope);
    if (!arrival_find_duplicate(a, &found, &x->envelope, e))
        return false;
    if (found)
        log_info(&a->log, "as4.repeated", KV_STR("as4", a->message->message_id));
    else
        *e = *fault;
    return found;
}

static bool answer_message(struct exchange *x, struct error *e)
{
    const struct as4_user_message *m = &x->received.messaging.user;
    struct arrival *a = arena_new(x->arena, sizeof(*a));
    struct error fault = {0};
    x->run->arrival = a; /* whose it is, whatever comes of it */
    *a = (struct arrival){
        .w = x->w,
        .arena = x->arena,
        .received = &x->received,
        .message = m,
        .as4_name =
            arena_format(x->arena, "%.*s %.*s", STR_ARG(m->from.id), STR_ARG(m->message_id)),
        .id = uuid_timed(store_now_ms(x->w->store)),
        .receipt = BUF(ENVELOPE_MAX),
        .octets = {.fd = -1},
    };
    a->log = (struct log_scope){.parent = &x->log, .fields = {KV_STR("msg", uuid_str(&a->id))}};
    if (!arrival_begin(a, e))
        return false;
    bool is_taken = workplace_is_federated(x->w, x->received.mode) ? take(x, a, &fault)
                                                                   : take_partner(x, a, &fault);
    return is_taken || answer_repeated(x, a, &fault, e);
}

/* Signals come as answers here, never as requests; nothing waits to be pulled. */
static bool answer_signal(struct exchange *x, struct error *e)
{
    const struct as4_signal *s = &x->received.messaging.signals[0];
    log_info(&x->log, "as4.signal_unexpected", KV_U64("kind", s->kind));
    if (s->kind == AS4_PULL_REQUEST)
        return error_code(e, ERROR_REJECT, EBMS_MODE_MISMATCH,
                          "nothing is offered for pulling here");
    x->status = 202;
    return true;
}

static bool answer_body(struct exchange *x, struct error *e)
{
    int fd = handover_request_fd(x->request);
    struct as4_octets body = {.fd = fd};
    struct as4_in_config config = {
        .keys = &x->w->own_key,
        .key_count = 1,
        .trust = x->w->ap_trust,
        .partners = &x->w->partners,
        .modes = x->w->modes,
        .mode_count = x->w->mode_count,
        .temp_dir = x->w->settings->work->temp.at,
        .body_octets_max = BODY_OCTETS_MAX,
        .now_ms = store_now_ms(x->w->store),
    };
    if (fd == -1)
        body.memory = handover_request_body(x->request);
    else if (!sys_file_size(fd, &body.len, e))
        return false;
    if (!as4_receive(&config, x->question.content_type, &body, &x->received, e))
        return false;
    if (x->received.messaging.kind == AS4_SIGNALS)
        return answer_signal(x, e);
    return as4_is_test(&x->received.messaging.user) ? answer_ping(x, e) : answer_message(x, e);
}

/* --- the answer */

static void say(struct exchange *x, const struct buf *envelope)
{
    handover_answer(x->request, x->status, STR(AS4_SIGNAL_CONTENT_TYPE), buf_str(envelope), -1);
    x->request = NULL;
}

void exchange_free(struct exchange *x)
{
    if (x == NULL)
        return;
    if (x->request != NULL)
        handover_answer(x->request, 503, STR("text/plain"), STR("busy; try again soon\n"), -1);
    as4_received_release(&x->received);
    buf_release(&x->envelope);
    x->run->exchange = NULL;
}

void exchange_begin(struct stage_run *run, struct handover_request *request)
{
    struct exchange *x = arena_new(run->arena, sizeof(*x));
    *x = (struct exchange){.run = run,
                           .w = run->w,
                           .request = request,
                           .arena = run->arena,
                           .envelope = BUF(ENVELOPE_MAX)};
    run->exchange = x;
}

void answer_question(struct stage_run *run)
{
    struct exchange *x = run->exchange;
    struct error e = {0};
    if (!question_read(handover_request_head(x->request), x->arena, &x->question, &e)) {
        refuse(x, &e);
    } else {
        x->log = (struct log_scope){
            .fields = {KV_STR("trace", x->question.trace), KV_STR("peer", x->question.peer)}};
        if (!answer_body(x, &e))
            refuse(x, &e);
    }
    if (run->write != NULL)
        return;
    say(x, &x->envelope);
    exchange_free(x);
}

static void log_taken(const struct exchange *x)
{
    const struct arrival *a = x->run->arrival;
    const struct as4_user_message *m = a->message;
    const struct as4_pmode *mode = x->received.mode;
    struct str agreed = workplace_is_federated(x->w, mode) ? STR_NONE : mode->name;
    if (a->malformed[0] != '\0')
        log_error(&a->log, "as4.envelope_malformed", KV_TEXT("why", a->malformed));
    else
        log_info(&a->log, "as4.received", KV_STR("as4", m->message_id), KV_STR("party", m->from.id),
                 KV_STR("pmode", agreed));
}

/* What goes on lives in the run's arena; what was received does not. */
static void end_exchange(struct exchange *x)
{
    struct stage_run *run = x->run;
    struct arrival *a = run->arrival;
    run->message = a->held;
    run->attributes = attributes_copy(&a->attributes, x->arena);
    run->log =
        (struct log_scope){.fields = {KV_STR("msg", uuid_str(&a->id)), KV_STR("kind", a->kind),
                                      KV_STR("trace", x->question.trace)}};
    arrival_release_writers(a);
    a->received = NULL;
    a->message = NULL;
    exchange_free(x);
}

bool stage_answer(struct stage_run *run, struct error *e)
{
    struct exchange *x = run->exchange;
    if (x != NULL) {
        x->status = 200;
        say(x, &run->arrival->receipt);
        log_taken(x);
        end_exchange(x);
    }
    return run->message.lease.len == 0 || stage_open(run, e);
}

void answer_unstored(struct stage_run *run, const struct error *fault)
{
    struct exchange *x = run->exchange;
    struct error e = {0};
    if (!answer_repeated(x, run->arrival, fault, &e))
        refuse(x, &e);
    say(x, &x->envelope);
    end_exchange(x);
}
