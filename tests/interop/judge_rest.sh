#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# What foreign tools say of the API: Spectral with the rules of the national REST profile, openapi-spec-validator and
# schemathesis, against the document and a running accesspoint-api.
# POSTHORN_JUDGE_SECONDS bounds the fuzzer (180; it needs 20 on an idle machine).
set -u
top=$(cd "${top_srcdir:-.}" && pwd) build=$(cd "${top_builddir:-build}" && pwd)
judge=${POSTHORN_SHARED:-$top/../shared}/tools/judge-rest/judge-rest
[ -x "$judge" ] || {
    echo "skipped: $judge is not there"
    exit 77
}
world=${POSTHORN_WORLD:-$build/test-world}
export POSTHORN_SCHEMA_DIR=$top/schemas
"$top/certs/make-world" "$world" >/dev/null || exit 1
world=$(cd "$world" && pwd)
document=$top/schemas/openapi/accesspoint.yaml
"$top/tools/openapi-json" --check "$document"
[ $? != 1 ] || exit 1
scratch=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || { kill "$pid"; wait "$pid"; }; rm -rf "$scratch"' EXIT
dir=$scratch/kommun
sh "$top/packaging/demo/make-organisation" "$dir" "$world" kommun AP0001-OPEN-TEST https://127.0.0.1:1/ || exit 1
seed() { "$build/tests/flow/api_seed" "$dir/store" "$dir/storage.key" "$@"; }
seed migrate || exit 1
for _ in 1 2 3; do
    seed inbox sdk:inkorg:0203:kommun.example "$document" >/dev/null || exit 1
done
"$build/accesspoint-api" --config "$dir/posthorn.conf" --ready-fd 5 5>"$dir/ready" 2>"$dir/log" &
pid=$!
for _ in $(seq 200); do
    [ -s "$dir/ready" ] && break
    sleep 0.05
done
read -r _ listen _ <"$dir/ready" || {
    cat "$dir/log"
    exit 1
}
"$judge" "$document" --base "https://$listen/meddelanden/v1" --token-file "$dir/token" --ca "$world/open-test/trust/tls.pem" \
    --deviations "$top/schemas/openapi/deviations.txt" --strict --seconds "${POSTHORN_JUDGE_SECONDS:-180}" >"$scratch/out" 2>&1
status=$?
[ "$status" != 77 ] || {
    echo "skipped: $(tail -n 1 "$scratch/out")"
    exit 77
}
cut -c 1-600 "$scratch/out"
if grep '"level":"error"' "$dir/log"; then
    echo 'the log has errors'
    exit 1
fi
exit "$status"
