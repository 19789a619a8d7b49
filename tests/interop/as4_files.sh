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

# The other way: phase4's messages before our checker, in its styles, whole and tampered with.
for sign in BST PKIPATH SKI ISSUER_SERIAL; do
    for key in BST SKI ISSUER_SERIAL; do
        printf '{"build":true,"signToken":"%s","encToken":"%s"}\n' "$sign" "$key"
    done
done >"$work/requests"
for tamper in payload plaintext header signature digest; do
    printf '{"build":true,"tamper":"%s"}\n' "$tamper"
done >>"$work/requests"
printf '%s\n' '{"build":true,"ping":true}' '{"build":true,"encrypt":false}' '{"build":true,"sign":false}' \
    '{"build":true,"keyTransport":"RSA_OAEP"}' '{"build":true,"signAlgorithm":"RSA_SHA_512"}' \
    >>"$work/requests"
cat >"$work/defaults.json" <<JSON
{"keystore":"$keys/c2-rsa.p12","truststore":"$work/trust.pem","receiverCert":"$keys/c3-rsa.pem",
 "fromParty":"c2","fromPartyType":"t","toParty":"c3","toPartyType":"t","service":"s","serviceType":"t",
 "action":"a","originalSender":"0203:a","originalSenderType":"x","finalRecipient":"0203:b",
 "finalRecipientType":"x","payloads":[{"text":"<a>b</a>","mime":"application/xml","charset":"UTF-8"},
 {"text":"plain\\n","mime":"text/plain"}]}
JSON
"$phase4" send --defaults "$work/defaults.json" --url http://127.0.0.1:9/as4 --dump "$work/made" \
    <"$work/requests" >"$work/results" 2>>"$work/phase4.err"
number=0
for wanted in accept accept accept accept accept accept accept accept accept accept accept accept \
    EBMS:0102 EBMS:0101 EBMS:0101 EBMS:0101 EBMS:0101 accept EBMS:0103 EBMS:0103 EBMS:0103 \
    EBMS:0103; do
    number=$((number + 1))
    file=$(printf '%s/made/%06d-request.http' "$work" "$number")
    "$posthorn" as4 verify --key "$keys/c3-rsa.p12" --password test --trust "$keys/ca.pem" \
        --partner "$keys/c2-rsa.pem" "$file" >"$work/out" 2>&1
    grep -q "$wanted" "$work/out"
    check "phase4's message $number ($(sed -n "${number}p" "$work/requests")): $wanted" $? "$work/out"
done

# Our receipts for messages of real gateways repeat their digests as their own stack reads them.
for name in harmony-bst harmony-ski holodeck-bst holodeck-ski; do
    file=$shared/data/as4-samples/gateway-made/$name.as4
    key=c3-rsa
    partner=c2-rsa
    case $name in harmony*) key=c2-rsa partner=c3-rsa ;; esac
    "$make" receipt "$keys/$key.p12" "$keys/ca.pem" bst "$file" "$keys/$partner.pem" \
        >"$work/receipt.as4"
    check "make receipt for $name" $?
    cxf_check "receipt for $name" "$work/receipt.as4" "$partner" "$key" bst --request "$file"
    grep -q '"digests_ok":true' "$work/out"
    check "cxf: digests of the receipt for $name" $? "$work/out"
done

echo "as4_files: $passed passed, $failed failed"
[ "$failed" = 0 ]
