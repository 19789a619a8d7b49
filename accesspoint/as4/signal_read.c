/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/as4/test_header.c */
#include "accesspoint/as4/signal_read.h"

#include "accesspoint/as4/errors.h"
#include "accesspoint/as4/field.h"
#include "accesspoint/as4/names.h"
#include "runtime/crypto/base64.h"

enum { ERROR_TEXT_MAX = 4096 };

static bool refuse_receipt(struct error *e, const char *what)
{
    return error_code(e, ERROR_REJECT, EBMS_INVALID_RECEIPT,
                      "NonRepudiationInformation: a ds:Reference %s", what);
}

static bool digest_type_of(struct str uri, enum digest_type *out)
{
    static const struct {
        const char *uri;
        enum digest_type type;
    } rows[] = {
        {ALG_SHA256, DIGEST_SHA256},
        {"http://www.w3.org/2001/04/xmldsig-more#sha384", DIGEST_SHA384},
        {"http://www.w3.org/2001/04/xmlenc#sha512", DIGEST_SHA512},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (str_is(uri, rows[i].uri)) {
            *out = rows[i].type;
            return true;
        }
    }
    return false;
}

static bool read_digest(const struct xml_node *n, struct arena *a, struct digest_value *out,
                        struct error *e)
{
    struct str text;
    struct error why = {0};
    AUTO_BUF octets = BUF(DIGEST_SIZE_MAX);
    if (!xml_text(n, a, 256, &text, &why) || !base64_decode(&octets, text, true, &why))
        return refuse_receipt(e, "has a DigestValue that is no base64 of a digest");
    struct str value = buf_str(&octets);
    for (size_t i = 0; i < value.len; i++)
        out->octets[i] = (unsigned char)value.at[i];
    out->len = value.len;
    return true;
}

static bool read_reference(const struct xml_node *part, struct arena *a, struct as4_reference *out,
                           struct error *e)
{
    const struct xml_node *n = xml_first(part, NS_DS, "Reference");
    if (n == NULL)
        return refuse_receipt(e, "is missing");
    const struct xml_node *method = xml_first(n, NS_DS, "DigestMethod");
    const struct xml_node *value = xml_first(n, NS_DS, "DigestValue");
    struct str algorithm;
    if (!xml_attribute(n, NULL, "URI", a, &out->uri))
        return refuse_receipt(e, "has no URI");
    if (method == NULL || !xml_attribute(method, NULL, "Algorithm", a, &algorithm) ||
        !digest_type_of(algorithm, &out->digest_type))
        return refuse_receipt(e, "has an unknown DigestMethod");
    if (value == NULL)
        return refuse_receipt(e, "has no DigestValue");
    return read_digest(value, a, &out->digest, e);
}

/* A receipt for an unsigned message holds a copy of the eb:UserMessage: no references then. */
static bool read_receipt(const struct xml_node *receipt, struct arena *a, struct as4_signal *out,
                         struct error *e)
{
    const struct xml_node *info = xml_first(receipt, NS_EBBP, "NonRepudiationInformation");
    out->kind = AS4_RECEIPT;
    if (info == NULL)
        return true;
    size_t count = xml_count(info, NS_EBBP, "MessagePartNRInformation");
    if (count > AS4_REFERENCES_MAX)
        return refuse_receipt(e, "list is too long");
    out->references.at = arena_array(a, count + 1, sizeof(out->references.at[0]));
    const struct xml_node *n = xml_first(info, NS_EBBP, "MessagePartNRInformation");
    for (; n != NULL; n = xml_next(n, NS_EBBP, "MessagePartNRInformation")) {
        if (!read_reference(n, a, &out->references.at[out->references.count++], e))
            return false;
    }
    return true;
}

/* Errors are read as far as they can be: they are worth more than their form. */
static struct str text_of(const struct xml_node *error, const char *name, struct arena *a)
{
    struct error ignored = {0};
    struct str text = STR_NONE;
    const struct xml_node *n = xml_first(error, NS_EB, name);
    if (n == NULL || !xml_trimmed(n, a, ERROR_TEXT_MAX, &text, &ignored))
        return STR_NONE;
    return text;
}

static struct str attribute_of(const struct xml_node *error, const char *name, struct arena *a)
{
    struct str value = STR_NONE;
    if (!xml_attribute(error, NULL, name, a, &value))
        return STR_NONE;
    return str_upto(str_trim(value), AS4_TEXT_MAX);
}

static struct as4_error_item read_error(const struct xml_node *n, struct arena *a)
{
    struct as4_error_item item = {
        .code = attribute_of(n, "errorCode", a),
        .severity = attribute_of(n, "severity", a),
        .short_description = attribute_of(n, "shortDescription", a),
        .category = attribute_of(n, "category", a),
        .origin = attribute_of(n, "origin", a),
        .ref_to_message = attribute_of(n, "refToMessageInError", a),
        .description = text_of(n, "Description", a),
        .detail = text_of(n, "ErrorDetail", a),
    };
    item.is_warning = str_equal_nocase(item.severity, STR("warning"));
    return item;
}

static bool read_errors(const struct xml_node *signal, struct arena *a, struct as4_signal *out,
                        struct error *e)
{
    out->kind = AS4_ERROR;
    out->errors = arena_array(a, AS4_ERRORS_MAX, sizeof(out->errors[0]));
    const struct xml_node *n = xml_first(signal, NS_EB, "Error");
    for (; n != NULL && out->error_count < AS4_ERRORS_MAX; n = xml_next(n, NS_EB, "Error")) {
        struct as4_error_item item = read_error(n, a);
        if (item.code.len == 0)
            return as4_field_refuse(n, e, EBMS_INVALID_HEADER, "has no errorCode");
        out->errors[out->error_count++] = item;
    }
    return true;
}

static bool read_pull(const struct xml_node *pull, struct arena *a, struct as4_signal *out,
                      struct error *e)
{
    out->kind = AS4_PULL_REQUEST;
    if (!as4_field_attribute(pull, "mpc", a, &out->mpc, e))
        return false;
    if (out->mpc.len == 0)
        out->mpc = STR(AS4_DEFAULT_MPC);
    return true;
}

bool as4_signal_read(const struct xml_node *signal, struct arena *a, struct as4_signal *out,
                     struct error *e)
{
    const struct xml_node *receipt, *pull;
    if (!as4_field_child(signal, "Receipt", false, &receipt, e) ||
        !as4_field_child(signal, "PullRequest", false, &pull, e))
        return false;
    bool has_error = xml_first(signal, NS_EB, "Error") != NULL;
    if ((receipt != NULL) + (pull != NULL) + has_error != 1)
        return as4_field_refuse(signal, e, EBMS_INVALID_HEADER,
                                "wants one of eb:Receipt, eb:Error, eb:PullRequest");
    if (receipt != NULL && out->ref_to_message_id.len == 0)
        return as4_field_refuse(signal, e, EBMS_INVALID_HEADER,
                                "a receipt names its message in eb:RefToMessageId");
    if (receipt != NULL)
        return read_receipt(receipt, a, out, e);
    return pull != NULL ? read_pull(pull, a, out, e) : read_errors(signal, a, out, e);
}
