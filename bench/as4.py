#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""as4-out and as4-in: messages per CPU second of the programs that do the work, beside a floor program that does
only the OpenSSL operations nobody can leave out (bench/floor.c), in the same run and on the same core: they take short
turns, so that a machine whose speed changes from second to second changes both.

as4-out counts accesspoint-work and -send of the sender, from accepted until the AS4 receipt is checked and stored: the
receiver's accesspoint-send is stopped meanwhile, so that no message receipt comes back and is counted too.
as4-in counts accesspoint-receive, -work and -send of the receiver: message in, AS4 receipt out, opened into the inbox,
message receipt out and its AS4 receipt checked.
What is counted has one core for itself; all else runs on the others. CPU seconds, so a busy machine changes little. All
messages are accepted before the first is sealed, as they wait at a morning's peak: what is measured is capacity. The
other access point would hold it up (a message in costs twice a message out): so it works ahead alone before each turn,
until it has nothing left to do, and its answers are at hand. Else they trickle in, and what is done for one message after
a pause, with cold caches and a commit to itself, is dearer than what is done for one of many.
usage: as4.py [--rsa 2048|4096] [--count N] [--octets N]     one JSON object a line
"""
import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/flow"))
import installation  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
TURN = 0.05  # seconds
LOOK = 0.05  # seconds: who spends less than a third of it has nothing left to do
LOOKS = 40
WARM = 100
ALL = os.sched_getaffinity(0)
ONE = {max(ALL)}
OTHERS = ALL - ONE or ALL
INWARDS = ["accesspoint-receive", "accesspoint-work", "accesspoint-send"]
OUTWARDS = ["accesspoint-work", "accesspoint-send"]


def cpu_seconds(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def pin(pids, cpus):
    """All threads, and those they start."""
    for pid in pids:
        for thread in os.listdir("/proc/%d/task" % pid):
            os.sched_setaffinity(int(thread), cpus)


class Floor:
    """bench/floor, which stands still but for its turns. Another one on the other cores has the same turns, as what
    is measured has its peer there: two cores at work are not as fast as one alone."""

    def __init__(self, direction, bits, octets):
        self.children = [subprocess.Popen([installation.BUILD + "/bench/floor", direction, str(bits), str(octets)],
                                          stdout=subprocess.PIPE, text=True,
                                          preexec_fn=lambda cpus=cpus: os.sched_setaffinity(0, cpus))
                         for cpus in (ONE, OTHERS)]
        for child in self.children:
            child.stdout.readline()
            child.send_signal(signal.SIGSTOP)

    def turn(self):
        signal_all([child.pid for child in self.children], signal.SIGCONT)
        time.sleep(TURN)
        signal_all([child.pid for child in self.children], signal.SIGSTOP)

    def end(self):
        """Messages per CPU second."""
        for number in (signal.SIGTERM, signal.SIGCONT):
            signal_all([child.pid for child in self.children], number)
        return [float(child.communicate()[0]) for child in self.children][0]


def world(bits):
    folder = os.path.join(installation.BUILD, "bench-world-%d" % bits)
    subprocess.run([installation.TOP + "/certs/make-world", "--bits", str(bits), folder], check=True,
                   stdout=subprocess.DEVNULL)
    os.environ.update(POSTHORN_WORLD=folder, POSTHORN_WORLD_BITS=str(bits))


def send_many(sender, receiver, count, text, ids):
    share = [count // 4 + (1 if n < count % 4 else 0) for n in range(4)]

    def some(n):
        for _ in range(share[n]):
            ids.append(sender.send(sender.letter(receiver, texts=[text])))
    threads = [threading.Thread(target=some, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def await_total(one, path, wanted, seconds, pause=lambda: None):
    """`pause` is called between two looks."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if one.get(path)["_meta"]["totalRecords"] >= wanted:
            return
        time.sleep(TURN)
        pause()
    raise SystemExit("bench: %s did not reach %d in %d s" % (path, wanted, seconds))


def signal_all(pids, number):
    for pid in pids:
        os.kill(pid, number)


def catch_up(pids):
    """Until they have nothing left to do; two seconds at most."""
    for _ in range(LOOKS):
        before = sum(map(cpu_seconds, pids))
        time.sleep(LOOK)
        if sum(map(cpu_seconds, pids)) - before < LOOK / 3:
            return


def accept_all(pair, count, octets, halted):
    """Accepted and no more: who would go on is stopped until all are there."""
    signal_all(halted, signal.SIGSTOP)
    before, ids = cpu_seconds(pair.kommun.pids()["accesspoint-api"]), []
    send_many(pair.kommun, pair.myndighet, count, "Godt nytt. " * (octets // 11), ids)
    return cpu_seconds(pair.kommun.pids()["accesspoint-api"]) - before


def warm_up(pair):
    """Caches, and as many connections as there will be: they are kept."""
    halted = [pair.kommun.pids()[n] for n in OUTWARDS]
    accept_all(pair, WARM, 100, halted)
    signal_all(halted, signal.SIGCONT)
    await_total(pair.kommun, "/messages?status=delivered&limit=1", WARM, 600)


def measure(pair, name, bits, count, octets, done):
    """One batch of messages; CPU seconds of the counted programs, and the floor's rate around them."""
    ours, theirs = pair.kommun.pids(), pair.myndighet.pids()
    is_out = name == "as4-out"
    counted = [ours[n] for n in OUTWARDS] if is_out else [theirs[n] for n in INWARDS]
    pin(list(ours.values()) + list(theirs.values()), OTHERS)
    pin(counted, ONE)
    least = Floor(name[4:], bits, octets)
    all_work = [pids[n] for pids in (ours, theirs) for n in INWARDS]
    if is_out:
        all_work.remove(theirs["accesspoint-send"])
        signal_all([theirs["accesspoint-send"]], signal.SIGSTOP)
    api_cpu = accept_all(pair, count, octets, [ours[n] for n in OUTWARDS])
    before = sum(map(cpu_seconds, counted))
    peers = [pid for pid in all_work if pid not in counted]

    def others_turns():
        signal_all(counted, signal.SIGSTOP)
        catch_up(peers)
        signal_all(peers, signal.SIGSTOP)
        least.turn()
        signal_all(all_work, signal.SIGCONT)
    signal_all(all_work, signal.SIGCONT)
    await_total(pair.kommun, "/messages?status=%s&limit=1" % ("transferred" if is_out else "delivered"), done + count,
                600, others_turns)
    cpu, floor = sum(map(cpu_seconds, counted)) - before, least.end()
    signal_all([theirs["accesspoint-send"]], signal.SIGCONT)
    print(json.dumps({"bench": name, "rsa": bits, "octets": octets, "ratio": round(count / cpu / floor, 3),
                      "per_second": round(count / cpu, 1), "floor_per_second": round(floor, 1), "messages": count}),
          flush=True)
    return api_cpu


def run(bits, count, octets):
    world(bits)
    scratch = tempfile.mkdtemp(prefix="posthorn-bench-")
    with installation.Pair(scratch) as pair:
        warm_up(pair)
        api_cpu = measure(pair, "as4-out", bits, count, octets, 0)
        await_total(pair.kommun, "/messages?status=delivered&limit=1", WARM + count, 600)
        api_cpu += measure(pair, "as4-in", bits, count, octets, WARM + count)
    shutil.rmtree(scratch)
    print(json.dumps({"bench": "api-accept", "rsa": bits, "octets": octets,
                      "per_second": round(2 * count / api_cpu, 1)}), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rsa", type=int, action="append")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--octets", type=int, default=10240)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for bits in options.rsa or [2048, 4096]:
        run(bits, options.count if bits == 2048 else max(options.count // 4, 20), options.octets)


main()
