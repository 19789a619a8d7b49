#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""What accesspoint-send is asked by accesspoint-work, asked wrongly (accesspoint/errand.h): each is told why nothing was
done, nothing of it leaves, and the next one is done. Then a large part that was altered on disk after it was sealed:
nobody gets it whole, the message waits, and goes as soon as the octets are right again.
"""
import hashlib
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from claims import Claims  # noqa: E402
from installation import Pair  # noqa: E402

PATIENCE_S = 30
FRAME = struct.Struct("=QQIIII")  # runtime/loop/handover_wire.h: id, size, status, text, has_file, reserved
FAILED = 0
PART = b"part of a message " * 20000


class Asker:
    """Meets accesspoint-send as accesspoint-work does: sends it one end of a pair."""
    def __init__(self, org):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.ours.settimeout(PATIENCE_S)
        with theirs, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.connect(org.folder + "/run/send.sock")
            socket.send_fds(door, [FRAME.pack(0, 0, 0, 0, 0, 0)], [theirs.fileno()])
        self.count = 0

    def send(self, head, body=b"", file=None):
        self.count += 1
        frame = FRAME.pack(self.count, 0, 0, len(head), 0, 0)
        socket.send_fds(self.ours, [frame, head, body], [] if file is None else [file.fileno()])
        return self.count

    def answer(self):
        """(id, status, what it says)"""
        octets = self.ours.recv(1 << 18)
        number, _, status, text, _, _ = FRAME.unpack(octets[:FRAME.size])
        return number, status, octets[FRAME.size + text:].decode()

    def ask(self, head, body=b"", file=None):
        asked = self.send(head, body, file)
        number, status, text = self.answer()
        assert number == asked, (number, asked)
        return status, text


def push_of(url, before, octets, part):
    return ("POST %s\napplication/soap+xml\n%d %d %s\n" % (url, before, octets, hashlib.sha256(part).hexdigest())).encode()


def wrong_errands(url):
    """(row, head, body, the words of the answer); with each goes a file that holds PART."""
    short, other = "the file is not as its line says", PART[:-1] + b"?"
    return [
        ("no line", b"GET https://smp.example/", b"", "the first line is wrong"),
        ("another method", b"PUT https://smp.example/\n", b"", "the method is wrong"),
        ("a second line", b"GET https://smp.example/\nx\n", b"", "what stands behind it is wrong"),
        ("no content type", b"POST https://ap.example/\n", b"", "the content type is wrong"),
        ("no address", b"GET nowhere\n", b"", "address"),
        ("an address without TLS", ("GET %s\n" % url.replace("https", "http")).encode(), b"", "http"),
        ("an address inside", push_of("https://10.255.255.1/msh", 0, len(PART), PART), b"", "inside"),
        ("a file that is longer", push_of(url, 0, len(PART) - 1, PART), b"", short),
        ("a file that is shorter", push_of(url, 0, len(PART) + 1, PART), b"", short),
        ("a place outside of the body", push_of(url, 7, len(PART), PART), b"before", short),
        ("a part that was altered", push_of(url, 6, len(PART), other), b"beforeafter", "altered on disk"),
    ]


def check_wrong(claims, pair):
    asker, url = Asker(pair.kommun), pair.myndighet.msh
    with tempfile.TemporaryFile() as file:
        file.write(PART)
        file.flush()
        for row, head, body, words in wrong_errands(url):
            status, text = asker.ask(head, body, file)
            claims.equal(row + ": nothing came of it", status, FAILED)
            claims.check(row + ": says why", words in text and len(text) > 10, text)
        claims.equal("nobody got any of it whole", pair.myndighet.log_lines("as4.refused"), [])
        status, text = asker.ask(push_of(url, 6, len(PART), PART), b"beforeafter", file)
        claims.check("a right one is done: it is no AS4", status in (400, 500) and "EBMS:0009" in text, (status, text))


def check_gone(claims, pair):
    """Who asks and goes away leaves the others their answers."""
    asker, other = Asker(pair.kommun), Asker(pair.kommun)
    get = ("GET %s/nobody\n" % pair.smp.url).encode()
    for _ in range(20):
        other.send(get)
    other.ours.close()
    claims.equal("others are answered", asker.ask(get)[0], 404)


# --- altered on disk

def payload_files(org):
    found = []
    for folder, _, names in os.walk(org.folder + "/store/payload"):
        found += [os.path.join(folder, name) for name in names]
    return found


def flip(paths):
    for path in paths:
        with open(path, "r+b", 0) as f:
            f.seek(100000)
            octet = f.read(1)
            f.seek(100000)
            f.write(bytes([octet[0] ^ 1]))


def check_altered(claims, pair):
    org = pair.kommun
    send = org.pids()["accesspoint-send"]
    refused = len(pair.myndighet.log_lines("as4.refused"))
    before = payload_files(org)
    os.kill(send, signal.SIGSTOP)
    message = org.send(org.letter(pair.myndighet, "large", texts=[os.urandom(300000).hex()]))
    org.await_status(message, "sealed", PATIENCE_S)
    part = [path for path in payload_files(org) if path not in before]
    claims.check("altered on disk: the part is a file", part, before)
    flip(part)
    os.kill(send, signal.SIGCONT)
    end = time.monotonic() + PATIENCE_S
    while not [l for l in org.log_about(message) if "altered on disk" in l.get("why", "")]:
        assert time.monotonic() < end, org.log_about(message)
        time.sleep(0.1)
    claims.equal("altered on disk: it waits", org.status(message)["status"], "sealed")
    claims.equal("altered on disk: nobody got it whole", len(pair.myndighet.log_lines("as4.refused")), refused)
    flip(part)
    org.await_status(message, "delivered", PATIENCE_S)


def main():
    claims = Claims()
    scratch = tempfile.mkdtemp(prefix="posthorn-bad-errand-")
    with Pair(scratch) as pair:
        first = pair.kommun.send(pair.kommun.letter(pair.myndighet))
        pair.kommun.await_status(first, "delivered")
        claims.play("wrong errands", check_wrong, claims, pair)
        claims.play("an asker that goes away", check_gone, claims, pair)
        claims.play("a part that was altered on disk", check_altered, claims, pair)
    status = claims.end()
    if not status:
        shutil.rmtree(scratch)
    return status


sys.exit(main())
