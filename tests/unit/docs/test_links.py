#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""What the documents name is there: every link's target, and every `file.c` somewhere in the tree."""
import os
import re
import sys

TOP = os.environ.get("top_srcdir", ".")
FOLDERS = ["accesspoint", "bench", "certs", "docs", "packaging", "posthorn", "runtime", "schemas", "tests", "tools"]
LINK = re.compile(r"\]\(([^)#\s]+)")
FILE = re.compile(r"`([\w./-]+\.(?:[ch]|md|py|sh|am|sql|profile))`")
PATTERN = "NNNN-what-was-decided.md"  # how decisions are named


def files():
    found = [name for name in os.listdir(TOP) if os.path.isfile(os.path.join(TOP, name))]
    for folder in FOLDERS:
        for at, _, names in os.walk(os.path.join(TOP, folder)):
            found += [os.path.relpath(os.path.join(at, name), TOP) for name in names]
    return found


def faults(path, tree):
    text = open(os.path.join(TOP, path), encoding="utf-8").read()
    for target in LINK.findall(text):
        if ":" not in target and not os.path.exists(os.path.join(TOP, os.path.dirname(path), target)):
            yield "%s links to %s, which is not there" % (path, target)
    for name in FILE.findall(text):
        if name != PATTERN and not any(("/" + one).endswith("/" + name) for one in tree):
            yield "%s names %s, which is nowhere" % (path, name)


def main():
    tree = files()
    documents = [path for path in tree if path.endswith(".md")]
    found = [fault for path in sorted(documents) for fault in faults(path, tree)]
    print("\n".join(found) or "%d documents: all they name is there" % len(documents))
    return 1 if found or len(documents) < 20 else 0


sys.exit(main())
