/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* redact.h - what libxml2 says of a fault, without the values it quotes: they may be personal.
 * Inside of runtime/xml only. */
#pragma once

#include "runtime/base/arena.h"

/* In: "Element '{urn:x}a': 'Anna' is not a valid value of the atomic type 'xs:int'."
 * Out: "Element 'a': the value is not a valid value of the atomic type 'xs:int'." */
struct str redact_schema_message(struct str message, struct arena *a);
