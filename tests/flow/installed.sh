#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# make installcheck: what was installed works from there. Programs, schemas and profiles are found, and
# one message goes the whole way.
# usage: installed.sh BINDIR DATADIR LIBEXECDIR [DESTDIR]     (with top_srcdir and top_builddir in the environment)
# With a DESTDIR the environment says where to look; without, what was compiled in has to do.
set -eu
posthorn=${4:-}$1/posthorn
unset POSTHORN_SCHEMA_DIR POSTHORN_PROGRAMS
[ -z "${4:-}" ] || export POSTHORN_SCHEMA_DIR="$4$2/schemas" POSTHORN_PROGRAMS="$4$3"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$posthorn" init "$scratch/new" >"$scratch/out"
profile=$(sed -n 's/^profile = //p' "$scratch/new/posthorn.conf")
[ -f "$profile" ] || {
    echo "posthorn init named the profile '$profile', which is not installed"
    exit 1
}
good=$top_srcdir/tests/fuzz/corpus/fuzz_sdk_message/good
"$posthorn" sdk validate --json "$good" >"$scratch/verdict"
grep -q '"verdict":"accept"' "$scratch/verdict" || {
    cat "$scratch/verdict"
    exit 1
}
for tool in bash curl jq openssl; do
    command -v $tool >/dev/null || {
        echo "no message is sent: $tool is not installed"
        exit 0
    }
done
POSTHORN_INSTALLED=$posthorn "$top_srcdir/packaging/demo/run-demo" "$top_builddir" "$scratch/demo" --once \
    >"$scratch/out" 2>&1 || {
    cat "$scratch/out"
    exit 1
}
grep -q ' ms  message receipt' "$scratch/out"
