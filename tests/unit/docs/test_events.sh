#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# docs/events.md says what the sources log now, and tools/list-events reads all shapes of a call.
set -u
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
    echo "FAIL: $*"
    failed=1
}

"${top_srcdir:?}/tools/list-events" "$top_srcdir" >"$scratch/events.md" || fail 'tools/list-events'
cmp -s "$scratch/events.md" "$top_srcdir/docs/events.md" ||
    fail "docs/events.md is old: tools/list-events >docs/events.md; $(diff "$top_srcdir/docs/events.md" "$scratch/events.md")"

mkdir -p "$scratch/tree/runtime/x" "$scratch/tree/accesspoint" "$scratch/tree/posthorn"
cat >"$scratch/tree/runtime/x/x.c" <<'END'
/* log_info(NULL, "comment.ignored", KV_END); */
log_info(&a->log, "one.seen", KV_STR("peer", name(x, ")")), KV_U64("n", f(1, 2)),
         KV_END);
log_error(NULL, is_good ? "two.good" : "two.bad", KV_ERROR(&e));
log_warning(scope, "one.seen", KV_PERSON("who", id));
END
"$top_srcdir/tools/list-events" "$scratch/tree" >"$scratch/small.md" || fail 'tools/list-events on a small tree'
for row in '| `one.seen` | warning, info | `peer`, `n`, `who (hashed)` | `runtime/x/x.c` |' \
    '| `two.good` | error | `why`, `code` | `runtime/x/x.c` |' '| `two.bad` | error | `why`, `code` | `runtime/x/x.c` |'; do
    grep -qxF "$row" "$scratch/small.md" || fail "'$row' is not in: $(cat "$scratch/small.md")"
done
grep -q 'comment' "$scratch/small.md" && fail 'a comment was read'
exit $failed
