#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Any program may be killed at any moment: none lost, none delivered twice, every receipt arrives.

500 messages go from one organisation to the other while a random one of the eight programs gets SIGKILL, 50 times;
then the same with PostgreSQL, with fewer of both.
usage: kill.py [MESSAGES [KILLS [SEED [sqlite|postgres]]]]
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
from postgres import Postgres, is_installed  # noqa: E402

POSTGRES_PART = 4  # of the messages and kills, so that it stays short
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
PATIENCE_S = 300


def send_all(sender, receiver, messages, accepted):
    """A client that does as it should: the same key again until it gets an answer."""
    for n in range(messages):
        key, letter = uuid.uuid4(), sender.letter(receiver, "Nummer %d" % n)
        while True:
            try:
                accepted.append(sender.send(letter, key))
                break
            except (OSError, AssertionError, ValueError) as fault:
                if isinstance(fault, AssertionError) and fault.args[0][0] not in (409, 503):
                    raise
                time.sleep(0.1)


def kill_some(pair, kills, chance):
    for _ in range(kills):
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


def play(messages, kills, prepare=None):
    print("seed", SEED)
    chance = random.Random(SEED)
    scratch = tempfile.mkdtemp(prefix="posthorn-kill-")
    with Pair(scratch, prepare=prepare) as pair:
        accepted = []
        client = threading.Thread(target=send_all, args=(pair.kommun, pair.myndighet, messages, accepted))
        client.start()
        kill_some(pair, kills, chance)
        client.join()
        print("%d accepted, %d kills; waiting for the receipts" % (len(accepted), kills))
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
        failed = len(lost) + twice + len(unknown) + len(waiting) + (len(accepted) != messages)
    if not failed:
        shutil.rmtree(scratch)
    return failed


def play_on_server(messages, kills):
    if not is_installed():
        print("left out: PostgreSQL (it is not installed)")
        return 0
    postgres = Postgres()
    postgres.start()
    try:
        return play(messages, kills, lambda pair: (postgres.serve(pair.kommun), postgres.serve(pair.myndighet)))
    finally:
        postgres.end()


def main():
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    engine = sys.argv[4] if len(sys.argv) > 4 else None
    if engine == "postgres":
        return 1 if play_on_server(messages, kills) else 0
    failed = play(messages, kills)
    if engine is None:
        failed += play_on_server(messages // POSTGRES_PART, kills // POSTGRES_PART)
    return 1 if failed else 0


sys.exit(main())
