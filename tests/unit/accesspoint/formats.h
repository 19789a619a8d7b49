/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* formats.h - what the tests of messages, envelopes, receipts and SMP metadata share: a federation,
 * keys of the test world, files. */
#pragma once

#include <fcntl.h>
#include <stdlib.h>

#include "accesspoint/sdk/federation.h"
#include "accesspoint/sdk/message.h"
#include "runtime/base/arena.h"
#include "runtime/base/sys.h"
#include "runtime/crypto/key.h"
#include "runtime/xml/c14n.h"
#include "runtime/xml/doc.h"
#include "tests/check.h"

#define UNUSED __attribute__((unused))

static struct str formats_profiles[] = {STR_INIT("digg-transport-as4-v1_2"),
                                        STR_INIT("digg-transport-as4-v1_0")};

UNUSED static struct federation formats_federation(void)
{
    return (struct federation){
        .id = STR("urn:fdc:digg.se:edelivery:federation:test"),
        .participant_scheme = STR("iso6523-actorid-upis"),
        .process = STR("bdx:noprocess"),
        .process_scheme = STR("urn:fdc:digg.se:edelivery:process"),
        .document_scheme = STR("busdox-docid-qns"),
        .message_document = STR("urn:riv:infrastructure:messaging:MessageWithAttachments:3::"
                                "messagePayload##3.0::tm-base-ext-sigenc"),
        .receipt_document = STR("urn:example:receipt::ApplicationResponse##1"),
        .message_type =
            STR("Q{urn:riv:infrastructure:messaging:MessageWithAttachments:3}messagePayload"),
        .receipt_type = STR("Q{urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2}"
                            "ApplicationResponse"),
        .transport_profiles = {formats_profiles, 2},
        .certpub_extension = STR("urn:fdc:digg.se:edelivery:xml-extension:smp-certpub:1.0"),
        .certpub_signing = STR("urn:fdc:digg.se:edelivery:certpub:signing-cert"),
        .certpub_encryption = STR("urn:fdc:digg.se:edelivery:certpub:encryption-cert"),
        .send_octets = 22000000,
        .message_octets = 42000000,
        .content_octets = 31457280,
    };
}

UNUSED static const char *formats_path(struct arena *a, const char *variable, const char *rest)
{
    const char *base = getenv(variable);
    return arena_text(a, arena_format(a, "%s/%s", base == NULL ? "." : base, rest));
}

struct formats_pair {
    struct key *key;
    struct cert_list certs; /* the leaf first */
};

UNUSED static void formats_pair_release(struct formats_pair *p)
{
    key_free(p->key);
    cert_list_release(&p->certs);
}
#define AUTO_PAIR __attribute__((cleanup(formats_pair_release))) struct formats_pair

/* name: "open-test/kommun/o2o" */
UNUSED static struct formats_pair formats_pair(const char *name)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    struct formats_pair p = {0};
    const char *base = formats_path(&a, "POSTHORN_WORLD", name);
    CHECK_OK(key_read(arena_text(&a, arena_format(&a, "%s.key", base)), NULL, &p.key, NULL, &e), e);
    CHECK_OK(cert_list_read_pem(&p.certs, arena_text(&a, arena_format(&a, "%s.pem", base)), &e), e);
    return p;
}

/* A file of POSTHORN_SHARED; false where it is not there (the test is skipped then). */
UNUSED static bool formats_shared(const char *name, struct buf *out)
{
    struct error e = {0};
    AUTO_ARENA a = {0};
    AUTO_FD int fd = open(formats_path(&a, "POSTHORN_SHARED", name), O_RDONLY | O_CLOEXEC);
    struct sink_buf sink;
    uint64_t size;
    sink_buf_init(&sink, out);
    return fd >= 0 && sys_file_size(fd, &size, &e) && sink_from_file(&sink.sink, fd, 0, size, &e);
}

/* A small message with a text and a file of memory. */
struct formats_message {
    struct sdk_file files[2];
    struct sdk_text texts[1];
    struct sdk_document documents[1];
    struct sdk_person persons[1];
    struct sdk_reference references[1];
    struct sdk_message message;
};

UNUSED static void formats_message_init(struct formats_message *m)
{
    static const struct str scheme = STR_INIT("iso6523-actorid-upis");
    static const struct str root = STR_INIT("urn:riv:infrastructure:messaging:functionalAddress");
    *m = (struct formats_message){0};
    m->files[0] = (struct sdk_file){.name = STR("a<b>&\"c\".pdf"),
                                    .type = STR("application/pdf"),
                                    .content = {.memory = STR("%PDF-1.7 four"), .fd = -1}};
    m->texts[0].content =
        (struct sdk_content){.memory = STR("Hej & <v\xc3\xa4lkommen>\r\n\tx"), .fd = -1};
    m->documents[0] =
        (struct sdk_document){STR("SDK-Meddelande"), STR_NONE, STR_NONE, m->files, 1, m->texts, 1};
    m->persons[0] =
        (struct sdk_person){{STR("1.2.752.129.2.1.3.1"), STR("191212121212")}, STR("Tolvan")};
    m->references[0] = (struct sdk_reference){{STR("dnr"), STR("2026-1")}, STR_NONE};
    struct sdk_attention to = {
        m->persons, 1, {root, STR("sdk:inkorg:0203:b.example")}, STR("Inkorg"), m->references, 1};
    struct sdk_attention from = {.organization = {root, STR("sdk:inkorg:0203:a.example")}};
    m->message = (struct sdk_message){
        .created_ms = INT64_C(1769853600123),
        .id = STR("3a94b4ed-a6d7-41e2-945d-b3fa91e8a6e9"),
        .conversation = STR("3a94b4ed-a6d7-41e2-945d-b3fa91e8a6e9"),
        .label = STR("\xc3\x84rende"),
        .confidential = true,
        .generating_system = {STR("posthorn"), STR("0.1.0")},
        .recipient = {{scheme, STR("0203:b.example")}, STR("B"), true, to},
        .sender = {{scheme, STR("0203:a.example")}, STR_NONE, true, from},
        .documents = m->documents,
        .document_count = 1,
    };
}
