/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_config_check.c */
#include <sys/stat.h>
#include <unistd.h>

#include "accesspoint/as4/pmode.h"
#include "accesspoint/sdk/federation.h"
#include "posthorn/config_check.h"
#include "posthorn/config_files.h"
#include "runtime/base/clock.h"
#include "runtime/crypto/crl.h"
#include "runtime/crypto/key.h"
#include "runtime/crypto/trust.h"

#define DAY_MS (24LL * 3600 * 1000)
enum { SOON_DAYS = 30, KEY_BITS_MIN = 2048, STORAGE_KEY_OCTETS = 32, SKEW_MS = 60 * 1000 };

struct looked { /* one file under inspection */
    struct config_check *check;
    const struct accesspoint_settings *s;
    const struct config_file *file;
};

#define error_here(l, ...) \
    config_check_add((l)->check, FINDING_ERROR, (l)->file->section, (l)->file->key, __VA_ARGS__)
#define warning_here(l, ...) \
    config_check_add((l)->check, FINDING_WARNING, (l)->file->section, (l)->file->key, __VA_ARGS__)

/* --- certificates */

static void check_validity(const struct looked *l, const struct cert *c, enum finding_level level)
{
    char text[CLOCK_TEXT_SIZE];
    struct str name = cert_common_name(c);
    int64_t left_ms = cert_not_after_ms(c) - l->check->now_ms;
    struct str day = str_upto(str_of(clock_format(cert_not_after_ms(c), text)), 10);
    if (left_ms < 0)
        config_check_add(l->check, level, l->file->section, l->file->key,
                         "the certificate of %.*s ended on %.*s; get a new one", STR_ARG(name),
                         STR_ARG(day));
    else if (left_ms < SOON_DAYS * DAY_MS)
        warning_here(l, "the certificate of %.*s ends in %lld days, on %.*s; order a new one now",
                     STR_ARG(name), (long long)(left_ms / DAY_MS), STR_ARG(day));
    if (cert_not_before_ms(c) > l->check->now_ms)
        config_check_add(l->check, level, l->file->section, l->file->key,
                         "the certificate of %.*s is not valid before %.10s", STR_ARG(name),
                         clock_format(cert_not_before_ms(c), text));
}

static bool read_certs(const struct looked *l, struct cert_list *out)
{
    struct error e = {0};
    if (!cert_list_read_pem(out, l->file->path.at, &e)) {
        error_here(l, "%s", e.text);
        return false;
    }
    if (out->count == 0)
        error_here(l, "%.*s holds no certificate; PEM (-----BEGIN CERTIFICATE-----) is wanted",
                   STR_ARG(l->file->path));
    return out->count > 0;
}

static void check_anchors(const struct looked *l)
{
    AUTO_CERT_LIST list = {0};
    if (!read_certs(l, &list))
        return;
    for (size_t i = 0; i < list.count; i++)
        check_validity(l, list.at[i], FINDING_WARNING);
}

static void check_issuers(const struct looked *l, const struct cert_list *chain)
{
    for (size_t i = 0; i + 1 < chain->count; i++)
        if (!cert_issued_as(chain->at[i], cert_subject(chain->at[i + 1]),
                            cert_serial(chain->at[i])))
            error_here(l,
                       "certificate %zu of the file did not issue number %zu; the own one comes "
                       "first, then who issued it, and so on",
                       i + 2, i + 1);
}

static void check_key_fits(const struct looked *l, const struct cert_list *chain)
{
    struct error e = {0};
    struct stat st;
    AUTO_KEY struct key *key = NULL;
    const char *path = l->file->key_path.at;
    if (!key_read(path, NULL, &key, NULL, &e)) {
        config_check_add(l->check, FINDING_ERROR, l->file->section, "key", "%s", e.text);
        return;
    }
    if (stat(path, &st) == 0 && (st.st_mode & S_IRWXO) != 0)
        config_check_add(l->check, FINDING_ERROR, l->file->section, "key",
                         "%s can be read by everybody; chmod 600 it", path);
    if (key_fits(key, chain->at[0]))
        return;
    for (size_t i = 1; i < chain->count; i++)
        if (key_fits(key, chain->at[i])) {
            error_here(l, "the key belongs to certificate %zu of the file; put that one first",
                       i + 1);
            return;
        }
    config_check_add(l->check, FINDING_ERROR, l->file->section, "key",
                     "%s is not the key of the certificate of %.*s in %.*s", path,
                     STR_ARG(cert_common_name(chain->at[0])), STR_ARG(l->file->path));
}

/* Would another access point accept it? The same check as they make. */
static void check_issued(const struct looked *l, const struct cert_list *chain)
{
    struct error e = {0};
    struct trust *trust = NULL;
    struct trust_config config = {
        .anchors_path = l->file->anchors.at,
        .crl_path = l->file->crl.len == 0 ? NULL : l->file->crl.at,
        .crl = l->file->crl.len == 0 ? TRUST_CRL_NONE : TRUST_CRL_SOFT,
        .use = TRUST_SIGN,
        .skew_ms = SKEW_MS,
    };
    if (l->file->anchors.len == 0 || !trust_new(&config, &trust, &e))
        return; /* the anchors have their own finding */
    if (!trust_check(trust, chain->at[0], chain, l->check->now_ms, NULL, &e))
        error_here(l, "others will refuse the certificate of %.*s: %s",
                   STR_ARG(cert_common_name(chain->at[0])), e.text);
    trust_free(trust);
}

static void check_identity(const struct looked *l)
{
    AUTO_CERT_LIST chain = {0};
    if (!read_certs(l, &chain))
        return;
    check_key_fits(l, &chain);
    check_issuers(l, &chain);
    for (size_t i = 0; i < chain.count; i++)
        check_validity(l, chain.at[i], FINDING_ERROR);
    if (cert_is_rsa(chain.at[0]) && cert_key_bits(chain.at[0]) < KEY_BITS_MIN)
        error_here(l, "an RSA key of %u bits is too short; at least %d", cert_key_bits(chain.at[0]),
                   KEY_BITS_MIN);
    check_issued(l, &chain);
    struct str name = cert_common_name(chain.at[0]), party = l->s->accesspoint->party;
    if (str_is(l->file->section, "accesspoint") && !str_equal(name, party))
        config_check_add(l->check, FINDING_ERROR, l->file->section, "party",
                         "'%.*s' is not the common name of the certificate; '%.*s' would be right",
                         STR_ARG(party), STR_ARG(name));
}

static void check_crl(const struct looked *l)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct crl_facts *lists = NULL;
    size_t count = 0;
    if (l->file->path.len == 0) {
        warning_here(l, "nothing is set: revoked certificates are not noticed");
        return;
    }
    if (!crl_read_facts(l->file->path.at, &a, &lists, &count, &e)) {
        error_here(l, "%s", e.text);
        return;
    }
    if (count == 0)
        error_here(l, "%.*s holds no revocation list; PEM (-----BEGIN X509 CRL-----) is wanted",
                   STR_ARG(l->file->path));
    for (size_t i = 0; i < count; i++) {
        char text[CLOCK_TEXT_SIZE];
        if (lists[i].next_ms != 0 && lists[i].next_ms < l->check->now_ms)
            warning_here(l, "the list of %.*s is stale since %.10s; fetch the new one",
                         STR_ARG(str_upto(lists[i].issuer, 200)),
                         clock_format(lists[i].next_ms, text));
    }
}

static void check_certificate(const struct looked *l)
{
    AUTO_CERT_LIST list = {0};
    if (l->file->path.len == 0 || !read_certs(l, &list))
        return;
    check_validity(l, list.at[0], FINDING_ERROR);
}

/* --- other files */

static void check_storage_key(const struct looked *l)
{
    struct stat st;
    struct error e = {0};
    const char *path = l->file->path.at;
    if (stat(path, &st) == -1) {
        error_errno(&e, "%s", path);
        error_here(l, "%s; `posthorn init` makes one, or: openssl rand 32", e.text);
        return;
    }
    if (!S_ISREG(st.st_mode) || st.st_size != STORAGE_KEY_OCTETS)
        error_here(l, "%s has %lld octets; exactly %d random ones are wanted", path,
                   (long long)st.st_size, STORAGE_KEY_OCTETS);
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        error_here(l, "%s has mode %04o; chmod 600 it", path, st.st_mode & 07777U);
}

static bool find_folder(const struct looked *l, struct stat *st)
{
    struct error e = {0};
    const char *path = l->file->path.at;
    if (stat(path, st) == -1) {
        error_errno(&e, "%s", path);
        error_here(l, "%s; mkdir -m 700 it", e.text);
        return false;
    }
    if (!S_ISDIR(st->st_mode))
        error_here(l, "%s is no folder", path);
    return S_ISDIR(st->st_mode);
}

static void check_source_folder(const struct looked *l)
{
    struct stat st;
    const char *path = l->file->path.at;
    if (l->file->path.len > 0 && find_folder(l, &st) && access(path, R_OK | X_OK) == -1)
        error_here(l, "%s cannot be read by this user; change its owner or mode", path);
}

static void check_folder(const struct looked *l)
{
    struct stat st;
    const char *path = l->file->path.at;
    if (!find_folder(l, &st))
        return;
    if (access(path, R_OK | W_OK | X_OK) == -1)
        error_here(l, "%s cannot be written by this user; change its owner", path);
    if ((st.st_mode & S_IRWXO) != 0)
        warning_here(l, "%s has mode %04o; chmod 700 it", path, st.st_mode & 07777U);
}

static void check_profile(const struct looked *l)
{
    struct error e = {0};
    struct settings *owner = NULL;
    const struct federation *f;
    if (federation_read(l->file->path.at, &owner, &f, &e))
        settings_free(owner);
    else
        error_here(l, "%s", e.text);
}

static void check_pmodes(const struct looked *l)
{
    struct error e = {0};
    AUTO_ARENA arena = {0};
    struct as4_pmode *modes;
    size_t count;
    if (l->file->path.len > 0 &&
        !as4_pmode_read(l->file->path.at, &arena, &modes, &count, &e))
        error_here(l, "%s", e.text);
}

void config_check_file(struct config_check *check, const struct accesspoint_settings *s,
                       const struct config_file *file)
{
    const struct looked l = {check, s, file};
    switch (file->kind) {
    case CONFIG_IDENTITY:
        check_identity(&l);
        break;
    case CONFIG_ANCHORS:
        check_anchors(&l);
        break;
    case CONFIG_CRL:
        check_crl(&l);
        break;
    case CONFIG_CERTIFICATE:
        check_certificate(&l);
        break;
    case CONFIG_PROFILE:
        check_profile(&l);
        break;
    case CONFIG_PMODES:
        check_pmodes(&l);
        break;
    case CONFIG_STORAGE_KEY:
        check_storage_key(&l);
        break;
    case CONFIG_FOLDER:
        check_folder(&l);
        break;
    case CONFIG_SOURCE_FOLDER:
        check_source_folder(&l);
        break;
    }
}
