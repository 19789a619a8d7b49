/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/config_files.h"

#include <stddef.h>

struct row {
    const char *section;
    const char *key;
    enum config_file_kind kind;
    size_t at;     /* offsetof the path */
    size_t key_at; /* of an identity: offsetof its key */
    const char *use;
    size_t anchors_at, crl_at; /* in [accesspoint]; 0: none (no path stands at its beginning) */
};

#define AT(type, member) offsetof(struct type, member)
#define AP(member)       offsetof(struct accesspoint_section, member)

/* clang-format off */
static const struct row rows[] = {
    {"store", "path", CONFIG_FOLDER, AT(store_section, path), 0, "messages", 0, 0},
    {"store", "storage-key", CONFIG_STORAGE_KEY, AT(store_section, storage_key), 0, "storage key", 0, 0},
    {"accesspoint", "profile", CONFIG_PROFILE, AP(profile), 0, "the federation's rules", 0, 0},
    {"accesspoint", "pmodes", CONFIG_PMODES, AP(pmodes), 0, "agreements outside of it", 0, 0},
    {"accesspoint", "chain", CONFIG_IDENTITY, AP(chain), AP(key), "AS4: signs and decrypts", AP(ap_anchors), AP(ap_crl)},
    {"accesspoint", "ap-anchors", CONFIG_ANCHORS, AP(ap_anchors), 0, "issuers of access points", 0, 0},
    {"accesspoint", "ap-crl", CONFIG_CRL, AP(ap_crl), 0, "revoked access points", 0, 0},
    {"accesspoint", "smp-anchors", CONFIG_ANCHORS, AP(smp_anchors), 0, "issuers of SMP signers", 0, 0},
    {"accesspoint", "smp-crl", CONFIG_CRL, AP(smp_crl), 0, "revoked SMP signers", 0, 0},
    {"accesspoint", "o2o-anchors", CONFIG_ANCHORS, AP(o2o_anchors), 0, "issuers of organisations", 0, 0},
    {"accesspoint", "o2o-crl", CONFIG_CRL, AP(o2o_crl), 0, "revoked organisations", 0, 0},
    {"accesspoint", "run", CONFIG_FOLDER, AP(run), 0, "sockets", 0, 0},
    {"accesspoint-api", "chain", CONFIG_IDENTITY, AT(api_section, chain), AT(api_section, key), "API: TLS server", 0, 0},
    {"accesspoint-api", "reload-folder", CONFIG_SOURCE_FOLDER, AT(api_section, reload_folder), 0, "renewed keys and lists", 0, 0},
    {"accesspoint-receive", "chain", CONFIG_IDENTITY, AT(receive_section, chain), AT(receive_section, key), "AS4 in: TLS server", 0, 0},
    {"accesspoint-receive", "client-anchors", CONFIG_ANCHORS, AT(receive_section, client_anchors), 0, "issuers of TLS callers", 0, 0},
    {"accesspoint-receive", "client-crl", CONFIG_CRL, AT(receive_section, client_crl), 0, "revoked TLS callers", 0, 0},
    {"accesspoint-receive", "reload-folder", CONFIG_SOURCE_FOLDER, AT(receive_section, reload_folder), 0, "renewed keys and lists", 0, 0},
    {"accesspoint-work", "temp", CONFIG_FOLDER, AT(work_section, temp), 0, "what is being opened", 0, 0},
    {"accesspoint-work", "reload-folder", CONFIG_SOURCE_FOLDER, AT(work_section, reload_folder), 0, "renewed keys and lists", 0, 0},
    {"accesspoint-send", "smp-server-anchors", CONFIG_ANCHORS, AT(send_section, smp_server_anchors), 0, "issuers of the SMP's TLS", 0, 0},
    {"accesspoint-send", "chain", CONFIG_IDENTITY, AT(send_section, chain), AT(send_section, key), "AS4 out: TLS client", 0, 0},
    {"accesspoint-send", "server-anchors", CONFIG_ANCHORS, AT(send_section, server_anchors), 0, "issuers of TLS servers", 0, 0},
    {"accesspoint-send", "server-crl", CONFIG_CRL, AT(send_section, server_crl), 0, "revoked TLS servers", 0, 0},
    {"accesspoint-send", "reload-folder", CONFIG_SOURCE_FOLDER, AT(send_section, reload_folder), 0, "renewed keys and lists", 0, 0},
    {"participant", "chain", CONFIG_IDENTITY, AT(participant_section, chain), AT(participant_section, key), "O2O: signs and decrypts", AP(o2o_anchors), AP(o2o_crl)},
    {"partner", "certificate", CONFIG_CERTIFICATE, AT(partner_section, certificate), 0, "a partner's AS4", 0, 0},
};
/* clang-format on */

static struct str path_at(const void *section, size_t at)
{
    return *(const struct str *)(const void *)((const char *)section + at);
}

/* A repeated section's word stands at offset 0 of its struct. */
static struct str heading(const struct row *r, const void *section, struct arena *a)
{
    bool is_repeated =
        str_is(str_of(r->section), "participant") || str_is(str_of(r->section), "partner");
    if (!is_repeated)
        return str_of(r->section);
    return arena_format(a, "%s %.*s", r->section, STR_ARG(path_at(section, 0)));
}

static struct config_file make(const struct row *r, const void *section,
                               const struct accesspoint_section *ap, struct arena *a)
{
    return (struct config_file){
        .kind = r->kind,
        .section = heading(r, section, a),
        .key = r->key,
        .use = r->use,
        .path = path_at(section, r->at),
        .key_path = r->key_at == 0 ? STR_NONE : path_at(section, r->key_at),
        .anchors = r->anchors_at == 0 ? STR_NONE : path_at(ap, r->anchors_at),
        .crl = r->crl_at == 0 ? STR_NONE : path_at(ap, r->crl_at),
    };
}

void config_files_each(const struct accesspoint_settings *s, struct arena *a,
                       void (*visit)(void *ctx, const struct config_file *file), void *ctx)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t n = 0; n < settings_count(s->all, rows[i].section); n++) {
            const void *section = settings_nth(s->all, rows[i].section, n);
            struct config_file file = make(&rows[i], section, s->accesspoint, a);
            visit(ctx, &file);
        }
}
