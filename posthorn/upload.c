/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "posthorn/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/sys.h"
#include "runtime/base/text.h"
#include "runtime/crypto/base64.h"
#include "runtime/crypto/digest.h"

enum { NAME_OCTETS_MAX = 200, HEADER_MAX = 4096, TRIES = 3, ANSWER_MAX = 64 * 1024 };

/* --- what a file is */

static struct str base_name(struct str path)
{
    struct str name = STR_NONE, part, rest = path;
    while (str_next(&rest, '/', &part))
        if (part.len > 0)
            name = part;
    return name;
}

const char *upload_type(struct str path)
{
    static const struct {
        const char *ending, *type;
    } known[] = {
        {".pdf", "application/pdf"},
        {".txt", "text/plain"},
        {".csv", "text/csv"},
        {".xml", "application/xml"},
        {".json", "application/json"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".tif", "image/tiff"},
        {".tiff", "image/tiff"},
        {".zip", "application/zip"},
        {".doc", "application/msword"},
        {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {".xls", "application/vnd.ms-excel"},
        {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {".ppt", "application/vnd.ms-powerpoint"},
        {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
        {".odt", "application/vnd.oasis.opendocument.text"},
        {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
        {".rtf", "application/rtf"},
        {".eml", "message/rfc822"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct str ending = str_of(known[i].ending);
        if (path.len > ending.len &&
            str_equal_nocase(str_from(path, path.len - ending.len), ending))
            return known[i].type;
    }
    return "application/octet-stream";
}

static bool is_plain_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < ' ' || name.at[i] > '~' || name.at[i] == '"' || name.at[i] == '\\')
            return false;
    return true;
}

bool upload_disposition(struct str path, struct buf *out, struct error *e)
{
    struct str name = base_name(path);
    if (name.len == 0 || name.len > 255)
        return error_set(e, ERROR_REJECT, "a file name has 1 to 255 octets");
    if (!str_is_utf8(name))
        return error_set(e, ERROR_REJECT, "the file name is not UTF-8");
    if (is_plain_name(name))
        return buf_addf(out, e, "attachment; filename=\"%.*s\"", STR_ARG(name));
    return buf_add(out, STR("attachment; filename*=UTF-8''"), e) && percent_encode(out, name, e);
}

/* --- up */

static bool digest_field(int fd, uint64_t size, struct buf *out, struct error *e)
{
    struct digest_value value;
    AUTO_DIGEST_SINK digest;
    digest_sink_init(&digest, DIGEST_SHA256, NULL);
    if (!sink_from_file(&digest.sink, fd, 0, size, e) || !sink_finish(&digest.sink, e))
        return false;
    digest_sink_value(&digest, &value);
    return buf_add(out, STR("sha-256=:"), e) && base64_encode(out, digest_str(&value), e) &&
           buf_add_char(out, ':', e);
}

static bool take_id(struct str answer, struct arena *a, struct str *id, struct error *e)
{
    AUTO_JSON doc = {0};
    if (!json_read(answer, &doc, e))
        return false;
    *id = arena_copy(a, api_text(doc.root, "attachmentId"));
    return id->len > 0 || error_set(e, ERROR_REJECT, "the API's answer names no attachmentId");
}

bool upload_file(struct api_client *c, const char *path, struct arena *a, struct str *attachment_id,
                 struct error *e)
{
    AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    AUTO_BUF digest = BUF(HEADER_MAX);
    AUTO_BUF disposition = BUF(HEADER_MAX);
    AUTO_BUF answer = BUF(ANSWER_MAX);
    struct stat st;
    if (fd == -1 || fstat(fd, &st) == -1)
        return error_errno(e, "cannot be read");
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return error_set(e, ERROR_REJECT, "it is empty, or no file");
    uint64_t size = (uint64_t)st.st_size;
    if (!digest_field(fd, size, &digest, e) || !upload_disposition(str_of(path), &disposition, e))
        return false;
    struct api_ask ask = {
        .method = "POST",
        .path = STR("/attachments"),
        .fields = {{STR("Content-Type"), str_of(upload_type(str_of(path)))},
                   {STR("Content-Disposition"), buf_str(&disposition)},
                   {STR("Content-Digest"), buf_str(&digest)}},
        .field_count = 3,
        .body = {.fd = fd, .length = size},
        .tries = TRIES,
    };
    return api_client_call(c, &ask, &answer, e) && take_id(buf_str(&answer), a, attachment_id, e);
}

/* --- down */

struct str download_name(struct arena *a, struct str name)
{
    struct str base = base_name(name);
    struct str safe = arena_copy(a, base.len == 0 ? STR("file") : base);
    size_t n = safe.len < NAME_OCTETS_MAX ? safe.len : NAME_OCTETS_MAX;
    while (n > 0 && n < safe.len && ((unsigned char)safe.at[n] & 0xC0) == 0x80)
        n--; /* not in the middle of a letter */
    char *out = arena_new(a, n + 1);
    bool is_good = str_is_utf8(safe);
    for (size_t i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)safe.at[i];
        bool is_odd = ch < 0x20 || ch == 0x7F || ch == '\\' || (ch > 0x7F && !is_good);
        out[i] = safe.at[i];
        if (is_odd)
            out[i] = '_';
    }
    if (out[0] == '.')
        out[0] = '_';
    return str_bytes(out, n);
}

static bool check_digest(int fd, struct str wanted, struct error *e)
{
    uint64_t size;
    struct digest_value value;
    AUTO_BUF hex = BUF(100);
    AUTO_DIGEST_SINK digest;
    digest_sink_init(&digest, DIGEST_SHA256, NULL);
    if (!sys_file_size(fd, &size, e) || !sink_from_file(&digest.sink, fd, 0, size, e) ||
        !sink_finish(&digest.sink, e))
        return false;
    digest_sink_value(&digest, &value);
    if (!hex_encode(&hex, digest_str(&value), e))
        return false;
    return str_equal_nocase(buf_str(&hex), wanted) ||
           error_set(e, ERROR_DENY,
                     "its SHA-256 is %.*s, not %.*s as the letter says; nothing was "
                     "saved",
                     STR_ARG(buf_str(&hex)), STR_ARG(wanted));
}

/* The unnamed file gets its name, unless another one has it. */
static bool give_name(int fd, const char *dir, struct str name, struct error *e)
{
    char from[64], to[4096];
    snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
    if (snprintf(to, sizeof(to), "%s/%.*s", dir, STR_ARG(name)) >= (int)sizeof(to))
        return error_set(e, ERROR_REJECT, "the name of the folder is too long");
    if (linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) == 0)
        return true;
    if (errno == EEXIST)
        return error_set(e, ERROR_REJECT, "%s is there already; nothing is overwritten", to);
    return error_errno(e, "%s", to);
}

bool download_file(struct api_client *c, const struct download *d, const char *dir, struct arena *a,
                   struct str *saved_as, struct error *e)
{
    AUTO_FD int fd = -1;
    if (!sys_temp_file(dir, &fd, e))
        return error_prefix(e, "%s", dir);
    struct api_ask ask = {.method = "GET", .path = d->path, .answer_fd = fd};
    struct str name = download_name(a, d->name);
    if (!api_client_call(c, &ask, NULL, e) || !check_digest(fd, d->sha256, e) ||
        !give_name(fd, dir, name, e))
        return false;
    *saved_as = name;
    return true;
}
