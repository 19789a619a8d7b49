/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/api/clients.h"

#include "runtime/base/arena.h"
#include "runtime/base/mem.h"
#include "runtime/base/secret.h"
#include "runtime/base/text.h"
#include "runtime/crypto/digest.h"

struct clients {
    unsigned holders;
    struct arena arena;
    struct client_mailbox *mailboxes;
    size_t mailbox_count;
    struct client *at;
    size_t count;
};

/* RFC 9562 §5.8: version 8, the first octets of a SHA-256. */
static struct str id_of(struct arena *a, struct str address)
{
    AUTO_BUF hex = BUF(64);
    struct error e = {0};
    struct digest_value digest = {0};
    if (!digest_of(DIGEST_SHA256, address, &digest) ||
        !hex_encode(&hex, str_upto(digest_str(&digest), 16), &e))
        return STR_NONE;
    const char *h = hex.at;
    return arena_format(a, "%.8s-%.4s-8%.3s-8%.3s-%.12s", h, h + 8, h + 13, h + 17, h + 20);
}

static void copy_mailboxes(struct clients *c, const struct accesspoint_settings *s)
{
    c->mailbox_count = settings_count(s->all, "mailbox");
    c->mailboxes = arena_array(&c->arena, c->mailbox_count, sizeof(c->mailboxes[0]));
    for (size_t i = 0; i < c->mailbox_count; i++) {
        const struct mailbox_section *m = settings_nth(s->all, "mailbox", i);
        const struct participant_section *p = accesspoint_participant(s, m->participant);
        struct client_mailbox *copy = &c->mailboxes[i];
        copy->id = id_of(&c->arena, m->address);
        copy->address = arena_copy(&c->arena, m->address);
        copy->participant = arena_copy(&c->arena, m->participant);
        copy->name = arena_copy(&c->arena, m->name);
        if (p != NULL)
            copy->participant_name = arena_copy(&c->arena, p->name);
    }
}

static const struct client_mailbox *mailbox_of(const struct clients *c, struct str address)
{
    for (size_t i = 0; i < c->mailbox_count; i++)
        if (str_equal(c->mailboxes[i].address, address))
            return &c->mailboxes[i];
    return NULL;
}

static bool copy_client(struct clients *c, const struct client_section *s, struct client *out,
                        struct error *e)
{
    AUTO_BUF digest = BUF(32);
    if (s->token_sha256.len != 64 || !hex_decode(&digest, s->token_sha256, e))
        return error_set(e, ERROR_REJECT,
                         "[client %.*s] token-sha256 must be 64 hexadecimal digits",
                         STR_ARG(s->name));
    for (size_t i = 0; i < 32; i++)
        out->token_sha256[i] = (unsigned char)digest.at[i];
    out->name = arena_copy(&c->arena, s->name);
    out->mailboxes = arena_array(&c->arena, s->addresses.count, sizeof(void *));
    for (size_t i = 0; i < s->addresses.count; i++) {
        const struct client_mailbox *m = mailbox_of(c, s->addresses.at[i]);
        if (m != NULL)
            out->mailboxes[out->mailbox_count++] = m;
    }
    if (out->mailbox_count == 0) /* a list of no mailboxes would be a list of all */
        return error_set(e, ERROR_REJECT, "[client %.*s] has no mailbox; give it addresses",
                         STR_ARG(s->name));
    return true;
}

bool clients_new(const struct accesspoint_settings *s, struct clients **out, struct error *e)
{
    struct clients *c = mem_new(sizeof(*c));
    c->holders = 1;
    copy_mailboxes(c, s);
    c->count = settings_count(s->all, "client");
    c->at = arena_array(&c->arena, c->count, sizeof(c->at[0]));
    for (size_t i = 0; i < c->count; i++)
        if (!copy_client(c, settings_nth(s->all, "client", i), &c->at[i], e)) {
            clients_release(c);
            return false;
        }
    *out = c;
    return true;
}

struct clients *clients_hold(struct clients *c)
{
    c->holders++;
    return c;
}

void clients_release(struct clients *c)
{
    if (c == NULL || --c->holders > 0)
        return;
    arena_release(&c->arena);
    mem_free(c);
}

const struct client *clients_find(const struct clients *c, struct str token)
{
    struct digest_value digest = {0};
    const struct client *found = NULL;
    if (token.len == 0 || !digest_of(DIGEST_SHA256, token, &digest))
        return NULL;
    for (size_t i = 0; i < c->count; i++)
        if (secret_equal_octets(str_bytes(c->at[i].token_sha256, 32), digest_str(&digest)))
            found = &c->at[i];
    return found;
}

const struct client_mailbox *client_mailbox_by_id(const struct client *c, struct str id)
{
    for (size_t i = 0; i < c->mailbox_count; i++)
        if (str_equal_nocase(c->mailboxes[i]->id, id))
            return c->mailboxes[i];
    return NULL;
}

const struct client_mailbox *client_mailbox_by_address(const struct client *c, struct str address)
{
    for (size_t i = 0; i < c->mailbox_count; i++)
        if (str_equal(c->mailboxes[i]->address, address))
            return c->mailboxes[i];
    return NULL;
}
