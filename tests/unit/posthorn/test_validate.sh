#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# posthorn sdk|xhe|receipt validate on DIGG's own files: verdict, code and exit status.
. "${top_srcdir:?}/tests/unit/posthorn/expect.sh"
data=${POSTHORN_SHARED:?}/data/sdk
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT

expect 0 'usage: posthorn sdk validate' sdk validate --help
expect 2 'a FILE is wanted' sdk validate
expect 2 'a FILE is wanted' xhe validate --json
expect 2 'No such file' receipt validate /nonexistent/file
expect 2 'usage: posthorn sdk COMMAND' sdk
expect 2 '"verdict":null,"why":"/nonexistent/file: cannot open it: No such file' xhe validate --json /nonexistent/file
expect 2 'it is a folder' sdk validate /tmp
expect 2 'it is a device' receipt validate /dev/zero
expect 2 '"verdict":null,"why":"/dev/null: it is a device' receipt validate --json /dev/null
expect 1 'refused' sdk validate "$0"
expect 1 '"rule":"xml"' xhe validate --json "$0"
if [ ! -d "$data" ]; then
    echo "SKIP: the official files are not here (POSTHORN_SHARED)"
    [ "$failed" = 0 ] && exit 77
    exit 1
fi
expect 0 '"verdict":"accept"' sdk validate --json "$data/message/testdata/min.xml"
mkfifo "$dir/pipe" || exit 99
cat "$data/message/testdata/min.xml" >"$dir/pipe" &
expect 0 '"verdict":"accept"' sdk validate --json "$dir/pipe"
wait
expect 0 '"message_id":"862693f7-53d4-4d96-b35c-470055710092"' xhe validate --json /dev/stdin <<END
$(cat "$data/xhe/examples/XHE-tm-base-ext-sigenc.xml")
END
# What a stranger wrote does not speak to the terminal (U+009B begins a command of it).
LC_ALL=C sed "s/862693f7-53d4-4d96-b35c-470055710092/a$(printf '\302\233')31mb/" \
    "$data/xhe/examples/XHE-tm-base-ext-sigenc.xml" >"$dir/odd.xml"
expect 0 'accepted a?31mb' xhe validate "$dir/odd.xml"
for type in sdk xhe receipt; do
    output=$(printf '' | "$posthorn" $type validate /dev/stdin)
    [ $? = 1 ] || fail "$type validate, an empty pipe: $output"
done
expect_untaken sdk validate --json "$data/message/testdata/min.xml"
expect 1 '"code":"SV/structure"' sdk validate --json "$data/message/testdata/TF2.4.1.xml"
expect 1 '"code":"BV/invariant"' sdk validate --json "$data/message/testdata/TF2.4.2.xml"
expect 1 'refused (BV/invariant)' sdk validate "$data/message/testdata/min.xml" "$data/message/testdata/TF2.4.2.xml"
expect 0 '"message_id":"862693f7-53d4-4d96-b35c-470055710092"' xhe validate --json "$data/xhe/examples/XHE-tm-base-ext-sigenc.xml"
expect 1 'XHE/profile' xhe validate "$data/message/testdata/min.xml"
for file in "$data"/receipt/examples/*.xml; do
    expect 0 '"kind":"receipt"' receipt validate --json "$file"
done
lines=$("$posthorn" sdk validate --json "$data"/message/testdata/*.xml | wc -l)
[ "$lines" = 3 ] || fail "one line for each file: got $lines"
exit "$failed"
