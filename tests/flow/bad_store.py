#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""A full disk, a database that goes away, a wrong clock, what a crash leaves behind (issue 7), and what has had its time.

What cannot be stored is refused with 503 and leaves nothing; what was accepted before is delivered afterwards. The disk
is a small one of our own (tmpfs in a mount namespace), the database a PostgreSQL of our own.
"""
import contextlib
import glob
import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from claims import Claims  # noqa: E402
from installation import BUILD, PROGRAMS, Pair, is_sanitized  # noqa: E402
from postgres import Postgres, is_installed  # noqa: E402

PATIENCE_S = 40
DISK = "24m"
FAKETIME = (glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1") + [None])[0]


def unavailable(claims, row, org, method="POST", path="/messages", body=None, fields=None):
    status, octets, answer = org.call(method, path, body, fields)
    claims.equal(row + ": status", status, 503)
    claims.equal(row + ": is a problem", answer.getheader("Content-Type"), "application/problem+json")
    problem = json.loads(octets)
    claims.contains(row + ": says what to do", problem["detail"], ["kept", "again"])
    return problem


def queue(org):
    """(kind, state, how many) of all that the store holds, by the operator's command."""
    run = subprocess.run([BUILD + "/bin/posthorn", "queue", "--json", org.folder], capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stderr
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    return sorted((row["kind"], row["state"], row["messages"]) for row in rows)


def keyed():
    return {"Idempotency-Key": '"%s"' % uuid.uuid4()}


def ready(org):
    """(status, body) of the API's /health/ready."""
    host, port = org.listeners["accesspoint-api"][1].rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.request("GET", "/health/ready")
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


# --- a full disk

def small_disk(org):
    """The store's folder becomes a file system of its own."""
    store = org.folder + "/store"
    os.rename(store, store + ".made")
    os.mkdir(store)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=" + DISK, "none", store], check=True)
    shutil.copytree(store + ".made", store, dirs_exist_ok=True)


def fill(org):
    path = org.folder + "/store/ballast"
    with open(path, "wb", 0) as f:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    f.write(b"x" * size)
            except OSError:
                pass
    return path


def full_disk(claims, pair):
    org, other = pair.kommun, pair.myndighet
    letter = org.letter(other, "full", texts=["x" * 200000])
    org.await_status(org.send(org.letter(other, "before")), "delivered", PATIENCE_S)
    sent, queued, inbox = org.sent_count(), queue(org), org.inbox_count()
    ballast = fill(org)
    key = keyed()
    unavailable(claims, "disk full, a message", org, body=letter, fields=key)
    unavailable(claims, "disk full, an attachment", org, path="/attachments", body=b"x" * 500000,
                fields={"Content-Type": "application/pdf"})
    incoming = other.send(other.letter(org, "to a full disk"))
    end = time.monotonic() + PATIENCE_S
    while not [l for l in other.log_about(incoming) if "EBMS:" in l.get("why", "") or l["event"] == "work.retried"]:
        assert time.monotonic() < end, "the other side never heard of it"
        time.sleep(0.1)
    claims.check("disk full: the other side waits and tries again", other.status(incoming)["status"] == "sealed",
                 other.status(incoming))
    claims.equal("disk full: no message more", org.sent_count(), sent)
    claims.equal("disk full: nothing more in the inbox", org.inbox_count(), inbox)
    said = [l for l in org.log_lines() if l["level"] in ("warning", "error") and "full" in l.get("why", "") + l.get("error", "")]
    claims.check("disk full: the log says that the disk is full", said,
                 [l for l in org.log_lines() if l["level"] in ("warning", "error")][-5:])
    claims.check("disk full: the queue is known", len(queued) >= 2, queued)
    claims.equal("disk full: nothing more in the queue", queue(org), queued)
    os.remove(ballast)
    status, body, _ = org.call("POST", "/messages", letter, key)
    claims.equal("space again: the same request is taken", status, 202)
    org.await_status(json.loads(body)["messageId"], "delivered", PATIENCE_S)
    other.await_status(incoming, "delivered", PATIENCE_S)
    claims.equal("space again: what waited came once", org.inbox_count(), inbox + 1)
    claims.equal("space again: one message more", org.sent_count(), sent + 1)
    claims.equal("all four programs lived through it", sorted(org.pids().items()), sorted(pair.first_pids.items()))


# --- the database away

def database_away(claims, pair, postgres):
    org, other = pair.kommun, pair.myndighet
    before = org.send(org.letter(other, "before"))
    org.await_status(before, "delivered", PATIENCE_S)
    claims.equal("database there: ready", ready(org)[0], 200)
    other.run.child.send_signal(signal.SIGSTOP)  # so that one is under way
    pids = other.pids()
    for pid in pids.values():
        os.kill(pid, signal.SIGSTOP)
    under_way = org.send(org.letter(other, "under way"))
    postgres.stop()
    for pid in list(pids.values()) + [other.run.child.pid]:
        os.kill(pid, signal.SIGCONT)
    letter, key = org.letter(other, "meanwhile"), keyed()
    unavailable(claims, "database away, a message", org, body=letter, fields=key)
    claims.equal("database away: reading says so too", org.call("GET", "/messages")[0], 503)
    end = time.monotonic() + 15
    while ready(org)[0] == 200 and time.monotonic() < end:
        time.sleep(0.2)
    status, body = ready(org)
    claims.check("database away: not ready, and says why", status == 503 and "store" in body, (status, body))
    postgres.start()
    end = time.monotonic() + PATIENCE_S
    while True:
        status, body, _ = org.call("POST", "/messages", letter, key)
        if status == 202 or time.monotonic() > end:
            break
        time.sleep(0.2)
    claims.equal("database back: the same request is taken", status, 202)
    for message in (under_way, json.loads(body).get("messageId")):
        org.await_status(message, "delivered", PATIENCE_S)
    claims.equal("database back: three messages, no more", org.sent_count(), 3)
    claims.equal("database back: each came once", other.inbox_count(), 3)
    claims.equal("all four programs lived through it", sorted(org.pids()), sorted(PROGRAMS))


# --- a wrong clock

def wrong_clock(claims, pair):
    """Twenty years behind: nobody's certificate is valid yet. It says so, and goes on when the clock is right."""
    org, other = pair.kommun, pair.myndighet
    org.stop()
    right = dict(os.environ)
    os.environ.update(LD_PRELOAD=FAKETIME, FAKETIME="-20y", FAKETIME_DONT_FAKE_MONOTONIC="1", FAKETIME_NO_CACHE="1")
    try:
        org.start()
    finally:
        os.environ.clear()
        os.environ.update(right)
    message = org.send(org.letter(other, "clock"))
    end = time.monotonic() + PATIENCE_S
    while not org.status(message).get("reason"):
        assert time.monotonic() < end, "no reason"
        time.sleep(0.1)
    now = org.status(message)
    claims.contains("clock behind: the reason", now["reason"], ["not yet valid"])
    claims.check("clock behind: it waits", now["status"] in ("accepted", "sealed"), now)
    claims.check("clock behind: the log says so", [l for l in org.log_about(message) if "not yet valid" in l.get("why", "")],
                 org.log_about(message))
    org.stop()
    org.start()
    org.await_status(message, "delivered", PATIENCE_S)
    claims.equal("clock right: it came once", len([m for m in other.inbox() if m["messageId"] == message]), 1)


# --- what a crash leaves

def half_upload(org):
    """A client has sent half of a file when the API is killed."""
    host, port = org.ports["accesspoint-api"].rsplit(":", 1)
    connection = http.client.HTTPSConnection(host, int(port), timeout=10, context=org.context)
    connection.putrequest("POST", "/meddelanden/v1/attachments")
    for name, value in (("Authorization", "Bearer " + org.token), ("Content-Type", "application/pdf"),
                        ("Content-Length", "4000000")):
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"x" * 2000000)
    time.sleep(0.5)
    os.kill(org.pids()["accesspoint-api"], signal.SIGKILL)
    connection.close()


def crash(claims, pair):
    org = pair.kommun
    moving = org.folder + "/store/payload/moving"
    sent, queued = org.sent_count(), queue(org)
    half_upload(org)
    left = os.listdir(moving)
    claims.equal("crash: one half file is left", len(left), 1)
    young = moving + "/" + str(uuid.uuid4())
    open(young, "wb").write(b"somebody writes this now")
    two_hours_ago = time.time() - 7200
    for name in left:
        os.utime(moving + "/" + name, (two_hours_ago, two_hours_ago))
    org.stop()
    org.start()
    claims.equal("crash: swept at start, but what may be in use", os.listdir(moving), [os.path.basename(young)])
    claims.equal("crash: no message of it", (org.sent_count(), queue(org)), (sent, queued))
    claims.equal("crash: no unnamed file has become a named one", os.listdir(org.folder + "/temp"), [])
    message = org.send(org.letter(pair.myndighet, "after a crash"))
    org.await_status(message, "delivered", PATIENCE_S)


# --- what has had its time

LEFT = {"expired names": "SELECT count(*) FROM name WHERE expires_ms <> 0 AND expires_ms < 10",
        "old answers of the directory": "SELECT count(*) FROM cached WHERE fresh_until_ms < 10",
        "names that never expire": "SELECT count(*) FROM name WHERE expires_ms = 0"}


def database(org, statements=()):
    """{what: how many rows}, after these statements."""
    with contextlib.closing(sqlite3.connect(org.folder + "/store/store.db", timeout=PATIENCE_S)) as opened:
        for statement in statements:
            opened.execute(statement)
        opened.commit()
        return {what: opened.execute(query).fetchone()[0] for what, query in LEFT.items()}


def had_its_time(claims, pair):
    """Two days go by: an upload without a message, used keys and answers of the directory leave the store by themselves."""
    org = pair.kommun
    status, octets, _ = org.call("POST", "/attachments", b"x" * 100, {"Content-Type": "application/pdf"})
    claims.equal("had its time: an upload", status, 201)
    upload = json.loads(octets)["attachmentId"]
    org.await_status(org.send(org.letter(pair.myndighet)), "delivered", PATIENCE_S)
    org.stop()
    many = ["INSERT INTO name (scope, name, message, expires_ms) VALUES ('idempotency', 'old %d', 'm', 5)" % n
            for n in range(2500)]
    before = database(org, many + [
        "UPDATE message SET created_ms = created_ms - 2 * 86400000 WHERE id = '%s'" % upload,
        "UPDATE name SET expires_ms = 5 WHERE expires_ms <> 0", "UPDATE cached SET fresh_until_ms = 5"])
    claims.check("had its time: there was something", min(before.values()) > 0, before)
    org.start()
    end = time.monotonic() + PATIENCE_S
    while any(list(database(org).values())[:2]) and time.monotonic() < end:
        time.sleep(0.2)
    claims.equal("had its time: it is gone, and nothing else", list(database(org).values()),
                 [0, 0, before["names that never expire"]])
    claims.equal("had its time: the upload too", org.call("GET", "/attachments/" + upload)[0], 404)
    org.await_status(org.send(org.letter(pair.myndighet)), "delivered", PATIENCE_S)


def in_own_namespace():
    """Mounts of this test are nobody else's and end with it."""
    if os.environ.get("POSTHORN_UNSHARED") is None:
        os.environ["POSTHORN_UNSHARED"] = "tried"
        how = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        if subprocess.run(how + ["true"], stderr=subprocess.DEVNULL).returncode == 0:
            os.environ["POSTHORN_UNSHARED"] = "done"
            os.execvp("unshare", how + [sys.executable, os.path.abspath(__file__)])
    return os.environ["POSTHORN_UNSHARED"] == "done"


def on_disk(claims, scratch):
    can_mount = in_own_namespace()
    with Pair(scratch + "/disk", prepare=lambda pair: can_mount and small_disk(pair.kommun)) as pair:
        pair.first_pids = pair.kommun.pids()
        if can_mount:
            claims.play("a full disk", full_disk, claims, pair)
        else:
            print("left out: a full disk (no mount namespace for this user)")
        claims.play("what a crash leaves", crash, claims, pair)
        claims.play("what has had its time", had_its_time, claims, pair)
        if FAKETIME and not is_sanitized():
            claims.play("a wrong clock", wrong_clock, claims, pair)
        else:
            print("left out: a wrong clock (no libfaketime, or sanitizers that must come first)")


def on_server(claims, scratch):
    if not is_installed():
        print("left out: the database away (PostgreSQL is not installed)")
        return
    postgres = Postgres()
    postgres.start()
    try:
        with Pair(scratch + "/server", prepare=lambda pair: postgres.serve(pair.kommun)) as pair:
            claims.play("the database away", database_away, claims, pair, postgres)
    finally:
        postgres.end()


def main():
    in_own_namespace()
    claims = Claims()
    scratch = tempfile.mkdtemp(prefix="posthorn-bad-store-")
    on_disk(claims, scratch)
    on_server(claims, scratch)
    status = claims.end()
    if not status:
        subprocess.run(["umount", scratch + "/disk/kommun/store"], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(scratch)
    return status


sys.exit(main())
