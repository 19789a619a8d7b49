#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# What was built without an option (./start) is built again where it is wanted (./check), once; and keeps its others.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/tools"
cp "${top_srcdir:-.}/tools/build" "$scratch/tools/"
touch -d '1 hour ago' "$scratch/configure.ac"
cat >"$scratch/configure" <<'END'
#!/bin/sh
printf '#!/bin/sh\necho "%s"\n' "$*" >config.status
chmod +x config.status
printf 'all: object\nobject:\n\techo "%s" >object\nclean:\n\trm -f object\n' "$*" >Makefile
END
chmod +x "$scratch/configure"

built_with() { # built_with WANTED OPTION...: the object, after tools/build with these
    wanted=$1
    shift
    sh "$scratch/tools/build" build "$@" >"$scratch/out" || cat "$scratch/out"
    got=$(cat "$scratch/build/object")
    [ "$got" = "$wanted" ] || {
        echo "FAIL tools/build build $*: built with '$got', not '$wanted'"
        exit 1
    }
}
built_with ''
built_with '--enable-developer' --enable-developer
echo kept >"$scratch/build/object"
built_with kept --enable-developer
built_with kept
built_with '--enable-developer --enable-sanitizers' --enable-sanitizers
