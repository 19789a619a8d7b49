#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# posthorn trace, queue and log on a store with messages in all kinds of states (fill_store.c).
. "${top_srcdir:?}/tests/unit/posthorn/expect.sh"
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
without() { # without WORDS: not in the last output
    printf '%s\n' "$output" | grep -qF -e "$1" && fail "'$1' is in: $output"
}
lines() { # lines N: that many in the last output
    n=$(printf '%s\n' "$output" | wc -l)
    [ "$n" = "$1" ] || fail "$n lines, expected $1: $output"
}

"$posthorn" init "$dir/city" --party AP0001-OPEN-TEST --participant 0203:kommun.example >/dev/null || exit 99
city=$dir/city
id=00000000-0000-7000-8000-0000000000
expect 2 'posthorn migrate' queue "$city"
umask 022
expect 0 'schema 0 -> ' migrate "$city"
open=$(find "$city" -perm /077)
[ -z "$open" ] || fail "others may look into $open"
expect 0 '{"from":' migrate --json --dir "$city"
expect 0 'kind' queue "$city"
lines 1
expect 2 '--state is one of accepted|sealed|' queue --state addressed "$city"
expect 2 '--kind is one of sdk-out|' queue --list --kind sdk "$city"
expect 2 "this is no number from 0 on: 'x'" queue --max x "$city"
expect 2 '(--help lists the options)' queue --sate parked "$city"
expect 0 '0 events; the chain holds' log verify "$city"
"$top_builddir/tests/unit/posthorn/fill_store" "$city/store" || exit 99

# --- trace: by our own id and by every other
expect 0 'usage: posthorn trace ID [DIR]' trace --help
expect 0 'accepted' trace ${id}0a "$city"
for step in addressed sealed answered transferred delivered vouched noted; do
    printf '%s\n' "$output" | grep -q " $step" || fail "$step is not in the trace"
done
for name in ${id}0a ${id}0b out-1@ap.kommun.example in-1@ap.myndighet.example 11111111-0000-4000-8000-00000000000B; do
    expect 0 '"kind":"receipt-in","program":"accesspoint-test' trace --json $name "$city"
    lines 11
    expect 0 '"kind":"sdk-out","program":"accesspoint-test' trace --json $name --dir "$city"
done
for name in ${id}0c ${id}0d 22222222-0000-4000-8000-00000000000c 33333333-0000-4000-8000-00000000000d; do
    expect 0 '"what":"inbox"' trace --json $name "$city"
    lines 7
    without "${id}0a"
done
expect 1 'nothing is known of' trace 99999999-0000-4000-8000-000000000000 "$city"
expect 1 'refused' trace --follow ${id}0e "$city"
printf '%s\n' "$output" | grep -q "$(printf '\033')" && fail 'an escape character reaches the terminal'
expect 0 'delivered' trace --follow ${id}0a "$city"
expect 1 'no end in time' trace --follow --wait 1 ${id}10 "$city"
expect 2 'words are missing' trace

# --- queue
expect 0 'sdk-out      parked                  1' queue "$city"
printf '%s\n' "$output" | grep -q 'parked .*needs a person' || fail "parked is not marked: $output"
printf '%s\n' "$output" | grep -q 'refused .*needs a person' || fail "refused is not marked: $output"
printf '%s\n' "$output" | grep -q 'unanswered .*needs a person' || fail "unanswered is not marked: $output"
printf '%s\n' "$output" | grep -q 'delivered .*needs a person' && fail "delivered is marked: $output"
printf '%s\n' "$output" | grep -q 'noted, why *1 ' || fail "what was refused by us is not seen: $output"
expect 0 '"state":"parked","messages":1' queue --json --kind sdk-out "$city"
without receipt-in
expect 0 'no answer for 24 h' queue --list "$city"
printf '%s\n' "$output" | sed -n 2p | grep -q 'parked\|refused\|unanswered' || fail 'who needs a person does not come first'
printf '%s\n' "$output" | grep -qF 'Sender signature not validated' || fail 'a refusal of ours is not listed'
without ${id}0a
without ${id}0c
expect 0 ${id}0c queue --list --state inbox --json "$city"
lines 1
expect 0 'parked (addressed)' queue --list --state parked "$city"
expect 0 'there may be more' queue --list --max 2 "$city"

# --- a person's word
expect 0 'is tried again; it was parked' queue retry ${id}0f "$city"
expect 0 'to be tried again (by' trace ${id}0f "$city"
expect 0 '"state":"addressed"' trace --json ${id}0f "$city"
expect 0 'is tried again; it was accepted' queue retry ${id}10 --why 'the SMP is back' "$city"
expect 0 'the SMP is back (by' trace ${id}10 "$city"
expect 1 'its state is refused' queue retry ${id}0e "$city"
expect 1 'no message' queue retry ${id}99 "$city"
expect 2 '--why TEXT is wanted' queue drop ${id}0e "$city"
expect 0 'is gone; it was refused' queue drop ${id}0e --why 'sent by letter' "$city"
expect 0 'sent by letter (by' trace ${id}0e "$city"
expect 1 'it would be lost' queue drop ${id}0c --why x "$city"
expect 1 'it would be lost' queue drop ${id}10 --why x "$city"
expect 0 'is gone' queue drop --force ${id}10 --why 'the sender withdrew it' "$city"

# --- log
expect 0 '; the chain holds' log verify "$city"
expect 0 '{"holds":true,"checked":' log verify --json "$city"
expect 0 '"seq":1,' log show --json "$city"
expect 0 '"seq":3,' log show --json --after 2 --max 1 "$city"
lines 1
expect 0 'accesspoint-test' log show "$city"

# --- nobody takes what is printed
for options in "trace ${id}0a" queue 'queue --list' 'queue --json' 'log show' 'log verify' 'log show --json'; do
    # shellcheck disable=SC2086
    expect_untaken $options "$city"
done
expect_untaken --help
expect_untaken config sample
if command -v sqlite3 >/dev/null; then
    db=$(find "$city/store" -maxdepth 1 -type f -size +4k | grep -v -e '-wal$' -e '-shm$' | head -n 1)
    sqlite3 "$db" "UPDATE event SET why = 'nothing to see here' WHERE seq = 5" || fail "sqlite3 $db"
    expect 1 'the chain is broken at event 5' log verify "$city"
    expect 1 '"holds":false,"checked":4,"bad_seq":5' log verify --json "$city"
fi
exit $failed
