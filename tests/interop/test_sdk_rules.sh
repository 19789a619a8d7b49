#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# Our XSDs and rules give the official judge's verdicts, but for the rows of sdk_differences.tsv.
exec "$(dirname "$0")/sdk_mutants.py" --rules-only --cache "${top_builddir:-.}/tests/interop/judge-cache"
