/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: settings_read_text (runtime/config/settings.c, value.c). */
#include <stdlib.h>

#include "runtime/config/settings.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct values {
    struct str word, text, one_of, path, address;
    struct str_list list;
    int64_t number, size, time_ms;
    bool flag;
};

#define AT(member) offsetof(struct values, member)
static const struct setting rows[] = {
    {"text", SETTING_TEXT, AT(text), 0, 40, "", "Text.", NULL},
    {"one-of", SETTING_WORD, AT(one_of), 0, 0, "a", "Word.", "a|b|c"},
    {"path", SETTING_PATH, AT(path), 0, 4096, "", "Path.", NULL},
    {"address", SETTING_ADDRESS, AT(address), 0, 0, "[::1]:1", "Address.", NULL},
    {"list", SETTING_LIST, AT(list), 0, 5, "", "List.", NULL},
    {"number", SETTING_NUMBER, AT(number), -9, 9, "0", "Number.", NULL},
    {"size", SETTING_SIZE, AT(size), 0, 0, "1K", "Size.", NULL},
    {"time", SETTING_TIME, AT(time_ms), 0, 0, "1s", "Time.", NULL},
    {"flag", SETTING_BOOLEAN, AT(flag), 0, 0, "no", "Flag.", NULL},
    {0},
};
static const struct settings_section sections[] = {
    {"many", rows, sizeof(struct values), true, 5, "Many."},
    {"once", rows, sizeof(struct values), false, 0, "Once."},
    {0},
};

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error e = {0};
    struct settings *s = NULL;
    if (!settings_read_text(str_bytes(data, size), "a/b.conf", sections, &s, &e)) {
        check(s == NULL && e.kind == ERROR_REJECT);
        check(str_starts(str_of(e.text), STR("a/b.conf")));
        return 0;
    }
    const struct values *v = settings_section(s, "once");
    check(v->text.len <= 40 && v->list.count <= 5 && v->number >= -9 && v->number <= 9);
    check(settings_count(s, "many") <= 5);
    settings_free(s);
    return 0;
}
