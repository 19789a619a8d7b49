/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/crypto/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "runtime/base/clock.h"
#include "runtime/base/mem.h"
#include "runtime/base/sys.h"
#include "runtime/crypto/ossl.h"
#include "runtime/crypto/verdict.h"
#include "runtime/log/log.h"

enum {
    CRL_FILE_MAX = 64 * 1024 * 1024,
    LOOK_AGAIN_MS = 1000,  /* at the CRL file */
    REMEMBER_MS = 60 * 1000,
    MEMORY = 64,
};

struct remembered {
    struct digest_value of; /* the certificate and the others of its chain */
    unsigned generation;    /* of the CRLs; 0: empty place */
    int64_t at_ms;
    struct verdict verdict;
};

struct file_state {
    struct timespec changed;
    off_t size;
    ino_t inode;
};

struct trust {
    struct cert_list anchors;
    struct verdict_rules rules; /* rules.store changes with the CRLs, under the lock */
    char *crl_path;
    pthread_mutex_t lock; /* for rules.store and all that follows */
    struct file_state crl_state;
    bool is_shut; /* it could not be opened */
    int64_t looked_ms; /* clock_monotonic_ms() */
    unsigned generation;
    struct remembered memory[MEMORY];
};

/* --- the store: anchors and CRLs */

static bool add_crls(X509_STORE *store, struct str pem, struct error *e)
{
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509_CRL *crl;
    bool ok = bio != NULL;
    while (ok && (crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL) {
        ok = X509_STORE_add_crl(store, crl) == 1;
        X509_CRL_free(crl);
    }
    BIO_free(bio);
    unsigned long code = ERR_peek_last_error();
    bool at_end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    if (!ok || !at_end)
        return ossl_error(e, ERROR_REJECT, "a revocation list cannot be read");
    ERR_clear_error();
    return true;
}

static X509_STORE *new_store(const struct cert_list *anchors)
{
    X509_STORE *store = X509_STORE_new();
    for (size_t i = 0; store != NULL && i < anchors->count; i++)
        X509_STORE_add_cert(store, cert_native(anchors->at[i])); /* twice is fine */
    ERR_clear_error();
    return store;
}

static bool read_crls(X509_STORE *store, int fd, off_t size, struct error *e)
{
    if (size < 0 || size > CRL_FILE_MAX)
        return error_set(e, ERROR_REJECT, "larger than %d octets", CRL_FILE_MAX);
    AUTO_MEM char *pem = mem_new((size_t)size + 1);
    return sys_pread_all(fd, pem, (size_t)size, 0, e) &&
           add_crls(store, str_bytes(pem, (size_t)size), e);
}

static bool same_state(const struct file_state *a, const struct file_state *b)
{
    return a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
           a->size == b->size && a->inode == b->inode;
}

static void use_store(struct trust *t, X509_STORE *store)
{
    X509_STORE_free(t->rules.store);
    t->rules.store = store;
    t->generation++;
}

/* A file that is not there is an empty one: what that means is for TRUST_CRL_HARD or SOFT to say.
 * A file that cannot be read, or that the sandbox does not open because it took the place of the one
 * that was there, leaves the old lists in use: they run out by themselves. */
static bool refresh(struct trust *t, struct error *e)
{
    if (t->crl_path == NULL)
        return true;
    AUTO_FD int fd = open(t->crl_path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd == -1 && errno != ENOENT) {
        if (t->is_shut)
            return true; /* told before */
        t->is_shut = true;
        return error_errno(e, "%s", t->crl_path);
    }
    t->is_shut = false;
    if (fd == -1 || fstat(fd, &st) == -1)
        st = (struct stat){0};
    struct file_state state = {st.st_mtim, st.st_size, st.st_ino};
    if (same_state(&state, &t->crl_state))
        return true;
    t->crl_state = state; /* also of a broken one: it is told once, until it changes again */
    X509_STORE *store = new_store(&t->anchors);
    if (store == NULL)
        return ossl_error(e, ERROR_BUG, "no certificate store");
    if (fd != -1 && !read_crls(store, fd, st.st_size, e)) {
        X509_STORE_free(store);
        return error_prefix(e, "%s", t->crl_path);
    }
    use_store(t, store);
    return true;
}

static void refresh_sometimes(struct trust *t)
{
    struct error e;
    int64_t now_ms = clock_monotonic_ms();
    if (t->crl_path == NULL || now_ms - t->looked_ms < LOOK_AGAIN_MS)
        return;
    t->looked_ms = now_ms;
    if (!refresh(t, &e))
        log_warning(NULL, "trust.crl_unreadable", KV_ERROR(&e));
}

/* --- life */

bool trust_new(const struct trust_config *config, struct trust **out, struct error *e)
{
    struct trust *t = mem_new(sizeof(*t));
    pthread_mutex_init(&t->lock, NULL);
    t->rules = (struct verdict_rules){
        .use = config->use,
        .crl = config->crl_path == NULL && config->crl == TRUST_CRL_SOFT ? TRUST_CRL_NONE
                                                                         : config->crl,
        .skew_ms = config->skew_ms};
    t->crl_path = mem_text(config->crl_path);
    t->looked_ms = clock_monotonic_ms();
    if (!cert_list_read_pem(&t->anchors, config->anchors_path, e)) {
        trust_free(t);
        return false;
    }
    use_store(t, new_store(&t->anchors));
    if (!refresh(t, e)) {
        trust_free(t);
        return false;
    }
    *out = t;
    return true;
}

void trust_free(struct trust *t)
{
    if (t == NULL)
        return;
    X509_STORE_free(t->rules.store);
    cert_list_release(&t->anchors);
    pthread_mutex_destroy(&t->lock);
    mem_free(t->crl_path);
    mem_free(t);
}

const struct cert_list *trust_anchors(const struct trust *t)
{
    return &t->anchors;
}

X509_STORE *trust_store(struct trust *t)
{
    pthread_mutex_lock(&t->lock);
    X509_STORE *store = t->rules.store;
    X509_STORE_up_ref(store);
    pthread_mutex_unlock(&t->lock);
    return store;
}

/* --- verdicts, remembered for a short while */

static void digest_chain(const struct cert *c, const struct cert_list *others,
                         struct digest_value *out)
{
    struct error never;
    AUTO_DIGEST_SINK s;
    digest_sink_init(&s, DIGEST_SHA256, NULL);
    bool ok = sink_write(&s.sink, cert_sha256(c), &never);
    for (size_t i = 0; ok && others != NULL && i < others->count; i++)
        ok = sink_write(&s.sink, cert_sha256(others->at[i]), &never);
    digest_sink_value(&s, out);
}

static struct remembered *place_of(struct trust *t, const struct digest_value *of)
{
    return &t->memory[of->octets[0] % MEMORY];
}

static bool recall(struct trust *t, const struct cert *c, const struct remembered *key,
                   struct verdict *out)
{
    const struct remembered *r = place_of(t, &key->of);
    int64_t age_ms = key->at_ms - r->at_ms;
    bool ran_out = key->at_ms - t->rules.skew_ms > cert_not_after_ms(c);
    if (ran_out || r->generation != t->generation || age_ms < 0 || age_ms > REMEMBER_MS ||
        !str_equal(digest_str(&r->of), digest_str(&key->of)))
        return false;
    *out = r->verdict;
    return true;
}

static void judge_afresh(struct trust *t, const struct cert *c, const struct cert_list *others,
                         const struct remembered *key, struct verdict *out)
{
    struct verdict_rules rules = {trust_store(t), t->rules.use, t->rules.crl, t->rules.skew_ms};
    verdict_reach(&rules, c, others, key->at_ms, out);
    X509_STORE_free(rules.store);
    pthread_mutex_lock(&t->lock);
    struct remembered *place = place_of(t, &key->of);
    *place = *key;
    place->verdict = *out;
    pthread_mutex_unlock(&t->lock);
}

void trust_judge(struct trust *t, const struct cert *c, const struct cert_list *others,
                 int64_t at_ms, struct verdict *out)
{
    struct remembered key = {.at_ms = at_ms};
    digest_chain(c, others, &key.of);
    pthread_mutex_lock(&t->lock);
    refresh_sometimes(t);
    key.generation = t->generation;
    bool known = recall(t, c, &key, out);
    pthread_mutex_unlock(&t->lock);
    if (!known)
        judge_afresh(t, c, others, &key, out);
}

bool trust_check(struct trust *t, const struct cert *c, const struct cert_list *others,
                 int64_t at_ms, bool *stale_crl, struct error *e)
{
    struct verdict verdict;
    trust_judge(t, c, others, at_ms, &verdict);
    if (!verdict.is_good) {
        *e = verdict.why;
        return false;
    }
    if (stale_crl != NULL)
        *stale_crl = verdict.is_stale;
    return true;
}
