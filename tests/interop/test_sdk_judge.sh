#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# posthorn sdk|xhe|receipt validate give the official judge's verdicts, but for the rows of sdk_differences.tsv.
build=${top_builddir:-.}
exec "$(dirname "$0")/sdk_mutants.py" --cache "$build/tests/interop/judge-cache" "${POSTHORN:-$build/bin/posthorn}"
