/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/sdk/message.h"
#include "tests/unit/accesspoint/formats.h"

static bool write(const struct sdk_message *m, struct buf *out, struct error *e)
{
    struct sink_buf sink;
    sink_buf_init(&sink, out);
    return sdk_message_write(m, &sink.sink, e);
}

TEST(a_message_reads_back_as_it_was_written)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_BUF text = BUF(100000);
    AUTO_XML d = NULL;
    struct formats_message f;
    struct sdk_message m;
    formats_message_init(&f);
    CHECK_OK(write(&f.message, &text, &e), e);
    CHECK_OK(xml_read(buf_str(&text), &xml_limits_envelope, &d, &e), e);
    CHECK_OK(sdk_message_read(d, &a, &m, &e), e);
    CHECK(m.created_ms == f.message.created_ms && m.confidential);
    CHECK_STR(m.id, f.message.id);
    CHECK_STR(m.conversation, f.message.conversation);
    CHECK(m.ref_to.at == NULL);
    CHECK_STR(m.label, f.message.label);
    CHECK_STR(m.generating_system.extension, STR("0.1.0"));
    CHECK_STR(m.recipient.id.root, STR("iso6523-actorid-upis"));
    CHECK_STR(m.recipient.id.extension, STR("0203:b.example"));
    CHECK_STR(m.recipient.label, STR("B"));
    CHECK(m.recipient.attention.person_count == 1 && m.recipient.attention.reference_count == 1);
    CHECK_STR(m.recipient.attention.persons[0].id.extension, STR("191212121212"));
    CHECK_STR(m.recipient.attention.persons[0].label, STR("Tolvan"));
    CHECK_STR(m.recipient.attention.organization.extension, STR("sdk:inkorg:0203:b.example"));
    CHECK_STR(m.recipient.attention.references[0].id.root, STR("dnr"));
    CHECK_STR(m.sender.attention.organization.extension, STR("sdk:inkorg:0203:a.example"));
    CHECK(m.document_count == 1 && m.documents[0].file_count == 1 &&
          m.documents[0].text_count == 1);
    CHECK_STR(m.documents[0].id, STR("SDK-Meddelande"));
    CHECK_STR(m.documents[0].files[0].name, STR("a<b>&\"c\".pdf"));
    CHECK_STR(m.documents[0].files[0].type, STR("application/pdf"));
}

TEST(what_is_written_is_its_own_canonical_form)
{
    static const struct c14n_options options = {.type = C14N_1_0};
    struct error e = {0};
    AUTO_BUF text = BUF(100000), canonical = BUF(100000);
    AUTO_XML d = NULL;
    struct formats_message f;
    struct sink_buf sink;
    formats_message_init(&f);
    sink_buf_init(&sink, &canonical);
    CHECK_OK(write(&f.message, &text, &e), e);
    CHECK_OK(xml_read(buf_str(&text), &xml_limits_envelope, &d, &e), e);
    CHECK_OK(c14n_write(d, NULL, &options, &sink.sink, &e), e);
    CHECK_STR(buf_str(&canonical), buf_str(&text));
}

TEST(a_large_file_flows_from_a_file_descriptor_and_back)
{
    enum { OCTETS = 3 * 1000 * 1000 + 1 };
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_BUF file = BUF(OCTETS), text = BUF(2 * OCTETS), back = BUF(OCTETS);
    AUTO_XML d = NULL;
    AUTO_FD int fd = -1;
    struct formats_message f;
    struct sdk_message m;
    struct sink_buf sink;
    char *room;
    formats_message_init(&f);
    CHECK_OK(buf_room(&file, OCTETS, &room, &e), e);
    for (size_t i = 0; i < OCTETS; i++)
        room[i] = (char)(i * 2654435761u >> 13);
    buf_grew(&file, OCTETS);
    CHECK_OK(sys_temp_file("/tmp", &fd, &e) && sys_write_all(fd, STR("front"), &e) &&
                 sys_write_all(fd, buf_str(&file), &e),
             e);
    f.files[1] = (struct sdk_file){
        .name = STR("b"), .type = STR("x/y"), .content = {.fd = fd, .offset = 5, .len = OCTETS}};
    f.documents[0].file_count = 2;
    CHECK_OK(write(&f.message, &text, &e), e);
    CHECK_OK(xml_read(buf_str(&text), &xml_limits_envelope, &d, &e), e);
    CHECK_OK(sdk_message_read(d, &a, &m, &e), e);
    sink_buf_init(&sink, &back);
    CHECK_OK(sdk_file_content(&m.documents[0].files[1], &sink.sink, &e), e);
    CHECK(str_equal(buf_str(&back), buf_str(&file)));
    CHECK(a.used < 100000); /* nothing of the file in memory of ours */
}

TEST(texts_that_xml_cannot_carry_are_refused)
{
    static const struct str rows[] = {STR_INIT("a\x01"), STR_INIT("\xff"), STR_INIT("cut \xc3"),
                                      STR_INIT("\xed\xa0\x80")};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int where = 0; where < 3; where++) {
            struct error e = {0};
            AUTO_BUF text = BUF(100000);
            struct formats_message f;
            formats_message_init(&f);
            if (where == 0)
                f.message.label = rows[i];
            else if (where == 1)
                f.texts[0].content.memory = rows[i];
            else
                f.files[0].name = rows[i];
            CHECK(!write(&f.message, &text, &e));
            CHECK(e.kind == ERROR_REJECT);
        }
    }
}

TEST(other_documents_are_no_messages)
{
    static const char *const rows[] = {
        "<messagePayload/>",
        "<m:messagePayload xmlns:m='urn:riv:infrastructure:messaging:MessageWithAttachments:2'/>",
        "<m:messagePayload xmlns:m='urn:riv:infrastructure:messaging:MessageWithAttachments:3'/>",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        AUTO_XML d = NULL;
        struct sdk_message m;
        CHECK_OK(xml_read(str_of(rows[i]), &xml_limits_envelope, &d, &e), e);
        CHECK_ROW(rows[i], !sdk_message_read(d, &a, &m, &e) && e.kind == ERROR_REJECT);
    }
}

CHECK_MAIN
