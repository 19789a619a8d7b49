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
: >"$scratch/runtime/log/b.h"
out=$(cd "$scratch" && top_srcdir=. tools/check-source 2>&1 || true)
for want in 'a layer above' 'banned call' 'no goto' 'sql_sqlite' 'no tests/unit/runtime/base/test_a.c'; do
    case $out in
    *"$want"*) ;;
    *)
        echo "check-source missed: $want"
        exit 1
        ;;
    esac
done
