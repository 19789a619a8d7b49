/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/accesspoint/test_letter.c */
#include "accesspoint/letter_value.h"

#include <stdarg.h>

#include "runtime/base/uuid.h"
#include "runtime/xml/write.h"

void letter_fault(struct letter_faults *f, struct arena *a, struct str pointer, const char *code,
                  const char *english, const char *swedish, ...)
{
    va_list args;
    if (f->count == LETTER_FAULTS_MAX)
        return;
    va_start(args, swedish);
    struct str detail = arena_vformat(a, f->swedish ? swedish : english, args);
    va_end(args);
    f->at[f->count++] = (struct letter_fault){pointer, code, detail};
}

/* RFC 6901: '~' and '/' inside a name are written ~0 and ~1. */
static struct str escape_name(struct arena *a, struct str name)
{
    if (str_find_char(name, '~') == name.len && str_find_char(name, '/') == name.len)
        return name;
    char *text = arena_new(a, 2 * name.len);
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool special = name.at[i] == '~' || name.at[i] == '/';
        text[n++] = (char)(special ? '~' : name.at[i]);
        if (special)
            text[n++] = name.at[i] == '~' ? '0' : '1';
    }
    return str_bytes(text, n);
}

struct str place_pointer(struct arena *a, const struct place *p)
{
    enum { DEPTH_MAX = 16 };
    const struct place *chain[DEPTH_MAX];
    size_t depth = 0;
    for (; p != NULL && p->up != NULL && depth < DEPTH_MAX; p = p->up)
        chain[depth++] = p;
    struct str text = STR("");
    while (depth > 0) {
        const struct place *next = chain[--depth];
        if (next->name.at == NULL) {
            text = arena_format(a, "%.*s/%zu", STR_ARG(text), next->index);
            continue;
        }
        struct str name = escape_name(a, str_upto(next->name, 200));
        text = arena_format(a, "%.*s/%.*s", STR_ARG(text), STR_ARG(name));
    }
    return text;
}

void value_fault(struct reading *r, const struct place *at, const char *code, const char *english,
                 const char *swedish)
{
    if (r->faults->count < LETTER_FAULTS_MAX)
        letter_fault(r->faults, r->arena, place_pointer(r->arena, at), code, "%s", "%s",
                     r->faults->swedish ? swedish : english);
}

void value_missing(struct reading *r, const struct place *at)
{
    value_fault(r, at, "missing", "is required", "måste finnas");
}

struct place place_inside(const struct place *up, const char *name)
{
    return (struct place){up, str_of(name), 0};
}

struct place place_nth(const struct place *up, size_t index)
{
    return (struct place){up, STR_NONE, index};
}

/* --- plain values */
static const struct {
    const char *english, *swedish;
} form_wanted[] = {
    [FORM_ANY] = {"", ""},
    [FORM_UUID] = {"must be a UUID, as 01943f5e-7c00-7a3b-9d2e-5f0a1b2c3d4e",
                   "ska vara ett UUID, som 01943f5e-7c00-7a3b-9d2e-5f0a1b2c3d4e"},
    [FORM_PARTICIPANT] =
        {"must be 0203: and a domain name, 0007: and 10 digits, or 0088: and 13 digits",
         "ska vara 0203: och ett domännamn, 0007: och 10 siffror, eller 0088: och 13 siffror"},
    [FORM_TYPE] = {"must be a media type without parameters, as application/pdf",
                   "ska vara en medietyp utan parametrar, som application/pdf"},
    [FORM_FILE_NAME] =
        {"must be a plain file name, without / and \\ and control characters (also those "
         "that turn the direction of writing)",
         "ska vara ett rent filnamn, utan / och \\ och styrtecken (även de som vänder "
         "skrivriktningen)"},
    [FORM_PART] = {"must be letters, digits, '.', '_' and '-'",
                   "ska vara bokstäver (a-z), siffror, '.', '_' och '-'"},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool are_digits(struct str s, size_t count)
{
    if (s.len != count)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.at[i]))
            return false;
    return true;
}

static bool is_domain(struct str s)
{
    if (s.len == 0 || s.len > 254)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        bool edge = i == 0 || i == s.len - 1;
        bool plain = is_digit(s.at[i]) || is_letter(s.at[i]);
        if (!plain && (edge || (s.at[i] != '.' && s.at[i] != '-')))
            return false;
    }
    return true;
}

bool letter_participant_is_sane(struct str participant)
{
    struct str id = str_from(participant, 5);
    if (str_starts(participant, STR("0203:")))
        return is_domain(id);
    if (str_starts(participant, STR("0007:")))
        return are_digits(id, 10);
    return str_starts(participant, STR("0088:")) && are_digits(id, 13);
}

/* RFC 6838 §4.2: restricted-name on both sides of the slash. */
static bool is_restricted_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.at[i]) && !is_letter(s.at[i]) &&
            str_find_char(STR("!#$&^_.+-"), s.at[i]) == 9)
            return false;
    return s.len > 0 && s.len <= 127;
}

bool letter_media_type_is_sane(struct str type)
{
    size_t slash = str_find_char(type, '/');
    return slash < type.len && is_restricted_name(str_upto(type, slash)) &&
           is_restricted_name(str_from(type, slash + 1));
}

/* Unicode's Bidi_Control (but U+061C): what a reader sees of "x\u202Efdp.exe" ends in ".pdf".
 * U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069; all are E2 80 or E2 81 and one octet more. */
static bool turns_direction(struct str s, size_t i)
{
    if (s.len - i < 3 || !str_starts(str_from(s, i), STR("\xe2")))
        return false;
    unsigned char second = (unsigned char)s.at[i + 1], last = (unsigned char)s.at[i + 2];
    if (second == 0x80)
        return last == 0x8e || last == 0x8f || (last >= 0xaa && last <= 0xae);
    return second == 0x81 && last >= 0xa6 && last <= 0xa9;
}

static bool is_file_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f || s.at[i] == '/' || s.at[i] == '\\' ||
            turns_direction(s, i))
            return false;
    return !str_is(s, ".") && !str_is(s, "..");
}

static size_t count_characters(struct str utf8)
{
    size_t n = 0;
    for (size_t i = 0; i < utf8.len; i++)
        n += ((unsigned char)utf8.at[i] & 0xc0) != 0x80;
    return n;
}

/* SDK rule M1: normalised text is not empty. */
static bool is_blank(struct str s)
{
    return str_trim(s).len == 0;
}

bool letter_file_name_is_sane(struct str name)
{
    return !is_blank(name) && str_is_utf8(name) && count_characters(name) <= 255 &&
           is_file_name(name) && xml_text_is_legal(name);
}

static bool is_part(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.at[i]) && !is_letter(s.at[i]) && str_find_char(STR("._-"), s.at[i]) == 3)
            return false;
    return true;
}

static bool has_form(struct str s, enum form form)
{
    switch (form) {
    case FORM_UUID:
        return uuid_is(s);
    case FORM_PARTICIPANT:
        return letter_participant_is_sane(s);
    case FORM_TYPE:
        return letter_media_type_is_sane(s);
    case FORM_FILE_NAME:
        return is_file_name(s);
    case FORM_PART:
        return is_part(s);
    case FORM_ANY:
    default:
        return true;
    }
}

static void check_text(struct reading *r, const struct place *at, struct str text,
                       const struct rule *rule)
{
    if (is_blank(text))
        value_fault(r, at, "empty",
                    "must hold text that is not blank; leave it out where there is none",
                    "ska innehålla text som inte är tom; utelämna den om det inte finns någon");
    else if (rule->characters_max > 0 && count_characters(text) > rule->characters_max)
        letter_fault(r->faults, r->arena, place_pointer(r->arena, at), "too-long",
                     "has more than %zu characters", "har fler än %zu tecken",
                     rule->characters_max);
    else if (!xml_text_is_legal(text))
        value_fault(r, at, "characters",
                    "holds a control character that SDK (XML 1.0) cannot carry",
                    "innehåller ett styrtecken som SDK (XML 1.0) inte kan bära");
    else if (!has_form(text, rule->form))
        value_fault(r, at, "form", form_wanted[rule->form].english,
                    form_wanted[rule->form].swedish);
}

struct str value_text(struct reading *r, const struct place *at, const struct json *value,
                      const struct rule *rule)
{
    struct str text;
    if (!json_as_text(value, &text)) {
        value_fault(r, at, "type", "must be a text", "ska vara en text");
        return STR_NONE;
    }
    check_text(r, at, text, rule);
    return arena_copy(r->arena, text);
}

struct str value_text_member(struct reading *r, const struct place *in, const struct json *object,
                             const char *name, struct rule rule)
{
    struct place at = place_inside(in, name);
    const struct json *value = json_member(object, name);
    if (value != NULL)
        return value_text(r, &at, value, &rule);
    if (rule.required)
        value_missing(r, &at);
    return STR_NONE;
}

bool value_boolean_member(struct reading *r, const struct place *in, const struct json *object,
                          const char *name)
{
    struct place at = place_inside(in, name);
    const struct json *value = json_member(object, name);
    bool is = false;
    if (value == NULL)
        value_missing(r, &at);
    else if (!json_as_boolean(value, &is))
        value_fault(r, &at, "type", "must be true or false", "ska vara true eller false");
    return is;
}

/* --- objects and lists */
struct known {
    struct reading *reading;
    const struct place *in;
    const char *names; /* "a|b|c" */
};

static bool visit_name(void *ctx, struct str name, const struct json *value)
{
    const struct known *k = ctx;
    (void)value;
    struct str rest = str_of(k->names);
    struct str one;
    while (str_next(&rest, '|', &one))
        if (str_equal(one, name))
            return true;
    struct place at = {k->in, name, 0};
    letter_fault(k->reading->faults, k->reading->arena, place_pointer(k->reading->arena, &at),
                 "unknown", "is not known here; known are: %s", "är inte känd här; kända är: %s",
                 k->names);
    return true;
}

bool value_is_object(struct reading *r, const struct place *at, const struct json *value,
                     const char *names)
{
    if (!json_holds_object(value)) {
        value_fault(r, at, "type", "must be an object", "ska vara ett objekt");
        return false;
    }
    struct known known = {r, at, names};
    (void)json_each(value, visit_name, &known);
    return true;
}

size_t value_list_member(struct reading *r, const struct place *at, const struct json *object,
                         size_t most, const struct json **list)
{
    *list = json_member(object, at->name.at);
    if (*list == NULL)
        return 0;
    if (!json_holds_array(*list)) {
        value_fault(r, at, "type", "must be a list", "ska vara en lista");
        return 0;
    }
    size_t count = json_count(*list);
    if (count <= most)
        return count;
    letter_fault(r->faults, r->arena, place_pointer(r->arena, at), "too-many",
                 "has more than %zu entries", "har fler än %zu poster", most);
    return 0;
}
