#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# The manual pages are good mdoc, and say every command and every option that --help says.
set -u
posthorn=${top_builddir:?}/bin/posthorn
man=${top_srcdir:?}/docs/man
command -v mandoc >/dev/null || {
    echo 'skipped: mandoc is not installed'
    exit 77
}
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    echo "FAIL: $*"
    failed=1
}
plain() { # plain PAGE: as text, without overstrikes, one blank between words
    mandoc -Tascii "$1" | sed 's/.\x08//g' | tr -s ' \n' '  '
}

# Which manuals are installed on this machine says nothing about the page.
for page in "$man"/*.[158]; do
    mandoc -Tlint "$page" 2>/dev/null | grep -v 'referenced manual not found' >"$scratch/lint"
    [ -s "$scratch/lint" ] && fail "$page: $(cat "$scratch/lint")"
done

plain "$man/posthorn.1" >"$scratch/page"
"$posthorn" --help | sed -n 's/^  \([a-z0-9 ]*[a-z]\)  .*/\1/p' >"$scratch/commands"
[ "$(wc -l <"$scratch/commands")" -gt 15 ] || fail "posthorn --help lists too few commands: $(cat "$scratch/commands")"
while read -r command; do
    grep -qF "$command" "$scratch/page" || fail "posthorn.1 does not say 'posthorn $command'"
    case $command in *validate | *verify) continue ;; esac # pages of their own, other forms of help
    # shellcheck disable=SC2086
    "$posthorn" $command --help >"$scratch/help" || fail "posthorn $command --help"
    grep -q "^usage: posthorn $command" "$scratch/help" || fail "posthorn $command --help: $(head -n 1 "$scratch/help")"
    for option in $(sed -n 's/^  \(--[a-z-]*\).*/\1/p' "$scratch/help"); do
        grep -qF -e "$option" "$scratch/page" || fail "posthorn.1 does not say $option of 'posthorn $command'"
    done
done <"$scratch/commands"

for program in accesspoint-api accesspoint-receive accesspoint-send accesspoint-work; do
    [ -x "$top_builddir/$program" ] || continue
    plain "$man/$program.8" >"$scratch/page"
    for option in $("$top_builddir/$program" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p'); do
        grep -qF -e "$option" "$scratch/page" || fail "$program.8 does not say $option"
    done
done
exit $failed
