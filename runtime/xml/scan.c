/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "runtime/xml/scan.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "runtime/base/mem.h"
#include "runtime/xml/block.h"
#include "runtime/xml/cut.h"

enum { WINDOW = 256 * 1024, PIECE = 16 * 1024, REFERENCE_MAX = 10 };

/* What an octet is. LETTER must be 1: it is counted by adding. */
enum class {
    LETTER = 1, /* of the base64 alphabet */
    PAD = 2,
    BLANK = 4,
    RETURN = 8,
    HIGH = 16, /* part of a longer UTF-8 sequence */
    OTHER = 32,
    GREATER = 64,
    LESS = 128,
    AMPERSAND = 256,
    DASH = 512,
    BRACKET = 1024,
    QUESTION = 2048,
    QUOTE = 4096,
    APOSTROPHE = 8192,
    BAD = 16384, /* no character of XML 1.0 */
};
#define AT4(c)  (c), (c), (c), (c)
#define AT16(c) AT4(c), AT4(c), AT4(c), AT4(c)
#define AT64(c) AT16(c), AT16(c), AT16(c), AT16(c)
/* clang-format off */
static const uint16_t classes[256] = {
    BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BLANK, BLANK, BAD, BAD, BLANK | RETURN, BAD, BAD, AT16(BAD),
    /*  !"# $%&' */ BLANK, OTHER, QUOTE | OTHER, OTHER, OTHER, OTHER, AMPERSAND, APOSTROPHE | OTHER,
    /* ()*+ ,-./ */ OTHER, OTHER, OTHER, LETTER, OTHER, DASH | OTHER, OTHER, LETTER,
    /* 0123 4567 */ AT4(LETTER), AT4(LETTER),
    /* 89:; <=>? */ LETTER, LETTER, OTHER, OTHER, LESS, PAD, GREATER, QUESTION | OTHER,
    /* @A..O     */ OTHER, AT4(LETTER), AT4(LETTER), AT4(LETTER), LETTER, LETTER, LETTER,
    /* P..Z[\]^_ */ AT4(LETTER), AT4(LETTER), LETTER, LETTER, LETTER, OTHER, OTHER, BRACKET | OTHER, OTHER, OTHER,
    /* `a..o     */ OTHER, AT4(LETTER), AT4(LETTER), AT4(LETTER), LETTER, LETTER, LETTER,
    /* p..z{|}~  */ AT4(LETTER), AT4(LETTER), LETTER, LETTER, LETTER, OTHER, OTHER, OTHER, OTHER, OTHER,
    AT64(HIGH), AT64(HIGH),
};
/* clang-format on */

enum state {
    IN_TEXT,
    IN_REFERENCE, /* behind '&' */
    IN_MARKUP,    /* behind '<' */
    IN_BANG,      /* behind "<!" */
    IN_COMMENT_OPENING,
    IN_COMMENT,
    IN_CDATA_OPENING,
    IN_CDATA,
    IN_INSTRUCTION,
    IN_TAG,
    IN_VALUE, /* of an attribute */
    IN_END_TAG,
    STATES,
};

struct scanner {
    struct xml_scan *io;
    enum state state, back; /* back: behind a reference */
    /* The window: unsaved <= at <= end; what is between unsaved and at is not in the skeleton. */
    const char *window, *unsaved, *at, *end;
    uint64_t window_at; /* its place in the source */
    struct utf8_state utf8;
    unsigned depth, elements, namespaces;
    size_t attributes;
    uint64_t tag_at;   /* source offset of the '<' */
    unsigned progress; /* octets matched of the word looked for; dashes, brackets in a row */
    char quote;
    bool has_slash; /* last octet of the tag so far */
    char reference[REFERENCE_MAX];
    size_t reference_len;
    struct cut_run run;
};

static uint64_t place(const struct scanner *s)
{
    return s->window_at + (uint64_t)(s->at - s->window);
}

__attribute__((format(printf, 3, 4))) static bool refuse(struct scanner *s, struct error *e,
                                                         const char *format, ...)
{
    char text[200];
    uint64_t line = 0, column = 0;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    xml_source_place(s->io->source, place(s), &line, &column);
    return error_fill(e, ERROR_REJECT, "xml_scan", NULL, "line %" PRIu64 ", column %" PRIu64 ": %s",
                      line, column, text);
}

static bool refuse_skeleton(struct scanner *s, struct error *e)
{
    return refuse(s, e, "the XML has more than %zu octets even without its long texts",
                  s->io->skeleton->limit);
}

/* Everything up to `at` goes into the skeleton. */
static bool save(struct scanner *s, struct error *e)
{
    struct str new = str_bytes(s->unsaved, (size_t)(s->at - s->unsaved));
    s->unsaved = s->at;
    return buf_add(s->io->skeleton, new, e) || refuse_skeleton(s, e);
}

/* --- long texts */

static bool restore_run(struct scanner *s, struct error *e)
{
    struct sink_buf into;
    sink_buf_init(&into, s->io->skeleton);
    s->run.is_cutting = false;
    s->unsaved = s->at;
    if (xml_source_to(s->io->source, s->run.offset, s->run.len, &into.sink, e))
        return true;
    return e->kind != ERROR_REJECT ? false : refuse_skeleton(s, e);
}

/* The text will not be cut after all; what was held back goes into the skeleton. */
static bool keep_run(struct scanner *s, struct error *e)
{
    s->run.may_cut = false;
    return !s->run.is_cutting || restore_run(s, e);
}

static bool is_long(const struct scanner *s)
{
    return s->run.may_cut && s->run.len > XML_CUT_OCTETS;
}

/* The run ends at s->at; from here on its octets are held back. */
static bool start_cutting(struct scanner *s, struct error *e)
{
    uint64_t here = place(s), unsaved_at = here - (uint64_t)(s->at - s->unsaved);
    const char *text_end = s->at;
    if (!s->run.is_cutting && s->run.offset >= unsaved_at) {
        s->at = s->unsaved + (s->run.offset - unsaved_at);
        if (!save(s, e))
            return false;
    } else if (!s->run.is_cutting) {
        buf_cut(s->io->skeleton, s->io->skeleton->len - (size_t)(unsaved_at - s->run.offset));
    }
    s->at = s->unsaved = text_end;
    s->run.is_cutting = true;
    return true;
}

static bool end_cutting(struct scanner *s, struct error *e)
{
    s->run.is_cutting = false;
    if (cut_run_is_blank(&s->run))
        return restore_run(s, e);
    return cut_add(s->io, &s->run, e) || (e->kind == ERROR_REJECT && refuse_skeleton(s, e));
}

static void start_run(struct scanner *s, bool may_cut)
{
    s->state = IN_TEXT;
    s->run = (struct cut_run){.offset = place(s), .may_cut = may_cut && s->depth > 0};
}

/* --- steps: each takes as many octets as it can */

/* Between characters: over whole blocks of printable ASCII that hold nothing a tag or value can end with. */
static void pass_blocks(struct scanner *s)
{
    for (; s->utf8.left == 0 && s->end - s->at >= BLOCK_OCTETS; s->at += BLOCK_OCTETS) {
        octet_block b = block_at(s->at);
        if (block_has(block_is(b, '"') | block_is(b, '\'') | block_is(b, '<') | block_is(b, '>') |
                      block_is(b, '&') | block_between(b, 0, ' ' - 1) |
                      block_between(b, 0x80, UINT8_MAX)))
            return;
    }
}

/* Goes to the next octet of the classes `stop`, or the end; checks the characters on the way. */
static bool run_to(struct scanner *s, unsigned stop, unsigned *seen, struct error *e)
{
    const char *from = s->at;
    unsigned all = 0, class = 0;
    stop |= BAD;
    for (; s->at < s->end; s->at++) {
        class = classes[(unsigned char)*s->at];
        if (class & stop)
            break;
        all |= class;
    }
    if ((all & HIGH || s->utf8.left > 0) &&
        !utf8_feed(&s->utf8, str_bytes(from, (size_t)(s->at - from))))
        return refuse(s, e, "the octets before are not UTF-8, or no characters of XML");
    if (s->at < s->end && s->utf8.left > 0)
        return refuse(s, e, "a UTF-8 character is cut off");
    if (s->at < s->end && class & BAD)
        return refuse(s, e, "character U+%04X is not allowed in XML", (unsigned)*s->at);
    *seen = all;
    return true;
}

static unsigned class_of(const char *at)
{
    return classes[(unsigned char)*at];
}

/* Blocks, and then so many octets that another block may follow, or up to what is no plain octet. */
static void pass_plain(struct scanner *s, unsigned *seen, struct cut_piece *piece)
{
    s->at += cut_piece_blocks(piece, str_bytes(s->at, (size_t)(s->end - s->at)));
    const char *stop = s->end - s->at > BLOCK_OCTETS ? s->at + BLOCK_OCTETS : s->end;
    for (; s->at < stop && !(class_of(s->at) & (LESS | AMPERSAND | BAD | HIGH)); s->at++) {
        *seen |= class_of(s->at);
        piece->letters += class_of(s->at) & LETTER;
    }
}

/* Up to markup or the end; *seen is of what stood in no block. */
static bool pass_text(struct scanner *s, unsigned *seen, struct cut_piece *piece, struct error *e)
{
    unsigned high = 0;
    while (s->at < s->end && (s->utf8.left > 0 || !(class_of(s->at) & (LESS | AMPERSAND)))) {
        if (s->utf8.left == 0 && !(class_of(s->at) & (BAD | HIGH)))
            pass_plain(s, seen, piece);
        else if (!run_to(s, ~(unsigned)HIGH, &high, e))
            return false;
        *seen |= high;
    }
    return true;
}

/* The same for text, in pieces, counting what is needed to say whether it is base64. */
static bool run_text(struct scanner *s, struct error *e)
{
    const char *from = s->at, *window_end = s->end;
    struct cut_piece piece = {0};
    unsigned seen = 0;
    if (s->end - s->at > PIECE)
        s->end = s->at + PIECE;
    bool ok = pass_text(s, &seen, &piece, e);
    s->end = window_end;
    if (!ok)
        return false;
    piece.text = str_bytes(from, (size_t)(s->at - from));
    piece.has_other |= (seen & (OTHER | HIGH)) != 0;
    piece.has_pad = (seen & PAD) != 0;
    piece.has_return = (seen & RETURN) != 0;
    cut_run_feed(&s->run, &piece);
    bool is_blank = !piece.has_other && piece.letters == 0;
    if (s->depth == 0 && (!is_blank || (seen & ~(unsigned)(BLANK | RETURN)) != 0))
        return refuse(s, e, "text outside of the root element");
    return !(seen & GREATER) || keep_run(s, e);
}

static bool step_text(struct scanner *s, struct error *e)
{
    if (!run_text(s, e))
        return false;
    if (s->at == s->end || (*s->at != '<' && *s->at != '&'))
        return s->at < s->end || !is_long(s) || start_cutting(s, e);
    if (*s->at == '&') {
        if (s->depth == 0)
            return refuse(s, e, "a reference outside of the root element");
        if (!keep_run(s, e))
            return false;
        s->back = IN_TEXT;
        s->state = IN_REFERENCE;
        s->reference_len = 0;
        s->run.len++;
        s->at++;
        return true;
    }
    if (is_long(s) && !start_cutting(s, e))
        return false;
    s->tag_at = place(s);
    s->at++;
    if (s->run.is_cutting)
        s->unsaved = s->at; /* the '<' follows the marker or the text put back */
    s->state = IN_MARKUP;
    return true;
}

static bool is_reference(const char *at, size_t len)
{
    static const char *const names[] = {"lt", "gt", "amp", "quot", "apos"};
    struct str s = str_bytes(at, len);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_is(s, names[i]))
            return true;
    return len >= 2 && at[0] == '#'; /* the digits are the parser's to judge */
}

static bool step_reference(struct scanner *s, struct error *e)
{
    char c = *s->at;
    bool is_name = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   (c == '#' && s->reference_len == 0);
    if (c == ';' && is_reference(s->reference, s->reference_len)) {
        s->state = s->back;
    } else if (c != ';' && is_name && s->reference_len < REFERENCE_MAX) {
        s->reference[s->reference_len++] = c;
    } else {
        return refuse(s, e,
                      "only the references &lt; &gt; &amp; &quot; &apos; and numbers are allowed");
    }
    s->run.len++; /* of no use in an attribute, of no harm either */
    s->at++;
    return true;
}

static bool start_element(struct scanner *s, struct error *e)
{
    if (s->depth == 0 && s->elements > 0)
        return refuse(s, e, "a second root element");
    if (++s->elements > s->io->limits->elements)
        return refuse(s, e, "more than %u elements", s->io->limits->elements);
    if (++s->depth > s->io->limits->depth)
        return refuse(s, e, "elements are nested more than %u deep", s->io->limits->depth);
    s->attributes = 0;
    s->progress = UINT8_MAX; /* the name itself is no attribute */
    s->has_slash = false;
    s->state = IN_TAG;
    return true;
}

static bool step_markup(struct scanner *s, struct error *e)
{
    bool is_tag = *s->at != '!' && *s->at != '?';
    if (s->run.is_cutting) {
        bool ok = is_tag ? end_cutting(s, e) : keep_run(s, e);
        if (!ok || (!buf_add_char(s->io->skeleton, '<', e) && !refuse_skeleton(s, e)))
            return false;
    }
    s->progress = 0;
    if (is_tag && *s->at != '/')
        return start_element(s, e);
    s->state = *s->at == '/' ? IN_END_TAG : *s->at == '!' ? IN_BANG : IN_INSTRUCTION;
    s->at++;
    return true;
}

static bool step_bang(struct scanner *s, struct error *e)
{
    if (*s->at == '[' && s->depth == 0)
        return refuse(s, e, "text outside of the root element");
    if (*s->at != '-' && *s->at != '[')
        return refuse(s, e, "a DOCTYPE or another declaration is not allowed");
    s->state = *s->at == '-' ? IN_COMMENT_OPENING : IN_CDATA_OPENING;
    s->at++;
    return true;
}

static bool step_comment_opening(struct scanner *s, struct error *e)
{
    if (*s->at != '-')
        return refuse(s, e, "a comment begins with <!--");
    s->state = IN_COMMENT;
    s->at++;
    return true;
}

static bool step_comment(struct scanner *s, struct error *e)
{
    unsigned seen;
    if (s->progress == 2 && *s->at != '>')
        return refuse(s, e, "a comment may not hold --");
    if (s->progress == 2) {
        s->at++;
        start_run(s, false);
        return true;
    }
    if (*s->at == '-') {
        s->progress++;
        s->at++;
        return true;
    }
    s->progress = 0;
    return run_to(s, DASH, &seen, e);
}

static bool step_cdata_opening(struct scanner *s, struct error *e)
{
    static const char word[] = "CDATA[";
    if (*s->at != word[s->progress])
        return refuse(s, e, "a declaration is not allowed");
    s->at++;
    if (++s->progress == sizeof(word) - 1) {
        s->progress = 0;
        s->state = IN_CDATA;
    }
    return true;
}

static bool step_cdata(struct scanner *s, struct error *e)
{
    unsigned seen;
    if (*s->at == ']') {
        s->progress = s->progress < 2 ? s->progress + 1 : 2;
        s->at++;
        return true;
    }
    if (*s->at == '>' && s->progress == 2) {
        s->at++;
        start_run(s, false);
        return true;
    }
    s->progress = 0;
    return run_to(s, BRACKET, &seen, e);
}

static bool step_instruction(struct scanner *s, struct error *e)
{
    unsigned seen;
    if (*s->at == '?') {
        s->progress = 1;
        s->at++;
        return true;
    }
    if (*s->at == '>' && s->progress == 1) {
        s->at++;
        start_run(s, false);
        return true;
    }
    s->progress = 0;
    return run_to(s, QUESTION, &seen, e);
}

static bool check_tag(struct scanner *s, struct error *e)
{
    if (place(s) - s->tag_at > s->io->limits->tag)
        return refuse(s, e, "a tag of more than %zu octets", s->io->limits->tag);
    return true;
}

static bool end_tag(struct scanner *s, struct error *e)
{
    s->at++;
    if (!check_tag(s, e))
        return false;
    if (s->has_slash)
        s->depth--;
    start_run(s, true);
    return true;
}

/* Counts attributes ('=' outside of values) and those that declare a namespace. */
static bool tag_octet(struct scanner *s, char c, struct error *e)
{
    static const char word[] = "xmlns";
    bool is_blank = classes[(unsigned char)c] & BLANK;
    if (c == '=' && ++s->attributes > s->io->limits->attributes)
        return refuse(s, e, "an element with more than %zu attributes", s->io->limits->attributes);
    if (s->progress == sizeof(word) - 1 && (c == ':' || c == '=' || is_blank) &&
        ++s->namespaces > s->io->limits->namespaces)
        return refuse(s, e, "more than %u namespace declarations", s->io->limits->namespaces);
    if (is_blank)
        s->progress = 0;
    else if (s->progress < sizeof(word) - 1 && c == word[s->progress])
        s->progress++;
    else
        s->progress = UINT8_MAX;
    s->has_slash = c == '/';
    return true;
}

static bool step_tag(struct scanner *s, struct error *e)
{
    const char *from = s->at;
    unsigned seen;
    pass_blocks(s);
    if (!run_to(s, QUOTE | APOSTROPHE | LESS | GREATER, &seen, e))
        return false;
    for (; from < s->at; from++)
        if (!tag_octet(s, *from, e))
            return false;
    if (s->at == s->end)
        return check_tag(s, e);
    if (*s->at == '>')
        return end_tag(s, e);
    if (*s->at == '<')
        return refuse(s, e, "'<' inside of a tag");
    s->quote = *s->at++;
    s->state = IN_VALUE;
    return true;
}

static bool step_value(struct scanner *s, struct error *e)
{
    unsigned seen;
    pass_blocks(s);
    if (!run_to(s, (s->quote == '"' ? QUOTE : APOSTROPHE) | LESS | AMPERSAND, &seen, e) ||
        !check_tag(s, e))
        return false;
    if (s->at == s->end)
        return true;
    if (*s->at == '<')
        return refuse(s, e, "'<' inside of an attribute");
    s->state = IN_TAG;
    s->progress = 0;
    if (*s->at == '&') {
        s->back = IN_VALUE;
        s->state = IN_REFERENCE;
        s->reference_len = 0;
    }
    s->at++;
    return true;
}

static bool step_end_tag(struct scanner *s, struct error *e)
{
    unsigned seen;
    pass_blocks(s);
    if (!run_to(s, GREATER | LESS, &seen, e) || !check_tag(s, e))
        return false;
    if (s->at == s->end)
        return true;
    if (*s->at == '<')
        return refuse(s, e, "'<' inside of a tag");
    if (s->depth == 0)
        return refuse(s, e, "an end tag without its start tag");
    s->depth--;
    s->at++;
    start_run(s, true);
    return true;
}

static bool (*const steps[STATES])(struct scanner *s, struct error *e) = {
    [IN_TEXT] = step_text,
    [IN_REFERENCE] = step_reference,
    [IN_MARKUP] = step_markup,
    [IN_BANG] = step_bang,
    [IN_COMMENT_OPENING] = step_comment_opening,
    [IN_COMMENT] = step_comment,
    [IN_CDATA_OPENING] = step_cdata_opening,
    [IN_CDATA] = step_cdata,
    [IN_INSTRUCTION] = step_instruction,
    [IN_TAG] = step_tag,
    [IN_VALUE] = step_value,
    [IN_END_TAG] = step_end_tag,
};

static bool feed(struct scanner *s, struct str window, uint64_t at, struct error *e)
{
    s->window = s->unsaved = s->at = window.at;
    s->end = window.at + window.len;
    s->window_at = at;
    while (s->at < s->end)
        if (!steps[s->state](s, e))
            return false;
    return save(s, e);
}

static bool finish(struct scanner *s, struct error *e)
{
    if (s->elements == 0 && s->state == IN_TEXT)
        return refuse(s, e, "there is no element");
    if (s->state != IN_TEXT || s->depth > 0 || s->utf8.left > 0)
        return refuse(s, e, "the document ends in the middle, %u elements are open", s->depth);
    return true;
}

bool xml_scan_run(struct xml_scan *scan, uint64_t start, struct error *e)
{
    bool in_file = scan->source->memory.at == NULL;
    size_t size = scan->window > 0 ? scan->window : in_file ? WINDOW : SIZE_MAX;
    AUTO_MEM char *room = in_file ? mem_new(size) : NULL;
    struct scanner s = {.io = scan, .window_at = start};
    if (scan->source->len > scan->limits->octets)
        return error_set(e, ERROR_REJECT, "the document has more than %" PRIu64 " octets",
                         scan->limits->octets);
    cut_random(scan->letters);
    s.window = s.unsaved = s.at = s.end = "";
    start_run(&s, false);
    for (uint64_t at = start; at < scan->source->len;) {
        struct str window;
        if (!xml_source_peek(scan->source, at, size, room, &window, e) || !feed(&s, window, at, e))
            return false;
        at += window.len;
        s.window = s.unsaved = s.at = s.end = "";
        s.window_at = at;
    }
    return finish(&s, e);
}
