#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""A message id that comes a second time, in an AS4 message of its own (spec/sdk.md 5.6): the very same envelope is
acknowledged again, another one is refused; neither reaches the inbox.

The sender does not do so by itself: its store is told to.
"""
import fcntl
import os
import shutil
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from claims import Claims  # noqa: E402
from installation import Pair  # noqa: E402

PATIENCE_S = 20
ANSWERS = ["as4-receipt", "reply"]


def change(org, *statements):
    """In the order of the store's other writers: all of them hold store.lock while they write."""
    folder = org.folder + "/store"
    with open(folder + "/store.lock", "r+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        base = sqlite3.connect(folder + "/store.db", timeout=20)
        with base:
            for text, values in statements:
                base.execute(text, values)
        base.close()


def again(pair, message, state, slots):
    """Sent once more from this state, without what was made later, under an AS4 id the receiver has forgotten."""
    change(pair.myndighet, ("DELETE FROM name WHERE scope = 'as4-in'", ()))
    without = [("DELETE FROM payload WHERE message = ? AND slot LIKE ?", (message, slot)) for slot in slots]
    change(pair.kommun, *without, ("UPDATE message SET state = ?, due_ms = 0 WHERE id = ?", (state, message)))


def refused(pair, count):
    end = time.monotonic() + PATIENCE_S
    while len(pair.myndighet.log_lines("sdk.refused")) < count and time.monotonic() < end:
        time.sleep(0.1)
    return pair.myndighet.log_lines("sdk.refused")[count - 1:]


def same_envelope(claims, pair, message):
    again(pair, message, "sealed", ANSWERS)
    lines = refused(pair, 1)
    claims.check("the same envelope: it is not for the inbox",
                 len(lines) == 1 and lines[0]["outcome"] == "ACCEPTED" and "acknowledged again" in lines[0]["why"], lines)
    pair.kommun.await_status(message, "delivered", PATIENCE_S)


def other_envelope(claims, pair, message):
    again(pair, message, "accepted", ANSWERS + ["wire%"])
    lines = refused(pair, 2)
    claims.check("another envelope: refused by its id",
                 len(lines) == 1 and lines[0]["outcome"] == "REJECTED BV/duplicate" and "used before" in lines[0]["why"],
                 lines)
    now = pair.kommun.await_status(message, "refused", PATIENCE_S)
    claims.equal("another envelope: its receipt", now["outcome"]["code"], "REJECTED")


def main():
    claims = Claims()
    scratch = tempfile.mkdtemp(prefix="posthorn-repeated-")
    with Pair(scratch) as pair:
        message = pair.kommun.send(pair.kommun.letter(pair.myndighet))
        pair.kommun.await_status(message, "delivered")
        before = pair.myndighet.inbox_count()
        claims.play("the same envelope", same_envelope, claims, pair, message)
        claims.play("another envelope", other_envelope, claims, pair, message)
        claims.equal("the inbox is as before", pair.myndighet.inbox_count(), before)
    status = claims.end()
    if not status:
        shutil.rmtree(scratch)
    return status


sys.exit(main())
