#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
# Our XSDs give the verdicts of the official ones, on thousands of documents.
exec "$(dirname "$0")/sdk_mutants.py" --xsd-only --cache "${top_builddir:-.}/tests/interop/judge-cache"
