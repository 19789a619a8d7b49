/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "accesspoint/api/clients.h"
#include "tests/check.h"

static const struct settings_section *sections(void)
{
    static struct settings_section some[8];
    size_t count = 0;
    for (const struct settings_section *s = accesspoint_sections; s->name != NULL; s++)
        if (str_is(str_of(s->name), "participant") || str_is(str_of(s->name), "mailbox") ||
            str_is(str_of(s->name), "client"))
            some[count++] = *s;
    return some;
}

static void read_clients(const char *text, struct settings **all, struct clients **out, bool ok)
{
    char path[] = "/tmp/posthorn-clients-XXXXXX";
    struct error e = {0};
    int fd = mkstemp(path);
    CHECK(fd != -1 && write(fd, text, str_of(text).len) == (ssize_t)str_of(text).len);
    close(fd);
    CHECK_OK(settings_read(path, sections(), all, &e), e);
    unlink(path);
    struct accesspoint_settings s = {.all = *all};
    CHECK(clients_new(&s, out, &e) == ok);
}

#define PARTICIPANT "[participant 0203:a.example]\nname = A\nkey = k\nchain = c\n"
#define MAILBOXES                                                   \
    "[mailbox sdk:one]\nparticipant = 0203:a.example\nname = One\n" \
    "[mailbox sdk:two]\nparticipant = 0203:a.example\nname = Two\n"

TEST(a_token_finds_its_client_and_its_mailboxes_alone)
{
    static const char text[] = PARTICIPANT MAILBOXES
        /* printf one | sha256sum, printf two | sha256sum */
        "[client one]\ntoken-sha256 = "
        "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed\naddresses = sdk:one\n"
        "[client two]\ntoken-sha256 = "
        "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3\naddresses = sdk:one "
        "sdk:two\n";
    struct settings *all = NULL;
    struct clients *clients = NULL;
    read_clients(text, &all, &clients, true);
    settings_free(all); /* clients hold their own copy */
    const struct client *one = clients_find(clients, STR("one"));
    const struct client *two = clients_find(clients, STR("two"));
    CHECK(one != NULL && two != NULL && one != two);
    CHECK_STR(two->name, STR("two"));
    CHECK(one->mailbox_count == 1 && two->mailbox_count == 2);
    const struct client_mailbox *m = client_mailbox_by_address(two, STR("sdk:two"));
    CHECK(m != NULL);
    CHECK_STR(m->participant_name, STR("A"));
    CHECK(client_mailbox_by_id(two, m->id) == m);
    CHECK(client_mailbox_by_id(one, m->id) == NULL);
    CHECK(client_mailbox_by_address(one, STR("sdk:two")) == NULL);
    CHECK(clients_find(clients, STR("")) == NULL);
    CHECK(clients_find(clients, STR("three")) == NULL);
    struct clients *held = clients_hold(clients);
    clients_release(clients);
    CHECK(clients_find(held, STR("one")) == one);
    clients_release(held);
}

TEST(the_id_of_a_mailbox_never_changes)
{
    struct settings *all = NULL;
    struct clients *clients = NULL;
    read_clients(PARTICIPANT MAILBOXES
                 "[client one]\ntoken-sha256 = "
                 "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed\naddresses = "
                 "sdk:one\n",
                 &all, &clients, true);
    const struct client *one = clients_find(clients, STR("one"));
    CHECK(one != NULL);
    /* printf sdk:one | sha256sum, with version and variant of RFC 9562 §5.8 */
    CHECK_STR(one->mailboxes[0]->id, STR("f4f91f7c-1182-8ef5-8fa8-062b05ada546"));
    clients_release(clients);
    settings_free(all);
}

TEST(a_digest_that_is_no_hexadecimal_is_refused)
{
    struct settings *all = NULL;
    struct clients *clients = NULL;
    read_clients(PARTICIPANT MAILBOXES
                 "[client one]\ntoken-sha256 = "
                 "x692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed\naddresses = "
                 "sdk:one\n",
                 &all, &clients, false);
    CHECK(clients == NULL);
    settings_free(all);
}

TEST(a_client_without_a_mailbox_is_refused)
{
    struct settings *all = NULL;
    struct clients *clients = NULL;
    read_clients(PARTICIPANT MAILBOXES
                 "[client one]\ntoken-sha256 = "
                 "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed\naddresses = "
                 "sdk:three\n",
                 &all, &clients, false);
    CHECK(clients == NULL);
    settings_free(all);
}

CHECK_MAIN
