/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "letter_sample.h"
#include "runtime/base/mem.h"
#include "tests/check.h"

static const struct federation federation = {
    .participant_scheme = STR_INIT("iso6523-actorid-upis"),
    .address_root = STR_INIT("urn:riv:infrastructure:messaging:functionalAddress"),
};

static void pack_sample(struct buf *out)
{
    struct error e = {0};
    struct letter_sample sample;
    letter_sample(&sample);
    CHECK_OK(letter_pack(&sample.letter, out, &e), e);
}

TEST(a_packed_letter_reads_back)
{
    AUTO_ARENA a = {0};
    AUTO_BUF packed = BUF(4096), again = BUF(4096), json = BUF(4096), expected = BUF(4096);
    struct error e = {0};
    struct letter l = {0};
    struct letter_sample sample;
    letter_sample(&sample);
    pack_sample(&packed);
    CHECK_OK(letter_unpack(buf_str(&packed), &federation, &a, &l, &e), e);
    CHECK_OK(letter_write(&sample.letter, &expected, &e), e);
    CHECK_OK(letter_write(&l, &json, &e), e);
    CHECK_STR(buf_str(&json), buf_str(&expected));
    CHECK_OK(letter_pack(&l, &again, &e), e);
    CHECK_STR(buf_str(&again), buf_str(&packed));
}

TEST(what_a_packed_letter_leaves_out_is_the_federations)
{
    AUTO_ARENA a = {0};
    AUTO_BUF packed = BUF(4096);
    struct error e = {0};
    struct letter l = {0};
    pack_sample(&packed);
    CHECK_OK(letter_unpack(buf_str(&packed), &federation, &a, &l, &e), e);
    CHECK_STR(l.message.sender.id.root, federation.participant_scheme);
    CHECK(l.message.recipient.has_attention);
    CHECK_STR(l.message.recipient.attention.organization.root, federation.address_root);
    CHECK(l.message.ref_to.at == NULL && l.message.recipient.label.at == NULL);
    CHECK(l.files[0].target->content.len == 3 && l.files[0].target->content.memory.at == NULL);
}

TEST(texts_of_a_packed_letter_are_views)
{
    AUTO_ARENA a = {0};
    AUTO_BUF packed = BUF(4096);
    struct error e = {0};
    struct letter l = {0};
    pack_sample(&packed);
    CHECK_OK(letter_unpack(buf_str(&packed), &federation, &a, &l, &e), e);
    struct str text = l.message.documents[0].texts[0].content.memory;
    CHECK(text.at > packed.at && text.at < packed.at + packed.len);
    CHECK_STR(text, STR("T"));
}

TEST(a_text_that_says_nothing_stays_a_text)
{
    AUTO_ARENA a = {0};
    AUTO_BUF packed = BUF(4096);
    struct error e = {0};
    struct letter l = {0};
    struct letter_sample sample;
    letter_sample(&sample);
    sample.text.content.memory = STR("");
    CHECK_OK(letter_pack(&sample.letter, &packed, &e), e);
    CHECK_OK(letter_unpack(buf_str(&packed), &federation, &a, &l, &e), e);
    CHECK(l.message.documents[0].texts[0].content.memory.at != NULL);
}

static bool is_bug(struct str packed)
{
    AUTO_ARENA a = {0};
    struct error e = {0};
    struct letter l = {0};
    return !letter_unpack(packed, &federation, &a, &l, &e) && e.kind == ERROR_BUG;
}

TEST(a_letter_cut_anywhere_is_a_bug)
{
    AUTO_BUF packed = BUF(4096);
    struct error e = {0};
    pack_sample(&packed);
    for (size_t n = 0; n < packed.len; n++) {
        AUTO_MEM char *cut = mem_copy(packed.at, n); /* a sanitizer sees what goes beyond */
        CHECK(is_bug(str_bytes(cut, n)));
    }
    CHECK_OK(buf_add_char(&packed, '\0', &e), e);
    CHECK(is_bug(buf_str(&packed)));
}

/* at: places in the packed sample. */
TEST(a_letter_of_another_form_is_a_bug)
{
    static const struct {
        const char *row;
        size_t at;
        char value;
    } rows[] = {
        {"magic", 0, 'Q'},
        {"neither true nor false", 102, 2},
        {"a generating system with a label", 116, 1},
        {"a text longer than all", 4, 0x7f},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_BUF packed = BUF(4096);
        pack_sample(&packed);
        packed.at[rows[i].at] = rows[i].value;
        CHECK_ROW(rows[i].row, is_bug(buf_str(&packed)));
    }
}

TEST(counts_beyond_what_is_there_allocate_nothing)
{
    AUTO_BUF packed = BUF(4096);
    pack_sample(&packed);
    for (size_t i = 0; i + 4 <= packed.len; i++) { /* whatever count or length stands there */
        AUTO_ARENA a = {0};
        AUTO_MEM char *changed = mem_copy(packed.at, packed.len);
        struct error e = {0};
        struct letter l = {0};
        for (size_t j = 0; j < 4; j++)
            changed[i + j] = '\xff';
        if (!letter_unpack(str_bytes(changed, packed.len), &federation, &a, &l, &e))
            CHECK(e.kind == ERROR_BUG);
        CHECK(a.used < 64 * 1024);
    }
}

TEST(files_beside_the_documents_are_those_in_them)
{
    static const size_t counts[] = {0, 2};
    for (size_t i = 0; i < 2; i++) {
        AUTO_BUF packed = BUF(4096);
        struct error e = {0};
        struct letter_file files[2];
        struct letter_sample sample;
        letter_sample(&sample);
        files[0] = files[1] = sample.named;
        sample.letter.files = files;
        sample.letter.file_count = counts[i];
        CHECK(!letter_pack(&sample.letter, &packed, &e) && e.kind == ERROR_BUG);
    }
}

TEST(a_letter_beyond_the_limit_is_refused)
{
    AUTO_BUF packed = BUF(100);
    struct error e = {0};
    struct letter_sample sample;
    letter_sample(&sample);
    CHECK(!letter_pack(&sample.letter, &packed, &e) && e.kind == ERROR_REJECT);
}

CHECK_MAIN
