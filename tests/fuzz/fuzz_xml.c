/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: xml_scan_run, xml_read, c14n_write, xml_text_to (runtime/xml). The first octet chooses
 * the window in which the scan looks at the document; every window must give the same. The
 * second one blows up a text: each '~' of the input becomes that many hundred letters, so that
 * texts are cut. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/mem.h"
#include "runtime/xml/c14n.h"
#include "runtime/xml/scan.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

enum { MOST = 4 * 1024 * 1024, SKELETON = 128 * 1024, TILDES = 8 };

static const struct xml_limits limits = {.octets = MOST,
                                         .skeleton = SKELETON,
                                         .depth = 16,
                                         .namespaces = 16,
                                         .tag = 4096,
                                         .attributes = 16,
                                         .elements = 500};

static void fail_if(bool wrong)
{
    if (wrong)
        abort();
}

static void blow_up(struct str in, size_t hundreds, struct buf *out)
{
    struct error e = {0};
    static const char letters[] =
        "QUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVGQUJDREVG\r\nQU";
    unsigned tildes = 0;
    for (size_t i = 0; i < in.len; i++) {
        bool is_long = in.at[i] == '~' && tildes++ < TILDES;
        for (size_t k = 0; is_long && k < hundreds; k++)
            fail_if(!buf_add(out, str_bytes(letters, 100), &e));
        fail_if(!is_long && !buf_add_char(out, in.at[i], &e));
    }
}

static bool scan(struct str octets, size_t window, struct xml_scan *s, struct buf *skeleton)
{
    struct error e = {0};
    struct xml_source source = {.memory = octets, .len = octets.len};
    *s = (struct xml_scan){
        .source = &source, .limits = &limits, .window = window, .skeleton = skeleton};
    bool ok = xml_scan_run(s, 0, &e);
    fail_if(!ok && e.kind != ERROR_REJECT);
    s->source = NULL;
    return ok;
}

/* The same but for the random letters. */
static void compare_scans(struct xml_scan *one, struct buf *a, struct xml_scan *two, struct buf *b)
{
    fail_if(one->cut_count != two->cut_count || a->len != b->len);
    for (size_t i = 0; i < one->cut_count; i++) {
        struct xml_cut *x = &one->cuts[i], *y = &two->cuts[i];
        fail_if(x->offset != y->offset || x->len != y->len || x->pairs != y->pairs ||
                x->has_cr != y->has_cr || x->skeleton_at != y->skeleton_at);
        size_t letters = x->skeleton_at + x->marker_len - XML_MARKER_OCTETS + 8;
        memcpy(b->at + letters, a->at + letters, XML_RANDOM_LETTERS);
    }
    fail_if(!str_equal(buf_str(a), buf_str(b)));
}

static void try_scans(struct str octets, size_t window)
{
    struct xml_scan one, two;
    AUTO_BUF a = BUF(SKELETON);
    AUTO_BUF b = BUF(SKELETON);
    bool first = scan(octets, 0, &one, &a), second = scan(octets, window, &two, &b);
    fail_if(first != second);
    if (first)
        compare_scans(&one, &a, &two, &b);
    mem_free(one.cuts);
    mem_free(two.cuts);
}

static bool canonical(struct str octets, enum c14n_type type, struct buf *out)
{
    struct error e = {0};
    AUTO_XML d = NULL;
    struct sink_buf into;
    struct c14n_options options = {.type = type};
    sink_buf_init(&into, out);
    if (!xml_read(octets, &limits, &d, &e)) {
        fail_if(e.kind != ERROR_REJECT);
        return false;
    }
    bool ok = c14n_write(d, NULL, &options, &into.sink, &e);
    fail_if(!ok && e.kind != ERROR_REJECT);
    AUTO_BUF text = BUF(2 * MOST);
    sink_buf_init(&into, &text);
    fail_if(!xml_text_to(xml_root(d), &into.sink, &e));
    fail_if(text.len != xml_text_length(xml_root(d)));
    return ok;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size < 2)
        return 0;
    AUTO_BUF doc = BUF(MOST);
    AUTO_BUF once = BUF(4 * MOST);
    AUTO_BUF twice = BUF(4 * MOST);
    enum c14n_type type = (enum c14n_type)(data[0] % 3);
    xml_setup();
    if (size > 64 * 1024)
        return 0;
    blow_up(str_bytes(data + 2, size - 2), data[1], &doc);
    try_scans(buf_str(&doc), (size_t)data[0] * data[0] + 1);
    if (!canonical(buf_str(&doc), type, &once) || once.len > MOST)
        return 0;
    /* The canonical form is its own canonical form: but it may have grown past a limit. */
    if (canonical(buf_str(&once), type, &twice))
        fail_if(!str_equal(buf_str(&once), buf_str(&twice)));
    return 0;
}
