#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# The tree keeps its own rules, and check-source would notice if it did not.
set -eu
cd "${top_srcdir:-.}"
tools/check-source --headers
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/runtime/base" "$scratch/runtime/log" "$scratch/tools"
cp tools/check-source "$scratch/tools/"
printf '#include "runtime/log/b.h"\nvoid a(void){ strcpy(0, 0); goto out; }\n' >"$scratch/runtime/base/a.c"
printf '#include <sqlite3.h>\nvoid b(void){ free(0); }\n' >"$scratch/runtime/log/b.c"
printf 'void c(char *at)\n{\n    sprintf(at, "x");\n    system(at);\n    free(at);\n}\n' >"$scratch/runtime/base/c.c"
: >"$scratch/runtime/log/b.h"
out=$(cd "$scratch" && top_srcdir=. tools/check-source 2>&1 || true)
for want in 'a layer above' 'runtime/log/b.c:2:.*banned call' 'runtime/base/c.c:3:.*banned call' 'runtime/base/c.c:4:.*banned call' 'no goto' 'sql_sqlite' 'no tests/unit/runtime/base/test_a.c'; do
    printf '%s\n' "$out" | grep -q -e "$want" || {
        echo "check-source missed: $want"
        exit 1
    }
done
case $out in
*runtime/base/c.c:5:*)
    echo 'check-source: runtime/base may free'
    exit 1
    ;;
esac
