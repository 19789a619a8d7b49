/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* errors.h - the ebMS error codes (spec/as4.md 14), and the one way from a struct error to what a
 * peer is told. */
#pragma once

#include "runtime/base/error.h"
#include "runtime/base/str.h"

#define EBMS_VALUE_NOT_RECOGNIZED  "EBMS:0001"
#define EBMS_VALUE_INCONSISTENT    "EBMS:0003"
#define EBMS_OTHER                 "EBMS:0004"
#define EBMS_CONNECTION_FAILURE    "EBMS:0005"
#define EBMS_EMPTY_CHANNEL         "EBMS:0006"
#define EBMS_MIME_INCONSISTENCY    "EBMS:0007"
#define EBMS_FEATURE_NOT_SUPPORTED "EBMS:0008"
#define EBMS_INVALID_HEADER        "EBMS:0009"
#define EBMS_MODE_MISMATCH         "EBMS:0010"
#define EBMS_EXTERNAL_PAYLOAD      "EBMS:0011"
#define EBMS_FAILED_AUTHENTICATION "EBMS:0101"
#define EBMS_FAILED_DECRYPTION     "EBMS:0102"
#define EBMS_POLICY                "EBMS:0103"
#define EBMS_DELIVERY_FAILURE      "EBMS:0202"
#define EBMS_MISSING_RECEIPT       "EBMS:0301"
#define EBMS_INVALID_RECEIPT       "EBMS:0302"
#define EBMS_DECOMPRESSION         "EBMS:0303"

struct as4_error_code {
    const char *code;
    const char *short_description;
    const char *category;
    const char *origin; /* "ebMS", "security", "reliability" */
    bool is_warning;
    bool may_retry; /* the sender may try the same message again (spec/as4.md 15) */
};

/* NULL: not one of ours. */
const struct as4_error_code *as4_error_code_find(struct str code);

struct as4_answer {
    const struct as4_error_code *code;
    unsigned http_status; /* 500 for refusals (with Fault and eb:Error), 503 for ERROR_RETRY */
    const char *detail;   /* what a peer may read; borrows from the error */
};
/* The one place where a fault becomes a protocol code. An error without an EBMS code: REJECT gives
 * 0009, DENY 0101, RETRY 0202 and BUG 0004. A DENY's text is kept from peers that are not known. */
struct as4_answer as4_answer_for(const struct error *e);
