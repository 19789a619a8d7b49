/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/arguments.h"

#include <stdio.h>

#include "posthorn/command.h"
#include "runtime/base/number.h"
#include "runtime/base/str.h"

/* Seconds become milliseconds, and those a time of the clock. */
#define NUMBER_MAX (INT64_MAX / 2000)

static void print_help(const struct arguments_form *form)
{
    printf("usage: posthorn %s\n\n%s\n\n", form->usage, form->about);
    for (const struct argument *o = form->options; o->name != NULL; o++) {
        char left[40];
        snprintf(left, sizeof(left), "%s%s%s", o->name, o->value == NULL ? "" : " ",
                 o->value == NULL ? "" : o->value);
        printf("  %-22s %s%s\n", left, o->help,
               o->type == ARGUMENT_LIST ? "; may be given again" : "");
    }
    printf("  %-22s %s\n", "--help", "this text");
    puts("\nExit status: 0 done, 1 something was found or it failed, 2 could not run.");
}

static bool refuse(const struct arguments_form *form, int *status, const char *what,
                   struct str subject)
{
    struct str usage = str_of(form->usage);
    fprintf(stderr, "posthorn: %s '%.*s'\nusage: posthorn %.*s\n(--help lists the options)\n", what,
            STR_ARG(subject), STR_ARG(usage));
    *status = EXIT_CANNOT;
    return false;
}

static bool add(struct argument_list *list, const char *text)
{
    if (list->count == ARGUMENT_LIST_MAX)
        return false;
    list->at[list->count++] = text;
    return true;
}

static bool put_value(const struct argument *o, const char *value, void *out)
{
    char *at = (char *)out + o->at;
    struct error ignored;
    uint64_t number;
    switch (o->type) {
    case ARGUMENT_FLAG:
        *(bool *)(void *)at = true;
        return true;
    case ARGUMENT_TEXT:
        *(const char **)(void *)at = value;
        return true;
    case ARGUMENT_NUMBER:
        if (!parse_u64(str_of(value), 0, NUMBER_MAX, &number, &ignored))
            return false;
        *(int64_t *)(void *)at = (int64_t)number;
        return true;
    case ARGUMENT_LIST:
        return add((struct argument_list *)(void *)at, value);
    }
    return false;
}

static const struct argument *find_option(const struct arguments_form *form, struct str name)
{
    for (const struct argument *o = form->options; o->name != NULL; o++)
        if (str_is(name, o->name))
            return o;
    return NULL;
}

/* argv[*i] is an option; *i moves on where its value is the next word. */
static bool take_option(const struct arguments_form *form, char **argv, int *i, void *out,
                        int *status)
{
    struct str text = str_of(argv[*i]);
    size_t equals = str_find_char(text, '=');
    struct str name = str_upto(text, equals);
    const struct argument *o = find_option(form, name);
    const char *value = equals < text.len ? argv[*i] + equals + 1 : NULL;
    if (o == NULL)
        return refuse(form, status, "there is no option", name);
    if (o->type == ARGUMENT_FLAG && value != NULL)
        return refuse(form, status, "no value belongs to", name);
    if (o->type != ARGUMENT_FLAG && value == NULL) {
        if (argv[*i + 1] == NULL)
            return refuse(form, status, "a value is missing behind", name);
        value = argv[++*i];
    }
    if (put_value(o, value, out))
        return true;
    return o->type == ARGUMENT_NUMBER
               ? refuse(form, status, "this is no number from 0 on:", str_of(value))
               : refuse(form, status, "given too many times:", name);
}

bool arguments_read(const struct arguments_form *form, int argc, char **argv, void *out,
                    struct argument_list *words, int *status)
{
    bool are_options = true;
    for (int i = 1; i < argc; i++) {
        struct str text = str_of(argv[i]);
        if (are_options && str_is(text, "--help")) {
            print_help(form);
            *status = EXIT_GOOD;
            return false;
        }
        if (are_options && str_is(text, "--")) {
            are_options = false;
        } else if (are_options && str_starts(text, STR("-")) && text.len > 1) {
            if (!take_option(form, argv, &i, out, status))
                return false;
        } else if (words->count == form->words_max || !add(words, argv[i])) {
            return refuse(form, status, "this word is one too many:", text);
        }
    }
    if (words->count < form->words_min)
        return refuse(form, status, "words are missing behind", str_of(argv[argc - 1]));
    return true;
}
