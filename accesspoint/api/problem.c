/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/problem.h"

#include <stdio.h>

#include "runtime/base/json.h"

/* Stable names: docs/api.md lists them, clients compare them. */
#define TYPE_BASE "https://posthorn.example/problems/"

/* clang-format off */
enum language { ENGLISH, SWEDISH, LANGUAGES };
static const struct {
    unsigned status;
    const char *name, *title[LANGUAGES];
    const char *detail[LANGUAGES]; /* where nothing finer is known */
} kinds[] = {
    [PROBLEM_BAD_REQUEST] = {400, "bad-request", {"The request cannot be read", "Anropet går inte att läsa"},
        {"The request cannot be read.",
         "Anropet går inte att läsa."}},
    [PROBLEM_KEY_MISSING] = {400, "idempotency-key-missing", {"Idempotency-Key is missing or wrong", "Idempotency-Key saknas eller är fel"},
        {"Send the header Idempotency-Key with 8 to 64 letters, digits and hyphens, best a UUID that is new for each message.",
         "Sänd huvudet Idempotency-Key med 8 till 64 bokstäver, siffror och bindestreck, helst ett UUID som är nytt för varje meddelande."}},
    [PROBLEM_UNAUTHORIZED] = {401, "unauthorized", {"No valid token", "Giltig token saknas"},
        {"Send Authorization: Bearer with the token of a client of this installation.",
         "Sänd Authorization: Bearer med en token för en klient i den här installationen."}},
    [PROBLEM_NOT_YOURS] = {403, "address-not-yours", {"The sender address is not yours", "Avsändaradressen tillhör inte klienten"},
        {"The client may not send from this function address; GET mailboxes lists those it may use.",
         "Klienten får inte sända från den här funktionsadressen; GET mailboxes listar dem den får använda."}},
    [PROBLEM_NOT_FOUND] = {404, "not-found", {"Not found", "Finns inte"},
        {"There is no such resource for this client.",
         "Det finns ingen sådan resurs för den här klienten."}},
    [PROBLEM_METHOD] = {405, "method-not-allowed", {"Method not allowed", "Metoden är inte tillåten här"},
        {"The header Allow lists the methods of this resource.",
         "Huvudet Allow listar resursens metoder."}},
    [PROBLEM_NOT_ACCEPTABLE] = {406, "not-acceptable", {"No such form", "Formen finns inte"},
        {"Answers are application/json; let Accept allow it.",
         "Svaret är application/json; Accept måste tillåta det."}},
    [PROBLEM_TIMEOUT] = {408, "timeout", {"Too slow", "För långsamt"},
        {"The request did not arrive in time; send it again.",
         "Anropet kom inte fram i tid; sänd det igen."}},
    [PROBLEM_CONFLICT] = {409, "conflict", {"Under way already", "Pågår redan"},
        {"A request with this Idempotency-Key is under way; ask again for its answer.",
         "Ett anrop med samma Idempotency-Key pågår; fråga igen när det har fått svar."}},
    [PROBLEM_LENGTH] = {411, "length-required", {"Length missing", "Längd saknas"},
        {"Send Content-Length or chunks.",
         "Ange Content-Length eller sänd innehållet i delar (chunked)."}},
    [PROBLEM_TOO_LARGE] = {413, "too-large", {"Too large", "För stort"},
        {"The body is larger than this installation takes.",
         "Innehållet är större än den här installationen tar emot."}},
    [PROBLEM_URI_TOO_LONG] = {414, "uri-too-long", {"The address is too long", "Adressen är för lång"},
        {"The address must be shorter.",
         "Adressen måste vara kortare."}},
    [PROBLEM_TYPE] = {415, "unsupported-type", {"Content-Type is not taken here", "Content-Type tas inte emot här"},
        {"Send application/json or, with files, multipart/form-data; a file of its own with its media type.",
         "Sänd application/json eller, tillsammans med filer, multipart/form-data; en ensam fil sänds med sin egen medietyp."}},
    [PROBLEM_RANGE] = {416, "range-outside", {"The range lies outside the file", "Intervallet ligger utanför filen"},
        {"Content-Range says how many octets there are.",
         "Content-Range anger hur stor filen är."}},
    [PROBLEM_EXPECTATION] = {417, "expectation", {"Expectation not met", "Förväntan kan inte uppfyllas"},
        {"Only Expect: 100-continue is known.",
         "Bara Expect: 100-continue är känt."}},
    [PROBLEM_WRONG_MESSAGE] = {422, "wrong-message", {"The message cannot be taken", "Meddelandet kan inte tas emot"},
        {"See errors: each says where and what would be right.",
         "Se errors: där står var varje fel finns och vad som vore rätt."}},
    [PROBLEM_WRONG_FILE] = {422, "wrong-file", {"The file cannot be taken", "Filen kan inte tas emot"},
        {"The file cannot be taken.",
         "Filen kan inte tas emot."}},
    [PROBLEM_KEY_REUSED] = {422, "idempotency-key-reused", {"Idempotency-Key was used for another message", "Idempotency-Key har använts för ett annat meddelande"},
        {"Use a new key for a new message; the first message was taken.",
         "Använd en ny nyckel för ett nytt meddelande; det första meddelandet togs emot."}},
    [PROBLEM_HEAD_TOO_LARGE] = {431, "head-too-large", {"The header is too large", "Huvudfälten är för stora"},
        {"The header must be smaller.",
         "Anropets huvudfält måste vara mindre."}},
    [PROBLEM_INTERNAL] = {500, "internal", {"Fault in this service", "Fel i tjänsten"},
        {"The fault is logged under the instance; nothing was kept.",
         "Felet är loggat med värdet i instance; inget sparades."}},
    [PROBLEM_NOT_IMPLEMENTED] = {501, "not-implemented", {"Not known here", "Okänt här"},
        {"The method or coding is not known here.",
         "Metoden eller kodningen är inte känd här."}},
    [PROBLEM_UNAVAILABLE] = {503, "unavailable", {"Cannot store now", "Kan inte spara just nu"},
        {"Nothing was kept; send it again later with the same Idempotency-Key.",
         "Inget sparades; sänd det igen senare med samma Idempotency-Key."}},
    [PROBLEM_VERSION] = {505, "http-version", {"HTTP version is not known", "Okänd HTTP-version"},
        {"Use HTTP/1.1.",
         "Använd HTTP/1.1."}},
};
/* clang-format on */

unsigned problem_status(enum problem p)
{
    return kinds[p].status;
}

const char *problem_name(enum problem p)
{
    return kinds[p].name;
}

enum problem problem_of_status(unsigned status)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].status == status)
            return (enum problem)i;
    return status < 500 ? PROBLEM_BAD_REQUEST : PROBLEM_INTERNAL;
}

enum problem problem_of_error(const struct error *e)
{
    switch (e->kind) {
    case ERROR_RETRY:
        return PROBLEM_UNAVAILABLE;
    case ERROR_REJECT:
        return PROBLEM_BAD_REQUEST;
    case ERROR_DENY:
    case ERROR_BUG:
    case ERROR_NONE:
    default:
        return PROBLEM_INTERNAL;
    }
}

static void put_faults(struct json_writer *w, const struct letter_faults *f)
{
    json_open_array(w, "errors");
    for (size_t i = 0; i < f->count; i++) {
        json_open_object(w, NULL);
        json_put_text(w, "pointer", f->at[i].pointer);
        json_put_text(w, "detail", f->at[i].detail);
        json_put_text(w, "code", str_of(f->at[i].code));
        json_close(w);
    }
    json_close(w);
}

bool problem_write(const struct problem_words *p, struct buf *out, struct error *e)
{
    enum language language = p->swedish ? SWEDISH : ENGLISH;
    unsigned status = kinds[p->problem].status;
    bool own_words = p->detail.len == 0 || status >= 500;
    char type[128];
    char instance[64];
    (void)snprintf(type, sizeof(type), "%s%s", TYPE_BASE, kinds[p->problem].name);
    (void)snprintf(instance, sizeof(instance), "urn:uuid:%.*s", STR_ARG(p->instance));
    struct json_writer w = json_writer_on(out, e);
    json_open_object(&w, NULL);
    json_put_text(&w, "type", str_of(type));
    json_put_text(&w, "title", str_of(kinds[p->problem].title[language]));
    json_put_integer(&w, "status", status);
    json_put_text(&w, "detail", own_words ? str_of(kinds[p->problem].detail[language]) : p->detail);
    json_put_text(&w, "instance", str_of(instance));
    json_put_text(&w, "traceId", p->trace_id);
    if (p->faults != NULL && p->faults->count > 0)
        put_faults(&w, p->faults);
    json_close(&w);
    return json_done(&w);
}
