/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* accesspoint-api: the city's systems send and read messages here, over REST and TLS. It holds the
 * store and its storage key; no message keys, no outbound network, no XML of strangers (design.md 2). */
#include "accesspoint/api/api.h"

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "accesspoint-api",
        .about = "takes messages from the city's systems and lets them read their inboxes",
        .sections = accesspoint_sections,
        .open = api_open,
        .sandbox = api_sandbox,
        .start = api_start,
        .fixed = api_fixed,
        .reload = api_reload,
        .drain = api_drain,
        .close = api_close,
    };
    return program_run(argc, argv, &program);
}
