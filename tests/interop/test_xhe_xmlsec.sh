#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# xmlsec1's command line verifies our envelope's signature and decrypts our payload.
set -u
build=${top_builddir:?}
world=${POSTHORN_WORLD:?}/open-test
make_xhe=$build/tests/interop/make_xhe
command -v xmlsec1 >/dev/null || {
    echo "SKIP: no xmlsec1 (package xmlsec1)"
    exit 77
}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
fail() {
    echo "FAIL: $*"
    exit 1
}

printf '<p:payload xmlns:p="urn:p"><p:a b="c">text &amp; more</p:a></p:payload>' >"$work/payload.xml"
"$make_xhe" "$world/kommun/o2o.key" "$world/kommun/o2o.pem" - "$work/payload.xml" >"$work/clear.xml" ||
    fail "cannot make the clear envelope"
"$make_xhe" "$world/kommun/o2o.key" "$world/kommun/o2o.pem" "$world/myndighet/o2o.pem" "$work/payload.xml" \
    >"$work/sealed.xml" || fail "cannot make the sealed envelope"

verify() {
    xmlsec1 --verify --enabled-key-data x509,rsa --trusted-pem "$world/ca/o2o-root.pem" \
        --untrusted-pem "$world/ca/o2o-issuing.pem" --verification-time "2026-06-01 00:00:00" "$1" >"$work/log" 2>&1
}
for kind in clear sealed; do
    verify "$work/$kind.xml" || fail "xmlsec1 does not verify the $kind envelope: $(cat "$work/log")"
    sed 's/0203:kommun.example/0203:kommun.exampel/' "$work/$kind.xml" >"$work/changed.xml"
    verify "$work/changed.xml" && fail "xmlsec1 verifies a changed $kind envelope"
done

xmlsec1 --decrypt --privkey-pem "$world/myndighet/o2o.key" --output "$work/open.xml" "$work/sealed.xml" >"$work/log" 2>&1 ||
    fail "xmlsec1 does not decrypt: $(cat "$work/log")"
grep -qF "$(cat "$work/payload.xml")" "$work/open.xml" || fail "the payload is not what went in"
xmlsec1 --decrypt --privkey-pem "$world/kommun/o2o.key" --output "$work/wrong.xml" "$work/sealed.xml" >"$work/log" 2>&1 &&
    fail "xmlsec1 decrypts with another key"
"$build/bin/posthorn" xhe validate "$work/clear.xml" "$work/sealed.xml" >"$work/log" || fail "$(cat "$work/log")"
exit 0
