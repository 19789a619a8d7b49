/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* opening.h - one inbound envelope being opened: what stage_open.c, message_in.c and receipt_in.c share. */
#pragma once

#include "accesspoint/receipt/receipt.h"
#include "accesspoint/work/directory.h"
#include "accesspoint/work/stage.h"
#include "accesspoint/work/temp.h"
#include "accesspoint/xhe/seal.h"

struct opening {
    struct stage_run *run;
    struct directory_entry *entry;
    struct temp envelope_octets, payload_octets; /* what the documents stand on */
    struct xml_doc *envelope, *payload;
    struct xhe xhe;
    struct cert *signer;
};
void opening_release(struct opening *o);
/* Decrypts (only after the signature held) and parses. DENY without a receipt code where it cannot. */
MUST_USE bool opening_payload(struct opening *o, struct error *e);

/* The rest of the order of spec/sdk.md 5.4; denied: why the signature does not hold, NULL when it does.
 * Both hand the outcome in. */
MUST_USE bool open_message(struct opening *o, const struct error *denied, struct error *e);
MUST_USE bool open_receipt(struct opening *o, const struct error *denied, struct error *e);
