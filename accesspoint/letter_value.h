/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* letter_value.h - plain values of a letter's JSON, each with the place it stands at, so that every
 * fault says where. For letter.c; the places also for other JSON of callers. */
#pragma once

#include "accesspoint/letter.h"
#include "runtime/base/json.h"

/* Where we are in the JSON: a chain on the stack, made text only for a fault. */
struct place {
    const struct place *up; /* NULL: the root */
    struct str name;        /* empty: index counts */
    size_t index;
};

struct reading {
    struct arena *arena;
    const struct federation *federation;
    struct letter_faults *faults;
    struct letter *letter;
    size_t file_room;
};

enum form { FORM_ANY, FORM_UUID, FORM_PARTICIPANT, FORM_TYPE, FORM_FILE_NAME, FORM_PART };
struct rule {
    bool required;
    size_t characters_max; /* 0: the body's limit is enough */
    enum form form;
};

void value_fault(struct reading *r, const struct place *at, const char *code, const char *english,
                 const char *swedish);
void value_missing(struct reading *r, const struct place *at);
struct str place_pointer(struct arena *a, const struct place *p);
struct place place_inside(const struct place *up, const char *name);
struct place place_nth(const struct place *up, size_t index);
/* Copies in the arena; what is missing or wrong becomes a fault and gives STR_NONE. */
struct str value_text(struct reading *r, const struct place *at, const struct json *value,
                      const struct rule *rule);
struct str value_text_member(struct reading *r, const struct place *in, const struct json *object,
                             const char *name, struct rule rule);
bool value_boolean_member(struct reading *r, const struct place *in, const struct json *object,
                          const char *name);
/* names: "a|b|c", all that may stand in it. False: no object, and said so. */
bool value_is_object(struct reading *r, const struct place *at, const struct json *value,
                     const char *names);
/* How many there are, 0 where there is no list; *list is set then. */
size_t value_list_member(struct reading *r, const struct place *at, const struct json *object,
                         size_t most, const struct json **list);
