/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* settings.h - the access point's part of posthorn.conf. One table yields parser, range check,
 * sample and manual; every program of the part reads the same file and uses its sections. */
#pragma once

#include "runtime/config/settings.h"

struct store_section {      /* [store] */
    struct str engine;      /* sqlite | postgres */
    struct str path;        /* folder: database, payloads, wake sockets */
    struct str connection;  /* postgres: libpq connection string */
    struct str storage_key; /* file of 32 octets; made by `posthorn init` and by the demo */
};

struct accesspoint_section {         /* [accesspoint] */
    struct str party;                /* own PartyId = CN of the access point certificate */
    struct str profile;              /* federation profile file (schemas/profiles) */
    struct str pmodes;               /* agreements outside of the federation; empty: none */
    struct str key, chain;           /* AS4 signing and decryption: work alone reads the key */
    struct str ap_anchors, ap_crl;   /* who may issue access point certificates */
    struct str smp_anchors, smp_crl; /* who may sign SMP metadata */
    struct str o2o_anchors, o2o_crl; /* who may issue O2O certificates */
    bool o2o_chain_enforced;         /* false: warn only (spec/sdk.md 3.6) */
    struct str run;                  /* folder of the hand-over sockets */
};

struct api_section { /* [accesspoint-api] */
    struct str listen;
    struct str key, chain;
    struct str admin_listen; /* /metrics and /health; loopback */
    int64_t message_octets;  /* largest JSON */
    int64_t attachment_octets;
    struct str reload_folder;
};

struct receive_section { /* [accesspoint-receive] */
    struct str listen, path;
    struct str key, chain;
    struct str client_anchors, client_crl; /* mutual TLS; empty anchors are refused */
    struct str admin_listen;
    int64_t body_octets;
    int64_t in_flight;
    struct str reload_folder;
};

struct work_section { /* [accesspoint-work] */
    int64_t workers;
    struct str temp; /* private folder for what is being opened */
    struct str admin_listen;
    struct str reload_folder;
};

struct send_section {   /* [accesspoint-send] */
    struct str smp_url; /* static SMP base URL; DNS discovery comes later */
    struct str smp_server_anchors;
    struct str key, chain; /* TLS client certificate */
    struct str server_anchors, server_crl;
    struct str_list allow_networks; /* beside the internet (runtime/loop/networks.h) */
    struct str admin_listen;
    int64_t parallel;
    int64_t retry_first_ms, retry_longest_ms, retry_window_ms;
    int64_t receipt_wait_ms; /* svarstidsbevakning: then unanswered */
    int64_t cache_ms;
    struct str reload_folder;
};

struct participant_section { /* [participant 0203:kommun.example] */
    struct str id;
    struct str name;
    struct str key, chain; /* O2O certificate and key: work alone reads the key */
};

struct mailbox_section { /* [mailbox sdk:inkorg:0203:kommun.example] */
    struct str address;  /* function address */
    struct str participant;
    struct str name;
};

struct client_section { /* [client ekonomi] a system client of the API */
    struct str name;
    struct str token_sha256;   /* hex; the token itself is never stored */
    struct str_list addresses; /* function addresses it may send from and read */
};

struct partner_section { /* [partner AP0002-OPEN-TEST] only where a partner needs something else */
    struct str party;
    struct str sign_token, key_token; /* bst | pkipath | ski | issuerserial */
    struct str certificate;           /* PEM: for messages that carry no certificate */
};

extern const struct settings_section accesspoint_sections[]; /* ends with a zero row */

struct accesspoint_settings { /* views into `all`, which stays the reader's */
    const struct settings *all;
    const struct store_section *store;
    const struct accesspoint_section *accesspoint;
    const struct api_section *api;
    const struct receive_section *receive;
    const struct work_section *work;
    const struct send_section *send;
};

/* What one table row cannot see is checked here: mailboxes name known participants, clients name
 * known mailboxes. Programs give env->settings; the command line reads the file itself. */
MUST_USE bool accesspoint_settings_view(const struct settings *all,
                                        struct accesspoint_settings *out, struct error *e);
const struct participant_section *accesspoint_participant(const struct accesspoint_settings *s,
                                                          struct str id);
const struct mailbox_section *accesspoint_mailbox(const struct accesspoint_settings *s,
                                                  struct str address);
const struct partner_section *accesspoint_partner(const struct accesspoint_settings *s,
                                                  struct str party); /* NULL: the defaults */
