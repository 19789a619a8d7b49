#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# Every command, every first word of several commands and every program answers --help: on standard output, with
# status 0 and its own name; and says to whoever asks for what there is not that there is no such thing.
set -u
posthorn=${top_builddir:?}/bin/posthorn
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
failed=0 walked=0

fail() {
    echo "FAIL: $*"
    failed=1
}
helps() { # helps WORDS FIRST-LINE COMMAND...: the answer to --help begins with this line
    walked=$((walked + 1))
    name=$1 first=$2
    shift 2
    "$@" --help >"$scratch/out" 2>"$scratch/err" </dev/null
    status=$?
    [ "$status" = 0 ] || fail "$name --help: exit status $status: $(cat "$scratch/err")"
    [ -s "$scratch/err" ] && fail "$name --help: on standard error: $(cat "$scratch/err")"
    head -n 1 "$scratch/out" | grep -q "^$first" || fail "$name --help begins with: $(head -n 1 "$scratch/out")"
}

"$posthorn" --help >"$scratch/help" || fail 'posthorn --help'
sed -n 's/^  \([a-z0-9 ]*[a-z0-9]\)  .*/\1/p' "$scratch/help" >"$scratch/commands"
while read -r command; do
    # shellcheck disable=SC2086
    helps "$command" "usage: posthorn $command" "$posthorn" $command
done <"$scratch/commands"
[ "$walked" -gt 15 ] || fail "posthorn --help lists too few commands: $(cat "$scratch/commands")"

# --- the first word alone: its own help where it is a command, else the commands that begin with it
for word in $(sed -n 's/ .*//p' "$scratch/commands" | sort -u); do
    helps "$word" "usage: posthorn $word" "$posthorn" "$word"
    grep -qx "$word" "$scratch/commands" && continue
    for command in $(sed -n "s/^$word //p" "$scratch/commands"); do
        grep -q "^  $word $command " "$scratch/out" || fail "$word --help does not list '$word $command'"
    done
    "$posthorn" "$word" >"$scratch/out" 2>"$scratch/err"
    [ $? = 2 ] || fail "$word alone is no failure"
    [ ! -s "$scratch/out" ] && grep -q "^usage: posthorn $word" "$scratch/err" || fail "$word alone: $(cat "$scratch/err")"
    "$posthorn" "$word" nonsense 2>"$scratch/err" && fail "$word nonsense"
    grep -q "no command '$word nonsense'" "$scratch/err" || fail "$word nonsense: $(cat "$scratch/err")"
done
"$posthorn" lo --help 2>"$scratch/err" && fail 'lo --help'
grep -q "no command 'lo'" "$scratch/err" || fail "lo --help: $(cat "$scratch/err")"

for program in accesspoint-api accesspoint-receive accesspoint-send accesspoint-work; do
    helps "$program" "Usage: $program" "$top_builddir/$program"
done
[ $failed = 0 ] && echo "$walked asked for help"
exit $failed
