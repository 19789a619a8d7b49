# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# For tests of the command line: . expect.sh; they end with exit $failed.
set -u
posthorn=${top_builddir:?}/bin/posthorn
failed=0

fail() {
    echo "FAIL: $*"
    failed=1
}

# expect STATUS WORDS-IN-THE-OUTPUT COMMAND...
expect() {
    status=$1 words=$2
    shift 2
    output=$("$posthorn" "$@" 2>&1)
    got=$?
    [ "$got" = "$status" ] || fail "$*: exit status $got, expected $status: $output"
    printf '%s\n' "$output" | grep -qF -e "$words" || fail "$*: '$words' is not in: $output"
}

# expect_untaken COMMAND...: what it prints is lost, and it says so, where standard output takes nothing
expect_untaken() {
    for output in full closed; do
        if [ $output = full ]; then
            message=$("$posthorn" "$@" 2>&1 >/dev/full)
        else
            message=$(exec 3>&1 && "$posthorn" "$@" 2>&3 3>&- >&-)
        fi
        got=$?
        [ "$got" = 2 ] || fail "$*, standard output $output: exit status $got"
        printf '%s\n' "$message" | grep -q 'standard output' || fail "$*, standard output $output: $message"
    done
}
