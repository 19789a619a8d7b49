/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* make_xhe KEY CERT RECIPIENT|- FILE [ID FROM TO [receipt]] - an envelope around FILE to standard
 * output, for foreign judges and as what a foreign access point carries to us. FILE is canonical XML,
 * KEY and CERT the signer's, RECIPIENT whom it is encrypted to; FROM and TO are participants. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "accesspoint/xhe/envelope.h"
#include "runtime/base/clock.h"
#include "runtime/base/sys.h"

#define MESSAGE "urn:riv:infrastructure:messaging:MessageWithAttachments:3"
#define RECEIPT "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"

struct addresses {
    const char *id, *from, *to;
    bool is_receipt;
};

static void set_documents(struct xhe *x, bool is_receipt)
{
    x->document = STR(MESSAGE "::messagePayload##3.0::tm-base-ext-sigenc");
    x->document_type = STR("Q{" MESSAGE "}messagePayload");
    if (!is_receipt)
        return;
    x->document = STR(RECEIPT "::ApplicationResponse##fdc:digg.se:edelivery:messagetype:response:1"
                              "::2.1::tm-base-ext-sigenc");
    x->document_type = STR("Q{" RECEIPT "}ApplicationResponse");
}

static bool make(char **argv, const struct addresses *a, struct error *e)
{
    char service[300];
    AUTO_KEY struct key *key = NULL;
    AUTO_CERT_LIST signer = {0};
    AUTO_CERT_LIST recipient = {0};
    AUTO_XHE_OUT out = NULL;
    AUTO_FD int fd = open(argv[4], O_RDONLY | O_CLOEXEC);
    bool encrypted = !str_is(str_of(argv[3]), "-");
    struct sink_file sink;
    uint64_t size;
    /* a receipt repeats the address that the message went to */
    snprintf(service, sizeof(service), "sdk:inkorg:%s", a->is_receipt ? a->from : a->to);
    sink_file_init(&sink, STDOUT_FILENO, UINT64_MAX);
    if (!key_read(argv[1], NULL, &key, NULL, e) || !cert_list_read_pem(&signer, argv[2], e) ||
        (encrypted && !cert_list_read_pem(&recipient, argv[3], e)) || !sys_file_size(fd, &size, e))
        return false;
    struct xhe_out_config config = {key, signer.at[0], encrypted ? recipient.at[0] : NULL};
    struct xhe x = {
        .id = str_of(a->id),
        .created_ms = clock_now_ms(),
        .document_scheme = STR("busdox-docid-qns"),
        .process = STR("bdx:noprocess"),
        .process_scheme = STR("urn:fdc:digg.se:edelivery:process"),
        .federation = STR("urn:fdc:digg.se:edelivery:federation:test"),
        .from = str_of(a->from),
        .to = str_of(a->to),
        .content_type = STR("application/xml"),
        .handling_service = str_of(service),
    };
    set_documents(&x, a->is_receipt);
    return xhe_out_new(&config, &x, &sink.sink, &out, e) &&
           sink_from_file(xhe_out_payload(out), fd, 0, size, e) &&
           sink_finish(xhe_out_payload(out), e);
}

int main(int argc, char **argv)
{
    struct addresses usual = {"3a94b4ed-a6d7-41e2-945d-b3fa91e8a6e9", "0203:kommun.example",
                              "0203:myndighet.example", false};
    struct error e = {0};
    if (argc != 5 && argc != 8 && argc != 9) {
        fprintf(stderr, "make_xhe: KEY CERT RECIPIENT|- FILE [ID FROM TO [receipt]]\n");
        return 2;
    }
    if (argc >= 8)
        usual = (struct addresses){argv[5], argv[6], argv[7], argc == 9};
    if (make(argv, &usual, &e))
        return 0;
    fprintf(stderr, "make_xhe: %s\n", e.text);
    return 2;
}
