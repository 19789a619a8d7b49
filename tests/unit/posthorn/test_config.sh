#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# posthorn init, config and certs: what they print and how they end.
. "${top_srcdir:?}/tests/unit/posthorn/expect.sh"
world=${POSTHORN_WORLD:?}/open-test
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT

# --- which installation
if [ ! -e /etc/posthorn ]; then
    (
        unset POSTHORN_DIR
        for command in queue certs run 'trace 1'; do
            # shellcheck disable=SC2086
            expect 2 'no installation is named (DIR, --dir or POSTHORN_DIR): /etc/posthorn/posthorn.conf: No such file' $command
        done
        exit $failed
    ) || failed=1
fi
expect 2 "queue: $dir/posthorn.conf: No such file" queue "$dir"

# --- init
expect 0 'usage: posthorn init DIR' init --help
expect 2 'words are missing' init
expect 2 '--participant is one word' init "$dir/x" --participant '0203:a b'
expect 0 "posthorn config check $dir/city" init "$dir/city" --organisation 'Exempelköping' \
    --participant 0203:kommun.example --party AP0001-OPEN-TEST
expect 1 'nothing is overwritten' init "$dir/city"
[ "$(stat -c %a-%s "$dir/city/storage.key")" = 600-32 ] || fail "storage.key is $(stat -c %a-%s "$dir/city/storage.key")"
[ "$(stat -c %a "$dir/city/store")" = 700 ] || fail 'store is open to others'
printf %s "$(cat "$dir/city/token")" | sha256sum | cut -c 1-64 | xargs -I{} grep -q {} "$dir/city/posthorn.conf" ||
    fail 'the token does not fit posthorn.conf'

# --- config check: everything is missing, then everything is there
expect 1 'error   [accesspoint] chain: ' config check "$dir/city"
expect 1 '"level":"error"' config check --json "$dir/city"
for use in ap tls o2o api; do
    cp "$world/kommun/$use.key" "$world/kommun/$use.pem" "$dir/city/keys/"
done
cp "$world"/trust/*.pem "$dir/city/trust/"
sed -i 's,^profile = .*,profile = '"${top_srcdir:?}"'/schemas/profiles/open-test.profile,' "$dir/city/posthorn.conf"
expect 0 ' 0 errors, 5 warnings' config check "$dir/city"
expect 0 ' 0 errors, 5 warnings' config check --dir "$dir/city"
output=$(POSTHORN_DIR=$dir/city "$posthorn" config check) || fail "POSTHORN_DIR is not heard: $output"
echo 'colour = blue' >>"$dir/city/posthorn.conf"
expect 1 "unknown key 'colour' in [client]" config check "$dir/city"
sed -i '$d' "$dir/city/posthorn.conf"
expect 2 'No such file' config check "$dir/nowhere"

# --- the sample reads back; the manual is the committed one and good mdoc
"$posthorn" config sample | grep -q '^storage-key = ' || fail 'config sample'
"$posthorn" config manual >"$dir/posthorn.conf.5" || fail 'config manual'
cmp -s "$dir/posthorn.conf.5" "$top_srcdir/docs/man/posthorn.conf.5" ||
    fail 'docs/man/posthorn.conf.5 is old: posthorn config manual >docs/man/posthorn.conf.5'

# --- certs
expect 0 'AP0001-OPEN-TEST' certs "$dir/city"
expect 0 '"state":"good","algorithm":"RSA","key_bits":2048' certs --json "$dir/city"
cp "$world/bad/ap-expired.pem" "$dir/city/keys/ap.pem"
expect 1 'ended    2021-01-01' certs "$dir/city"
cp "$world/kommun/ap.pem" "$dir/city/keys/ap.pem"
cp "$world/crl-expired/ap.pem" "$dir/city/trust/ap-crl.pem"
sed -i 's,^#ap-crl =.*,ap-crl = trust/ap-crl.pem,' "$dir/city/posthorn.conf"
expect 1 'stale: fetch the new one' certs "$dir/city"
echo nonsense >"$dir/city/trust/tls.pem"
expect 1 '"state":"unreadable"' certs --json "$dir/city"
exit $failed
