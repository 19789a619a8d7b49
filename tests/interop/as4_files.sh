#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
#
# as4_files.sh - files of ours before foreign judges: messages in four token styles with 0, 1 and 3
# payloads, receipts, an error and a pull request go to the Domibus-strict CXF peer; the messages
# also to a phase4 receiver, whose receipts are then judged by "posthorn as4 verify".
# usage: tests/interop/as4_files.sh   (POSTHORN_SHARED and top_builddir in the environment)
set -u
build=${top_builddir:-.}
shared=${POSTHORN_SHARED:-../shared}
posthorn=$build/bin/posthorn
make=$build/tests/interop/as4_make
cxf=$shared/tools/cxf-peer/cxf-peer
phase4=$shared/tools/phase4-peer/phase4-peer
keys=$shared/data/as4-samples/wss4j-made/keys
[ -x "$cxf" ] && [ -x "$phase4" ] && [ -d "$keys" ] ||
    { echo "as4_files: the foreign peers are not at $shared/tools"; exit 77; }
"$phase4" build >/dev/null 2>&1
[ $? = 77 ] && { echo "as4_files: phase4 cannot be built here (Java, Maven or its registry)"; exit 77; }
work=$(mktemp -d) || exit 1
receiver=
trap '[ -n "$receiver" ] && kill "$receiver" 2>/dev/null; rm -rf "$work"' EXIT
passed=0
failed=0

check() { # NAME STATUS [FILE-TO-SHOW]
    if [ "$2" = 0 ]; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    echo "FAIL $1: $(cut -c1-600 "${3:-/dev/null}")"
}

cxf_check() { # NAME FILE KEY PARTNER POLICY [OPTION...]
    name=$1
    file=$2
    key=$3
    partner=$4
    policy=$5
    shift 5
    "$cxf" check "$file" --keys "$keys/$key.p12" --trust "$keys/ca.pem" \
        --trust "$keys/$partner.pem" --policy "$policy" "$@" >"$work/out" 2>&1
    status=$?
    [ "$status" = 77 ] && { echo "as4_files: CXF cannot be built here"; exit 77; }
    check "cxf: $name" "$status" "$work/out"
}

for style in bst pkipath ski issuerserial; do
    for count in 0 1 3; do
        file=$work/$style-$count.as4
        "$make" message "$keys/c2-rsa.p12" "$keys/ca.pem" "$style" "$keys/c3-rsa.pem" "$style" \
            "$count" >"$file"
        check "make $style $count" $?
        cxf_check "$style with $count payloads" "$file" c3-rsa c2-rsa "$style"
    done
    "$make" receipt "$keys/c3-rsa.p12" "$keys/ca.pem" "$style" "$work/$style-3.as4" \
        "$keys/c2-rsa.pem" >"$work/receipt.as4"
    check "make receipt $style" $?
    cxf_check "receipt $style" "$work/receipt.as4" c2-rsa c3-rsa "$style" \
        --request "$work/$style-3.as4"
    grep -q '"digests_ok":true' "$work/out"
    check "cxf: digests of receipt $style" $? "$work/out"
done
"$make" error "$keys/c3-rsa.p12" "$keys/ca.pem" bst m-1@as4-make.test >"$work/error.as4"
cxf_check error "$work/error.as4" c2-rsa c3-rsa bst --status 500
grep -q '"errorCode":"EBMS:0102"' "$work/out"
check "cxf: code of the error" $? "$work/out"
"$make" pull "$keys/c3-rsa.p12" "$keys/ca.pem" bst >"$work/pull.as4"
cxf_check "pull request" "$work/pull.as4" c2-rsa c3-rsa bst

# phase4: one receiver, all files posted as they are.
cat "$keys/ca.pem" "$keys/c2-rsa.pem" "$keys/c3-rsa.pem" >"$work/trust.pem"
mkfifo "$work/stdin"
"$phase4" receive --keystore "$keys/c3-rsa.p12" --truststore "$work/trust.pem" \
    --profile cef-two-corner --out "$work/in" --dump "$work/dump" <"$work/stdin" >"$work/events" 2>"$work/phase4.err" &
receiver=$!
exec 9>"$work/stdin"
tries=0
while ! grep -q '"ready":true' "$work/events" && [ $tries -lt 120 ]; do
    tries=$((tries + 1))
    sleep 0.5
done
url=$(sed -n 's/.*"ready":true,"url":"\([^"]*\)".*/\1/p' "$work/events")
for file in "$work"/*-[013].as4; do
    printf '{"replay":"%s"}\n' "$file"
done >"$work/requests"
"$phase4" send --url "$url" --keystore "$keys/c2-rsa.p12" --truststore "$work/trust.pem" \
    <"$work/requests" >"$work/results" 2>>"$work/phase4.err"
[ "$(grep -c '"outcome":"RECEIPT"' "$work/results")" = 12 ]
check "phase4: twelve receipts" $? "$work/results"
[ "$(grep -c '"event":"accepted"' "$work/events")" = 12 ]
check "phase4: twelve accepted" $? "$work/events"
for answer in "$work"/dump/*-response.http; do
    "$posthorn" as4 verify --key "$keys/c2-rsa.p12" --password test --trust "$keys/ca.pem" \
        --partner "$keys/c3-rsa.pem" "$answer" >"$work/out" 2>&1
    check "phase4's receipt" $? "$work/out"
    grep -q ': accept receipt' "$work/out"
    check "phase4's receipt is one" $? "$work/out"
done
exec 9>&-

echo "as4_files: $passed passed, $failed failed"
[ "$failed" = 0 ]
