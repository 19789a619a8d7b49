/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* xml_samples.h - documents for the tests of this folder: official files, where they are there, and
 * generated ones. */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/sys.h"
#include "runtime/xml/doc.h"

/* A file below POSTHORN_SHARED; false where it is not there. */
__attribute__((unused)) static bool sample_read(const char *path, struct buf *out)
{
    struct error e = {0};
    char name[512], *room;
    uint64_t size;
    const char *shared = getenv("POSTHORN_SHARED");
    snprintf(name, sizeof(name), "%s/%s", shared == NULL ? "../shared" : shared, path);
    AUTO_FD int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd == -1 || !sys_file_size(fd, &size, &e) || !buf_room(out, (size_t)size, &room, &e) ||
        !sys_pread_all(fd, room, (size_t)size, 0, &e))
        return false;
    buf_grew(out, (size_t)size);
    return true;
}

/* Each official file that is there, given to what compares; false if there is none. */
__attribute__((unused)) static bool sample_each(void (*compare)(const char *name,
                                                                struct str octets))
{
    static const char *const files[] = {
        "data/sdk/message/examples/messageWithAttachments3.xml",
        "data/sdk/message/examples/xhe_encrypted_payload.xml",
        "data/sdk/message/examples/xhe_unencrypted.xml",
        "data/sdk/xhe/examples/XHE-tm-base-ext-sigenc.xml",
        "data/sdk/xhe/examples/XHE-tm-base.xml",
        "data/sdk/receipt/examples/Kvittens_RE-SCHFel.xml",
        "data/as4-samples/phase4/UserMessage12.xml",
        "data/as4-samples/phase4/TestReceipt12.xml",
        "data/as4-samples/phase4/NonRepudiationInformation.xml",
        "data/as4-samples/phase4/test-2023-03-15.xml",
    };
    size_t seen = 0;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        AUTO_BUF doc = BUF(4 * 1024 * 1024);
        if (!sample_read(files[i], &doc))
            continue;
        compare(files[i], buf_str(&doc));
        seen++;
    }
    return seen > 0;
}

__attribute__((unused)) static bool sample_to_file(struct str octets, int *fd)
{
    struct error e = {0};
    const char *dir = getenv("TMPDIR");
    return sys_temp_file(dir == NULL ? "/tmp" : dir, fd, &e) && sys_write_all(*fd, octets, &e);
}

/* A small generator: the same documents in every run. */
struct sample_dice {
    uint64_t state;
};
__attribute__((unused)) static unsigned dice(struct sample_dice *d, unsigned sides)
{
    d->state = d->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(d->state >> 33) % sides;
}

static inline void sample_put(struct buf *out, const char *text)
{
    struct error e = {0};
    if (!buf_add(out, str_of(text), &e))
        abort();
}

static const char *const sample_prefixes[] = {"", "p:", "q:", "r:"};

static inline void sample_declare(struct sample_dice *d, struct buf *out, bool all)
{
    static const char *const names[] = {" xmlns", " xmlns:p", " xmlns:q", " xmlns:r"};
    static const char *const uris[] = {"urn:1", "urn:2", "http://x/?a=1;b=2", "urn:3"};
    for (unsigned i = 0; i < 4; i++) {
        if (!all && dice(d, 4) > 0)
            continue;
        sample_put(out, names[i]);
        sample_put(out, "='");
        if (i > 0 || dice(d, 3) > 0)
            sample_put(out, uris[dice(d, 4)]);
        sample_put(out, "'");
    }
}

static inline void sample_attributes(struct sample_dice *d, struct buf *out)
{
    static const char *const names[] = {" b", " a", " p:z", " xml:lang", " c", " xml:space"};
    static const char *const values[] = {
        "", "x", "&lt;&gt;&amp;&quot;", "a\tb\nc", "&#13;&#10;&#9;", "\xc3\xa5\xf0\x9f\x93\xaf"};
    for (unsigned i = 0; i < 6; i++) {
        if (dice(d, 3) > 0)
            continue;
        sample_put(out, names[i]);
        sample_put(out, "='");
        sample_put(out, i == 5 ? "preserve" : i == 3 ? "sv" : values[dice(d, 6)]);
        sample_put(out, "'");
    }
}

static inline void sample_content(struct sample_dice *d, struct buf *out)
{
    static const char *const texts[] = {"text",          "a&lt;b&gt;&amp;", "<![CDATA[<c&>\r\n]]>",
                                        "<!-- gone -->", "<?do it?>",       "&#13;x",
                                        "1\r\n2\r3\n",   "<?bare?>",        " > ]] ",
                                        "\xc3\xa5"};
    unsigned n = dice(d, 3);
    for (unsigned i = 0; i < n; i++)
        sample_put(out, texts[dice(d, 10)]);
}

/* An element and what is in it; the first declares everything. */
static inline void sample_element(struct sample_dice *d, struct buf *out, unsigned depth)
{
    const char *prefix = sample_prefixes[dice(d, 4)];
    static const char *const names[] = {"a", "b", "longer-name"};
    const char *name = names[dice(d, 3)];
    sample_put(out, "<");
    sample_put(out, prefix);
    sample_put(out, name);
    if (dice(d, 2) == 0) {
        sample_declare(d, out, depth == 0);
        sample_attributes(d, out);
    } else {
        sample_attributes(d, out);
        sample_declare(d, out, depth == 0);
    }
    sample_put(out, " \n>");
    sample_content(d, out);
    for (unsigned i = dice(d, 4); depth < 6 && i > 0; i--) {
        sample_element(d, out, depth + 1);
        sample_content(d, out);
    }
    sample_put(out, "</");
    sample_put(out, prefix);
    sample_put(out, name);
    sample_put(out, ">");
}

__attribute__((unused)) static void sample_document(unsigned seed, struct buf *out)
{
    struct sample_dice d = {seed * 2654435761ULL + 1};
    if (dice(&d, 2) == 0)
        sample_put(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n");
    if (dice(&d, 2) == 0)
        sample_put(out, "<?before the root?><!-- c -->\n");
    sample_element(&d, out, 0);
    if (dice(&d, 2) == 0)
        sample_put(out, "\n<!-- c --><?behind?>\n<?two  x ?>");
}
