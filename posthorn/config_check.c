/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/config_check.h"

#include <stdarg.h>
#include <stdio.h>

#include "posthorn/config_files.h"

void config_check_add(struct config_check *check, enum finding_level level, struct str section,
                      const char *key, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct finding f = {level, section, key, text};
    if (level == FINDING_ERROR)
        check->errors++;
    else
        check->warnings++;
    check->found(check->ctx, &f);
}

/* --- values that one row of a settings table cannot judge */

struct listener {
    const char *section, *key;
    struct str address;
};

static bool has_free_port(struct str address)
{
    return str_ends(address, STR(":0")); /* the kernel chooses */
}

static void check_listeners(struct config_check *check, const struct accesspoint_settings *s)
{
    const struct listener all[] = {
        {"accesspoint-api", "listen", s->api->listen},
        {"accesspoint-api", "admin-listen", s->api->admin_listen},
        {"accesspoint-receive", "listen", s->receive->listen},
        {"accesspoint-receive", "admin-listen", s->receive->admin_listen},
        {"accesspoint-work", "admin-listen", s->work->admin_listen},
        {"accesspoint-send", "admin-listen", s->send->admin_listen},
    };
    enum { COUNT = sizeof(all) / sizeof(all[0]) };
    for (size_t i = 0; i < COUNT; i++) {
        bool is_local = str_starts(all[i].address, STR("127.")) ||
                        str_starts(all[i].address, STR("[::1]:")) ||
                        str_starts(all[i].address, STR("unix:"));
        check->looked_at++;
        if (str_is(str_of(all[i].key), "admin-listen") && !is_local)
            config_check_add(check, FINDING_WARNING, str_of(all[i].section), all[i].key,
                             "%.*s can be reached from other machines without a login; "
                             "127.0.0.1:PORT or unix:PATH would be right",
                             STR_ARG(all[i].address));
        for (size_t j = 0; j < i; j++)
            if (str_equal(all[i].address, all[j].address) && !has_free_port(all[i].address))
                config_check_add(check, FINDING_ERROR, str_of(all[i].section), all[i].key,
                                 "%.*s is taken by [%s] %s already; give each its own port",
                                 STR_ARG(all[i].address), all[j].section, all[j].key);
    }
    if (!str_starts(s->work->admin_listen, STR("unix:")))
        config_check_add(check, FINDING_ERROR, STR("accesspoint-work"), "admin-listen",
                         "this program has no network; unix:run/work-admin.sock would be right");
}

static bool is_hex(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return true;
}

static void check_clients(struct config_check *check, const struct accesspoint_settings *s)
{
    for (size_t i = 0; i < settings_count(s->all, "client"); i++) {
        const struct client_section *c = settings_nth(s->all, "client", i);
        char section[300];
        snprintf(section, sizeof(section), "client %.*s", STR_ARG(c->name));
        check->looked_at++;
        if (!is_hex(c->token_sha256))
            config_check_add(check, FINDING_ERROR, str_of(section), "token-sha256",
                             "not hexadecimal; `printf %%s TOKEN | sha256sum` gives it");
        for (size_t j = 0; j < i; j++) {
            const struct client_section *other = settings_nth(s->all, "client", j);
            if (str_equal_nocase(other->token_sha256, c->token_sha256))
                config_check_add(check, FINDING_ERROR, str_of(section), "token-sha256",
                                 "[client %.*s] has the same token; each needs its own",
                                 STR_ARG(other->name));
        }
    }
}

static void check_counts(struct config_check *check, const struct accesspoint_settings *s)
{
    static const struct {
        const char *section, *why;
    } wanted[] = {
        {"participant", "no organisation is served: add [participant 0203:...]"},
        {"mailbox", "there is no function address: add [mailbox ADDRESS]"},
        {"client", "no system may use the API: add [client NAME]"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (settings_count(s->all, wanted[i].section) == 0)
            config_check_add(check, FINDING_WARNING, str_of(wanted[i].section), "", "%s",
                             wanted[i].why);
}

void config_check_values(struct config_check *check, const struct accesspoint_settings *s)
{
    check->looked_at++;
    if (!str_starts(s->send->smp_url, STR("https://")))
        config_check_add(check, FINDING_ERROR, STR("accesspoint-send"), "smp-url",
                         "'%.*s' is not encrypted; https://... would be right",
                         STR_ARG(str_upto(s->send->smp_url, 100)));
    if (str_is(s->store->engine, "postgres") && s->store->connection.len == 0)
        config_check_add(check, FINDING_ERROR, STR("store"), "connection",
                         "engine is postgres: \"host=... dbname=... user=...\" is needed");
    if (s->send->retry_first_ms > s->send->retry_longest_ms)
        config_check_add(check, FINDING_ERROR, STR("accesspoint-send"), "retry-first",
                         "longer than retry-longest");
    if (!s->accesspoint->o2o_chain_enforced)
        config_check_add(check, FINDING_WARNING, STR("accesspoint"), "o2o-chain-enforced",
                         "no: a message whose sender certificate does not hold is let in");
    check_listeners(check, s);
    check_clients(check, s);
    check_counts(check, s);
}

/* --- all */

struct walk {
    struct config_check *check;
    const struct accesspoint_settings *s;
};

static void visit(void *ctx, const struct config_file *file)
{
    struct walk *w = ctx;
    w->check->looked_at++;
    config_check_file(w->check, w->s, file);
}

void config_check(struct config_check *check, const struct accesspoint_settings *s)
{
    AUTO_ARENA a = {0};
    struct walk w = {check, s};
    config_files_each(s, &a, visit, &w);
    config_check_values(check, s);
}
