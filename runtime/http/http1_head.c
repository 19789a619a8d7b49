/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/http/test_http1.c */
#include "runtime/http/http1_head.h"

#include <string.h>

#include "runtime/base/cursor.h"
#include "runtime/base/number.h"

enum { METHOD_MAX = 32, LENGTH_DIGITS_MAX = 18, CHUNK_DIGITS_MAX = 15 };

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* unreserved, sub-delims, ':', '@', '/', '?' of RFC 3986; '%' is looked at apart. */
static bool is_target_char(char c)
{
    return is_alnum(c) || (c != '\0' && strchr("-._~!$&'()*+,;=:@/?", c) != NULL);
}

static bool is_target(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (is_target_char(s.at[i]))
            continue;
        if (s.at[i] != '%' || s.len - i < 3 || !is_hex(s.at[i + 1]) || !is_hex(s.at[i + 2]))
            return false;
    }
    return true;
}

static bool is_made_of(struct str s, const char *marks)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_alnum(s.at[i]) && (s.at[i] == '\0' || strchr(marks, s.at[i]) == NULL))
            return false;
    return s.len > 0;
}

/* "" or ":443" */
static bool is_port(struct str s)
{
    struct error ignored;
    uint64_t port;
    return s.len == 0 || (s.at[0] == ':' && s.len <= 6 &&
                          parse_u64(str_from(s, 1), 0, UINT16_MAX, &port, &ignored));
}

/* RFC 9110 §7.2: uri-host [":" port], as far as it may not be taken for something else. */
static bool is_host(struct str s)
{
    if (s.len > 255)
        return false;
    if (!str_starts(s, STR("["))) {
        size_t end = str_find_char(s, ':');
        return is_made_of(str_upto(s, end), "-._~") && is_port(str_from(s, end));
    }
    size_t end = str_find_char(s, ']');
    return end < s.len && is_made_of(str_from(str_upto(s, end), 1), ":.") &&
           is_port(str_from(s, end + 1));
}

static bool read_version(struct str text, struct http1_head *head, unsigned *status,
                         struct error *e)
{
    if (!str_starts(text, STR("HTTP/")) || text.len != 8 || text.at[6] != '.')
        return error_set(e, ERROR_REJECT, "the request line does not end in HTTP/1.1");
    if (!str_is(text, "HTTP/1.1") && !str_is(text, "HTTP/1.0")) {
        *status = 505;
        return error_set(e, ERROR_REJECT, "only version 1.1 of HTTP is spoken");
    }
    head->minor = text.at[7] == '1' ? 1 : 0;
    return true;
}

/* RFC 9112 §3.2.2: what a client sends to a proxy, and a server must take too. */
static bool read_absolute(struct str target, struct http1_head *head, struct error *e)
{
    size_t scheme = str_starts(target, STR("http://"))    ? 7
                    : str_starts(target, STR("https://")) ? 8
                                                          : 0;
    if (scheme == 0)
        return error_set(e, ERROR_REJECT, "the target is neither a path nor an http address");
    struct str rest = str_from(target, scheme);
    size_t end = 0;
    while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?')
        end++;
    head->host = str_upto(rest, end);
    head->path = str_from(rest, end);
    if (!is_host(head->host))
        return error_set(e, ERROR_REJECT, "the target names no host");
    if (head->path.len == 0 || head->path.at[0] == '?')
        return error_set(e, ERROR_REJECT, "the target has no path");
    return true;
}

static bool read_target(struct http1_head *head, unsigned *status, struct error *e)
{
    struct str target = head->target;
    head->host = STR_NONE;
    if (!is_target(target))
        return error_set(e, ERROR_REJECT, "the target holds what no address may hold");
    if (str_is(head->method, "CONNECT")) {
        *status = 501;
        return error_set(e, ERROR_REJECT, "this is no proxy");
    }
    if (str_is(target, "*")) {
        head->path = target;
        return str_is(head->method, "OPTIONS") ||
               error_set(e, ERROR_REJECT, "the target * is for OPTIONS alone");
    }
    if (target.at[0] == '/')
        head->path = target;
    else if (!read_absolute(target, head, e))
        return false;
    size_t mark = str_find_char(head->path, '?');
    head->query = mark == head->path.len ? STR_NONE : str_from(head->path, mark + 1);
    head->path = str_upto(head->path, mark);
    return true;
}

bool http1_read_request_line(struct str line, struct http1_head *head, unsigned *status,
                             struct error *e)
{
    struct cursor c = cursor_of(line);
    *status = 400;
    if (!cursor_token(&c, &head->method) || head->method.len > METHOD_MAX || !cursor_char(&c, ' '))
        return error_set(e, ERROR_REJECT, "the request line does not begin with a method");
    if (!cursor_until(&c, STR(" "), &head->target) || head->target.len == 0)
        return error_set(e, ERROR_REJECT, "the request line has no target or no version");
    return read_version(c.left, head, status, e) && read_target(head, status, e);
}

bool http1_read_field(struct str line, struct http1_field *out, struct error *e)
{
    struct cursor c = cursor_of(line);
    struct http1_field f;
    if (line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
        return error_set(e, ERROR_REJECT, "a header line begins with a blank");
    if (!cursor_token(&c, &f.name) || !cursor_char(&c, ':'))
        return error_set(e, ERROR_REJECT, "a header line is not a name, a colon and a value");
    f.value = str_trim(c.left); /* CR and LF cannot be there */
    *out = f;
    return true;
}

static bool read_length(struct http1_head *head, struct error *e)
{
    struct str value = http1_field_of(head, "Content-Length");
    bool has_zero_first = value.len > 1 && value.at[0] == '0';
    if (value.at == NULL)
        return error_set(e, ERROR_REJECT, "Content-Length is given twice");
    if (has_zero_first || value.len > LENGTH_DIGITS_MAX ||
        !parse_u64(value, 0, INT64_MAX, &head->content_length, e))
        return error_set(e, ERROR_REJECT, "Content-Length is not a plain number");
    head->has_body = head->content_length > 0;
    return true;
}

static bool read_encoding(struct http1_head *head, unsigned *status, struct error *e)
{
    struct str value = http1_field_of(head, "Transfer-Encoding");
    if (value.at == NULL)
        return error_set(e, ERROR_REJECT, "Transfer-Encoding is given twice");
    if (head->minor == 0)
        return error_set(e, ERROR_REJECT, "HTTP/1.0 has no Transfer-Encoding");
    if (!str_equal_nocase(value, STR("chunked"))) {
        *status = 501;
        return error_set(e, ERROR_REJECT, "Transfer-Encoding other than chunked");
    }
    head->is_chunked = head->has_body = true;
    return true;
}

/* RFC 9112 §6.3, and where it leaves a choice: refuse. */
static bool read_framing(struct http1_head *head, unsigned *status, struct error *e)
{
    bool has_length = http1_field_count(head, "Content-Length") > 0;
    bool has_encoding = http1_field_count(head, "Transfer-Encoding") > 0;
    head->has_body = head->is_chunked = false;
    head->content_length = 0;
    if (has_length && has_encoding)
        return error_set(e, ERROR_REJECT, "Content-Length and Transfer-Encoding together");
    if (has_length)
        return read_length(head, e);
    return !has_encoding || read_encoding(head, status, e);
}

static bool read_host(struct http1_head *head, struct error *e)
{
    size_t count = http1_field_count(head, "Host");
    struct str host = http1_field_of(head, "Host");
    if (count > 1)
        return error_set(e, ERROR_REJECT, "Host is given twice");
    if (count == 0 && head->minor == 0)
        return true;
    if (count == 0)
        return error_set(e, ERROR_REJECT, "Host is missing");
    if (!is_host(host))
        return error_set(e, ERROR_REJECT, "Host is no host");
    if (head->host.at != NULL && !str_equal_nocase(host, head->host))
        return error_set(e, ERROR_REJECT, "Host and the target name two hosts");
    head->host = host;
    return true;
}

static bool has_token(const struct http1_head *head, const char *name, const char *token)
{
    for (size_t i = 0; i < head->field_count; i++) {
        struct str rest = head->fields[i].value, part;
        if (!str_equal_nocase(head->fields[i].name, str_of(name)))
            continue;
        while (str_next(&rest, ',', &part))
            if (str_equal_nocase(str_trim(part), str_of(token)))
                return true;
    }
    return false;
}

static bool read_expectation(struct http1_head *head, unsigned *status, struct error *e)
{
    size_t count = http1_field_count(head, "Expect");
    head->expects_continue = false;
    if (count == 0 || head->minor == 0)
        return true;
    if (!str_equal_nocase(http1_field_of(head, "Expect"), STR("100-continue"))) {
        *status = 417;
        return error_set(e, ERROR_REJECT, "Expect other than 100-continue");
    }
    head->expects_continue = head->has_body;
    return true;
}

bool http1_settle_head(struct http1_head *head, unsigned *status, struct error *e)
{
    *status = 400;
    head->keeps_alive = head->minor == 1 ? !has_token(head, "Connection", "close")
                                         : has_token(head, "Connection", "keep-alive");
    return read_host(head, e) && read_framing(head, status, e) && read_expectation(head, status, e);
}

/* RFC 9112 §7.1. Extensions are read over; blanks in front of them are not taken. */
bool http1_read_chunk_line(struct str line, uint64_t *size, struct error *e)
{
    size_t end = str_find_char(line, ';');
    if (end == 0 || end > CHUNK_DIGITS_MAX ||
        !parse_hex_u64(str_upto(line, end), INT64_MAX, size, e))
        return error_set(e, ERROR_REJECT, "a chunk's size is not a plain hexadecimal number");
    return true;
}

struct str http1_field_of(const struct http1_head *head, const char *name)
{
    struct str found = STR_NONE;
    size_t count = 0;
    for (size_t i = 0; i < head->field_count; i++) {
        if (!str_equal_nocase(head->fields[i].name, str_of(name)))
            continue;
        found = head->fields[i].value;
        count++;
    }
    if (count == 1 && found.at == NULL)
        return STR("");
    return count == 1 ? found : STR_NONE;
}

size_t http1_field_count(const struct http1_head *head, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < head->field_count; i++)
        count += str_equal_nocase(head->fields[i].name, str_of(name)) ? 1 : 0;
    return count;
}
