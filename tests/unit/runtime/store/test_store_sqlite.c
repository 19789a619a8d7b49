/* SPDX-FileCopyrightText: 2026 The Posthorn developers
 * SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/runtime/store/world.h"

int main(void)
{
    static const struct world_engine sqlite = {.is_postgres = false};
    int failed = suite_messages(&sqlite) + suite_payloads(&sqlite) + suite_crashes(&sqlite);
    return failed == 0 ? 0 : 1;
}
