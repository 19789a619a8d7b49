/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "accesspoint/as4/envelope.h"
#include "accesspoint/as4/names.h"
#include "tests/check.h"

#define ENV(header, body)                                                             \
    "<s:Envelope xmlns:s=\"" NS_SOAP12 "\" xmlns:eb=\"" NS_EB "\" xmlns:w=\"" NS_WSSE \
    "\" xmlns:u=\"" NS_WSU "\"><s:Header>" header "</s:Header>" body "</s:Envelope>"
#define BODY "<s:Body/>"

TEST(the_blocks_stand_where_soap_wants_them_and_once)
{
    static const struct {
        const char *row;
        struct str text;
        const char *code; /* NULL: taken */
    } rows[] = {
        {"usual", STR_INIT(ENV("<eb:Messaging/><w:Security/>", BODY)), NULL},
        {"no security", STR_INIT(ENV("<eb:Messaging/>", BODY)), NULL},
        {"a BOM", STR_INIT("\xef\xbb\xbf" ENV("<eb:Messaging/>", BODY)), NULL},
        {"foreign block", STR_INIT(ENV("<x xmlns=\"u\"/><eb:Messaging/>", BODY)), NULL},
        {"foreign block that need not be understood",
         STR_INIT(ENV("<x xmlns=\"u\" s:mustUnderstand=\"0\"/><eb:Messaging/>", BODY)), NULL},
        {"foreign block that must be understood",
         STR_INIT(ENV("<x xmlns=\"u\" s:mustUnderstand=\"true\"/><eb:Messaging/>", BODY)),
         "EBMS:0008"},
        {"no Messaging", STR_INIT(ENV("", BODY)), "EBMS:0009"},
        {"two Messaging", STR_INIT(ENV("<eb:Messaging/><eb:Messaging/>", BODY)), "EBMS:0009"},
        {"two Body", STR_INIT(ENV("<eb:Messaging/>", BODY BODY)), "EBMS:0009"},
        {"no Body", STR_INIT(ENV("<eb:Messaging/>", "")), "EBMS:0009"},
        {"two Security", STR_INIT(ENV("<eb:Messaging/><w:Security/><w:Security/>", BODY)),
         "EBMS:0103"},
        {"an id twice", STR_INIT(ENV("<eb:Messaging u:Id=\"a\"/><w:Security Id=\"a\"/>", BODY)),
         "EBMS:0103"},
        {"SOAP 1.1", STR_INIT("<s:Envelope xmlns:s=\"" NS_SOAP11 "\"><s:Header/></s:Envelope>"),
         "EBMS:0009"},
        {"something else", STR_INIT("<a/>"), "EBMS:0009"},
        {"not XML", STR_INIT("hello"), "EBMS:0009"},
        {"empty", STR_INIT(""), "EBMS:0009"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        AUTO_AS4_ENVELOPE v = {0};
        bool ok = as4_envelope_read(rows[i].text, &a, &v, &e);
        CHECK_ROW(rows[i].row, ok == (rows[i].code == NULL));
        CHECK_ROW(rows[i].row, ok ? v.messaging != NULL : strcmp(e.code, rows[i].code) == 0);
    }
}

TEST(what_is_in_the_body_is_told)
{
    static const struct {
        struct str text;
        bool is_empty, has_fault;
    } rows[] = {
        {STR_INIT(ENV("<eb:Messaging/>", "<s:Body/>")), true, false},
        {STR_INIT(ENV("<eb:Messaging/>", "<s:Body>\n <!-- x --></s:Body>")), true, false},
        {STR_INIT(ENV("<eb:Messaging/>", "<s:Body>x</s:Body>")), false, false},
        {STR_INIT(ENV("<eb:Messaging/>", "<s:Body><a/></s:Body>")), false, false},
        {STR_INIT(ENV("<eb:Messaging/>", "<s:Body><s:Fault/></s:Body>")), false, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error e = {0};
        AUTO_ARENA a = {0};
        AUTO_AS4_ENVELOPE v = {0};
        CHECK_OK(as4_envelope_read(rows[i].text, &a, &v, &e), e);
        CHECK_ROW(rows[i].text.at, v.body_is_empty == rows[i].is_empty);
        CHECK_ROW(rows[i].text.at, v.has_fault == rows[i].has_fault);
    }
}

CHECK_MAIN
