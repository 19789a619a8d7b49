/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/log/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/json.h"
#include "runtime/base/sys.h"
#include "tests/check.h"

/* A file in memory that log_setup() writes to. */
struct page {
    int fd;
    char text[9000];
    size_t len;
};

static struct page page_new(enum log_level level, struct str key)
{
    struct page p = {.fd = memfd_create("log", MFD_CLOEXEC)};
    CHECK(p.fd != -1 && fcntl(p.fd, F_SETFL, O_APPEND) == 0);
    log_setup("test-program", level, p.fd, key);
    return p;
}

static void page_read(struct page *p)
{
    ssize_t n = pread(p->fd, p->text, sizeof(p->text), 0);
    CHECK(n >= 0);
    p->len = (size_t)n;
    sys_close(&p->fd);
    log_setup("test-program", LOG_INFO, STDERR_FILENO, STR_NONE);
}

static void check_text(const struct json *object, const char *name, struct str expected)
{
    struct str text;
    if (!json_as_text(json_member(object, name), &text))
        fail_msg("no text '%s'", name);
    CHECK_STR(text, expected);
}

static void check_number(const struct json *object, const char *name, int64_t expected)
{
    int64_t number;
    if (!json_as_integer(json_member(object, name), &number) || number != expected)
        fail_msg("number '%s'", name);
}

TEST(an_event_is_one_line_of_json_with_the_fields_of_its_scopes)
{
    struct error e = {0};
    AUTO_JSON doc = {0};
    struct page p = page_new(LOG_INFO, STR_NONE);
    struct log_scope outer = {NULL, {KV_TEXT("peer", "192.0.2.7")}};
    struct log_scope inner = {&outer, {KV_TEXT("msg", "4k2h9x"), KV_TEXT("empty", "")}};
    log_info(&inner, "as4.received", KV_U64("octets", 18233), KV_I64("left", -5),
             KV_BOOL("again", true), KV_STR("from", STR("a\"b\\c\nd\x01 \xc3\xa5")));
    page_read(&p);
    struct str line = {p.text, p.len};
    CHECK(str_find_char(line, '\n') == line.len - 1);
    CHECK_OK(json_read(line, &doc, &e), e);
    struct str time;
    int64_t ms;
    bool zoned;
    CHECK(json_as_text(json_member(doc.root, "time"), &time));
    CHECK_OK(clock_parse(time, &ms, &zoned, &e), e);
    CHECK(zoned && time.len == 24 && ms <= clock_now_ms() && ms > clock_now_ms() - 60000);
    check_text(doc.root, "level", STR("info"));
    check_text(doc.root, "event", STR("as4.received"));
    check_text(doc.root, "program", STR("test-program"));
    check_number(doc.root, "pid", getpid());
    check_text(doc.root, "peer", STR("192.0.2.7"));
    check_text(doc.root, "msg", STR("4k2h9x"));
    check_number(doc.root, "octets", 18233);
    check_number(doc.root, "left", -5);
    check_text(doc.root, "from", STR("a\"b\\c\nd\x01 \xc3\xa5"));
    CHECK(json_member(doc.root, "empty") == NULL && json_member(doc.root, "cut") == NULL);
    CHECK(str_find(line, STR("\"peer\"")) < str_find(line, STR("\"msg\"")));
}

TEST(levels_below_the_one_set_are_silent)
{
    struct page p = page_new(LOG_WARNING, STR_NONE);
    log_debug(NULL, "test.no", KV_END);
    log_info(NULL, "test.no", KV_END);
    log_warning(NULL, "test.yes", KV_END);
    log_error(NULL, "test.yes", KV_END);
    page_read(&p);
    struct str text = {p.text, p.len};
    CHECK(str_find(text, STR("test.no")) == text.len);
    struct str line;
    size_t lines = 0;
    while (str_next(&text, '\n', &line) && line.len > 0)
        lines++;
    CHECK(lines == 2);
}

TEST(an_error_gives_its_words_and_its_code)
{
    struct error e = {0}, none = {0};
    AUTO_JSON doc = {0};
    error_code(&e, ERROR_REJECT, "EBMS:0101", "no signature");
    struct page p = page_new(LOG_INFO, STR_NONE);
    log_warning(NULL, "as4.refused", KV_ERROR(&e));
    page_read(&p);
    CHECK_OK(json_read((struct str){p.text, p.len}, &doc, &none), none);
    check_text(doc.root, "why", STR("no signature"));
    check_text(doc.root, "code", STR("EBMS:0101"));
}

static void person_hash(struct str key, struct str person, char hash[17])
{
    struct error e = {0};
    AUTO_JSON doc = {0};
    struct str text;
    struct page p = page_new(LOG_INFO, key);
    log_info(NULL, "test.person", KV_PERSON("person", person));
    page_read(&p);
    CHECK(str_find((struct str){p.text, p.len}, STR("191212121212")) == p.len);
    CHECK_OK(json_read((struct str){p.text, p.len}, &doc, &e), e);
    CHECK(json_as_text(json_member(doc.root, "person"), &text) && text.len < 17);
    snprintf(hash, 17, "%.*s", STR_ARG(text));
}

TEST(persons_are_keyed_hashes_and_hidden_without_a_key)
{
    char one[17], again[17], other[17], other_key[17], none[17];
    person_hash(STR("0123456789abcdef"), STR("191212121212"), one);
    person_hash(STR("0123456789abcdef"), STR("191212121212"), again);
    person_hash(STR("0123456789abcdef"), STR("191212121213"), other);
    person_hash(STR("0123456789abcdeF"), STR("191212121212"), other_key);
    person_hash(STR_NONE, STR("191212121212"), none);
    CHECK(strlen(one) == 16 && strcmp(one, again) == 0);
    CHECK(strcmp(one, other) != 0 && strcmp(one, other_key) != 0);
    CHECK_STR(str_of(none), STR("hidden"));
}

TEST(a_line_is_cut_at_8_kib_and_stays_json)
{
    static const char fills[] = {'x', '"', '\x01', (char)0xff};
    char big[1500];
    for (size_t i = 0; i < sizeof(fills); i++) {
        struct error e = {0};
        AUTO_JSON doc = {0};
        bool cut = false;
        memset(big, fills[i], sizeof(big));
        struct str text = {big, sizeof(big)};
        struct page p = page_new(LOG_INFO, STR_NONE);
        log_info(NULL, "test.big", KV_STR("a", text), KV_STR("b", text), KV_STR("c", text),
                 KV_STR("d", text), KV_STR("e", text), KV_STR("f", text), KV_STR("g", text),
                 KV_STR("h", text), KV_STR("i", text), KV_STR("j", text), KV_U64("k", 1));
        page_read(&p);
        CHECK(p.len > 1000 && p.len <= 8192 && p.text[p.len - 1] == '\n');
        CHECK_OK(json_read((struct str){p.text, p.len}, &doc, &e), e);
        CHECK(json_as_boolean(json_member(doc.root, "cut"), &cut) && cut);
    }
}

TEST(a_text_is_not_cut_inside_a_character)
{
    struct error e = {0};
    AUTO_JSON doc = {0};
    char big[1500];
    for (size_t i = 0; i < sizeof(big); i += 3) { /* U+20AC */
        big[i] = (char)0xe2;
        big[i + 1] = (char)0x82;
        big[i + 2] = (char)0xac;
    }
    struct page p = page_new(LOG_INFO, STR_NONE);
    log_info(NULL, "test.euro", KV_STR("a", ((struct str){big, sizeof(big)})));
    page_read(&p);
    struct str text;
    CHECK_OK(json_read((struct str){p.text, p.len}, &doc, &e), e);
    CHECK(json_as_text(json_member(doc.root, "a"), &text) && text.len == 1023);
    CHECK(str_find(text, STR("\xef\xbf\xbd")) == text.len);
}

struct sum {
    uint64_t hits, others;
};

static void add_up(void *ctx, const char *event, uint64_t count)
{
    struct sum *sum = ctx;
    if (str_is(str_of(event), "test.counted"))
        sum->hits += count;
    else
        sum->others += count;
}

static void *log_many(void *ctx)
{
    char copy[] = "test.counted"; /* names count by their text; this one is only compared */
    for (int i = 0; i < 500; i++)
        log_info(NULL, i % 2 == 0 ? "test.counted" : copy, KV_END);
    return ctx;
}

TEST(events_are_counted_by_name_from_all_threads)
{
    struct sum before = {0}, after = {0};
    struct page p = page_new(LOG_INFO, STR_NONE);
    log_info(NULL, "test.counted", KV_END);
    log_each_count(add_up, &before);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, log_many, NULL) == 0);
    for (size_t i = 0; i < 4; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    log_debug(NULL, "test.counted", KV_END);
    log_each_count(add_up, &after);
    page_read(&p);
    CHECK(after.hits - before.hits == 2000 && after.others == before.others);
}

TEST(level_names_are_read)
{
    enum log_level level = LOG_ERROR;
    CHECK(log_level_parse(STR("debug"), &level) && level == LOG_DEBUG);
    CHECK(log_level_parse(STR("warning"), &level) && level == LOG_WARNING);
    CHECK(!log_level_parse(STR("Warn"), &level) && level == LOG_WARNING);
}

CHECK_MAIN
