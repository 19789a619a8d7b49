#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""idle: what the four programs of one installation hold while nothing happens, and how long `posthorn run` takes from
its start to READY. Medians. RSS counts the pages of shared libraries once per program, PSS shares them out: the sum of
PSS is what the machine gives. Private is what only the one program has.
usage: idle.py [--times N]      one JSON object; default 5"""
import argparse
import os
import statistics
import subprocess
import time

import measure

RSS_GOAL_MIB, READY_GOAL_S = 60, 0.3
SETTLE_S = 1


def start_once(one):
    """Seconds from start to the READY line."""
    began = time.monotonic()
    child = subprocess.Popen([measure.BUILD + "/bin/posthorn", "run", one.folder], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=open(one.log, "a"), env=one.env, text=True)
    for line in child.stdout:
        if line.startswith("READY"):
            return child, time.monotonic() - began
    raise SystemExit("bench: posthorn run ended before READY: see %s" % one.log)


def children(pid):
    found = {}
    for child in open("/proc/%d/task/%d/children" % (pid, pid)).read().split():
        name = open("/proc/%s/cmdline" % child, "rb").read().split(b"\0")[0].decode()
        found[os.path.basename(name).replace("accesspoint-", "")] = int(child)
    return found


def measure_once(one):
    child, ready = start_once(one)
    try:
        time.sleep(SETTLE_S)
        row = {"ready_s": ready}
        for name, pid in children(child.pid).items():
            row["rss " + name] = measure.memory_mib(pid, "VmRSS")
            row["pss " + name] = measure.memory_mib(pid, "Pss")
            row["private " + name] = measure.memory_mib(pid, "Private_Dirty")
        row["pss posthorn"] = measure.memory_mib(child.pid, "Pss")
        row["rss posthorn"] = measure.memory_mib(child.pid, "VmRSS")
        return row
    finally:
        child.terminate()
        child.wait(40)


def run(times):
    with measure.scratch() as folder:
        keys = measure.installation.world()
        one = measure.installation.Organisation(folder + "/kommun", keys, "kommun", "AP0001-OPEN-TEST",
                                                "https://127.0.0.1:1/")
        rows = [measure_once(one) for _ in range(times)]
    middle = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    parts = {kind: {key.split()[1]: round(value, 1) for key, value in middle.items() if key.startswith(kind + " ")}
             for kind in ("rss", "pss", "private")}
    supervisor = {kind: parts[kind].pop("posthorn") for kind in ("rss", "pss")}
    total = sum(parts["rss"].values())
    measure.say({"bench": "idle", "times": times, "rss_mib": round(total, 1), "rss_goal_mib": RSS_GOAL_MIB,
                 "rss_ok": total <= RSS_GOAL_MIB, "pss_mib": round(sum(parts["pss"].values()), 1),
                 "rss_of": parts["rss"], "pss_of": parts["pss"], "private_of": parts["private"],
                 "posthorn_run_mib": supervisor, "ready_s": round(middle["ready_s"], 3),
                 "ready_worst_s": round(max(row["ready_s"] for row in rows), 3), "ready_goal_s": READY_GOAL_S,
                 "ready_ok": middle["ready_s"] <= READY_GOAL_S})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=5)
    run(parser.parse_args().times)


main()
