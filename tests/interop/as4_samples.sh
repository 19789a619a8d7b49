#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
#
# as4_samples.sh - the verdict of "posthorn as4 verify" on messages of foreign implementations is
# that of their expected.tsv: WSS4J's, and those of real gateways. Payloads are compared octet by octet.
# usage: tests/interop/as4_samples.sh   (POSTHORN_SHARED and top_builddir in the environment)
set -u
posthorn=${top_builddir:-.}/bin/posthorn
samples=${POSTHORN_SHARED:-../shared}/data/as4-samples
[ -d "$samples" ] || { echo "as4_samples: no sample messages at $samples"; exit 77; }
keys=$samples/wss4j-made/keys
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

printf '[pmode open]\nencrypt = no\n' >"$work/open.ini"
printf '[pmode legacy]\nlegacy = rsa-oaep-mgf1p\n' >"$work/legacy.ini"
printf '[pmode mpc]\nmpc = urn:as4:sample:mpc\n' >"$work/mpc.ini"

ok() {
    passed=$((passed + 1))
}

bad() {
    failed=$((failed + 1))
    echo "FAIL $*"
}

# verify KEY FILE [OPTION...]: the text output is in $work/out
verify() {
    key=$1
    file=$2
    shift 2
    "$posthorn" as4 verify --key "$keys/$key.p12" --password test --trust "$keys/ca.pem" \
        --partner "$keys/c2-rsa.pem" --partner "$keys/c3-rsa.pem" \
        --time 2026-11-21T22:00:00Z "$@" "$file" >"$work/out" 2>"$work/err"
}

# says 'accept KIND' | 'refuse CODE' | other: the first line without the file name
verdict() {
    head -n 1 "$work/out" | sed 's/^.*: \(accept\|refuse\) \([^ ]*\).*/\1 \2/'
}

sums() {
    sed -n 's/^  .* sha256 //p' "$work/out" | tr '\n' ' '
}

is_one_of() { # CODE LIST,OF,CODES
    case ",$2," in *",$1,"*) return 0 ;; esac
    return 1
}

expect() { # NAME WANTED-VERDICT
    if [ "$(verdict)" = "$2" ]; then ok; else bad "$1: wanted '$2', got '$(cat "$work/out" "$work/err")'"; fi
}

expect_code() { # NAME CODES
    code=$(verdict)
    if [ "${code%% *}" = refuse ] && is_one_of "${code#* }" "$2"; then ok
    else bad "$1: wanted a refusal with $2, got '$(cat "$work/out" "$work/err")'"; fi
}

expect_plain() { # FILE: its payloads are the .plain files
    for plain in "${1%.as4}".*.plain; do
        [ -f "$plain" ] || continue
        sum=$(sha256sum "$plain" | cut -d' ' -f1)
        case " $(sums)" in
        *" $sum "*) ok ;;
        *) bad "$1: no payload is $plain" ;;
        esac
    done
}

wss4j() { # NAME VERDICT CODES
    file=$samples/wss4j-made/$1
    key=c3-rsa
    case $2 in valid-receipt | valid-error) key=c2-rsa ;; esac
    verify "$key" "$file"
    case $2 in
    accept) expect "$1" "accept user-message"; expect_plain "$file" ;;
    accept-not-delivered) expect "$1" "accept test" ;;
    accept-if-encryption-optional)
        expect_code "$1" "$3"
        verify "$key" "$file" --pmode "$work/open.ini"
        expect "$1 (encryption optional)" "accept user-message"
        expect_plain "$file"
        ;;
    valid-receipt) expect "$1" "accept receipt" ;;
    valid-error) expect "$1" "accept error" ;;
    valid-pullrequest) expect "$1" "accept pull-request" ;;
    either)
        case $(verdict) in accept*) ok; expect_plain "$file" ;; *) expect_code "$1" "$3" ;; esac
        ;;
    *) expect_code "$1" "$3" ;;
    esac
}

gateway() { # NAME VERDICT CODES KEY SUMS
    verify "$4" "$samples/gateway-made/$1"
    case $2 in
    accept)
        expect "$1" "accept user-message"
        if [ "$(sums)" = "$(echo "$5" | tr ',' ' ') " ]; then ok; else bad "$1: payloads $(sums)"; fi
        ;;
    valid-pullrequest) expect "$1" "accept pull-request" ;;
    *) expect_code "$1" "$3" ;;
    esac
}

tab=$(printf '\t')
while IFS="$tab" read -r name profile wanted codes _; do
    case $name in '#'* | '') continue ;; esac
    if [ "$profile" = edelivery-1.15 ]; then
        wss4j "$name" "$wanted" "$codes"
    else # eDelivery AS4 2.0 is not spoken yet: refused, and why is said
        verify c3-rsa "$samples/wss4j-made/$name"
        expect_code "$name" EBMS:0103
    fi
done <"$samples/wss4j-made/expected.tsv"
while IFS="$tab" read -r name _ wanted codes key payloads _; do
    case $name in '#'* | '') continue ;; esac
    gateway "$name" "$wanted" "$codes" "$key" "$payloads"
done <"$samples/gateway-made/expected.tsv"

# What a P-Mode allows, and only then.
verify c3-rsa "$samples/wss4j-made/n115-oaepmgf1p.as4" --pmode "$work/legacy.ini"
expect "n115-oaepmgf1p.as4 (allowed)" "accept user-message"
verify c3-rsa "$samples/wss4j-made/v115-bst.as4" --pmode "$work/mpc.ini"
expect_code "v115-bst.as4 (another channel)" EBMS:0001

# A pipe is a file; a folder, and what is not there, cannot be judged, and have their line of JSON.
cat "$samples/wss4j-made/v115-bst.as4" | verify c3-rsa /dev/stdin
expect "v115-bst.as4 (a pipe)" "accept user-message"
for file in /tmp /nowhere/x; do
    verify c3-rsa "$file" --json
    status=$?
    if [ $status = 2 ] && grep -q "{\"file\":\"$file\",\"verdict\":null,\"why\":\"" "$work/out"; then ok
    else bad "$file: status $status, $(cat "$work/out" "$work/err")"; fi
done

# phase4's files: README of the samples, section 2. Their certificates are expired and of other CAs.
phase4() { # NAME WANTED-VERDICT [CODES]
    verify c3-rsa "$samples/phase4/$1"
    if [ "$2" = refuse ]; then expect_code "$1" "$3"; else expect "$1" "$2"; fi
}
phase4 ErrorMessage.xml "accept error"
phase4 ErrorMessageNoRefToMessageID.xml "accept error"
phase4 ErrorMessageWithFault.xml "accept error"
phase4 WrongCompression.mime refuse EBMS:0303,EBMS:0003
phase4 WrongSigningAlgorithm.xml refuse EBMS:0103,EBMS:0101
phase4 WrongSigningDigestAlgorithm.xml refuse EBMS:0103,EBMS:0101
phase4 TwoUserMessages.xml refuse EBMS:0009,EBMS:0003,EBMS:0010
phase4 UserMessageNoPartyID.xml refuse EBMS:0009,EBMS:0003,EBMS:0010
phase4 NoResponder.xml refuse EBMS:0009,EBMS:0003,EBMS:0010
phase4 PullRequest12.xml refuse EBMS:0009
phase4 UserMessageWithCompressedPayload12.xml refuse EBMS:0009
phase4 TestReceipt11.xml refuse EBMS:0009
phase4 UserMessage12.xml refuse EBMS:0103
phase4 test-2023-03-15.xml refuse EBMS:0103
for name in TestReceipt12.xml helger.as4in governikus.as4in dataport1-mustunderstand.as4in; do
    phase4 "$name" refuse EBMS:0101
done

echo "as4_samples: $passed passed, $failed failed"
[ "$failed" = 0 ]
