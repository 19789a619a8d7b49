#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""http-upload: one large body into the attachment upload of accesspoint-api, and one into accesspoint-receive over
mutual TLS (it is no AS4 message, so it is refused once all of it was taken), each into a file: the peak memory of the
program that takes it.
usage: upload.py [--mib N]      one JSON object a line; default 1024"""
import argparse
import os
import subprocess
import sys
import time

import measure

PEAK_GOAL_MIB = 32


def report(where, octets, seconds, cpu, peak, status):
    measure.say({"bench": "http-upload", "into": where, "octets": octets, "wall_s": round(seconds, 2),
                 "cpu_s": round(cpu, 2), "mib_per_cpu_second": round(octets / measure.MIB / max(cpu, 0.01), 1),
                 "status": status, "peak_rss_mib": round(peak, 1), "peak_goal_mib": PEAK_GOAL_MIB,
                 "peak_ok": peak <= PEAK_GOAL_MIB})


def into_api(one, source, octets):
    pid = one.pids()["accesspoint-api"]
    before = measure.cpu_seconds(pid)
    attachment, seconds = measure.upload(one, source)
    report("accesspoint-api", octets, seconds, measure.cpu_seconds(pid) - before, measure.memory_mib(pid, "VmHWM"), 201)
    measure.curl(one, "/attachments/" + attachment, "-X", "DELETE")


def multipart(source):
    """The file as the second part of a message without a readable envelope; the source is changed into it."""
    head = ("--bench\r\nContent-Type: application/soap+xml\r\nContent-ID: <root>\r\n\r\n<none/>\r\n--bench\r\n"
            "Content-Type: application/gzip\r\nContent-ID: <file>\r\nContent-Transfer-Encoding: binary\r\n\r\n")
    with open(source + ".body", "wb") as out:
        out.write(head.encode())
        out.flush()
        subprocess.run(["cat", source], stdout=out, check=True)
        out.seek(0, os.SEEK_END)
        out.write(b"\r\n--bench--\r\n")
    return source + ".body"


def into_receive(pair, one, source):
    body = multipart(source)
    pid = one.pids()["accesspoint-receive"]
    before, began = measure.cpu_seconds(pid), time.monotonic()
    keys = pair.keys + "/open-test/"
    out = subprocess.run(["curl", "-sS", "--cacert", keys + "trust/tls.pem", "--cert", keys + "kommun/tls.pem",
                          "--key", keys + "kommun/tls.key", "-o", os.devnull, "-w", "%{http_code} %{size_upload}",
                          "-H", 'Content-Type: multipart/related; boundary=bench; type="application/soap+xml"',
                          "-H", "Expect:", "-X", "POST", "-T", body, one.msh], capture_output=True, text=True)
    if out.returncode != 0:
        raise SystemExit("bench: curl into accesspoint-receive: " + out.stderr.strip())
    seconds = time.monotonic() - began
    status, octets = out.stdout.split()
    report("accesspoint-receive", int(octets), seconds, measure.cpu_seconds(pid) - before,
           measure.memory_mib(pid, "VmHWM"), int(status))


def run(mib):
    octets = mib * measure.MIB
    with measure.scratch() as folder:
        if not measure.need_disk(folder, 4 * octets):
            return 77
        source = folder + "/source"
        measure.random_file(source, octets)
        with measure.installation.Pair(folder + "/pair", prepare=measure.allow_large) as pair:
            into_api(pair.kommun, source, octets)
            into_receive(pair, pair.myndighet, source)
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=1024)
    sys.exit(run(parser.parse_args().mib))


main()
