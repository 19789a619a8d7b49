/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* service.h - which directory entry a message needs: one per message, by its kind.
 *   sdk-out      the recipient's message service: endpoint, encryption certificate
 *   ping-out     the same; its encryption certificate is not used
 *   receipt-out  the recipient's receipt service: endpoint
 *   sdk-in, receipt-in  the sender's receipt service: signing certificates (spec/sdk.md 6.3) */
#pragma once

#include "accesspoint/attributes.h"
#include "accesspoint/sdk/federation.h"
#include "accesspoint/smp/url.h"

/* BUG for a kind that needs none. */
MUST_USE bool service_of(const struct federation *f, struct str kind, const struct attributes *a,
                         struct smp_service *out, struct error *e);
/* Its address: the cache's key too. In the arena. */
MUST_USE bool service_url(const struct federation *f, struct str smp_url, struct str kind,
                          const struct attributes *a, struct arena *arena, struct str *url,
                          struct error *e);
