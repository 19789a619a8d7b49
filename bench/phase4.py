#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""phase4: messages per CPU second and peak memory of ours beside phase4's, on the same machine in the same run: RSA-2048,
10 KiB, mutual TLS. phase4's figures come from POSTHORN_SHARED/tools/phase4-peer (bench-receive, bench-send); one line
says so and the status is 77 where it cannot run.

The loads are alike on the wire and not in what is done for them. phase4 handles the AS4 layer and stores nothing. Ours
is counted with everything between the API and the other side: the SDK message, its own encryption and signature, each
state synced to the database, and inwards also the signed message receipt that goes back as a message of its own.
usage: phase4.py [--count N] [--warmup N]      one JSON object a line"""
import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time

import measure

OCTETS, SENDERS, LONGEST_S = 10240, 4, 600
OUTWARDS = ["work", "send"]
INWARDS = ["receive", "work", "send"]
SKIPPED = 77


def theirs(direction, count, warmup):
    """The mutual TLS row of phase4-peer's bench; None: it said why it cannot run."""
    tool = os.path.join(os.environ.get("POSTHORN_SHARED", measure.TOP + "/../shared"), "tools/phase4-peer/phase4-peer")
    if not os.path.exists(tool):
        print("bench: phase4 skipped: no %s" % tool, file=sys.stderr)
        return None
    out = subprocess.run([tool, "bench-" + direction, "--count", str(count), "--warmup", str(warmup), "--size",
                          str(OCTETS)], stdout=subprocess.PIPE, text=True)
    if out.returncode == SKIPPED:
        return None
    if out.returncode != 0:
        raise SystemExit("bench: phase4-peer bench-%s ended with %d" % (direction, out.returncode))
    rows = [json.loads(line) for line in out.stdout.splitlines()]
    return [row for row in rows if row["transport"] == "mtls"][-1]


def await_total(one, status, wanted):
    end = time.monotonic() + LONGEST_S
    while one.get("/messages?status=%s&limit=1" % status)["_meta"]["totalRecords"] < wanted:
        if time.monotonic() > end:
            raise SystemExit("bench: not %d messages %s in %d s" % (wanted, status, LONGEST_S))
        time.sleep(0.2)


def send_many(pair, count):
    text = "Godt nytt. " * (OCTETS // 11)

    def some(n):
        for _ in range(n, count, SENDERS):
            pair.kommun.send(pair.kommun.letter(pair.myndighet, texts=[text]))
    threads = [threading.Thread(target=some, args=(n,)) for n in range(SENDERS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def side(organisation, before, names, count, wall):
    spent = measure.spent(before, measure.cpu_of(organisation))
    peaks = measure.peaks(organisation)
    cpu = sum(spent[name] for name in names)
    return {"per_cpu_second": round(count / cpu, 1), "cpu_ms_per_message": round(1000 * cpu / count, 2),
            "per_second": round(count / wall, 1), "peak_rss_mib": round(sum(peaks[name] for name in names), 1)}


def ours(count):
    """Outwards until the AS4 receipt is stored: message receipts wait, their sender is halted until then."""
    with measure.scratch() as folder, measure.installation.Pair(folder + "/pair") as pair:
        first = pair.kommun.send(pair.kommun.letter(pair.myndighet))
        pair.kommun.await_status(first, "delivered")
        answers = pair.myndighet.pids()["accesspoint-send"]
        os.kill(answers, signal.SIGSTOP)
        sender, receiver = measure.cpu_of(pair.kommun), measure.cpu_of(pair.myndighet)
        began = time.monotonic()
        send_many(pair, count)
        await_total(pair.kommun, "transferred", count)
        out = side(pair.kommun, sender, OUTWARDS, count, time.monotonic() - began)
        os.kill(answers, signal.SIGCONT)
        await_total(pair.kommun, "delivered", count + 1)
        time.sleep(1)
        return {"send": out, "receive": side(pair.myndighet, receiver, INWARDS, count, time.monotonic() - began)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--warmup", type=int, default=2000)
    options = parser.parse_args()
    rows = {direction: theirs(direction, options.count, options.warmup) for direction in ("receive", "send")}
    if None in rows.values():
        sys.exit(SKIPPED)
    mine = ours(options.count)
    for direction, row in rows.items():
        phase4 = {"per_cpu_second": round(1 / row["cpuSecondsPerMessage"], 1),
                  "cpu_ms_per_message": round(1000 * row["cpuSecondsPerMessage"], 2),
                  "per_second": round(row["messagesPerSecond"], 1), "peak_rss_mib": row["peakRssMiB"]}
        measure.say({"bench": "phase4-" + ("in" if direction == "receive" else "out"), "octets": OCTETS,
                     "messages": options.count, "ours": mine[direction], "phase4": phase4,
                     "ratio": round(mine[direction]["per_cpu_second"] / phase4["per_cpu_second"], 2),
                     "memory_ratio": round(mine[direction]["peak_rss_mib"] / phase4["peak_rss_mib"], 3)})


main()
