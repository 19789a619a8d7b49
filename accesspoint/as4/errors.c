/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/as4/errors.h"

static const struct as4_error_code codes[] = {
    {"EBMS:0001", "ValueNotRecognized", "Content", "ebMS", false, false},
    {"EBMS:0002", "FeatureNotSupported", "Content", "ebMS", true, false},
    {"EBMS:0003", "ValueInconsistent", "Content", "ebMS", false, false},
    {"EBMS:0004", "Other", "Content", "ebMS", false, false},
    {"EBMS:0005", "ConnectionFailure", "Communication", "ebMS", false, true},
    {"EBMS:0006", "EmptyMessagePartitionChannel", "Communication", "ebMS", true, false},
    {"EBMS:0007", "MimeInconsistency", "Unpackaging", "ebMS", false, false},
    {"EBMS:0008", "FeatureNotSupported", "Unpackaging", "ebMS", false, false},
    {"EBMS:0009", "InvalidHeader", "Unpackaging", "ebMS", false, false},
    {"EBMS:0010", "ProcessingModeMismatch", "Processing", "ebMS", false, false},
    {"EBMS:0011", "ExternalPayloadError", "Content", "ebMS", false, false},
    {"EBMS:0020", "RoutingFailure", "Processing", "ebMS", false, false},
    {"EBMS:0021", "MPCCapacityExceeded", "Processing", "ebMS", false, true},
    {"EBMS:0022", "MessagePersistenceTimeout", "Processing", "ebMS", false, false},
    {"EBMS:0023", "MessageExpired", "Processing", "ebMS", true, false},
    {"EBMS:0101", "FailedAuthentication", "Processing", "security", false, false},
    {"EBMS:0102", "FailedDecryption", "Processing", "security", false, false},
    {"EBMS:0103", "PolicyNoncompliance", "Processing", "security", false, false},
    {"EBMS:0201", "DysfunctionalReliability", "Processing", "reliability", false, false},
    {"EBMS:0202", "DeliveryFailure", "Communication", "reliability", false, true},
    {"EBMS:0301", "MissingReceipt", "Communication", "ebMS", false, true},
    {"EBMS:0302", "InvalidReceipt", "Communication", "ebMS", false, false},
    {"EBMS:0303", "DecompressionFailure", "Communication", "ebMS", false, false},
};

const struct as4_error_code *as4_error_code_find(struct str code)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (str_is(code, codes[i].code))
            return &codes[i];
    }
    return NULL;
}

static const char *code_for_kind(enum error_kind kind)
{
    switch (kind) {
    case ERROR_REJECT:
        return EBMS_INVALID_HEADER;
    case ERROR_DENY:
        return EBMS_FAILED_AUTHENTICATION;
    case ERROR_RETRY:
        return EBMS_DELIVERY_FAILURE;
    case ERROR_NONE:
    case ERROR_BUG:
        break;
    }
    return EBMS_OTHER;
}

/* Before the signature held, the peer may be anybody: security faults say their name and no more. */
static const char *detail_for(const struct error *e, const struct as4_error_code *code)
{
    switch (e->kind) {
    case ERROR_REJECT:
        return e->text;
    case ERROR_RETRY:
        return "not now; the same message may be sent again";
    case ERROR_DENY:
        return str_is(str_of(code->code), EBMS_POLICY) ? e->text : code->short_description;
    case ERROR_NONE:
    case ERROR_BUG:
        break;
    }
    return "internal fault; the operator has been told";
}

struct as4_answer as4_answer_for(const struct error *e)
{
    const struct as4_error_code *code = as4_error_code_find(str_of(e->code));
    if (code == NULL)
        code = as4_error_code_find(str_of(code_for_kind(e->kind)));
    return (struct as4_answer){
        .code = code,
        .http_status = e->kind == ERROR_RETRY ? 503 : 500,
        .detail = detail_for(e, code),
    };
}
