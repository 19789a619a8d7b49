/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/store/suite_payloads.c, suite_crashes.c */
#include "runtime/store/blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/clock.h"
#include "runtime/base/sys.h"

struct path {
    char text[1024];
};

static struct path moving_path(const struct store *store, struct str id)
{
    struct path p;
    snprintf(p.text, sizeof(p.text), "%s/payload/moving/%.*s", store->folder, STR_ARG(id));
    return p;
}

/* UUIDs of version 4: the first digits spread evenly. */
static struct path settled_path(const struct store *store, struct str id)
{
    struct path p;
    snprintf(p.text, sizeof(p.text), "%s/payload/%.*s/%.*s", store->folder,
             STR_ARG(str_upto(id, 2)), STR_ARG(id));
    return p;
}

static struct path settled_folder(const struct store *store, struct str id)
{
    struct path p;
    snprintf(p.text, sizeof(p.text), "%s/payload/%.*s", store->folder, STR_ARG(str_upto(id, 2)));
    return p;
}

/* --- writing */
bool blob_begin(struct blob_writer *w, struct store *store, struct str id, struct error *e)
{
    *w = (struct blob_writer){.store = store, .id = id, .fd = -1, .chunk = BUF(BLOB_CHUNK)};
    if (store->postgres != NULL)
        return true;
    struct path path = moving_path(store, id);
    w->fd = sys_must_fail() ? -1 : open(path.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
    return w->fd != -1 || error_errno(e, "cannot make a payload file");
}

static bool write_chunk(struct blob_writer *w, struct error *e)
{
    struct sql *c = w->store->bulk;
    pthread_mutex_lock(&w->store->bulk_lock);
    bool ok = sql_begin(c, e) &&
              sql_run(c,
                      "INSERT INTO payload_chunk (payload, place, content, created_ms) "
                      "VALUES ($1, $2, $3, $4)",
                      SQL_VALUES(SQL_T(w->id), SQL_I(w->place), SQL_O(buf_str(&w->chunk)),
                                 SQL_I(clock_now_ms())),
                      NULL, e) &&
              sql_commit(c, e);
    if (!ok)
        sql_rollback(c);
    pthread_mutex_unlock(&w->store->bulk_lock);
    w->place++;
    buf_clear(&w->chunk);
    return ok;
}

bool blob_write(struct blob_writer *w, struct str octets, struct error *e)
{
    if (w->fd != -1)
        return sys_write_all(w->fd, octets, e);
    while (octets.len > 0) {
        struct str part = str_upto(octets, BLOB_CHUNK - w->chunk.len);
        if (!buf_add(&w->chunk, part, e) || (w->chunk.len == BLOB_CHUNK && !write_chunk(w, e)))
            return false;
        octets = str_from(octets, part.len);
    }
    return true;
}

bool blob_end(struct blob_writer *w, struct error *e)
{
    if (w->store->postgres != NULL)
        return w->chunk.len == 0 || write_chunk(w, e);
    AUTO_ARENA a = {0};
    struct str folder = arena_format(&a, "%s/payload/moving", w->store->folder);
    bool ok = sys_fsync(w->fd, e) && sys_fsync_dir(folder.at, e);
    sys_close(&w->fd);
    return ok;
}

void blob_release(struct blob_writer *w)
{
    if (w->store == NULL)
        return;
    sys_close(&w->fd);
    buf_release(&w->chunk);
}

/* --- moving */
/* Where it fails, the file stays in moving/, where readers find it too and the next start tries
 * again. */
void blob_settle(struct store *store, struct str id)
{
    if (store->postgres != NULL)
        return;
    struct error ignored;
    struct path from = moving_path(store, id);
    struct path to = settled_path(store, id);
    if (!sys_make_dir(settled_folder(store, id).text, 0770, &ignored) ||
        !sys_rename(from.text, to.text, &ignored))
        error_clear(&ignored);
}

static void delete_chunks(struct store *store, struct str id)
{
    struct error ignored; /* the sweep gets what is left */
    struct sql *c = store->bulk;
    pthread_mutex_lock(&store->bulk_lock);
    if (!sql_begin(c, &ignored) ||
        !sql_run(c, "DELETE FROM payload_chunk WHERE payload = $1", SQL_VALUES(SQL_T(id)), NULL,
                 &ignored) ||
        !sql_commit(c, &ignored))
        sql_rollback(c);
    pthread_mutex_unlock(&store->bulk_lock);
}

void blob_unlink(struct store *store, struct str id)
{
    if (store->postgres != NULL) {
        delete_chunks(store, id);
        return;
    }
    unlink(moving_path(store, id).text);
    unlink(settled_path(store, id).text);
}

/* Into moving/ before the row goes: whatever happens then, the file is found by the sweep. */
bool blob_dispose(struct store_tx *tx, struct str id, struct error *e)
{
    struct tx_effect effect = {.type = TX_UNLINK, .message = id};
    if (tx->store->postgres == NULL) {
        struct path from = settled_path(tx->store, id);
        struct path to = moving_path(tx->store, id);
        if (rename(from.text, to.text) == -1 && errno != ENOENT)
            return error_errno(e, "cannot move a payload file");
    }
    return tx_effect(tx, &effect, e);
}

/* --- reading */
static int open_file(const struct store *store, struct str id)
{
    struct path settled = settled_path(store, id);
    int fd = open(settled.text, O_RDONLY | O_CLOEXEC);
    if (fd == -1 && errno == ENOENT)
        fd = open(moving_path(store, id).text, O_RDONLY | O_CLOEXEC);
    if (fd == -1 && errno == ENOENT) /* it moved between the two looks */
        fd = open(settled.text, O_RDONLY | O_CLOEXEC);
    return fd;
}

bool blob_open(struct blob_reader *r, struct store *store, struct str id, struct error *e)
{
    *r = (struct blob_reader){
        .store = store, .id = id, .fd = -1, .chunk = BUF(BLOB_CHUNK), .place = -1};
    if (store->postgres != NULL)
        return true;
    r->fd = open_file(store, id);
    return r->fd != -1 || error_errno(e, "cannot open payload file %.*s", STR_ARG(id));
}

static bool fetch_row(struct sql *c, struct blob_reader *r, int64_t place, struct error *e)
{
    AUTO_SQL_QUERY q = {0};
    bool row = false;
    buf_clear(&r->chunk);
    r->place = -1;
    if (!sql_start(c, "SELECT content FROM payload_chunk WHERE payload = $1 AND place = $2",
                   SQL_VALUES(SQL_T(r->id), SQL_I(place)), &q, e) ||
        !sql_next(&q, &row, e))
        return false;
    if (!row)
        return error_set(e, ERROR_DENY, "a piece of payload %.*s is missing", STR_ARG(r->id));
    r->place = place;
    return buf_add(&r->chunk, sql_column_text(&q, 0), e);
}

static bool fetch_chunk(struct blob_reader *r, int64_t place, struct error *e)
{
    if (place == r->place)
        return true;
    struct sql *c = r->store->bulk;
    pthread_mutex_lock(&r->store->bulk_lock);
    bool ok = sql_begin(c, e) && fetch_row(c, r, place, e);
    sql_rollback(c);
    pthread_mutex_unlock(&r->store->bulk_lock);
    return ok;
}

bool blob_read(struct blob_reader *r, uint64_t offset, size_t len, struct buf *out, struct error *e)
{
    if (r->fd != -1) {
        char *room = NULL;
        if (!buf_room(out, len, &room, e) || !sys_pread_all(r->fd, room, len, offset, e))
            return false;
        buf_grew(out, len);
        return true;
    }
    while (len > 0) {
        if (!fetch_chunk(r, (int64_t)(offset / BLOB_CHUNK), e))
            return false;
        struct str part = str_upto(str_from(buf_str(&r->chunk), offset % BLOB_CHUNK), len);
        if (part.len == 0)
            return error_set(e, ERROR_DENY, "payload %.*s ends early", STR_ARG(r->id));
        if (!buf_add(out, part, e))
            return false;
        offset += part.len;
        len -= part.len;
    }
    return true;
}

void blob_reader_release(struct blob_reader *r)
{
    if (r->store == NULL)
        return;
    sys_close(&r->fd);
    buf_release(&r->chunk);
}

/* --- sweeping */
struct has_row {
    struct str id;
    bool found;
};

static bool look_for_row(struct store_tx *tx, void *ctx, struct error *e)
{
    struct has_row *h = ctx;
    AUTO_SQL_QUERY q = {0};
    return sql_start(tx->sql, "SELECT 1 FROM payload WHERE id = $1 AND is_large = 1",
                     SQL_VALUES(SQL_T(h->id)), &q, e) &&
           sql_next(&q, &h->found, e);
}

static bool sweep_file(struct store *store, struct str id, struct error *e)
{
    struct has_row h = {id, false};
    struct stat st;
    struct path path = moving_path(store, id);
    if (!uuid_is(id) || stat(path.text, &st) == -1)
        return true; /* "." and "..", or settled meanwhile */
    int64_t age_ms = clock_now_ms() - (int64_t)st.st_mtime * 1000;
    if (!store_read(store, look_for_row, &h, e))
        return false;
    if (h.found)
        blob_settle(store, id);
    else if (age_ms > BLOB_STALE_MS)
        unlink(path.text);
    return true;
}

static bool sweep_files(struct store *store, struct error *e)
{
    AUTO_ARENA a = {0};
    struct str payload = arena_format(&a, "%s/payload", store->folder);
    struct str moving = arena_format(&a, "%s/payload/moving", store->folder);
    if (!sys_make_dir(payload.at, 0770, e) || !sys_make_dir(moving.at, 0770, e))
        return false;
    DIR *dir = opendir(moving.at);
    if (dir == NULL)
        return error_errno(e, "cannot list %.200s", moving.at);
    bool ok = true;
    for (struct dirent *entry = readdir(dir); ok && entry != NULL; entry = readdir(dir))
        ok = sweep_file(store, str_of(entry->d_name), e);
    closedir(dir);
    return ok;
}

static bool sweep_chunks(struct store_tx *tx, void *ctx, struct error *e)
{
    const int64_t *before_ms = ctx;
    return tx_change(tx,
                     "DELETE FROM payload_chunk WHERE created_ms < $1 AND NOT EXISTS "
                     "(SELECT 1 FROM payload WHERE payload.id = payload_chunk.payload AND "
                     "is_large = 1)",
                     SQL_VALUES(SQL_I(*before_ms)), NULL, e);
}

bool blob_sweep(struct store *store, struct error *e)
{
    if (store->postgres == NULL)
        return sweep_files(store, e);
    int64_t before_ms = clock_now_ms() - BLOB_STALE_MS;
    return store_do(store, sweep_chunks, &before_ms, e);
}
