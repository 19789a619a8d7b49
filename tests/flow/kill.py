#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Any program may be killed at any moment: none lost, none delivered twice, every receipt arrives.

500 messages go from one organisation to the other while a random one of the eight programs gets SIGKILL, 50 times.
usage: kill.py [MESSAGES [KILLS [SEED]]]
"""
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from installation import Pair  # noqa: E402

MESSAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 500
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 50
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
PATIENCE_S = 300


def send_all(sender, receiver, accepted):
    """A client that does as it should: the same key again until it gets an answer."""
    for n in range(MESSAGES):
        key, letter = uuid.uuid4(), sender.letter(receiver, "Nummer %d" % n)
        while True:
            try:
                accepted.append(sender.send(letter, key))
                break
            except (OSError, AssertionError, ValueError) as fault:
                if isinstance(fault, AssertionError) and fault.args[0][0] not in (409, 503):
                    raise
                time.sleep(0.1)


def kill_some(pair, chance):
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.6))
        victim = chance.choice([pair.kommun, pair.myndighet])
        pids = victim.pids()
        if pids:
            try:
                os.kill(chance.choice(sorted(pids.values())), signal.SIGKILL)
            except ProcessLookupError:
                pass


def patient(call, *args):
    while True:
        try:
            return call(*args)
        except OSError:
            time.sleep(0.2)


def main():
    print("seed", SEED)
    chance = random.Random(SEED)
    scratch = tempfile.mkdtemp(prefix="posthorn-kill-")
    failed = 0
    with Pair(scratch) as pair:
        accepted = []
        client = threading.Thread(target=send_all, args=(pair.kommun, pair.myndighet, accepted))
        client.start()
        kill_some(pair, chance)
        client.join()
        print("%d accepted, %d kills; waiting for the receipts" % (len(accepted), KILLS))
        end = time.monotonic() + PATIENCE_S
        waiting = list(accepted)
        while waiting and time.monotonic() < end:
            waiting = [m for m in waiting if patient(pair.kommun.status, m)["status"] != "delivered"]
            time.sleep(0.5)
        for message in waiting[:10]:
            print("not delivered:", patient(pair.kommun.status, message))
        inbox = [m["messageId"] for m in patient(pair.myndighet.inbox)]
        lost = set(accepted) - set(inbox)
        twice = len(inbox) - len(set(inbox))
        unknown = set(inbox) - set(accepted)
        print("%d in the inbox, %d lost, %d twice, %d that nobody was told of, %d without receipt" %
              (len(inbox), len(lost), twice, len(unknown), len(waiting)))
        failed = len(lost) + twice + len(unknown) + len(waiting) + (len(accepted) != MESSAGES)
    if not failed:
        shutil.rmtree(scratch)
    return 1 if failed else 0


sys.exit(main())
