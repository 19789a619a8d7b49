/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* target: as4_receive of a bare SOAP envelope (accesspoint/as4): tree, header, security, signature.
 * No trust is asked, so a good signature of anybody goes all the way. */
#include <stdlib.h>

#include "accesspoint/as4/in.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct error e = {0};
    struct as4_pmode mode = as4_pmode_any();
    const struct as4_in_config config = {.modes = &mode, .mode_count = 1, .temp_dir = "/tmp"};
    const struct as4_octets body = {.memory = str_bytes(data, size)};
    AUTO_AS4_RECEIVED r = {0};
    xml_setup();
    if (size == 0)
        return 0;
    bool taken = as4_receive(&config, STR("application/soap+xml"), &body, &r, &e);
    if (!taken && (e.kind == ERROR_BUG || (e.kind != ERROR_RETRY && e.code == NULL)))
        abort(); /* a refusal has its code */
    if (taken && as4_messaging_id(&r.messaging).len == 0)
        abort();
    if (taken && r.messaging.kind == AS4_USER_MESSAGE && r.signer == NULL)
        abort(); /* nobody signed it */
    return 0;
}
