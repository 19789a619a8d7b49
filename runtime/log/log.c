/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/log/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/json.h"
#include "runtime/log/siphash.h"

enum {
    LINE_MAX_OCTETS = 8 * 1024,
    TEXT_MAX = 1024,
    NAME_ROOM = 64,   /* a field's name, quotes, comma */
    TAIL_ROOM = 32,   /* ,"cut":true} and the newline */
    SCOPES_MAX = 8,
    EVENTS_MAX = 512, /* names a process may use; more are counted together */
};

static struct {
    const char *program;
    _Atomic(enum log_level) level;
    int fd;
    bool has_key;
    unsigned char person_key[SIPHASH_KEY_SIZE];
} settings = {.program = "posthorn", .level = LOG_INFO, .fd = STDERR_FILENO};

static const char *const level_names[] = {"debug", "info", "warning", "error"};

void log_setup(const char *program, enum log_level level, int fd, struct str person_key)
{
    size_t len = person_key.len < SIPHASH_KEY_SIZE ? person_key.len : SIPHASH_KEY_SIZE;
    settings.program = program;
    settings.level = level;
    settings.fd = fd;
    settings.has_key = len > 0;
    memset(settings.person_key, 0, SIPHASH_KEY_SIZE);
    if (len > 0)
        memcpy(settings.person_key, person_key.at, len);
}

void log_set_level(enum log_level level)
{
    atomic_store(&settings.level, level);
}

bool log_level_parse(struct str text, enum log_level *out)
{
    for (enum log_level level = LOG_DEBUG; level <= LOG_ERROR; level++)
        if (str_is(text, level_names[level])) {
            *out = level;
            return true;
        }
    return false;
}

/* --- how often: names are never taken out, so readers need no lock */

static struct {
    _Atomic(const char *) event;
    _Atomic uint64_t count;
} counters[EVENTS_MAX + 1]; /* the last one: all that found no place */

static bool claim_counter(size_t at, const char *event)
{
    const char *there = NULL;
    if (atomic_compare_exchange_strong(&counters[at].event, &there, event))
        return true;
    return strcmp(there, event) == 0;
}

static void count_event(const char *event)
{
    size_t start = (size_t)(str_hash(str_of(event)) % EVENTS_MAX);
    for (size_t i = 0; i < EVENTS_MAX; i++) {
        size_t at = (start + i) % EVENTS_MAX;
        if (claim_counter(at, event)) {
            atomic_fetch_add(&counters[at].count, 1);
            return;
        }
    }
    atomic_store(&counters[EVENTS_MAX].event, "log.others_counted");
    atomic_fetch_add(&counters[EVENTS_MAX].count, 1);
}

void log_each_count(void (*visit)(void *ctx, const char *event, uint64_t count), void *ctx)
{
    for (size_t i = 0; i <= EVENTS_MAX; i++) {
        const char *event = atomic_load(&counters[i].event);
        if (event != NULL)
            visit(ctx, event, atomic_load(&counters[i].count));
    }
}

/* --- one line */

struct line {
    struct json_writer w;
    bool was_cut;
};

/* What may still be written of a text: six octets of JSON per octet at worst. */
static size_t room_for_text(const struct line *l)
{
    size_t used = l->w.out->len + NAME_ROOM + TAIL_ROOM;
    size_t room = used >= LINE_MAX_OCTETS ? 0 : (LINE_MAX_OCTETS - used) / 6;
    return room < TEXT_MAX ? room : TEXT_MAX;
}

static struct str cut_text(struct str text, size_t most)
{
    struct str cut = str_upto(text, most);
    while (cut.len < text.len && cut.len > 0 && ((unsigned char)text.at[cut.len] & 0xc0) == 0x80)
        cut.len--; /* not inside a character */
    return cut;
}

static void put_text(struct line *l, const char *name, struct str text)
{
    struct str cut = cut_text(text, room_for_text(l));
    if (cut.len < text.len)
        l->was_cut = true;
    if (cut.len > 0)
        json_put_text(&l->w, name, cut);
}

static void put_person(struct line *l, const char *name, struct str person)
{
    char hash[17];
    snprintf(hash, sizeof(hash), "%016" PRIx64, siphash(settings.person_key, person));
    /* Without a key a hash of a personal number is as good as the number: 10^10 tries. */
    json_put_text(&l->w, name, settings.has_key ? str_of(hash) : STR("hidden"));
}

static void put_field(struct line *l, const struct kv *kv)
{
    char number[24];
    if (room_for_text(l) == 0 || strlen(kv->name) > NAME_ROOM - 16) {
        l->was_cut = true;
        return;
    }
    switch (kv->type) {
    case KV_TYPE_STR:
        put_text(l, kv->name, kv->text);
        break;
    case KV_TYPE_PERSON:
        if (kv->text.len > 0)
            put_person(l, kv->name, kv->text);
        break;
    case KV_TYPE_U64:
        snprintf(number, sizeof(number), "%" PRIu64, kv->number);
        json_put_raw(&l->w, kv->name, str_of(number));
        break;
    case KV_TYPE_I64:
        json_put_integer(&l->w, kv->name, (int64_t)kv->number);
        break;
    case KV_TYPE_BOOL:
        json_put_boolean(&l->w, kv->name, kv->number != 0);
        break;
    case KV_TYPE_END:
        break;
    }
}

/* The outermost scope first. */
static void put_scopes(struct line *l, const struct log_scope *scope)
{
    const struct log_scope *scopes[SCOPES_MAX];
    size_t count = 0;
    for (; scope != NULL && count < SCOPES_MAX; scope = scope->parent)
        scopes[count++] = scope;
    while (count-- > 0)
        for (size_t i = 0; i < LOG_SCOPE_FIELDS_MAX; i++)
            if (scopes[count]->fields[i].name != NULL)
                put_field(l, &scopes[count]->fields[i]);
}

static void put_head(struct line *l, enum log_level level, const char *event)
{
    char time[CLOCK_TEXT_SIZE];
    json_open_object(&l->w, NULL);
    json_put_text(&l->w, "time", str_of(clock_format(clock_now_ms(), time)));
    json_put_text(&l->w, "level", str_of(level_names[level]));
    put_text(l, "event", str_of(event));
    put_text(l, "program", str_of(settings.program));
    json_put_integer(&l->w, "pid", (int64_t)getpid());
}

void log_event(const struct log_scope *scope, enum log_level level, const char *event,
               const struct kv *fields)
{
    struct error e;
    AUTO_BUF text = BUF(LINE_MAX_OCTETS);
    if (level < atomic_load_explicit(&settings.level, memory_order_relaxed))
        return;
    count_event(event);
    struct line l = {json_writer_on(&text, &e), false};
    put_head(&l, level, event);
    put_scopes(&l, scope);
    for (; fields->name != NULL; fields++)
        put_field(&l, fields);
    if (l.was_cut)
        json_put_boolean(&l.w, "cut", true);
    json_close(&l.w);
    if (!json_done(&l.w) || !buf_add_char(&text, '\n', &e))
        return;
    /* One write: lines of processes that share the pipe do not mix. A log that cannot be written
     * stops nothing. */
    while (write(settings.fd, text.at, text.len) == -1 && errno == EINTR)
        continue;
}
