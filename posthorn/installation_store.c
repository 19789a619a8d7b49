/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/posthorn/test_queue.sh */
#include "posthorn/installation.h"

struct store_config installation_store_config(const struct installation *i)
{
    const struct store_section *s = i->s.store;
    return (struct store_config){
        .folder = s->path.at,
        .postgres = str_is(s->engine, "postgres") ? s->connection.at : NULL,
        .program = "posthorn",
    };
}

bool installation_open_store(const struct installation *i, struct store **out, struct error *e)
{
    struct store_config config = installation_store_config(i);
    return store_open(&config, out, e);
}

void installation_close_store(struct store **store)
{
    if (*store != NULL)
        store_close(*store);
    *store = NULL;
}
