/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* letter_sample.h - a letter that has some of everything, for the tests of its forms. */
#pragma once

#include "accesspoint/letter.h"

#define SAMPLE_UUID "01943f5e-7c00-7a3b-9d2e-5f0a1b2c3d4e"

struct letter_sample { /* points into itself */
    struct letter letter;
    struct letter_file named;
    struct sdk_document documents[2];
    struct sdk_text text;
    struct sdk_file file;
    struct sdk_person person;
    struct sdk_reference reference;
};

static inline void letter_sample(struct letter_sample *s)
{
    *s = (struct letter_sample){
        .text = {.content = {.memory = STR("T")}},
        .file = {.name = STR("a/b"), .type = STR("x")},
        .person = {.label = STR("Kim")},
        .reference = {.id = {STR("dnr"), STR("1")}},
    };
    s->documents[0] =
        (struct sdk_document){STR("D"), STR("N"), STR("1"), .texts = &s->text, .text_count = 1};
    s->documents[1] =
        (struct sdk_document){STR("E"), STR_NONE, STR("2"), .files = &s->file, .file_count = 1};
    s->named = (struct letter_file){
        .target = &s->file,
        .slot = STR("file-1"),
        .octets = 3,
        .sha256 = STR("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    };
    s->letter = (struct letter){.files = &s->named, .file_count = 1};
    struct sdk_message *m = &s->letter.message;
    m->id = STR(SAMPLE_UUID);
    m->conversation = STR(SAMPLE_UUID);
    m->created_ms = 1772359328000;
    m->label = STR("Å");
    m->generating_system = (struct sdk_ii){STR("r"), STR("e")};
    m->sender.id.extension = STR("0203:a");
    m->sender.label = STR("L");
    m->sender.attention = (struct sdk_attention){
        .persons = &s->person,
        .person_count = 1,
        .organization.extension = STR("sdk:a"),
        .organization_label = STR("AL"),
        .references = &s->reference,
        .reference_count = 1,
    };
    m->recipient.id.extension = STR("0203:b");
    m->recipient.attention.organization.extension = STR("sdk:b");
    m->documents = s->documents;
    m->document_count = 2;
}
