/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* config_files.h - every file and folder that posthorn.conf names, and what it is for: one table for
 * `posthorn config check` and `posthorn certs`. */
#pragma once

#include "accesspoint/settings.h"

enum config_file_kind {
    CONFIG_IDENTITY, /* a key and its certificate chain */
    CONFIG_ANCHORS,  /* certificates that may vouch for others */
    CONFIG_CRL,      /* their revocation lists */
    CONFIG_CERTIFICATE,
    CONFIG_PROFILE,
    CONFIG_PMODES, /* agreements outside of the federation */
    CONFIG_STORAGE_KEY,
    CONFIG_FOLDER,        /* is written to */
    CONFIG_SOURCE_FOLDER, /* is read from */
};
struct config_file {
    enum config_file_kind kind;
    struct str section; /* "accesspoint", "participant 0203:kommun.example" */
    const char *key;    /* the setting; of an identity: the one of the chain */
    const char *use;    /* for people: "AS4: signs and decrypts" */
    struct str path;    /* of an identity: the chain; empty where nothing is set */
    struct str key_path;
    struct str anchors, crl; /* who must have issued an identity; empty: others decide */
};

/* In the order of the file. Texts live as long as the settings; section in the arena. */
void config_files_each(const struct accesspoint_settings *s, struct arena *a,
                       void (*visit)(void *ctx, const struct config_file *file), void *ctx);
