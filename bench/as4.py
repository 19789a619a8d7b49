#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""as4-out and as4-in: messages per CPU second of the programs that do the work, beside a floor program that does
only the OpenSSL operations nobody can leave out (bench/floor.c), in the same run.

as4-out counts accesspoint-work and -send of the sender, from accepted until the AS4 receipt is checked and stored: the
receiver's accesspoint-send is stopped meanwhile, so that no message receipt comes back and is counted too.
as4-in counts accesspoint-receive, -work and -send of the receiver: message in, AS4 receipt out, opened into the inbox,
message receipt out and its AS4 receipt checked. CPU seconds, so a busy machine changes little.
All messages are accepted before the first is sealed, as they wait at a morning's peak: what is measured is capacity.
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


def cpu_seconds(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def total(pids, names):
    return sum(cpu_seconds(pids[name]) for name in names)


def floor(direction, bits, octets):
    out = subprocess.run([installation.BUILD + "/bench/floor", direction, str(bits), str(octets), "3"], check=True,
                         capture_output=True, text=True).stdout
    return float(out)


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


def await_total(one, path, wanted, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if one.get(path)["_meta"]["totalRecords"] >= wanted:
            return
        time.sleep(0.2)
    raise SystemExit("bench: %s did not reach %d in %d s" % (path, wanted, seconds))


def run(bits, count, octets):
    world(bits)
    scratch = tempfile.mkdtemp(prefix="posthorn-bench-")
    with installation.Pair(scratch) as pair:
        text = "Godt nytt. " * (octets // 11)
        first = pair.kommun.send(pair.kommun.letter(pair.myndighet, texts=[text]))  # warms caches and connections
        pair.kommun.await_status(first, "delivered")
        ours, theirs = pair.kommun.pids(), pair.myndighet.pids()
        inwards = ["accesspoint-receive", "accesspoint-work", "accesspoint-send"]
        halted = [ours["accesspoint-work"], ours["accesspoint-send"], theirs["accesspoint-send"]]
        for pid in halted:
            os.kill(pid, signal.SIGSTOP)
        out_before = total(ours, ["accesspoint-work", "accesspoint-send"])
        api_before = cpu_seconds(ours["accesspoint-api"])
        in_before = total(theirs, inwards)
        ids, began = [], time.monotonic()
        send_many(pair.kommun, pair.myndighet, count, text, ids)
        api_cpu = cpu_seconds(ours["accesspoint-api"]) - api_before
        for pid in halted[:2]:
            os.kill(pid, signal.SIGCONT)
        await_total(pair.kommun, "/messages?status=transferred&limit=1", count, 600)
        wall = time.monotonic() - began
        out_cpu = total(ours, ["accesspoint-work", "accesspoint-send"]) - out_before
        os.kill(theirs["accesspoint-send"], signal.SIGCONT)
        await_total(pair.kommun, "/messages?status=delivered&limit=1", count + 1, 600)
        time.sleep(1)
        in_cpu = total(theirs, inwards) - in_before
        detail = {name: round(cpu_seconds(theirs[name]), 2) for name in inwards}
    shutil.rmtree(scratch)
    for name, cpu in (("as4-out", out_cpu), ("as4-in", in_cpu)):
        least = floor("out" if name == "as4-out" else "in", bits, octets)
        print(json.dumps({"bench": name, "rsa": bits, "octets": octets, "ratio": round(count / cpu / least, 3),
                          "per_second": round(count / cpu, 1), "floor_per_second": least, "messages": count}), flush=True)
    print(json.dumps({"bench": "api-accept", "rsa": bits, "octets": octets, "per_second": round(count / api_cpu, 1),
                      "wall_per_second": round(count / wall, 1)}), flush=True)
    return detail


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rsa", type=int, action="append")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--octets", type=int, default=10240)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for bits in options.rsa or [2048, 4096]:
        run(bits, options.count if bits == 2048 else max(options.count // 4, 20), options.octets)


main()
