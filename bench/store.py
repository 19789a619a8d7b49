#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""store: messages per second through insert, claim and move (three commits each), by bench/store.c on both engines with
1 and 4 threads; and beside them how many commits a bare fsync loop on the same disk makes in a second, since a commit
cannot be had for less. PostgreSQL: a cluster of its own, with fsync on; skipped with one line where it is not installed.
usage: store.py [--seconds N] [--threads N]...      one JSON object a line"""
import argparse
import glob
import json
import os
import pwd
import shutil
import subprocess
import sys
import time

import measure

READY_S = 20


def syncs_per_second(folder, seconds):
    """One page appended and synced, over and over."""
    path = folder + "/sync"
    fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    count, began = 0, time.monotonic()
    while time.monotonic() < began + seconds:
        os.write(fd, b"x" * 4096)
        os.fdatasync(fd)
        count += 1
    os.close(fd)
    os.remove(path)
    return count / (time.monotonic() - began)


def run(folder, threads, seconds, connection=None):
    os.makedirs(folder, exist_ok=True)
    syncs = syncs_per_second(folder, min(seconds, 2))
    env = dict(os.environ, POSTHORN_SCHEMA_DIR=measure.TOP + "/schemas")
    args = [measure.BUILD + "/bench/store", folder, str(threads), str(seconds)] + ([connection] if connection else [])
    line = json.loads(subprocess.run(args, check=True, stdout=subprocess.PIPE, text=True, env=env).stdout)
    line["syncs_per_second"] = round(syncs, 1)
    line["ratio_to_syncs"] = round(3 * line["per_second"] / syncs, 2)
    measure.say(line)


class Cluster:
    """As user postgres when root, since initdb refuses root; in /tmp, where that user may go."""
    def __init__(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
        self.bin = os.path.dirname(found[-1]) if found else None
        self.user = {}

    def missing(self):
        if self.bin is None:
            return "PostgreSQL's server is not installed (package postgresql)"
        if os.geteuid() == 0:
            try:
                found = pwd.getpwnam("postgres")
            except KeyError:
                return "root cannot run PostgreSQL and there is no user postgres"
            self.user = {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
        return None

    def __enter__(self):
        self.folder = subprocess.run(["mktemp", "-d", "/tmp/posthorn-bench-pg-XXXXXX"], check=True, text=True,
                                     capture_output=True).stdout.strip()
        if self.user:
            os.chown(self.folder, self.user["user"], self.user["group"])
        data = self.folder + "/data"
        subprocess.run([self.bin + "/initdb", "-D", data, "-U", "posthorn", "-A", "trust", "-E", "UTF8", "--locale=C"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/", **self.user)
        self.server = subprocess.Popen([self.bin + "/postgres", "-D", data, "-k", self.folder, "-c",
                                        "listen_addresses=", "-c", "port=5499"], cwd="/",
                                       stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **self.user)
        self.connection = "host=%s port=5499 user=posthorn dbname=postgres" % self.folder
        self.wait()
        return self

    def wait(self):
        end = time.monotonic() + READY_S
        while subprocess.run([self.bin + "/pg_isready", "-q", "-h", self.folder, "-p", "5499"]).returncode != 0:
            if time.monotonic() > end:
                raise SystemExit("bench: PostgreSQL did not start")
            time.sleep(0.1)

    def database(self, name):
        subprocess.run([self.bin + "/createdb", "-h", self.folder, "-p", "5499", "-U", "posthorn", name], check=True)
        return self.connection.replace("dbname=postgres", "dbname=" + name)

    def __exit__(self, kind, value, trace):
        self.server.send_signal(2)  # fast shutdown
        self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--threads", type=int, action="append")
    options = parser.parse_args()
    counts = options.threads or [1, 4]
    with measure.scratch() as folder:
        for threads in counts:
            run("%s/sqlite%d" % (folder, threads), threads, options.seconds)
    cluster = Cluster()
    why = cluster.missing()
    if why is not None:
        print("bench: store on PostgreSQL skipped: " + why, file=sys.stderr)
        return
    with measure.scratch() as folder, cluster:
        for threads in counts:
            run("%s/postgres%d" % (folder, threads), threads, options.seconds, cluster.database("bench%d" % threads))


main()
