/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* tested by: tests/unit/runtime/xml/test_scan.c */
#include "runtime/xml/cut.h"

#include <string.h>

#include "runtime/base/mem.h"
#include "runtime/base/uuid.h"
#include "runtime/xml/block.h"

enum { FRONT = 8, INDEX = 8, TAIL = 4, SEEN = 64, INDEX_AT = FRONT + XML_RANDOM_LETTERS };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

static bool is_character(uint32_t c)
{
    return c <= 0x10ffff && !(c >= 0xd800 && c < 0xe000) && c != 0xfffe && c != 0xffff;
}

static bool utf8_lead(struct utf8_state *s, unsigned char c)
{
    if (c < 0x80)
        return true;
    if (c < 0xc2 || c > 0xf4)
        return false;
    s->left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    s->character = c & (0x3fU >> s->left);
    s->least = s->left == 1 ? 0x80 : s->left == 2 ? 0x800 : 0x10000;
    return true;
}

static bool utf8_octet(struct utf8_state *s, unsigned char c)
{
    if (s->left == 0)
        return utf8_lead(s, c);
    if ((c & 0xc0) != 0x80)
        return false;
    s->character = s->character << 6 | (c & 0x3f);
    return --s->left > 0 || (s->character >= s->least && is_character(s->character));
}

/* How many octets from the start of it are ASCII, in whole blocks. */
static size_t ascii_blocks(struct str octets)
{
    size_t n = 0;
    while (octets.len - n >= BLOCK_OCTETS &&
           !block_has(block_between(block_at(octets.at + n), 0x80, UINT8_MAX)))
        n += BLOCK_OCTETS;
    return n;
}

bool utf8_feed(struct utf8_state *s, struct str octets)
{
    size_t i = 0;
    while (i < octets.len) {
        i += s->left == 0 ? ascii_blocks(str_from(octets, i)) : 0;
        size_t stop = octets.len - i > BLOCK_OCTETS ? i + BLOCK_OCTETS : octets.len;
        for (; i < stop; i++)
            if (!utf8_octet(s, (unsigned char)octets.at[i]))
                return false;
    }
    return true;
}

static void count_pads(struct cut_run *run, struct str text)
{
    if (run->pads == 0) /* they stand at the end, if at all */
        text = str_from(text, str_find_char(text, '='));
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '=')
            run->pads++;
        else if (run->pads > 0 && !is_blank_char(text.at[i]))
            run->has_letter_behind_pad = true;
    }
}

static void count_pairs(struct cut_run *run, struct str text)
{
    bool last_is_return = run->last_is_return;
    for (size_t i = 0; i < text.len; i++) {
        run->pairs += last_is_return && text.at[i] == '\n';
        last_is_return = text.at[i] == '\r';
    }
    run->has_return = true;
}

static bool is_plain_block(octet_block b)
{
    return !block_has(block_is(b, '<') | block_is(b, '&') | block_is(b, '>') | block_is(b, '=') |
                      block_between(b, 0, ' ' - 1) | block_between(b, 0x80, UINT8_MAX));
}

static octet_block letters_of(octet_block b)
{
    return block_between(b | 0x20, 'a', 'z') | block_between(b, '0', '9') | block_is(b, '+') |
           block_is(b, '/');
}

size_t cut_piece_blocks(struct cut_piece *piece, struct str octets)
{
    octet_block counts = {0}, others = {0};
    size_t most = octets.len / BLOCK_OCTETS, n = 0;
    most = most < UINT8_MAX ? most : UINT8_MAX; /* each adds up to one to each of the counts */
    for (; n < most; n++) {
        octet_block b = block_at(octets.at + n * BLOCK_OCTETS);
        if (!is_plain_block(b))
            break;
        octet_block letters = letters_of(b);
        counts -= letters;
        others |= ~(letters | block_is(b, ' '));
    }
    for (size_t i = 0; i < BLOCK_OCTETS; i++)
        piece->letters += counts[i];
    piece->has_other |= block_has(others);
    return n * BLOCK_OCTETS;
}

void cut_run_feed(struct cut_run *run, const struct cut_piece *piece)
{
    if (piece->text.len == 0)
        return;
    run->len += piece->text.len;
    run->letters += piece->letters;
    run->has_other |= piece->has_other;
    if (piece->has_pad || run->pads > 0)
        count_pads(run, piece->text);
    if (piece->has_return || run->last_is_return)
        count_pairs(run, piece->text);
    run->last_is_return = piece->text.at[piece->text.len - 1] == '\r';
}

bool cut_run_is_blank(const struct cut_run *run)
{
    return run->letters == 0 && run->pads == 0 && !run->has_other;
}

static bool is_base64(const struct cut_run *run)
{
    return !run->has_other && !run->has_letter_behind_pad && run->pads <= 2 &&
           (run->letters + run->pads) % 4 == 0;
}

void cut_random(char letters[static XML_RANDOM_LETTERS])
{
    unsigned char octets[XML_RANDOM_LETTERS / 2];
    random_octets(octets, sizeof(octets));
    for (size_t i = 0; i < XML_RANDOM_LETTERS; i++)
        letters[i] = (char)('a' + (octets[i / 2] >> (i % 2 * 4) & 15));
}

static void write_front(char *marker, struct str seen)
{
    size_t n = 0;
    for (size_t i = 0; i < seen.len && n < FRONT; i++) {
        if (is_blank_char(seen.at[i]))
            continue;
        if (!is_letter(seen.at[i]))
            break;
        marker[n++] = seen.at[i];
    }
    if (n == 0 && str_trim(seen).len > 0)
        memset(marker, '-', FRONT);
}

static void write_tail(char *marker, struct str seen)
{
    size_t n = TAIL;
    for (size_t i = seen.len; i-- > 0 && n > 0;)
        if (is_letter(seen.at[i]) || seen.at[i] == '=')
            marker[XML_MARKER_OCTETS - TAIL + --n] = seen.at[i];
}

static bool write_marker(struct xml_scan *scan, const struct cut_run *run, char *marker,
                         bool *begins_blank, struct error *e)
{
    char room[SEEN];
    struct str seen;
    memset(marker, 'A', XML_MARKER_OCTETS);
    if (!xml_source_peek(scan->source, run->offset, SEEN, room, &seen, e))
        return false;
    *begins_blank = is_blank_char(seen.at[0]);
    write_front(marker, seen);
    memcpy(marker + FRONT, scan->letters, XML_RANDOM_LETTERS);
    for (size_t i = 0; i < INDEX; i++)
        marker[INDEX_AT + i] = (char)('a' + (scan->cut_count >> (i * 4) & 15));
    if (!is_base64(run)) {
        marker[INDEX_AT + INDEX] = '-';
        return true;
    }
    if (!xml_source_peek(scan->source, run->offset + run->len - SEEN, SEEN, room, &seen, e))
        return false;
    write_tail(marker, seen);
    return true;
}

bool cut_add(struct xml_scan *scan, const struct cut_run *run, struct error *e)
{
    char marker[1 + XML_MARKER_OCTETS] = " ";
    bool begins_blank;
    if (!write_marker(scan, run, marker + 1, &begins_blank, e))
        return false;
    struct str text = str_from(str_bytes(marker, sizeof(marker)), begins_blank ? 0 : 1);
    struct xml_cut cut = {.offset = run->offset,
                          .len = run->len,
                          .pairs = run->pairs,
                          .has_cr = run->has_return,
                          .skeleton_at = scan->skeleton->len,
                          .marker_len = text.len};
    if (!buf_add(scan->skeleton, text, e))
        return false;
    if (scan->cut_count == scan->cut_room) {
        size_t more = scan->cut_room == 0 ? 8 : scan->cut_room * 2;
        scan->cuts = mem_grow(scan->cuts, scan->cut_room * sizeof(cut), more * sizeof(cut));
        scan->cut_room = more;
    }
    scan->cuts[scan->cut_count++] = cut;
    return true;
}

struct xml_cut *xml_scan_find(struct xml_cut *cuts, size_t count, const char *letters,
                              struct str text)
{
    if (text.len == XML_MARKER_OCTETS + 1)
        text = str_from(text, 1);
    if (text.len != XML_MARKER_OCTETS ||
        !str_equal(str_upto(str_from(text, FRONT), XML_RANDOM_LETTERS),
                   str_bytes(letters, XML_RANDOM_LETTERS)))
        return NULL;
    size_t index = 0;
    for (size_t i = 0; i < INDEX; i++)
        index |= (size_t)(text.at[INDEX_AT + i] - 'a') << (i * 4);
    return index < count ? &cuts[index] : NULL;
}
