/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/crypto/test_trust.c */
#include "runtime/crypto/verdict.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "runtime/base/clock.h"
#include "runtime/crypto/ossl.h"

enum { SECURITY_LEVEL = 2 }; /* RSA 2048, no SHA-1 signature below the anchor */

struct run { /* what the callback needs and finds */
    const struct verdict_rules *rules;
    int64_t at_ms;
    bool is_stale;
    int64_t revoked_ms;
};

static bool is_crl_problem(int code)
{
    return code == X509_V_ERR_UNABLE_TO_GET_CRL || code == X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER ||
           code == X509_V_ERR_CRL_HAS_EXPIRED || code == X509_V_ERR_CRL_NOT_YET_VALID ||
           code == X509_V_ERR_CRL_SIGNATURE_FAILURE || code == X509_V_ERR_CRL_PATH_VALIDATION_ERROR ||
           code == X509_V_ERR_DIFFERENT_CRL_SCOPE || code == X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION;
}

/* The certificate itself must have its list; those above it only where the file has one: an issuing
 * CA may be an anchor whose own issuer nobody gave us. */
static bool may_pass_crl(struct run *run, int code, int depth)
{
    if (depth > 0 && code != X509_V_ERR_CRL_HAS_EXPIRED)
        return true;
    if (run->rules->crl == TRUST_CRL_HARD)
        return false;
    run->is_stale = true;
    return true;
}

static bool is_within_skew(const struct run *run, int code, const X509 *x509)
{
    int64_t limit_ms;
    if (code == X509_V_ERR_CERT_NOT_YET_VALID)
        return ossl_time_ms(X509_get0_notBefore(x509), &limit_ms) &&
               run->at_ms + run->rules->skew_ms >= limit_ms;
    if (code == X509_V_ERR_CERT_HAS_EXPIRED)
        return ossl_time_ms(X509_get0_notAfter(x509), &limit_ms) &&
               run->at_ms - run->rules->skew_ms <= limit_ms;
    return false;
}

static void note_revocation(struct run *run, X509_STORE_CTX *ctx)
{
    X509_REVOKED *entry = NULL;
    X509_CRL *crl = X509_STORE_CTX_get0_current_crl(ctx);
    X509 *x509 = X509_STORE_CTX_get_current_cert(ctx);
    if (crl != NULL && X509_CRL_get0_by_cert(crl, &entry, x509) > 0 &&
        !ossl_time_ms(X509_REVOKED_get0_revocationDate(entry), &run->revoked_ms))
        run->revoked_ms = 0;
}

static int on_verify(int ok, X509_STORE_CTX *ctx)
{
    struct run *run = X509_STORE_CTX_get_app_data(ctx);
    int code = X509_STORE_CTX_get_error(ctx);
    if (ok == 1)
        return 1;
    if (code == X509_V_ERR_CERT_REVOKED)
        note_revocation(run, ctx);
    bool passes = is_crl_problem(code)
                      ? may_pass_crl(run, code, X509_STORE_CTX_get_error_depth(ctx))
                      : is_within_skew(run, code, X509_STORE_CTX_get_current_cert(ctx));
    if (passes)
        X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return passes ? 1 : 0;
}

/* --- why not */

static void explain_time(struct error *e, const char *who, const char *words, int64_t ms)
{
    char time[CLOCK_TEXT_SIZE];
    error_set(e, ERROR_DENY, "%s %s %.10s", who, words, clock_format(ms, time));
}

static void explain(const struct run *run, X509_STORE_CTX *ctx, const struct cert *c,
                    struct verdict *out)
{
    struct error ignored;
    AUTO_CERT struct cert *at_fault = NULL;
    X509 *x509 = X509_STORE_CTX_get_current_cert(ctx);
    if (x509 == NULL || !cert_from_native(x509, &at_fault, &ignored))
        at_fault = NULL;
    const struct cert *fault = at_fault == NULL ? c : at_fault;
    char who[200];
    snprintf(who, sizeof(who), "the certificate of '%.*s'",
             STR_ARG(str_upto(cert_subject(fault), 150)));
    if (is_crl_problem(out->code))
        error_set(&out->why, ERROR_RETRY, "cannot check revocation of %s: %s", who,
                  X509_verify_cert_error_string(out->code));
    else if (out->code == X509_V_ERR_CERT_HAS_EXPIRED)
        explain_time(&out->why, who, "expired on", cert_not_after_ms(fault));
    else if (out->code == X509_V_ERR_CERT_NOT_YET_VALID)
        explain_time(&out->why, who, "is not valid before", cert_not_before_ms(fault));
    else if (out->code == X509_V_ERR_CERT_REVOKED)
        explain_time(&out->why, who, "was revoked on", run->revoked_ms);
    else
        error_set(&out->why, ERROR_DENY, "%s is not trusted: %s", who,
                  X509_verify_cert_error_string(out->code));
}

/* --- the run */

static void set_rules(X509_STORE_CTX *ctx, const struct verdict_rules *rules, int64_t at_ms)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST;
    if (rules->crl != TRUST_CRL_NONE)
        flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
    X509_VERIFY_PARAM_set_flags(param, flags);
    X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    if (rules->use == TRUST_TLS_SERVER)
        X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_SERVER);
    if (rules->use == TRUST_TLS_CLIENT)
        X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_CLIENT);
}

/* spec/as4.md 10.2: digitalSignature or nonRepudiation, where the extension is there. */
static bool may_sign(const struct cert *c)
{
    return (X509_get_key_usage(cert_native(c)) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

static STACK_OF(X509) * stack_of(const struct cert_list *others)
{
    STACK_OF(X509) *stack = sk_X509_new_null();
    for (size_t i = 0; stack != NULL && others != NULL && i < others->count; i++)
        if (sk_X509_push(stack, cert_native(others->at[i])) == 0)
            break; /* out of memory: a shorter chain can only fail */
    return stack;
}

static void run_verify(X509_STORE_CTX *ctx, const struct verdict_rules *rules,
                       const struct cert *c, int64_t at_ms, struct verdict *out)
{
    struct run run = {.rules = rules, .at_ms = at_ms};
    X509_STORE_CTX_set_app_data(ctx, &run);
    X509_STORE_CTX_set_verify_cb(ctx, on_verify);
    set_rules(ctx, rules, at_ms);
    out->is_good = X509_verify_cert(ctx) == 1;
    out->is_stale = out->is_good && run.is_stale;
    out->code = X509_STORE_CTX_get_error(ctx);
    if (!out->is_good)
        explain(&run, ctx, c, out);
}

void verdict_reach(const struct verdict_rules *rules, const struct cert *c,
                   const struct cert_list *others, int64_t at_ms, struct verdict *out)
{
    *out = (struct verdict){.code = X509_V_ERR_UNSPECIFIED};
    STACK_OF(X509) *untrusted = stack_of(others);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    if (ctx != NULL && X509_STORE_CTX_init(ctx, rules->store, cert_native(c), untrusted) == 1)
        run_verify(ctx, rules, c, at_ms, out);
    else
        ossl_error(&out->why, ERROR_BUG, "cannot check a certificate");
    X509_STORE_CTX_free(ctx);
    sk_X509_free(untrusted);
    ERR_clear_error();
    if (!out->is_good || rules->use != TRUST_SIGN || may_sign(c))
        return;
    out->is_good = out->is_stale = false;
    out->code = X509_V_ERR_INVALID_PURPOSE;
    error_set(&out->why, ERROR_DENY, "the certificate of '%.*s' is not for signatures (key usage)",
              STR_ARG(str_upto(cert_subject(c), 150)));
}
