/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* accesspoint-receive: AS4 from other access points over mutual TLS. It holds its TLS key and
 * nothing else: no database, no message keys, no XML (design.md 2). */
#include "accesspoint/receive/receive.h"
#include "accesspoint/settings.h"
#include "runtime/loop/program.h"

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "accesspoint-receive",
        .about = "takes AS4 messages from other access points and hands them to accesspoint-work",
        .sections = accesspoint_sections,
        .open = receive_open,
        .sandbox = receive_sandbox,
        .start = receive_start,
        .fixed = receive_fixed,
        .reload = receive_reload,
        .drain = receive_drain,
        .close = receive_close,
    };
    return program_run(argc, argv, &program);
}
