/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
/* accesspoint-send: all that goes out. It holds its TLS client key: no database, no message keys, no XML
 * (docs/decisions/0003 and 0008). */
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
        .fixed = send_fixed,
        .reload = send_reload,
        .drain = send_drain,
        .close = send_close,
    };
    return program_run(argc, argv, &program);
}
