#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
#
# Proves of certs/make-world that the good certificates are good and that each bad one is bad for
# its own reason, judged by 'openssl verify'. Uses the test world of the build, which all tests
# share, and has it made when it is not there.
set -eu

top=$(cd "$(dirname "$0")/../../.." && pwd)
make_world=$top/certs/make-world
world=${POSTHORN_WORLD:-$PWD/test-world}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/test_make_world.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
said=$scratch/said # what the last command said
: >"$said"

now=1798761600     # 2027-01-01
in_2020=1592179200 # 2020-06-15, when the expired ones were valid
in_2041=2240611200 # 2041-01-01, when the future ones are

rows=0
failed=0

# holds CLAIM COMMAND...: one row; the command must succeed
holds()
{
    claim=$1
    shift
    rows=$((rows + 1))
    if ! "$@"; then
        failed=$((failed + 1))
        printf 'not ok: %s\n' "$claim"
        sed 's/^/    /' "$said"
    fi
}

# exits STATUS COMMAND...: the command ends with this status
exits()
{
    want=$1 got=0
    shift
    "$@" >"$said" 2>&1 || got=$?
    [ "$got" -eq "$want" ]
}

# verify ENVIRONMENT USE FILE [OPTION...]: openssl's verdict on the first certificate of FILE
verify()
{
    anchors=$world/$1/trust/$2.pem file=$world/$3
    shift 3
    exits 0 openssl verify -x509_strict -CAfile "$anchors" "$@" "$file"
}

# checked ENVIRONMENT USE FILE [OPTION...]: the same, with the revocation list of every CA
checked()
{
    verify "$@" -crl_check_all -CRLfile "$world/$1/crl/$2.pem"
}

# refused REASON COMMAND...: the verdict is no, for this reason and no other
refused()
{
    reason=$1
    shift
    if "$@"; then
        return 1
    fi
    [ "$(grep -c '^error .* lookup: ' "$said")" -eq 1 ] && grep -q -F -e "lookup: $reason" "$said"
}

same_key() # same_key CERTIFICATE KEY
{
    [ "$(openssl x509 -in "$1" -noout -pubkey)" = "$(openssl pkey -in "$2" -pubout)" ]
}

field() # field CERTIFICATE OPTION...: what openssl x509 prints
{
    file=$1
    shift
    openssl x509 -in "$file" -noout "$@" | sed '/^X509v3/d'
}

same_field() # same_field CERTIFICATE CERTIFICATE OPTION...
{
    one=$1 two=$2
    shift 2
    [ "$(field "$one" "$@")" = "$(field "$two" "$@")" ]
}

has_certificates() # has_certificates NUMBER FILE
{
    [ "$(grep -c 'BEGIN CERTIFICATE' "$2")" -eq "$1" ]
}

# --- the command itself --------------------------------------------------------------------------

"$make_world" "$world"

made=$(stat -c '%y %i' "$world/complete")
"$make_world" "$world"
left_alone() { [ "$made" = "$(stat -c '%y %i' "$world/complete")" ]; }
holds 'a complete world is left alone' left_alone

mkdir "$scratch/mine"
echo hello >"$scratch/mine/file"
holds 'a folder of someone else is refused' exits 2 "$make_world" --force "$scratch/mine"
holds 'and its file is still there' test -f "$scratch/mine/file"
for wrong in '--bits 1024 x' '--bits many x' '--bits' '--what x' 'x y' ''; do
    # shellcheck disable=SC2086 # a row is a list of words
    holds "wrong use: make-world $wrong" exits 2 "$make_world" $wrong
done

no_file() { [ -z "$(find "$world" "$@")" ]; }
holds 'private keys are their owner'"'"'s alone' \
    no_file '(' -name '*.key' -o -name '*.p12' ')' ! -perm 600
holds 'README.txt says what the keys are' grep -q 'TEST KEYS ONLY' "$world/README.txt"
holds 'nothing half made is left beside it' \
    test -z "$(find "$(dirname "$world")" -maxdepth 1 -name '.make-world.*')"

# --- the good ones -------------------------------------------------------------------------------

# good ENVIRONMENT USE STEM PURPOSE...
good()
{
    env=$1 use=$2 stem=$3
    shift 3
    for purpose; do
        holds "$stem is good as $purpose" \
            checked "$env" "$use" "$stem.pem" -attime "$now" -purpose "$purpose"
    done
    holds "$stem: certificate and key belong together" \
        same_key "$world/$stem.pem" "$world/$stem.key"
    holds "$stem: .p12 opens" exits 0 openssl pkcs12 -in "$world/$stem.p12" \
        -passin pass:test -nodes -out "$scratch/p12"
    holds "$stem: .p12 has the same" same_key "$scratch/p12" "$world/$stem.key"
    holds "$stem: .p12 has both certificates" has_certificates 2 "$scratch/p12"
    holds "$stem: .pem has both certificates" has_certificates 2 "$world/$stem.pem"
    holds "$stem: with lists out of date it is refused" refused 'CRL has expired' \
        verify "$env" "$use" "$stem.pem" -attime "$now" -crl_check \
        -CRLfile "$world/$env/crl-expired/$use.pem"
}

for env in open-test sdk-qa; do
    for who in kommun myndighet; do
        good "$env" ap "$env/$who/ap" smimesign smimeencrypt
        good "$env" tls "$env/$who/tls" sslserver sslclient
        good "$env" o2o "$env/$who/o2o" sslclient
        good "$env" tls "$env/$who/api" sslserver
        holds "$env/$who/api is no TLS client" refused 'unsuitable certificate purpose' \
            checked "$env" tls "$env/$who/api.pem" -attime "$now" -purpose sslclient
        for name in "hostname localhost" 'ip 127.0.0.1' 'ip ::1'; do
            for use in tls api; do
                holds "$env/$who/$use may be called $name" checked "$env" tls \
                    "$env/$who/$use.pem" -attime "$now" "-verify_${name% *}" "${name#* }"
            done
        done
    done
    good "$env" smp "$env/smp/smp" smimesign
    good "$env" tls "$env/smp/tls" sslserver
    holds "$env: the SMP's signer comes straight from the root" has_certificates 1 \
        "$world/$env/trust/smp.pem"
done

common_name() { field "$world/$1" -subject -nameopt multiline,utf8 | grep -q "commonName *= $2\$"; }
holds 'the municipality is AP0001' common_name open-test/kommun/ap.pem AP0001-OPEN-TEST
holds 'the authority is AP0002' common_name open-test/myndighet/ap.pem AP0002-OPEN-TEST
holds 'the SMP is SMP0001' common_name open-test/smp/smp.pem SMP0001-OPEN-TEST
holds 'the other environment says its name' common_name sdk-qa/kommun/ap.pem AP0001-SDK-QA

# --- the bad ones --------------------------------------------------------------------------------

for use in ap tls o2o smp; do
    case $use in
    ap) purpose=smimesign twin=open-test/kommun/ap.pem ;;
    tls) purpose=sslclient twin=open-test/kommun/tls.pem ;;
    o2o) purpose=sslclient twin=open-test/kommun/o2o.pem ;;
    smp) purpose=smimesign twin=open-test/smp/smp.pem ;;
    esac
    bad=open-test/bad/$use
    for what in expired not-yet-valid revoked wrong-environment wrong-name wrong-usage unknown-ca; do
        holds "$use-$what: certificate and key belong together" \
            same_key "$world/$bad-$what.pem" "$world/$bad-$what.key"
        holds "$use-$what: .p12 opens" exits 0 openssl pkcs12 -in "$world/$bad-$what.p12" \
            -passin pass:test -nodes -out "$scratch/p12"
        if [ "$what" != wrong-name ]; then
            holds "$use-$what has the right name" \
                same_field "$world/$bad-$what.pem" "$world/$twin" -subject
        fi
    done

    holds "$use-expired has expired" refused 'certificate has expired' \
        checked open-test "$use" "$bad-expired.pem" -attime "$now"
    holds "$use-expired was good in 2020" \
        checked open-test "$use" "$bad-expired.pem" -attime "$in_2020" -purpose "$purpose"

    holds "$use-not-yet-valid is not yet valid" refused 'certificate is not yet valid' \
        checked open-test "$use" "$bad-not-yet-valid.pem" -attime "$now"
    holds "$use-not-yet-valid is good in 2041" \
        checked open-test "$use" "$bad-not-yet-valid.pem" -attime "$in_2041" -purpose "$purpose"

    holds "$use-revoked is revoked" refused 'certificate revoked' \
        checked open-test "$use" "$bad-revoked.pem" -attime "$now"
    holds "$use-revoked is good for whoever reads no lists" \
        verify open-test "$use" "$bad-revoked.pem" -attime "$now" -purpose "$purpose"

    holds "$use-wrong-environment is of no issuer we know" \
        refused 'unable to get local issuer certificate' \
        checked open-test "$use" "$bad-wrong-environment.pem" -attime "$now"
    holds "$use-wrong-environment is good in sdk-qa" \
        checked sdk-qa "$use" "$bad-wrong-environment.pem" -attime "$now" -purpose "$purpose"

    holds "$use-wrong-usage may not" refused 'unsuitable certificate purpose' \
        checked open-test "$use" "$bad-wrong-usage.pem" -attime "$now" -purpose "$purpose"
    holds "$use-wrong-usage is good for whoever does not ask what for" \
        checked open-test "$use" "$bad-wrong-usage.pem" -attime "$now"

    holds "$use-wrong-name has a good chain" \
        checked open-test "$use" "$bad-wrong-name.pem" -attime "$now" -purpose "$purpose"

    holds "$use-unknown-ca is not signed by whom it says" refused 'certificate signature failure' \
        checked open-test "$use" "$bad-unknown-ca.pem" -attime "$now"
    holds "$use-unknown-ca is good by its own CA" exits 0 openssl verify -x509_strict \
        -attime "$now" -CAfile "$world/$bad-unknown-ca-trust.pem" -purpose "$purpose" \
        "$world/$bad-unknown-ca.pem"
    for what in -issuer -serial '-ext subjectKeyIdentifier' '-ext authorityKeyIdentifier'; do
        # shellcheck disable=SC2086 # an option and its value
        holds "$use-unknown-ca copies $what" \
            same_field "$world/$bad-unknown-ca.pem" "$world/$twin" $what
    done
done

for name in 'hostname localhost' 'hostname ap.kommun.example' 'ip 127.0.0.1' 'ip ::1'; do
    case $name in ip*) reason='IP address mismatch' ;; *) reason='hostname mismatch' ;; esac
    holds "tls-wrong-name may not be called $name" refused "$reason" checked open-test tls \
        open-test/bad/tls-wrong-name.pem -attime "$now" "-verify_${name% *}" "${name#* }"
done
no_common_name() { ! common_name "$@"; }
holds 'ap-wrong-name is not AP0001' no_common_name open-test/bad/ap-wrong-name.pem AP0001-OPEN-TEST
holds 'o2o-wrong-name is not the municipality' \
    no_common_name open-test/bad/o2o-wrong-name.pem kommun.example
holds 'smp-wrong-name is no SMP' no_common_name open-test/bad/smp-wrong-name.pem SMP0001-OPEN-TEST

# --- the shapes ----------------------------------------------------------------------------------

extensions_of() { openssl x509 -in "$world/$1" -noout -text; }
# shows FILE TEXT...: each text stands in what openssl prints of the certificate
shows()
{
    printed=$(extensions_of "$1")
    shift
    for text; do
        case $printed in
        *"$text"*) ;;
        *)
            printf 'lacks %s\n' "$text" >"$said"
            return 1
            ;;
        esac
    done
}
holds 'access point issuing CA: as DIGG' shows open-test/ca/ap-issuing.pem \
    'CN = Rot CA eDelivery Accesspunkt-TEST' 'CN = Accesspunkt CA-OPEN-TEST' \
    'organizationIdentifier = ' 'X509v3 Basic Constraints: critical' 'CA:TRUE' \
    'X509v3 Key Usage: critical' 'Certificate Sign, CRL Sign' 'X509v3 Any Policy' \
    'X509v3 CRL Distribution Points' 'sha256WithRSAEncryption'
holds 'SMP root: as DIGG' shows open-test/ca/smp-root.pem 'CN = Rot CA eDelivery SMP-TEST' \
    'CA Repository - URI:' 'X509v3 Any Policy'
holds 'TLS issuing CA: as SITHS' shows open-test/ca/tls-issuing.pem \
    'CN = TEST SITHS e-id Function CA v1' 'CA:TRUE, pathlen:0' 'sha512WithRSAEncryption' \
    'CA Issuers - URI:' 'OCSP - URI:' 'X509v3 CRL Distribution Points'
holds 'O2O certificate: as SITHS' shows open-test/kommun/o2o.pem \
    'Digital Signature, Key Encipherment' 'X509v3 Subject Alternative Name' \
    'TLS Web Server Authentication, TLS Web Client Authentication' 'Policy: 2.23.140.1.2.2' \
    'X509v3 Authority Key Identifier' 'X509v3 Subject Key Identifier' 'DNS:kommun.example'
holds 'access point certificate: as DIGG' shows open-test/kommun/ap.pem \
    'Digital Signature, Key Encipherment' 'Policy: 1.2.752.201.2.1.100.1' \
    'X509v3 CRL Distribution Points' 'X509v3 Authority Key Identifier'
ski_octets() { [ "$(field "$world/$1" -ext subjectKeyIdentifier | tr -cd ':' | wc -c)" -eq "$2" ]; }
holds 'DIGG names keys by 32 octets' ski_octets open-test/kommun/ap.pem 31
holds 'SITHS names keys by 20 octets' ski_octets open-test/kommun/tls.pem 19

printf '%s rows, %s failed\n' "$rows" "$failed"
[ "$failed" -eq 0 ]
