/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/receipt/receipt.h"

#include "runtime/base/clock.h"
#include "runtime/xml/write.h"

#define APP_NS "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"
#define CAC_NS "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
#define CBC_NS "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"

enum { HOLD_OCTETS = 16 * 1024, READ_MAX = 1 << 20, VALUE_MAX = 4096, TEXT_MAX = 1024 };

/* --- writing */

static void put_party(struct xml_writer *w, struct str name, struct str id)
{
    xml_put(w, STR("<cac:"));
    xml_put(w, name);
    xml_put(w, STR("><cbc:EndpointID schemeID=\"iso6523-actorid-upis\">"));
    xml_put_text(w, id);
    xml_put(w, STR("</cbc:EndpointID></cac:"));
    xml_put(w, name);
    xml_put(w, STR(">"));
}

static void put_line(struct xml_writer *w, const struct receipt_line *l)
{
    xml_put(w, STR("<cac:LineResponse><cac:LineReference>"));
    xml_put_value(w, "cbc:LineID", l->where.len == 0 ? STR("NA") : l->where);
    xml_put(w, STR("</cac:LineReference><cac:Response>"));
    xml_put_value(w, "cbc:ResponseCode", l->code);
    xml_put(w, STR("<cac:Status>"));
    xml_put_value(w, "cbc:StatusReasonCode", l->detail);
    xml_put_value(w, "cbc:StatusReason", l->text);
    xml_put(w, STR("</cac:Status></cac:Response></cac:LineResponse>"));
}

/* "2026-11-20T12:00:00.123Z" in its two halves */
static void put_issued(struct xml_writer *w, int64_t issued_ms)
{
    char text[CLOCK_TEXT_SIZE];
    struct str issued = str_of(clock_format(issued_ms, text));
    xml_put_value(w, "cbc:IssueDate", str_upto(issued, 10));
    xml_put_value(w, "cbc:IssueTime", str_from(issued, 11));
}

bool receipt_write(const struct receipt *r, struct sink *out, struct error *e)
{
    AUTO_BUF hold = BUF(HOLD_OCTETS);
    struct xml_writer w = xml_writer_on(out, &hold, e);
    if (r->is_accepted != (r->line_count == 0) || r->line_count > RECEIPT_LINES_MAX)
        return error_set(e, ERROR_BUG, "a receipt is accepted or says why not");
    xml_put(&w, STR("<app:ApplicationResponse xmlns:app=\"" APP_NS "\" xmlns:cac=\"" CAC_NS
                    "\" xmlns:cbc=\"" CBC_NS "\">"
                    "<cbc:CustomizationID>urn:fdc:digg.se:edelivery:messagetype:response:1"
                    "</cbc:CustomizationID><cbc:ProfileID>bdx:noprocess</cbc:ProfileID>"));
    xml_put_value(&w, "cbc:ID", r->id);
    put_issued(&w, r->issued_ms);
    put_party(&w, STR("SenderParty"), r->sender);
    put_party(&w, STR("ReceiverParty"), r->receiver);
    xml_put(&w, STR("<cac:DocumentResponse><cac:Response>"));
    xml_put_value(&w, "cbc:ResponseCode", r->is_accepted ? STR("ACCEPTED") : STR("REJECTED"));
    xml_put(&w, STR("</cac:Response><cac:DocumentReference>"));
    xml_put_value(&w, "cbc:ID", r->reference);
    xml_put(&w, STR("</cac:DocumentReference>"));
    for (size_t i = 0; i < r->line_count; i++)
        put_line(&w, &r->lines[i]);
    xml_put(&w, STR("</cac:DocumentResponse></app:ApplicationResponse>"));
    return xml_flush(&w) && sink_finish(out, e);
}

/* --- reading */

struct reader {
    struct arena *arena;
    struct error *e;
};

static bool read_value(struct reader *r, const struct xml_node *parent, const char *name,
                       struct str *out)
{
    const struct xml_node *n;
    return xml_one(parent, CBC_NS, name, &n, r->e) && xml_trimmed(n, r->arena, READ_MAX, out, r->e);
}

static bool read_party(struct reader *r, const struct xml_node *root, const char *name,
                       struct str *out)
{
    const struct xml_node *party;
    return xml_one(root, CAC_NS, name, &party, r->e) && read_value(r, party, "EndpointID", out);
}

static bool read_issued(struct reader *r, const struct xml_node *root, int64_t *out)
{
    struct str date, time;
    if (!read_value(r, root, "IssueDate", &date) || !read_value(r, root, "IssueTime", &time))
        return false;
    /* a date may carry a zone of its own; the time's is the one that counts */
    struct str both =
        arena_format(r->arena, "%.*sT%.*s", STR_ARG(str_upto(date, 10)), STR_ARG(time));
    return clock_parse(both, out, NULL, r->e);
}

static bool read_line(struct reader *r, const struct xml_node *n, struct receipt_line *out)
{
    const struct xml_node *reference, *response, *status;
    if (!xml_one(n, CAC_NS, "LineReference", &reference, r->e) ||
        !read_value(r, reference, "LineID", &out->where) ||
        !xml_one(n, CAC_NS, "Response", &response, r->e) ||
        !read_value(r, response, "ResponseCode", &out->code) ||
        !xml_one(response, CAC_NS, "Status", &status, r->e) ||
        !read_value(r, status, "StatusReason", &out->text))
        return false;
    return xml_first(status, CBC_NS, "StatusReasonCode") == NULL ||
           read_value(r, status, "StatusReasonCode", &out->detail);
}

static bool read_response(struct reader *r, const struct xml_node *root, struct receipt *out)
{
    const struct xml_node *document, *response, *reference;
    struct str code;
    if (!xml_one(root, CAC_NS, "DocumentResponse", &document, r->e) ||
        !xml_one(document, CAC_NS, "Response", &response, r->e) ||
        !read_value(r, response, "ResponseCode", &code) ||
        !xml_one(document, CAC_NS, "DocumentReference", &reference, r->e) ||
        !read_value(r, reference, "ID", &out->reference))
        return false;
    out->is_accepted = str_is(code, "ACCEPTED");
    const struct xml_node *n = xml_first(document, CAC_NS, "LineResponse");
    for (; n != NULL && out->line_count < RECEIPT_LINES_MAX;
         n = xml_next(n, CAC_NS, "LineResponse")) {
        if (!read_line(r, n, &out->lines[out->line_count]))
            return false;
        out->line_count++;
    }
    return true;
}

static bool read_receipt(const struct xml_doc *d, struct arena *a, struct receipt *out,
                         struct error *e)
{
    struct reader r = {a, e};
    struct receipt got = {0};
    const struct xml_node *root = xml_root(d);
    if (!read_value(&r, root, "ID", &got.id) || !read_issued(&r, root, &got.issued_ms) ||
        !read_party(&r, root, "SenderParty", &got.sender) ||
        !read_party(&r, root, "ReceiverParty", &got.receiver) || !read_response(&r, root, &got))
        return false;
    *out = got;
    return true;
}

bool receipt_check(const struct judge *j, const struct xml_doc *d, struct arena *a,
                   struct receipt *out, struct xml_findings *f, struct error *e)
{
    size_t before = f->count;
    struct error why = {0};
    if (!judge_check(j, d, JUDGE_RECEIVED, a, f, e))
        return false;
    if (f->count > before || read_receipt(d, a, out, &why))
        return true;
    if (why.kind != ERROR_REJECT) {
        *e = why;
        return false;
    }
    judge_find(f, a, "form", "RECEIPT/profile", NULL, arena_text(a, str_of(why.text)));
    return true;
}

/* --- reasons */

/* "BV/invariant" in its two halves; false where it is no code of a receipt. */
static bool split_code(struct str code, struct str *reason, struct str *detail)
{
    static const char *const reasons[] = {"SV", "BV", "SIG"};
    size_t slash = str_find_char(code, '/');
    *reason = str_upto(code, slash);
    *detail = str_from(code, slash + 1);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (str_is(*reason, reasons[i]))
            return true;
    }
    return false;
}

void receipt_add(struct receipt *r, struct arena *a, struct str code, struct str where,
                 struct str text)
{
    struct str reason, detail;
    if (!split_code(code, &reason, &detail)) { /* a code of another document type */
        reason = STR("BV");
        detail = STR("invariant");
    }
    r->is_accepted = false;
    if (r->line_count == RECEIPT_LINES_MAX)
        return;
    r->lines[r->line_count++] = (struct receipt_line){
        .where = where.len == 0 ? STR("NA") : arena_copy(a, str_upto_utf8(where, VALUE_MAX)),
        .code = arena_copy(a, reason),
        .detail = detail.len == 0 ? STR_NONE : arena_copy(a, detail),
        .text = text.len == 0 ? STR("Not accepted.") : arena_copy(a, str_upto_utf8(text, TEXT_MAX)),
    };
}

void receipt_add_findings(struct receipt *r, const struct xml_findings *f, struct arena *a)
{
    for (size_t i = 0; i < f->count; i++)
        receipt_add(r, a, f->at[i].code, f->at[i].where, f->at[i].text);
}
