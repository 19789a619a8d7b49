#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
#
# test_replay.sh - every input of the corpus goes through its target once more.
set -u
played=0
for target in "$top_builddir"/tests/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    name=$(basename "$target")
    corpus=$top_srcdir/tests/fuzz/corpus/$name
    if [ -z "$(ls "$corpus" 2>/dev/null)" ]; then
        echo "FAIL: $corpus holds no input for $name"
        exit 1
    fi
    "$target" "$corpus"/* >replay-"$name".log 2>&1 || {
        echo "FAIL: $name"
        tail -n 40 replay-"$name".log
        exit 1
    }
    rm -f replay-"$name".log
    played=$((played + 1))
done
[ "$played" -gt 0 ] || {
    echo "FAIL: no fuzz target is built"
    exit 1
}
echo "$played targets"
