/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/settings.h"

#include <string.h>

#include "runtime/loop/program.h"

#define GIB        (1024LL * 1024 * 1024)
#define MINUTE     60000LL
#define HOUR       (60 * MINUTE)
#define AT(member) offsetof(struct SECTION, member)

/* clang-format off */
#define RELOAD_FOLDER {"reload-folder", SETTING_PATH, AT(reload_folder), 0, 4096, "", "Folder that this program may read again when it is told to reload: keys, certificates and revocation lists that are renewed by new files. Its named files alone where this is empty; those must then be written in place.", NULL}
#define SECTION store_section
static const struct setting store_settings[] = {
    {"engine", SETTING_WORD, AT(engine), 0, 0, "sqlite", "Where messages are kept.", "sqlite|postgres"},
    {"path", SETTING_PATH, AT(path), 1, 4096, NULL, "Folder of the database, the payloads and the wake sockets.", NULL},
    {"connection", SETTING_TEXT, AT(connection), 0, 4096, "", "PostgreSQL: the libpq connection string.", NULL},
    {"storage-key", SETTING_PATH, AT(storage_key), 1, 4096, NULL, "File of 32 random octets that wraps the data key of every message.", NULL},
    {0},
};
#undef SECTION
#define SECTION accesspoint_section
static const struct setting part_settings[] = {
    {"party", SETTING_TEXT, AT(party), 1, 255, NULL, "Own AS4 PartyId: the common name of the access point certificate, as AP0001-SDK-QA.", NULL},
    {"profile", SETTING_PATH, AT(profile), 1, 4096, NULL, "The federation's profile file.", NULL},
    {"pmodes", SETTING_PATH, AT(pmodes), 0, 4096, "", "Agreements with partners outside of the federation: a file of [pmode NAME] sections. What they send waits as it came, without SDK's rules.", NULL},
    {"key", SETTING_PATH, AT(key), 1, 4096, NULL, "Key that signs and decrypts AS4. Only accesspoint-work reads it.", NULL},
    {"chain", SETTING_PATH, AT(chain), 1, 4096, NULL, "Its certificate, then the issuing CA (PEM).", NULL},
    {"ap-anchors", SETTING_PATH, AT(ap_anchors), 1, 4096, NULL, "CAs that may issue access point certificates (PEM).", NULL},
    {"ap-crl", SETTING_PATH, AT(ap_crl), 0, 4096, "", "Their revocation lists (PEM).", NULL},
    {"smp-anchors", SETTING_PATH, AT(smp_anchors), 1, 4096, NULL, "Root that may issue the SMP's signer.", NULL},
    {"smp-crl", SETTING_PATH, AT(smp_crl), 0, 4096, "", "Its revocation list.", NULL},
    {"o2o-anchors", SETTING_PATH, AT(o2o_anchors), 1, 4096, NULL, "CAs that may issue organisation (O2O) certificates.", NULL},
    {"o2o-crl", SETTING_PATH, AT(o2o_crl), 0, 4096, "", "Their revocation lists.", NULL},
    {"o2o-chain-enforced", SETTING_BOOLEAN, AT(o2o_chain_enforced), 0, 0, "yes", "No: a broken O2O chain is logged, equality with CertPub alone decides.", NULL},
    {"run", SETTING_PATH, AT(run), 1, 90, NULL, "Folder of the sockets between accesspoint-work and -receive and -send.", NULL},
    {0},
};
#undef SECTION
#define SECTION api_section
static const struct setting api_settings[] = {
    {"listen", SETTING_ADDRESS, AT(listen), 0, 0, "127.0.0.1:8443", "Where the city's systems reach the API (TLS).", NULL},
    {"key", SETTING_PATH, AT(key), 1, 4096, NULL, "TLS key.", NULL},
    {"chain", SETTING_PATH, AT(chain), 1, 4096, NULL, "TLS certificate chain.", NULL},
    {"admin-listen", SETTING_ADDRESS, AT(admin_listen), 0, 0, "127.0.0.1:9443", "Plain HTTP for /metrics and /health; keep it on loopback.", NULL},
    {"message-size", SETTING_SIZE, AT(message_octets), 1024, 64LL * 1024 * 1024, "1M", "Largest JSON of one message, without attachments.", NULL},
    {"attachment-size", SETTING_SIZE, AT(attachment_octets), 1024, 4 * GIB, "2G", "Largest attachment.", NULL},
    RELOAD_FOLDER,
    {0},
};
#undef SECTION
#define SECTION receive_section
static const struct setting receive_settings[] = {
    {"listen", SETTING_ADDRESS, AT(listen), 0, 0, "0.0.0.0:443", "Where other access points push AS4 (mutual TLS).", NULL},
    {"path", SETTING_TEXT, AT(path), 1, 200, "/msh", "The one path that is served.", NULL},
    {"key", SETTING_PATH, AT(key), 1, 4096, NULL, "TLS key.", NULL},
    {"chain", SETTING_PATH, AT(chain), 1, 4096, NULL, "TLS certificate chain.", NULL},
    {"client-anchors", SETTING_PATH, AT(client_anchors), 1, 4096, NULL, "CAs that must have issued the caller's TLS certificate.", NULL},
    {"client-crl", SETTING_PATH, AT(client_crl), 0, 4096, "", "Their revocation lists.", NULL},
    {"admin-listen", SETTING_ADDRESS, AT(admin_listen), 0, 0, "127.0.0.1:9444", "Plain HTTP for /metrics and /health.", NULL},
    {"body-size", SETTING_SIZE, AT(body_octets), 65536, 64 * GIB, "4G", "Largest AS4 request.", NULL},
    {"in-flight", SETTING_NUMBER, AT(in_flight), 1, 10000, "200", "Requests handed to accesspoint-work at once; more are answered 503.", NULL},
    RELOAD_FOLDER,
    {0},
};
#undef SECTION
#define SECTION work_section
static const struct setting work_settings[] = {
    {"workers", SETTING_NUMBER, AT(workers), 1, 256, "16", "Threads that seal, verify and open.", NULL},
    {"temp", SETTING_PATH, AT(temp), 1, 4096, NULL, "Private folder for what is being opened; unnamed files only.", NULL},
    {"admin-listen", SETTING_ADDRESS, AT(admin_listen), 0, 0, "unix:run/work-admin.sock", "HTTP for /metrics and /health on a UNIX socket: this program has no network.", NULL},
    RELOAD_FOLDER,
    {0},
};
#undef SECTION
#define SECTION send_section
static const struct setting send_settings[] = {
    {"smp-url", SETTING_TEXT, AT(smp_url), 8, 1024, NULL, "Base URL of the SMP, as https://smp.example/.", NULL},
    {"smp-server-anchors", SETTING_PATH, AT(smp_server_anchors), 1, 4096, NULL, "CAs that may issue the SMP's TLS certificate.", NULL},
    {"key", SETTING_PATH, AT(key), 1, 4096, NULL, "TLS client key.", NULL},
    {"chain", SETTING_PATH, AT(chain), 1, 4096, NULL, "TLS client certificate chain.", NULL},
    {"server-anchors", SETTING_PATH, AT(server_anchors), 1, 4096, NULL, "CAs that may issue other access points' TLS certificates.", NULL},
    {"server-crl", SETTING_PATH, AT(server_crl), 0, 4096, "", "Their revocation lists.", NULL},
    {"admin-listen", SETTING_ADDRESS, AT(admin_listen), 0, 0, "127.0.0.1:9445", "Plain HTTP for /metrics and /health.", NULL},
    {"allow-networks", SETTING_LIST, AT(allow_networks), 0, 64, "", "Networks inside that partners may be reached in, as 10.1.0.0/16 fd00:1::/48; else an address from the directory must be of the internet, not private, loopback or link-local.", NULL},
    {"parallel", SETTING_NUMBER, AT(parallel), 1, 1000, "64", "Pushes and look-ups under way at once, and so connections to one partner: lower it for one who takes fewer.", NULL},
    {"retry-first", SETTING_TIME, AT(retry_first_ms), 100, HOUR, "1m", "Delay before the second attempt; it doubles then.", NULL},
    {"retry-longest", SETTING_TIME, AT(retry_longest_ms), 100, 24 * HOUR, "1h", "Longest delay between attempts.", NULL},
    {"retry-window", SETTING_TIME, AT(retry_window_ms), 1000, 14 * 24 * HOUR, "24h", "Then a person must decide: the message is parked.", NULL},
    {"receipt-wait", SETTING_TIME, AT(receipt_wait_ms), 1000, 14 * 24 * HOUR, "24h", "How long the message receipt is awaited.", NULL},
    {"directory-cache", SETTING_TIME, AT(cache_ms), 0, 24 * HOUR, "1h", "How long an SMP answer is used again.", NULL},
    RELOAD_FOLDER,
    {0},
};
#undef SECTION
#define SECTION participant_section
static const struct setting participant_settings[] = {
    {"name", SETTING_TEXT, AT(name), 1, 256, NULL, "Official name.", NULL},
    {"key", SETTING_PATH, AT(key), 1, 4096, NULL, "O2O key. Only accesspoint-work reads it.", NULL},
    {"chain", SETTING_PATH, AT(chain), 1, 4096, NULL, "O2O certificate, then its CA.", NULL},
    {0},
};
#undef SECTION
#define SECTION mailbox_section
static const struct setting mailbox_settings[] = {
    {"participant", SETTING_TEXT, AT(participant), 1, 255, NULL, "Whose function it is: a [participant] of this file.", NULL},
    {"name", SETTING_TEXT, AT(name), 1, 256, NULL, "What people call it.", NULL},
    {0},
};
#undef SECTION
#define SECTION client_section
static const struct setting client_settings[] = {
    {"token-sha256", SETTING_TEXT, AT(token_sha256), 64, 64, NULL, "SHA-256 of the bearer token, hexadecimal.", NULL},
    {"addresses", SETTING_LIST, AT(addresses), 1, 1000, NULL, "Function addresses it may send from and read.", NULL},
    {0},
};
#undef SECTION
#define SECTION partner_section
static const struct setting partner_settings[] = {
    {"sign-token", SETTING_WORD, AT(sign_token), 0, 0, "bst", "How our signing certificate is named.", "bst|pkipath|ski|issuerserial"},
    {"key-token", SETTING_WORD, AT(key_token), 0, 0, "bst", "How the partner's certificate is named.", "bst|pkipath|ski|issuerserial"},
    {"certificate", SETTING_PATH, AT(certificate), 0, 4096, "", "Its access point certificate (PEM), needed where its messages carry none.", NULL},
    {0},
};
#undef SECTION

const struct settings_section accesspoint_sections[] = {
    {"store", store_settings, sizeof(struct store_section), false, 0, "Where messages are kept."},
    PROGRAM_SECTION,
    {"accesspoint", part_settings, sizeof(struct accesspoint_section), false, 0, "The access point as the federation sees it."},
    {"accesspoint-api", api_settings, sizeof(struct api_section), false, 0, "The API for the city's systems."},
    {"accesspoint-receive", receive_settings, sizeof(struct receive_section), false, 0, "AS4 from other access points."},
    {"accesspoint-work", work_settings, sizeof(struct work_section), false, 0, "Sealing, checking and opening; no network."},
    {"accesspoint-send", send_settings, sizeof(struct send_section), false, 0, "Directory look-ups and pushes."},
    {"participant", participant_settings, sizeof(struct participant_section), true, 1000, "An organisation that this access point serves: [participant 0203:kommun.example]."},
    {"mailbox", mailbox_settings, sizeof(struct mailbox_section), true, 10000, "A function address: [mailbox sdk:inkorg:0203:kommun.example]."},
    {"client", client_settings, sizeof(struct client_section), true, 10000, "A system that uses the API: [client ekonomi]."},
    {"partner", partner_settings, sizeof(struct partner_section), true, 10000, "An access point that needs other token styles: [partner AP0002-SDK-QA]."},
    {0},
};
/* clang-format on */

const struct participant_section *accesspoint_participant(const struct accesspoint_settings *s,
                                                          struct str id)
{
    for (size_t i = 0; i < settings_count(s->all, "participant"); i++) {
        const struct participant_section *p = settings_nth(s->all, "participant", i);
        if (str_equal_nocase(p->id, id))
            return p;
    }
    return NULL;
}

const struct mailbox_section *accesspoint_mailbox(const struct accesspoint_settings *s,
                                                  struct str address)
{
    for (size_t i = 0; i < settings_count(s->all, "mailbox"); i++) {
        const struct mailbox_section *m = settings_nth(s->all, "mailbox", i);
        if (str_equal(m->address, address))
            return m;
    }
    return NULL;
}

const struct partner_section *accesspoint_partner(const struct accesspoint_settings *s,
                                                  struct str party)
{
    for (size_t i = 0; i < settings_count(s->all, "partner"); i++) {
        const struct partner_section *p = settings_nth(s->all, "partner", i);
        if (str_equal(p->party, party))
            return p;
    }
    return NULL;
}

static bool check_mailboxes(const struct accesspoint_settings *s, struct error *e)
{
    for (size_t i = 0; i < settings_count(s->all, "mailbox"); i++) {
        const struct mailbox_section *m = settings_nth(s->all, "mailbox", i);
        if (accesspoint_participant(s, m->participant) == NULL)
            return error_set(e, ERROR_REJECT,
                             "[mailbox %.*s] names participant '%.*s', which has no [participant] "
                             "section",
                             STR_ARG(m->address), STR_ARG(m->participant));
    }
    return true;
}

static bool check_clients(const struct accesspoint_settings *s, struct error *e)
{
    for (size_t i = 0; i < settings_count(s->all, "client"); i++) {
        const struct client_section *c = settings_nth(s->all, "client", i);
        for (size_t j = 0; j < c->addresses.count; j++)
            if (accesspoint_mailbox(s, c->addresses.at[j]) == NULL)
                return error_set(
                    e, ERROR_REJECT,
                    "[client %.*s] names address '%.*s', which has no [mailbox] section",
                    STR_ARG(c->name), STR_ARG(c->addresses.at[j]));
    }
    return true;
}

struct owned { /* a secret's file, and who reads it */
    const char *owner;
    struct str path;
};

static bool lies_in(struct str path, struct str folder)
{
    while (folder.len > 1 && folder.at[folder.len - 1] == '/')
        folder.len--;
    return folder.len > 0 && str_starts(path, folder) &&
           (path.len == folder.len || path.at[folder.len] == '/');
}

/* Of one file that two programs read, each may have it in its folder. */
static bool is_read_by(const struct owned *keys, size_t count, const char *owner, struct str path)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].owner, owner) == 0 && str_equal(keys[i].path, path))
            return true;
    return false;
}

static bool check_folder(const struct owned *folder, const struct owned *keys, size_t count,
                         struct error *e)
{
    for (size_t i = 0; i < count; i++)
        if (lies_in(keys[i].path, folder->path) &&
            !is_read_by(keys, count, folder->owner, keys[i].path))
            return error_set(e, ERROR_REJECT,
                             "[%s] reload-folder holds %.*s, which only %s may read: give each "
                             "program a folder of its own",
                             folder->owner, STR_ARG(keys[i].path), keys[i].owner);
    return true;
}

/* A folder that may be read again must not open another program's keys. */
static bool check_reload_folders(const struct accesspoint_settings *s, struct error *e)
{
    enum { OWN = 5 };
    AUTO_ARENA arena = {0};
    const struct owned folders[] = {
        {"accesspoint-api", s->api->reload_folder},
        {"accesspoint-receive", s->receive->reload_folder},
        {"accesspoint-work", s->work->reload_folder},
        {"accesspoint-send", s->send->reload_folder},
    };
    size_t count = settings_count(s->all, "participant");
    struct owned *keys = arena_array(&arena, OWN + count, sizeof(*keys));
    keys[0] = (struct owned){"accesspoint-api", s->api->key};
    keys[1] = (struct owned){"accesspoint-receive", s->receive->key};
    keys[2] = (struct owned){"accesspoint-send", s->send->key};
    keys[3] = (struct owned){"accesspoint-work", s->accesspoint->key};
    keys[4] = (struct owned){"the store", s->store->storage_key};
    for (size_t i = 0; i < count; i++) {
        const struct participant_section *p = settings_nth(s->all, "participant", i);
        keys[OWN + i] = (struct owned){"accesspoint-work", p->key};
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        if (!check_folder(&folders[i], keys, OWN + count, e))
            return false;
    return true;
}

bool accesspoint_settings_view(const struct settings *all, struct accesspoint_settings *out,
                               struct error *e)
{
    struct accesspoint_settings s = {
        .all = all,
        .store = settings_section(all, "store"),
        .accesspoint = settings_section(all, "accesspoint"),
        .api = settings_section(all, "accesspoint-api"),
        .receive = settings_section(all, "accesspoint-receive"),
        .work = settings_section(all, "accesspoint-work"),
        .send = settings_section(all, "accesspoint-send"),
    };
    if (!check_mailboxes(&s, e) || !check_clients(&s, e) || !check_reload_folders(&s, e))
        return false;
    *out = s;
    return true;
}
