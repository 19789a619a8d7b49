/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* installation.h - the folder a command works on: its posthorn.conf and its store. */
#pragma once

#include "accesspoint/settings.h"
#include "runtime/store/store.h"

struct installation {
    const char *dir;
    struct settings *all;
    struct accesspoint_settings s; /* views into all */
};

/* The first that is given: option, word, $POSTHORN_DIR, /etc/posthorn. */
const char *installation_dir(const char *option, const char *word);
/* Can its posthorn.conf be read? Where no installation was named the error says how one is. */
MUST_USE bool installation_is_there(const char *dir, struct error *e);
/* dir must outlive it. */
MUST_USE bool installation_read(struct installation *i, const char *dir, struct error *e);
void installation_release(struct installation *i);
#define AUTO_INSTALLATION __attribute__((cleanup(installation_release))) struct installation

/* Without the storage key: events and states alone, no content. */
MUST_USE bool installation_open_store(const struct installation *i, struct store **out,
                                      struct error *e);
/* The same as posthorn opens it; views into i. */
struct store_config installation_store_config(const struct installation *i);
void installation_close_store(struct store **store);
