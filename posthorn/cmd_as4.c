/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/interop/as4_samples.sh */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "posthorn/as4_verdict.h"
#include "posthorn/command.h"
#include "runtime/base/clock.h"

enum { KEYS_MAX = 8, SKEW_MS = 60000 };

struct verify { /* options, and what they open */
    const char *key_paths[KEYS_MAX];
    size_t key_count;
    const char *password, *trust_path, *mode_path;
    struct as4_judge judge;
    struct arena arena;
    struct as4_own_key own[KEYS_MAX];
    struct key *keys[KEYS_MAX];
    struct cert_list certs[KEYS_MAX];
    struct cert_list partners;
    struct trust *trust;
    struct as4_pmode any;
    struct as4_pmode *modes; /* of --pmode */
};

static void verify_release(struct verify *v)
{
    for (size_t i = 0; i < KEYS_MAX; i++) {
        key_free(v->keys[i]);
        cert_list_release(&v->certs[i]);
    }
    cert_list_release(&v->partners);
    trust_free(v->trust);
    arena_release(&v->arena);
}
#define AUTO_VERIFY __attribute__((cleanup(verify_release))) struct verify

static const char usage[] =
    "usage: posthorn as4 verify --key P12 [--password PW] --trust PEM [--partner PEM]...\n"
    "                           [--pmode FILE] [--time RFC3339] [--json] FILE...\n"
    "\n"
    "Says of each stored AS4 message what an access point with this key would answer.\n"
    "  --key P12        the receiver's key and certificate; may be given more than once\n"
    "  --password PW    of the keys\n"
    "  --trust PEM      the authorities that may vouch for a signer\n"
    "  --partner PEM    a certificate that messages may name without carrying it\n"
    "  --pmode FILE     agreed processing modes; without it any parties, the default\n"
    "                   channel, encryption demanded\n"
    "  --time RFC3339   judge certificates as of this time; without it: now\n"
    "  --json           one JSON object a line for each file; \"verdict\" is null\n"
    "                   where it could not be judged\n"
    "Exit status: 0 all accepted, 1 something refused, 2 could not run.\n";

/* --- options */

static bool open_keys(struct verify *v, struct error *e)
{
    AUTO_SECRET password = {0};
    secret_set(&password, v->password, strlen(v->password));
    for (size_t i = 0; i < v->key_count; i++) {
        if (!key_read(v->key_paths[i], &password, &v->keys[i], &v->certs[i], e))
            return error_prefix(e, "--key");
        if (v->certs[i].count == 0)
            return error_set(e, ERROR_REJECT, "--key %s holds no certificate", v->key_paths[i]);
        v->own[i] = (struct as4_own_key){v->keys[i], v->certs[i].at[0]};
    }
    return true;
}

static bool open_trust(struct verify *v, struct error *e)
{
    const struct trust_config config = {
        .anchors_path = v->trust_path, .use = TRUST_SIGN, .skew_ms = SKEW_MS};
    return trust_new(&config, &v->trust, e) || error_prefix(e, "--trust");
}

static bool open_modes(struct verify *v, struct error *e)
{
    v->any = as4_pmode_any();
    v->judge.config.modes = &v->any;
    v->judge.config.mode_count = 1;
    if (v->mode_path == NULL)
        return true;
    if (!as4_pmode_read(v->mode_path, &v->arena, &v->modes, &v->judge.config.mode_count, e))
        return error_prefix(e, "--pmode");
    v->judge.config.modes = v->modes;
    return true;
}

static bool open_all(struct verify *v, struct error *e)
{
    if (!open_keys(v, e) || !open_trust(v, e) || !open_modes(v, e))
        return false;
    v->judge.config.keys = v->own;
    v->judge.config.key_count = v->key_count;
    v->judge.config.trust = v->trust;
    v->judge.config.partners = &v->partners;
    v->judge.config.temp_dir = "/tmp";
    v->judge.config.lenient_lines = true;
    return true;
}

static bool take_key(struct verify *v, const char *path, struct error *e)
{
    if (v->key_count == KEYS_MAX)
        return error_set(e, ERROR_REJECT, "more than %d --key", KEYS_MAX);
    v->key_paths[v->key_count++] = path;
    return true;
}

static bool take_option(struct verify *v, int option, const char *value, struct error *e)
{
    switch (option) {
    case 'k':
        return take_key(v, value, e);
    case 'w':
        v->password = value;
        return true;
    case 't':
        v->trust_path = value;
        return true;
    case 'p':
        return cert_list_read_pem(&v->partners, value, e) || error_prefix(e, "--partner");
    case 'm':
        v->mode_path = value;
        return true;
    case 'T':
        return clock_parse(str_of(value), &v->judge.config.now_ms, NULL, e) ||
               error_prefix(e, "--time");
    case 'j':
        v->judge.as_json = true;
        return true;
    default:
        return error_set(e, ERROR_REJECT, "unknown option; see posthorn as4 verify --help");
    }
}

static bool take_options(struct verify *v, int argc, char **argv, struct error *e)
{
    static const struct option options[] = {
        {"key", required_argument, NULL, 'k'},   {"password", required_argument, NULL, 'w'},
        {"trust", required_argument, NULL, 't'}, {"partner", required_argument, NULL, 'p'},
        {"pmode", required_argument, NULL, 'm'}, {"time", required_argument, NULL, 'T'},
        {"json", no_argument, NULL, 'j'},        {0},
    };
    int option;
    optind = 1;
    while ((option = /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
            getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (!take_option(v, option, optarg, e))
            return false;
    }
    if (v->key_count == 0 || v->trust_path == NULL || optind >= argc)
        return error_set(e, ERROR_REJECT, "--key, --trust and a FILE are wanted; see --help");
    return true;
}

int cmd_as4_verify(int argc, char **argv)
{
    struct error e = {0};
    AUTO_VERIFY v = {.password = ""};
    int worst = AS4_VERDICT_ACCEPTED;
    if (argc > 1 && str_is(str_of(argv[1]), "--help")) {
        (void)fputs(usage, stdout);
        return EXIT_GOOD;
    }
    v.judge.config.now_ms = clock_now_ms();
    if (!take_options(&v, argc, argv, &e) || !open_all(&v, &e)) {
        (void)fprintf(stderr, "posthorn as4 verify: %s\n", e.text);
        return EXIT_CANNOT;
    }
    for (int i = optind; i < argc; i++) {
        int status = as4_verdict(&v.judge, argv[i]);
        worst = status > worst ? status : worst;
    }
    return worst;
}
