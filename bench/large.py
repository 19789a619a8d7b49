#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""large: one large file through two running organisations: uploaded to the API of one, sent, opened by the other,
fetched from its inbox, octets compared. Wall time; CPU seconds of each program; its peak memory; and the ratio to a
floor program that makes only the passes nobody can leave out over the same octets (bench/floor_large.c), in the same
run, by CPU seconds.
usage: large.py [--mib N]...      one JSON object a line; default 1024"""
import argparse
import os
import subprocess
import sys
import time

import measure

PEAK_GOAL_MIB = 64
COPIES = 7  # of the file on disk at the worst moment: source, stores of both, what is being sealed and opened


def fetch(organisation, path):
    """The one file in the inbox."""
    for entry in organisation.inbox():
        letter = entry["inboxMessageId"]
        files = organisation.get("/inbox-messages/" + letter)["letter"]["documents"][0]["attachments"]
        if files:
            return fetch_file(organisation, letter, files[0], path)
    raise SystemExit("bench: no file in the inbox")


def fetch_file(organisation, letter, found, path):
    answer = measure.curl(organisation, "/inbox-messages/%s/attachments/%s" % (letter, found["attachmentId"]),
                          "-o", path)
    if answer["status"] != 200:
        raise SystemExit("bench: download answered %d" % answer["status"])
    return answer["seconds"]


def floor(direction, path):
    out = subprocess.run([measure.BUILD + "/bench/floor_large", direction, path], check=True, capture_output=True,
                         text=True).stdout.split()
    return float(out[0]), float(out[1])


def await_delivery(pair, message, octets, began):
    times, end = {}, time.monotonic() + 120 + octets / measure.MIB
    while "delivered" not in times:
        now = pair.kommun.status(message)
        times.setdefault(now["status"], round(time.monotonic() - began, 2))
        if now["status"] in ("refused", "parked", "failed", "unanswered") or time.monotonic() > end:
            raise SystemExit("bench: the message is %s: %s" % (now["status"], now.get("reason")))
        time.sleep(0.1)
    return times


def transfer(pair, source, octets):
    before = [measure.cpu_of(one) for one in (pair.kommun, pair.myndighet)]
    began = time.monotonic()
    attachment, upload_s = measure.upload(pair.kommun, source)
    sent = time.monotonic()
    message = pair.kommun.send(pair.kommun.letter(pair.myndighet, attachments=[{"attachmentId": attachment}]))
    times = await_delivery(pair, message, octets, sent)
    copy = source + ".copy"
    fetch_s = fetch(pair.myndighet, copy)
    wall = time.monotonic() - began
    if measure.sha256_file(copy) != measure.sha256_file(source):
        raise SystemExit("bench: the file that came is another")
    os.remove(copy)
    spent = [measure.spent(b, measure.cpu_of(one)) for b, one in zip(before, (pair.kommun, pair.myndighet))]
    return {"wall_s": round(wall, 2), "upload_s": round(upload_s, 2), "send_s": times["delivered"],
            "states_s": times, "download_s": round(fetch_s, 2)}, spent


def run(mib):
    octets = mib * measure.MIB
    with measure.scratch() as folder:
        if not measure.need_disk(folder, COPIES * octets):
            return 77
        source = folder + "/source"
        measure.random_file(source, octets)
        with measure.installation.Pair(folder + "/pair", prepare=measure.allow_large) as pair:
            warm = pair.kommun.send(pair.kommun.letter(pair.myndighet))
            pair.kommun.await_status(warm, "delivered")
            line, spent = transfer(pair, source, octets)
            peak = {"out": measure.peaks(pair.kommun), "in": measure.peaks(pair.myndighet)}
        worst = max(max(side.values()) for side in peak.values())
        measure.say({"bench": "large", "octets": octets, **line, "cpu_s": {"out": spent[0], "in": spent[1]},
                     "peak_rss_mib": peak, "peak_goal_mib": PEAK_GOAL_MIB, "peak_ok": worst <= PEAK_GOAL_MIB})
        for direction, cpu in (("out", spent[0]), ("in", spent[1])):
            least, wall = floor(direction, source)
            total = sum(cpu.values())
            measure.say({"bench": "large-" + direction, "octets": octets, "ratio": round(least / total, 3),
                         "cpu_s": round(total, 2), "floor_cpu_s": least, "floor_wall_s": wall})
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, action="append")
    sys.exit(max([run(mib) for mib in parser.parse_args().mib or [1024]]))


main()
