/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_config.sh */
/* posthorn init DIR: a folder to begin with. What it cannot know (keys, certificates, addresses) is
 * named in posthorn.conf, and `posthorn config check` says what is still missing. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accesspoint/settings.h"
#include "posthorn/arguments.h"
#include "posthorn/command.h"
#include "posthorn/output.h"
#include "runtime/base/sys.h"
#include "runtime/base/text.h"
#include "runtime/base/uuid.h"
#include "runtime/crypto/digest.h"

enum { CONF_MAX = 1024 * 1024, KEY_OCTETS = 32, TOKEN_OCTETS = 24 };

struct init_options {
    struct common_options common;
    const char *organisation, *participant, *party;
};

struct fill {
    const char *section, *key, *value;
};
enum { FILLS_MAX = 32 };

struct making {
    const char *dir;
    const struct init_options *o;
    struct arena arena;
    struct fill fills[FILLS_MAX];
    size_t fill_count;
    struct str token_sha256;
};

/* --- posthorn.conf: the sample, with values where it asks for some */

static void fill(struct making *m, const char *section, const char *key, const char *value)
{
    if (m->fill_count < FILLS_MAX)
        m->fills[m->fill_count++] = (struct fill){section, key, value};
}

static void fill_all(struct making *m)
{
    struct str path = arena_format(&m->arena, "%s/profiles/sdk-prod.profile", sys_schema_dir());
    const char *profile = arena_text(&m->arena, path);
    fill(m, "store", "path", "store");
    fill(m, "store", "storage-key", "storage.key");
    fill(m, "accesspoint", "party", m->o->party == NULL ? "AP0000-SDK" : m->o->party);
    fill(m, "accesspoint", "profile", profile);
    fill(m, "accesspoint", "key", "keys/ap.key");
    fill(m, "accesspoint", "chain", "keys/ap.pem");
    fill(m, "accesspoint", "ap-anchors", "trust/ap.pem");
    fill(m, "accesspoint", "smp-anchors", "trust/smp.pem");
    fill(m, "accesspoint", "o2o-anchors", "trust/o2o.pem");
    fill(m, "accesspoint", "run", "run");
    fill(m, "accesspoint-api", "key", "keys/api.key");
    fill(m, "accesspoint-api", "chain", "keys/api.pem");
    fill(m, "accesspoint-receive", "key", "keys/tls.key");
    fill(m, "accesspoint-receive", "chain", "keys/tls.pem");
    fill(m, "accesspoint-receive", "client-anchors", "trust/tls.pem");
    fill(m, "accesspoint-work", "temp", "temp");
    fill(m, "accesspoint-send", "smp-url", "https://smp.example/");
    fill(m, "accesspoint-send", "smp-server-anchors", "trust/tls.pem");
    fill(m, "accesspoint-send", "key", "keys/tls.key");
    fill(m, "accesspoint-send", "chain", "keys/tls.pem");
    fill(m, "accesspoint-send", "server-anchors", "trust/tls.pem");
}

static const char *value_for(const struct making *m, struct str section, struct str key)
{
    for (size_t i = 0; i < m->fill_count; i++)
        if (str_is(section, m->fills[i].section) && str_is(key, m->fills[i].key))
            return m->fills[i].value;
    return NULL;
}

static bool copy_line(const struct making *m, struct str line, struct str *section, struct buf *out,
                      struct error *e)
{
    struct str key = str_trim(str_upto(line, str_find_char(line, '=')));
    bool is_heading = str_starts(line, STR("["));
    if (is_heading)
        *section = str_upto(str_from(line, 1), str_find_char(line, ']') - 1);
    bool is_value = !is_heading && key.len < line.len && !str_starts(line, STR("#"));
    const char *value = is_value ? value_for(m, *section, key) : NULL;
    if (value != NULL)
        return buf_addf(out, e, "%.*s = %s\n", STR_ARG(key), value);
    return buf_add(out, line, e) && buf_add_char(out, '\n', e);
}

static bool add_participant(const struct making *m, struct buf *out, struct error *e)
{
    const struct init_options *o = m->o;
    if (o->participant == NULL)
        return true;
    return buf_addf(out, e,
                    "\n[participant %s]\nname = %s\nkey = keys/o2o.key\nchain = keys/o2o.pem\n"
                    "\n# One section for each function address of the address book.\n"
                    "[mailbox sdk:inkorg:%s]\nparticipant = %s\nname = Inkorg\n"
                    "\n# The command line's own way in; its token is in the file 'token'.\n"
                    "[client operator]\ntoken-sha256 = %.*s\naddresses = sdk:inkorg:%s\n",
                    o->participant, o->organisation == NULL ? o->participant : o->organisation,
                    o->participant, o->participant, STR_ARG(m->token_sha256), o->participant);
}

static bool write_conf(struct making *m, struct buf *out, struct error *e)
{
    AUTO_BUF sample = BUF(CONF_MAX);
    struct str rest, line, section = STR_NONE;
    if (!settings_sample(accesspoint_sections, &sample, e))
        return false;
    fill_all(m);
    rest = str_trim(buf_str(&sample));
    while (str_next(&rest, '\n', &line))
        if (!copy_line(m, line, &section, out, e))
            return false;
    return add_participant(m, out, e);
}

/* --- files */

/* A new file, never an old one. */
static bool put_file(const struct making *m, const char *name, struct str octets, struct error *e)
{
    char path[1200];
    snprintf(path, sizeof(path), "%s/%s", m->dir, name);
    AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd == -1 && errno == EEXIST)
        return error_set(e, ERROR_REJECT, "%s is there already; nothing is overwritten", path);
    if (fd == -1)
        return error_errno(e, "%s", path);
    return sys_write_all(fd, octets, e) && sys_fsync(fd, e);
}

static bool put_storage_key(const struct making *m, struct error *e)
{
    char key[KEY_OCTETS];
    random_octets(key, sizeof(key));
    bool ok = put_file(m, "storage.key", str_bytes(key, sizeof(key)), e);
    explicit_bzero(key, sizeof(key));
    return ok;
}

static bool put_token(struct making *m, struct error *e)
{
    char octets[TOKEN_OCTETS];
    struct digest_value digest;
    AUTO_BUF token = BUF(100);
    AUTO_BUF hex = BUF(100);
    random_octets(octets, sizeof(octets));
    if (!hex_encode(&token, str_bytes(octets, sizeof(octets)), e) ||
        !digest_of(DIGEST_SHA256, buf_str(&token), &digest) ||
        !hex_encode(&hex, digest_str(&digest), e))
        return false;
    m->token_sha256 = arena_copy(&m->arena, buf_str(&hex));
    return put_file(m, "token", buf_str(&token), e);
}

static bool make_folders(const struct making *m, struct error *e)
{
    static const char *const names[] = {"", "/store", "/run", "/temp", "/keys", "/trust"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[1200];
        if (snprintf(path, sizeof(path), "%s%s", m->dir, names[i]) >= (int)sizeof(path))
            return error_set(e, ERROR_REJECT, "the name of the folder is too long");
        if (!sys_make_dir(path, 0700, e))
            return false;
    }
    return true;
}

static bool is_free(const struct making *m, struct error *e)
{
    static const char *const names[] = {"posthorn.conf", "storage.key", "token"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[1200];
        snprintf(path, sizeof(path), "%s/%s", m->dir, names[i]);
        if (access(path, F_OK) == 0)
            return error_set(e, ERROR_REJECT, "%s is there already; nothing is overwritten", path);
    }
    return true;
}

static bool make(struct making *m, struct error *e)
{
    AUTO_BUF conf = BUF(CONF_MAX);
    return is_free(m, e) && make_folders(m, e) && put_storage_key(m, e) &&
           (m->o->participant == NULL || put_token(m, e)) && write_conf(m, &conf, e) &&
           put_file(m, "posthorn.conf", buf_str(&conf), e);
}

/* --- arguments */

static bool is_one_word(const char *option, const char *value, struct error *e)
{
    struct str text = str_of(value);
    if (value != NULL && (text.len == 0 || text.len > 200))
        return error_set(e, ERROR_REJECT, "%s has 1 to 200 characters", option);
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || strchr("[]#;=", text.at[i]) != NULL)
            return error_set(e, ERROR_REJECT, "%s is one word without []#;=", option);
    return true;
}

static bool check_options(const struct init_options *o, struct error *e)
{
    bool is_line = o->organisation == NULL ||
                   (strlen(o->organisation) <= 256 && strchr(o->organisation, '\n') == NULL);
    if (!is_line)
        return error_set(e, ERROR_REJECT, "--organisation is one line of at most 256 octets");
    return is_one_word("--participant", o->participant, e) && is_one_word("--party", o->party, e);
}

static void say_done(const struct making *m)
{
    if (m->o->common.json) {
        struct output_line line;
        struct json_writer *w = output_open(&line);
        json_put_text(w, "made", str_of(m->dir));
        output_send(&line);
        return;
    }
    printf("made %s\nnext:\n"
           "  put keys and certificates where %s/posthorn.conf names them\n"
           "  posthorn config check %s\n  posthorn migrate %s\n  posthorn run %s\n",
           m->dir, m->dir, m->dir, m->dir, m->dir);
}

int cmd_init(int argc, char **argv)
{
    static const struct argument options[] = {
        {"--organisation", ARGUMENT_TEXT, offsetof(struct init_options, organisation), "NAME",
         "its official name"},
        {"--participant", ARGUMENT_TEXT, offsetof(struct init_options, participant), "ID",
         "its participant id, as 0203:kommun.example"},
        {"--party", ARGUMENT_TEXT, offsetof(struct init_options, party), "AP-ID",
         "common name of the access point certificate, as AP0001-SDK"},
        {"--json", ARGUMENT_FLAG, offsetof(struct init_options, common.json), NULL,
         "one JSON object a line"},
        {0}};
    static const struct arguments_form form = {
        "init DIR [--organisation NAME --participant ID --party AP-ID]",
        "Makes the folder of an installation: posthorn.conf with every setting explained, a new\n"
        "storage key, and the folders for messages, sockets, keys and trusted certificates, all\n"
        "closed to other users. With --participant also a first function address, and a token\n"
        "for the command line in DIR/token. Overwrites nothing.",
        options, 1, 1};
    struct init_options o = {0};
    struct argument_list words = {0};
    struct error e = {0};
    int status;
    if (!arguments_read(&form, argc, argv, &o, &words, &status))
        return status;
    if (!check_options(&o, &e))
        return output_cannot("init", &e);
    struct making m = {.dir = words.at[0], .o = &o};
    bool ok = make(&m, &e);
    if (ok)
        say_done(&m);
    arena_release(&m.arena);
    return ok ? EXIT_GOOD : output_failed("init", &e);
}
