/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* signal_read.h - what an eb:SignalMessage holds beside its MessageInfo: receipt, errors or a pull
 * request (spec/as4.md 3, 13). */
#pragma once

#include "accesspoint/as4/message.h"
#include "runtime/xml/doc.h"

MUST_USE bool as4_signal_read(const struct xml_node *signal, struct arena *a,
                              struct as4_signal *out, struct error *e);
