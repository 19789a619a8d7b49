/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "accesspoint/letter.h"
#include "accesspoint/letter_value.h"
#include "letter_sample.h"
#include "tests/check.h"

static const struct federation federation = {
    .participant_scheme = STR_INIT("iso6523-actorid-upis"),
    .address_root = STR_INIT("urn:riv:infrastructure:messaging:functionalAddress"),
};

#define SENDER    "\"sender\":{\"address\":\"sdk:a\"}"
#define RECIPIENT "\"recipient\":{\"participant\":\"0203:b.example\",\"address\":\"sdk:b\"}"
#define REST      "\"subject\":\"S\",\"confidential\":true"
#define DOCUMENTS "\"documents\":[{\"texts\":[\"T\"]}]"
#define U         SAMPLE_UUID

static bool read_new(struct arena *a, struct str json, struct letter *l, struct letter_faults *f)
{
    struct error e = {0};
    return letter_read_new(json, &federation, a, l, f, &e);
}

TEST(a_new_letter_is_read_whole)
{
    AUTO_ARENA a = {0};
    struct letter l = {0};
    struct letter_faults f = {0};
    struct str json = STR(
        "{\"sender\":{\"address\":\"sdk:a\",\"participant\":\"0203:a.example\",\"label\":\"A\","
        "\"addressLabel\":\"AL\",\"persons\":[{\"label\":\"Kim\"},{\"root\":\"1.2\",\"extension\":"
        "\"x\"}],\"references\":[{\"root\":\"dnr\",\"extension\":\"KS-1\",\"label\":\"L\"}]}," RECIPIENT
        ",\"conversationId\":\"" U "\",\"replyTo\":\"" U "\",\"generatingSystem\":{\"root\":\"r\","
        "\"extension\":\"e\"}," REST
        ",\"documents\":[{\"documentId\":\"D\",\"name\":\"N\",\"texts\":"
        "[\"one\",\"two\"]},{\"attachments\":[{\"attachmentId\":\"" U "\"},{\"part\":\"p\","
        "\"fileName\":\"f.pdf\",\"contentType\":\"application/pdf\"}]}]}");
    CHECK(read_new(&a, json, &l, &f));
    CHECK(f.count == 0);
    const struct sdk_message *m = &l.message;
    CHECK_STR(m->sender.id.root, STR("iso6523-actorid-upis"));
    CHECK_STR(m->sender.id.extension, STR("0203:a.example"));
    CHECK_STR(m->sender.attention.organization_label, STR("AL"));
    CHECK_STR(m->sender.attention.persons[0].label, STR("Kim"));
    CHECK_STR(m->sender.attention.persons[1].id.extension, STR("x"));
    CHECK_STR(m->sender.attention.references[0].id.root, STR("dnr"));
    CHECK_STR(m->recipient.attention.organization.extension, STR("sdk:b"));
    CHECK(m->recipient.has_attention);
    CHECK_STR(m->ref_to, STR(U));
    CHECK_STR(m->label, STR("S"));
    CHECK(m->confidential);
    CHECK_STR(m->generating_system.root, STR("r"));
    CHECK(m->document_count == 2);
    CHECK_STR(m->documents[0].index, STR("1"));
    CHECK_STR(m->documents[0].texts[1].content.memory, STR("two"));
    CHECK_STR(m->documents[1].id, STR("SDK-Meddelande"));
    CHECK(m->documents[1].file_count == 2 && l.file_count == 2);
    CHECK_STR(l.files[0].attachment_id, STR(U));
    CHECK_STR(l.files[1].pointer, STR("/documents/1/attachments/1"));
    CHECK_STR(l.files[1].target->name, STR("f.pdf"));
}

TEST(each_fault_says_where_and_which)
{
    static const struct {
        const char *row;
        struct str json;
        const char *pointer, *code;
    } rows[] = {
        {"no object", STR_INIT("[]"), "", "type"},
        {"U+0000 in a member",
         STR_INIT("{" SENDER "," RECIPIENT "," DOCUMENTS
                  ",\"confidential\":true,\"subject\":\"a\\u0000b\"}"),
         "/subject", "characters"},
        {"U+0000 in a text",
         STR_INIT("{" SENDER "," RECIPIENT "," REST
                  ",\"documents\":[{\"texts\":[\"T\",\"\\u0000\"]}]}"),
         "/documents/0/texts/1", "characters"},
        {"no sender", STR_INIT("{" RECIPIENT "," REST "," DOCUMENTS "}"), "/sender", "missing"},
        {"sender is a text", STR_INIT("{\"sender\":\"x\"," RECIPIENT "," REST "," DOCUMENTS "}"),
         "/sender", "type"},
        {"no sender address", STR_INIT("{\"sender\":{}," RECIPIENT "," REST "," DOCUMENTS "}"),
         "/sender/address", "missing"},
        {"no recipient", STR_INIT("{" SENDER "," REST "," DOCUMENTS "}"), "/recipient", "missing"},
        {"recipient address empty",
         STR_INIT("{" SENDER ",\"recipient\":{\"participant\":\"0203:b\",\"address\":\"\"}," REST
                  "," DOCUMENTS "}"),
         "/recipient/address", "empty"},
        {"recipient address blank",
         STR_INIT("{" SENDER
                  ",\"recipient\":{\"participant\":\"0203:b\",\"address\":\" \\n\"}," REST
                  "," DOCUMENTS "}"),
         "/recipient/address", "empty"},
        {"unknown scheme",
         STR_INIT("{" SENDER ",\"recipient\":{\"participant\":\"0204:b\",\"address\":\"x\"}," REST
                  "," DOCUMENTS "}"),
         "/recipient/participant", "form"},
        {"org number of nine digits",
         STR_INIT("{" SENDER
                  ",\"recipient\":{\"participant\":\"0007:123456789\",\"address\":\"x\"}," REST
                  "," DOCUMENTS "}"),
         "/recipient/participant", "form"},
        {"unknown name", STR_INIT("{\"a/b~c\":1," SENDER "," RECIPIENT "," REST "," DOCUMENTS "}"),
         "/a~1b~0c", "unknown"},
        {"subject missing",
         STR_INIT("{" SENDER "," RECIPIENT ",\"confidential\":true," DOCUMENTS "}"), "/subject",
         "missing"},
        {"subject is a number",
         STR_INIT("{" SENDER "," RECIPIENT ",\"subject\":7,\"confidential\":true," DOCUMENTS "}"),
         "/subject", "type"},
        {"subject with a control character",
         STR_INIT("{" SENDER "," RECIPIENT
                  ",\"subject\":\"a\\u0001\",\"confidential\":true," DOCUMENTS "}"),
         "/subject", "characters"},
        {"subject of U+FFFE",
         STR_INIT("{" SENDER "," RECIPIENT
                  ",\"subject\":\"\\ufffe\",\"confidential\":true," DOCUMENTS "}"),
         "/subject", "characters"},
        {"confidential missing",
         STR_INIT("{" SENDER "," RECIPIENT ",\"subject\":\"S\"," DOCUMENTS "}"), "/confidential",
         "missing"},
        {"confidential is a text",
         STR_INIT("{" SENDER "," RECIPIENT ",\"subject\":\"S\",\"confidential\":\"true\"," DOCUMENTS
                  "}"),
         "/confidential", "type"},
        {"conversation is no UUID",
         STR_INIT("{\"conversationId\":\"x\"," SENDER "," RECIPIENT "," REST "," DOCUMENTS "}"),
         "/conversationId", "form"},
        {"no documents", STR_INIT("{" SENDER "," RECIPIENT "," REST "}"), "/documents", "missing"},
        {"empty documents", STR_INIT("{" SENDER "," RECIPIENT "," REST ",\"documents\":[]}"),
         "/documents", "missing"},
        {"empty document", STR_INIT("{" SENDER "," RECIPIENT "," REST ",\"documents\":[{}]}"),
         "/documents/0", "empty"},
        {"documents no list", STR_INIT("{" SENDER "," RECIPIENT "," REST ",\"documents\":{}}"),
         "/documents", "type"},
        {"second text empty",
         STR_INIT("{" SENDER "," RECIPIENT "," REST ",\"documents\":[{\"texts\":[\"a\",\"\"]}]}"),
         "/documents/0/texts/1", "empty"},
        {"attachment with neither",
         STR_INIT("{" SENDER "," RECIPIENT "," REST ",\"documents\":[{\"attachments\":[{}]}]}"),
         "/documents/0/attachments/0", "missing"},
        {"attachment with both",
         STR_INIT("{" SENDER "," RECIPIENT "," REST
                  ",\"documents\":[{\"attachments\":[{\"attachmentId\":\"" U
                  "\",\"part\":\"p\"}]}]}"),
         "/documents/0/attachments/0", "missing"},
        {"attachment with base64",
         STR_INIT("{" SENDER "," RECIPIENT "," REST
                  ",\"documents\":[{\"attachments\":[{\"part\":\"p\",\"content\":\"AA==\"}]}]}"),
         "/documents/0/attachments/0/content", "unknown"},
        {"path as file name",
         STR_INIT("{" SENDER "," RECIPIENT "," REST
                  ",\"documents\":[{\"attachments\":[{\"part\":\"p\",\"fileName\":\"../x\"}]}]}"),
         "/documents/0/attachments/0/fileName", "form"},
        {"file name that reads backwards",
         STR_INIT("{" SENDER "," RECIPIENT "," REST
                  ",\"documents\":[{\"attachments\":[{\"part\":\"p\",\"fileName\":"
                  "\"x\xe2\x80\xae"
                  "fdp.exe\"}]}]}"),
         "/documents/0/attachments/0/fileName", "form"},
        {"type with parameters",
         STR_INIT(
             "{" SENDER "," RECIPIENT "," REST
             ",\"documents\":[{\"attachments\":[{\"part\":\"p\",\"contentType\":\"text/plain; charset=x\"}]}]}"),
         "/documents/0/attachments/0/contentType", "form"},
        {"person with root alone",
         STR_INIT("{\"sender\":{\"address\":\"a\",\"persons\":[{\"root\":\"1\"}]}," RECIPIENT
                  "," REST "," DOCUMENTS "}"),
         "/sender/persons/0", "missing"},
        {"empty person",
         STR_INIT("{\"sender\":{\"address\":\"a\",\"persons\":[{}]}," RECIPIENT "," REST
                  "," DOCUMENTS "}"),
         "/sender/persons/0", "empty"},
        {"reference without extension",
         STR_INIT("{\"sender\":{\"address\":\"a\",\"references\":[{\"root\":\"dnr\"}]}," RECIPIENT
                  "," REST "," DOCUMENTS "}"),
         "/sender/references/0/extension", "missing"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        struct letter l = {0};
        struct letter_faults f = {0};
        CHECK_ROW(rows[i].row, read_new(&a, rows[i].json, &l, &f));
        CHECK_ROW(rows[i].row, f.count == 1);
        CHECK_ROW(rows[i].row, str_is(f.at[0].pointer, rows[i].pointer));
        CHECK_ROW(rows[i].row, str_is(str_of(f.at[0].code), rows[i].code));
        CHECK_ROW(rows[i].row, f.at[0].detail.len > 10);
        CHECK_ROW(rows[i].row, l.message.document_count == 0);
    }
}

TEST(faults_are_told_in_the_language_asked_for)
{
    static const struct str json =
        STR_INIT("{" RECIPIENT "," REST ",\"documents\":[{\"texts\":[1]}],\"x\":1}");
    AUTO_ARENA a = {0};
    struct letter l = {0};
    struct letter_faults english = {0}, swedish = {.swedish = true};
    CHECK(read_new(&a, json, &l, &english) && read_new(&a, json, &l, &swedish));
    CHECK(english.count == 3 && swedish.count == 3);
    for (size_t i = 0; i < swedish.count; i++) {
        CHECK_STR(swedish.at[i].pointer, english.at[i].pointer);
        CHECK(!str_equal(swedish.at[i].detail, english.at[i].detail));
    }
    CHECK_STR(swedish.at[1].pointer, STR("/sender"));
    CHECK_STR(swedish.at[1].detail, STR("måste finnas"));
}

TEST(lengths_are_counted_in_characters)
{
    static const struct {
        const char *row;
        size_t characters;
        bool ok;
    } rows[] = {{"one", 1, true}, {"most", 256, true}, {"one more", 257, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        AUTO_BUF b = BUF(4096);
        struct error e = {0};
        struct letter l = {0};
        struct letter_faults f = {0};
        CHECK_OK(buf_add(&b,
                         STR("{" SENDER "," RECIPIENT "," DOCUMENTS
                             ",\"confidential\":true,\"subject\":\""),
                         &e),
                 e);
        for (size_t j = 0; j < rows[i].characters; j++)
            CHECK_OK(buf_add(&b, STR("å"), &e), e);
        CHECK_OK(buf_add(&b, STR("\"}"), &e), e);
        CHECK_ROW(rows[i].row, read_new(&a, buf_str(&b), &l, &f));
        CHECK_ROW(rows[i].row, (f.count == 0) == rows[i].ok);
    }
}

TEST(what_is_no_json_is_refused_at_once)
{
    static const struct str rows[] = {STR_INIT(""),
                                      STR_INIT("{\"a"),
                                      STR_INIT("{\"a\":1,\"a\":2}"),
                                      STR_INIT("{}x"),
                                      STR_INIT("{\"a\":\"\xff\"}"),
                                      STR_INIT("{\"a\\u0000\":1}")};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_ARENA a = {0};
        struct letter l = {0};
        struct letter_faults f = {0};
        CHECK_ROW(rows[i].at, !read_new(&a, rows[i], &l, &f));
    }
}

TEST(faults_beyond_the_room_are_left_out)
{
    AUTO_ARENA a = {0};
    AUTO_BUF b = BUF(8192);
    struct error e = {0};
    struct letter l = {0};
    struct letter_faults f = {0};
    CHECK_OK(buf_add(&b, STR("{"), &e), e);
    for (int i = 0; i < 100; i++)
        CHECK_OK(buf_addf(&b, &e, "\"x%d\":1,", i), e);
    CHECK_OK(buf_add(&b, STR("\"y\":2}"), &e), e);
    CHECK(read_new(&a, buf_str(&b), &l, &f));
    CHECK(f.count == LETTER_FAULTS_MAX);
}

TEST(a_letter_is_written_as_the_inbox_gives_it)
{
    static const struct str json = STR_INIT(
        "{\"messageId\":\"" U "\",\"conversationId\":\"" U "\",\"createdAt\":\"2026-03-01T10:02:08."
        "000Z\",\"subject\":\"Å\",\"confidential\":false,\"generatingSystem\":{\"root\":\"r\","
        "\"extension\":\"e\"},\"sender\":{\"participant\":\"0203:a\",\"label\":\"L\",\"address\":"
        "\"sdk:a\",\"addressLabel\":\"AL\",\"persons\":[{\"label\":\"Kim\"}],\"references\":[{\"root\":"
        "\"dnr\",\"extension\":\"1\"}]},\"recipient\":{\"participant\":\"0203:b\",\"address\":\"sdk:b\"},"
        "\"documents\":[{\"documentId\":\"D\",\"name\":\"N\",\"index\":\"1\",\"texts\":[\"T\"],"
        "\"attachments\":[]},{\"documentId\":\"E\",\"index\":\"2\",\"texts\":[],\"attachments\":[{"
        "\"attachmentId\":\"file-1\",\"fileName\":\"a/b\",\"contentType\":\"x\",\"size\":3,\"digest\":"
        "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"}]}]}");
    AUTO_BUF out = BUF(4096);
    struct error e = {0};
    struct letter_sample sample;
    letter_sample(&sample);
    CHECK_OK(letter_write(&sample.letter, &out, &e), e);
    CHECK_STR(buf_str(&out), json);
}

TEST(participants_have_one_of_three_forms)
{
    static const struct {
        struct str id;
        bool ok;
    } rows[] = {
        {STR_INIT("0203:kommun.example"), true},
        {STR_INIT("0007:2120000142"), true},
        {STR_INIT("0088:7300010000001"), true},
        {STR_INIT("0203:"), false},
        {STR_INIT("0203:-a"), false},
        {STR_INIT("0203:a."), false},
        {STR_INIT("0203:a b"), false},
        {STR_INIT("0088:730001000000"), false},
        {STR_INIT("0007:21200001x2"), false},
        {STR_INIT(""), false},
        {STR_INIT("9999:1"), false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_ROW(rows[i].id.at, letter_participant_is_sane(rows[i].id) == rows[i].ok);
}

CHECK_MAIN
