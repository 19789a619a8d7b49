#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# posthorn run with programs that only say what they were told: each is told once that it ends (a second word would
# kill it while it puts its things away), and what cannot be started is said.
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
# shellcheck source=tests/unit/posthorn/expect.sh
. "${top_srcdir:?}/tests/unit/posthorn/expect.sh"
export POSTHORN_PROGRAMS="$scratch" TOLD="$scratch/told"
touch "$scratch/posthorn.conf"

# They end one after the other: accesspoint-work first.
pause=0
for name in work send api receive; do
    cat >"$scratch/accesspoint-$name" <<END
#!/bin/bash
[ ! -e "$scratch/$name-fails" ] || { sleep 0.5; exit 3; }
is_told=
trap 'echo $name >>"\$TOLD"; is_told=yes' TERM
eval "echo READY >&\${*: -1}"
while [ -z "\$is_told" ]; do sleep 0.05; done
for _ in \$(seq $pause); do sleep 0.1; done
END
    chmod +x "$scratch/accesspoint-$name"
    pause=$((pause + 2))
done

begin() { # begin [COMMAND]: runs it until all are ready
    : >"$TOLD"
    "$@" "$posthorn" run "$scratch" >"$scratch/out" 2>"$scratch/err" &
    run=$!
}
await() { # await WORDS FILE
    for _ in $(seq 100); do
        grep -q "$1" "$2" && return
        sleep 0.05
    done
    fail "no '$1' came: $(cat "$scratch/out" "$scratch/err")"
}
told_once() {
    told=$(sort "$TOLD" | tr '\n' ' ')
    [ "$told" = "$1" ] || fail "$2: these were told to end: $told"
}

begin
await '^READY' "$scratch/out"
kill $run
wait $run || fail "told to end: exit status $?: $(cat "$scratch/err")"
told_once 'api receive send work ' 'told to end'

# --- one that ends before it is ready takes the others with it
touch "$scratch/work-fails"
begin
wait $run
[ $? = 1 ] || fail "one could not start: exit status: $(cat "$scratch/err")"
told_once 'api receive send ' 'one could not start'
rm "$scratch/work-fails"

# --- no descriptor is left for a child
begin sh -c 'ulimit -n 5; exec "$@"' -
await 'Too many open files' "$scratch/err"
kill $run
wait $run || fail "without descriptors: exit status $?"
exit $failed
