#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# The demo shows everything it promises: each step, the same attachment, exit status 0.
set -eu
for tool in curl jq openssl; do
    command -v $tool >/dev/null || {
        echo "skipped: $tool is not installed"
        exit 77
    }
done
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ! "$top_srcdir/packaging/demo/run-demo" "$top_builddir" "$scratch/demo" --once >"$scratch/out" 2>&1; then
    cat "$scratch/out"
    tail -n 30 "$scratch"/demo/*.log
    exit 1
fi
cat "$scratch/out"
for step in accepted addressed sealed transferred 'transport receipt' 'message receipt' fetched; do
    grep -q " ms  $step" "$scratch/out" || {
        echo "the step '$step' was not shown"
        exit 1
    }
done
for command in "trace [0-9a-f-]* $scratch/demo/kommun" "inbox $scratch/demo/myndighet" "cat $scratch/demo/kommun/token"; do
    grep -q "$command" "$scratch/out" || {
        echo "the command '$command' was not printed"
        exit 1
    }
done
