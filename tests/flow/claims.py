# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""A flow test is a list of claims; each says what it saw, and one that fails does not hide the others."""
import sys
import time
import traceback


SEEN_MAX = 1500  # characters


class Claims:
    def __init__(self):
        self.count, self.broken = 0, []

    def check(self, what, holds, seen=""):
        self.count += 1
        if not holds:
            self.broken.append(what)
            print("BROKEN  %s: %s" % (what, str(seen)[:SEEN_MAX]), flush=True)
        return holds

    def equal(self, what, seen, wanted):
        return self.check(what, seen == wanted, "saw %r, not %r" % (seen, wanted))

    def contains(self, what, text, words):
        return self.check(what, all(w in str(text) for w in words), "%r lacks one of %r" % (str(text)[:SEEN_MAX], words))

    def play(self, name, function, *args):
        """One scene: what it raises is a broken claim too."""
        before, began = len(self.broken), time.monotonic()
        try:
            function(*args)
        except Exception as fault:  # pylint: disable=broad-except
            traceback.print_exc(file=sys.stdout)
            self.check(name, False, repr(fault))
        word = "ok" if len(self.broken) == before else "BROKEN"
        print("%-7s %5.1f s  %s" % (word, time.monotonic() - began, name), flush=True)

    def end(self):
        print("%d claims, %d broken" % (self.count, len(self.broken)))
        return 1 if self.broken or not self.count else 0
