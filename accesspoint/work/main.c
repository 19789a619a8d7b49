/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* accesspoint-work: seals, verifies, opens. It holds the message keys and has no network: UNIX sockets from
 * accesspoint-receive and to accesspoint-send, and the store, are all it knows (design.md 2). */
#include "accesspoint/settings.h"
#include "accesspoint/work/work.h"

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "accesspoint-work",
        .about = "seals, verifies and opens messages; holds the keys and has no network",
        .sections = accesspoint_sections,
        .open = work_open,
        .sandbox = work_sandbox,
        .start = work_start,
        .fixed = work_fixed,
        .reload = work_reload,
        .drain = work_drain,
        .close = work_close,
    };
    return program_run(argc, argv, &program);
}
