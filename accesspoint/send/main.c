/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* accesspoint-send: all that goes out. It holds its TLS client key and the database, whose payloads it
 * cannot open: no storage key, no message keys, no XML (design.md 2, docs/decisions/0003). */
#include "accesspoint/send/send.h"
#include "accesspoint/settings.h"

int main(int argc, char **argv)
{
    static const struct program program = {
        .name = "accesspoint-send",
        .about = "asks the directory and hands sealed messages to other access points",
        .sections = accesspoint_sections,
        .open = send_open,
        .sandbox = send_sandbox,
        .start = send_start,
        .drain = send_drain,
        .close = send_close,
    };
    return program_run(argc, argv, &program);
}
