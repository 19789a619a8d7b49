/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/sdk/judge.h"

#include "runtime/base/mem.h"

static const struct kind {
    const char *schema, *rules;
    const char *schema_code;
} kinds[] = {
    [JUDGE_MESSAGE] = {"sdk-message-3.xsd", "sdk-message-3.rules", "SV/structure"},
    [JUDGE_ENVELOPE] = {"xhe-1.0.xsd", "xhe-1.0.rules", "XHE/profile"},
    [JUDGE_RECEIPT] = {"receipt-2.1.xsd", "receipt-2.1.rules", "RECEIPT/profile"},
};

struct judge {
    const struct kind *kind;
    struct xml_schema *schema;
    struct xml_rules *rules;
};

bool judge_new(enum judge_kind kind, struct judge **out, struct error *e)
{
    AUTO_JUDGE j = mem_new(sizeof(*j));
    j->kind = &kinds[kind];
    if (!xml_schema_new(j->kind->schema, &j->schema, e) ||
        !xml_rules_new(j->kind->rules, &j->rules, e))
        return false;
    *out = j;
    j = NULL;
    return true;
}

void judge_free(struct judge *j)
{
    if (j == NULL)
        return;
    xml_schema_free(j->schema);
    xml_rules_free(j->rules);
    mem_free(j);
}

void judge_free_at(struct judge **j)
{
    judge_free(*j);
    *j = NULL;
}

bool judge_check(const struct judge *j, const struct xml_doc *d, enum judge_side side,
                 struct arena *a, struct xml_findings *f, struct error *e)
{
    size_t before = f->count;
    if (!xml_schema_check(j->schema, d, a, f, e))
        return false;
    for (size_t i = before; i < f->count; i++)
        f->at[i].code = str_of(j->kind->schema_code);
    if (f->count == before)
        xml_rules_check(j->rules, d, side == JUDGE_SENDING, a, f);
    return true;
}

void judge_find(struct xml_findings *f, struct arena *a, const char *rule, const char *code,
                const struct xml_node *where, const char *text)
{
    xml_findings_add(f, (struct xml_finding){
                            .rule = str_of(rule),
                            .where = where == NULL ? STR("/") : xml_path(where, a),
                            .text = str_of(text),
                            .code = str_of(code),
                        });
}
