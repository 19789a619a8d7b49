/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/output.h"

#include "posthorn/command.h"
#include "runtime/base/clock.h"

enum { LINE_OCTETS_MAX = 64 * 1024 * 1024 };

/* --- for people */

/* C0, DEL, and C1, which UTF-8 writes as C2 80 to C2 9F. */
static bool is_control(struct str text, size_t i, size_t *octets)
{
    unsigned char c = (unsigned char)text.at[i];
    *octets = 1;
    if (c == 0xC2 && i + 1 < text.len && (unsigned char)text.at[i + 1] < 0xA0) {
        *octets = 2;
        return true;
    }
    return c < 0x20 || c == 0x7F;
}

struct str output_safe(struct arena *a, struct str text, bool lines)
{
    char *out = arena_new(a, text.len + 1);
    size_t n = 0, octets;
    bool is_good = str_is_utf8(text);
    for (size_t i = 0; i < text.len; i += octets) {
        bool control = is_control(text, i, &octets);
        bool kept = lines && text.at[i] == '\n';
        bool odd = !is_good && (unsigned char)text.at[i] > 0x7F;
        out[n] = text.at[i];
        if ((control || odd) && !kept)
            out[n] = '?';
        n++;
    }
    return str_bytes(out, n);
}

struct str output_age(struct arena *a, int64_t ms)
{
    static const struct {
        int64_t below_ms, unit_ms;
        const char *word;
    } units[] = {
        {2000, 1, "ms"},
        {120LL * 1000, 1000, "s"},
        {120LL * 60 * 1000, 60LL * 1000, "min"},
        {48LL * 3600 * 1000, 3600LL * 1000, "h"},
        {INT64_MAX, 24LL * 3600 * 1000, "days"},
    };
    size_t i = 0;
    int64_t age = ms < 0 ? 0 : ms;
    while (age >= units[i].below_ms && units[i].below_ms != INT64_MAX)
        i++;
    return arena_format(a, "%lld %s", (long long)(age / units[i].unit_ms), units[i].word);
}

struct str output_octets(struct arena *a, uint64_t octets)
{
    static const char *const units[] = {"octets", "KiB", "MiB", "GiB"};
    size_t i = 0;
    uint64_t n = octets;
    for (; n >= 10240 && i < 3; i++)
        n /= 1024;
    return arena_format(a, "%llu %s", (unsigned long long)n, units[i]);
}

struct str output_time(struct arena *a, int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];
    struct str t = str_of(clock_format(ms, text));
    if (t.len < 24)
        return arena_copy(a, t);
    return arena_format(a, "%.*s %.*s", STR_ARG(str_upto(t, 10)),
                        STR_ARG(str_upto(str_from(t, 11), 12)));
}

/* --- for programs */

struct json_writer *output_open(struct output_line *line)
{
    *line = (struct output_line){.text = BUF(LINE_OCTETS_MAX)};
    line->w = json_writer_on(&line->text, &line->e);
    json_open_object(&line->w, NULL);
    return &line->w;
}

void output_put_time(struct json_writer *w, const char *name, int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];
    json_put_text(w, name, str_of(clock_format(ms, text)));
}

void output_send(struct output_line *line)
{
    json_close(&line->w);
    if (json_done(&line->w)) {
        fwrite(line->text.at, 1, line->text.len, stdout);
        putchar('\n');
        fflush(stdout);
    } else {
        fprintf(stderr, "posthorn: a line was not printed: %s\n", line->e.text);
    }
    buf_release(&line->text);
}

void output_not_judged(const char *file, const char *kind, const struct error *e)
{
    struct output_line line;
    struct json_writer *w = output_open(&line);
    json_put_text(w, "file", str_of(file));
    json_put_null(w, "verdict");
    json_put_text(w, "why", str_of(e->text));
    json_put_text(w, "kind", str_of(kind));
    json_open_array(w, "payloads");
    json_close(w);
    json_open_array(w, "findings");
    json_close(w);
    output_send(&line);
}

/* --- failures */

int output_failed(const char *command, const struct error *e)
{
    fprintf(stderr, "posthorn %s: %s\n", command, e->text);
    return EXIT_FOUND;
}

int output_cannot(const char *command, const struct error *e)
{
    output_failed(command, e);
    return EXIT_CANNOT;
}

int output_end(int status)
{
    bool was_lost = ferror(stdout) != 0;
    if (fclose(stdout) == 0 && !was_lost)
        return status;
    fputs("posthorn: standard output does not take what was written: a part of it is lost\n",
          stderr);
    return EXIT_CANNOT;
}
