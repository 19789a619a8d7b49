#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Other access points that are slow, cut off, lie, or may not come in (issue 7).

First as a sender: between our accesspoint-send and the other organisation stands tests/flow/between.py. Whatever it does,
the message arrives exactly once, and an attempt that was already taken gets the stored receipt again. Then as a receiver:
callers without a good certificate, and requests that are no AS4.
"""
import http.client
import os
import shutil
import ssl
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from between import Between  # noqa: E402
from claims import Claims  # noqa: E402
from installation import Pair  # noqa: E402

PATIENCE_S = 30
BODY_LIMIT = 1 << 20
SOAP = "application/soap+xml; charset=UTF-8"
RELATED = 'multipart/related; boundary="b"; type="application/soap+xml"; start="<a@x>"'

# What happens at the first attempt, the words of the reason it is tried again with, and whether the
# message had been taken by then: if so, the second attempt must get the first one's receipt.
STEPS = [
    ("cut-at-accept", [""], False),
    ("no-tls", ["TLS"], False),
    ("cut-after-tls", [""], False),
    ("cut-mid-request", [""], False),
    ("cut-before-answer", [""], False),
    ("answer-lost", [""], True),
    ("answer-half", ["reading"], True),
    ("error-page", ["HTTP 500 without a receipt"], False),
    ("nothing", ["HTTP 204 without a receipt"], False),
    ("junk", ["what the other access point answered"], False),
    ("altered-receipt", ["signature"], True),
    ("old-receipt", ["another message"], False),
    ("unsigned-duplicate", ["another certificate"], False),
    ("slow-answer", None, True),
    ("drop-by-drop", None, True),
]


# --- we send

def check_step(claims, pair, between, word, words, taken):
    """One message through one mishap."""
    between.next(word)
    before = len(between.answers)
    repeated = len(pair.myndighet.log_lines("as4.repeated"))
    message = pair.kommun.send(pair.kommun.letter(pair.myndighet, word))
    now = pair.kommun.await_status(message, "delivered", PATIENCE_S)
    inbox = [m for m in pair.myndighet.inbox() if m["messageId"] == message]
    claims.equal(word + ": it is in the inbox once", len(inbox), 1)
    claims.equal(word + ": accepted by the receiver", now["outcome"]["code"], "ACCEPTED")
    answers = between.answers[before:]
    if words is None:
        claims.equal(word + ": one attempt was enough", len(answers), 1)
        return
    tries = [l for l in pair.kommun.log_about(message) if l["event"] == "work.retried"]
    claims.check(word + ": a log line with the message's id says what happened",
                 any(all(w in l["why"] for w in words) and len(l["why"]) > 10 for l in tries),
                 pair.kommun.log_about(message))
    if taken:
        claims.equal(word + ": taken once, asked for twice", len(answers), 2)
        claims.equal(word + ": the second attempt got the stored receipt", answers[1:], answers[:1])
        claims.equal(word + ": the receiver logged it", len(pair.myndighet.log_lines("as4.repeated")), repeated + 1)


def check_few(claims, pair, between):
    """A partner that takes two connections at a time, and turns others away."""
    between.next("pass")
    between.most = 2
    sent = [pair.kommun.send(pair.kommun.letter(pair.myndighet, "few %d" % n)) for n in range(30)]
    for message in sent:
        pair.kommun.await_status(message, "delivered", 2 * PATIENCE_S)
    got = [m["messageId"] for m in pair.myndighet.inbox()]
    claims.equal("few connections: each came once", [got.count(message) for message in sent], [1] * len(sent))
    claims.check("few connections: there were more than it takes", between.turned_away > 0, between.open)


def reluctant(pair):
    env = pair.keys + "/open-test"
    return Between(env + "/myndighet/tls", env + "/kommun/tls", env + "/trust/tls.pem",
                   pair.myndighet.ports["accesspoint-receive"])


# --- we receive

def context(pair, name):
    made = ssl.create_default_context(cafile=pair.keys + "/open-test/trust/tls.pem")
    if name is not None:
        path = pair.keys + "/open-test/" + name
        made.load_cert_chain(path + ".pem", path + ".key")
    return made


def post(pair, body, form=SOAP, method="POST", path="/msh", name="kommun/tls", fields=None):
    """(status, octets) or (None, the fault)."""
    host, port = pair.myndighet.ports["accesspoint-receive"].rsplit(":", 1)
    connection = http.client.HTTPSConnection(host, int(port), timeout=20, context=context(pair, name))
    try:
        connection.request(method, path, body, dict({"Content-Type": form} if form else {}, **(fields or {})),
                           encode_chunked=fields is not None)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as fault:
        return None, fault
    finally:
        connection.close()


def bad_callers(claims, pair):
    """TLS alone refuses them: not a byte of theirs is read as HTTP."""
    claims.equal("a good certificate gets in", post(pair, None, None, "GET")[0], 200)
    time.sleep(0.2)
    served = len(pair.myndighet.log_lines("http.served"))
    for name in (None, "bad/tls-expired", "bad/tls-revoked", "bad/tls-not-yet-valid", "bad/tls-wrong-environment",
                 "bad/tls-unknown-ca", "bad/tls-wrong-usage"):
        status, fault = post(pair, b"<x/>", name=name)
        claims.equal("a caller with %s is refused" % (name or "no certificate"), status, None)
        claims.check("a caller with %s gets no HTTP" % name, isinstance(fault, OSError), repr(fault))
    claims.equal("none of them was served", len(pair.myndighet.log_lines("http.served")), served)


def envelope(body="<S12:Body/>", header=""):
    return ('<S12:Envelope xmlns:S12="http://www.w3.org/2003/05/soap-envelope"><S12:Header>%s</S12:Header>%s</S12:Envelope>'
            % (header, body)).encode()


def bad_requests(pair):
    """(row, arguments of post, status, code of the ebMS error or None)"""
    part = b'--b\r\nContent-Type: application/soap+xml\r\nContent-ID: <a@x>\r\n\r\n'
    return [
        ("another type", dict(body=b"hello", form="text/plain"), 415, None),
        ("no type", dict(body=b"hello", form=None), 415, None),
        ("too large, told", dict(body=b"x" * (2 * BODY_LIMIT)), 413, None),
        ("too large, in chunks", dict(body=(b"x" * 65536 for _ in range(32)), fields={"Transfer-Encoding": "chunked"}),
         413, None),
        ("another path", dict(body=b"x", path="/other"), 404, None),
        ("another method", dict(body=b"x", method="PUT"), 405, None),
        ("broken XML", dict(body=b"<S12:Envelope>&oops;"), None, "EBMS:0009"),
        ("no XML", dict(body=b"\x00\x01\x02"), None, "EBMS:0009"),
        ("a document type", dict(body=b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + envelope()), None, "EBMS:0009"),
        ("no ebMS header", dict(body=envelope()), None, "EBMS:0009"),
        ("MIME without its boundary", dict(body=b"x", form="multipart/related; type=\"application/soap+xml\""), None,
         "EBMS:0007"),
        ("MIME that ends too early", dict(body=part + envelope(), form=RELATED), None, "EBMS:0007"),
        ("MIME without parts", dict(body=b"--b--\r\n", form=RELATED), None, "EBMS:0007"),
        ("a part's broken XML", dict(body=part + b"<x\r\n--b--\r\n", form=RELATED), None, "EBMS:0009"),
    ]


def check_requests(claims, pair):
    before = pair.myndighet.inbox_count()
    for row, arguments, status, code in bad_requests(pair):
        refused = len(pair.myndighet.log_lines("as4.refused"))
        seen, octets = post(pair, **arguments)
        if status is not None:
            claims.equal(row + ": HTTP status", seen, status)
            claims.check(row + ": says what would be right", len(octets) > 10, octets)
            continue
        claims.check(row + ": an HTTP error", seen in (400, 500), (seen, octets[:300]))
        claims.contains(row + ": a signed ebMS error", octets, [code, "SignatureValue", "Fault"])
        lines = pair.myndighet.log_lines("as4.refused")[refused:]
        claims.check(row + ": one log line with the code and why",
                     len(lines) == 1 and lines[0]["ebms"] == code and lines[0].get("why"), lines)
    claims.equal("nothing of it is in the inbox", pair.myndighet.inbox_count(), before)
    left = os.listdir(pair.myndighet.folder + "/temp") + [f for f in os.listdir(pair.myndighet.folder + "/run")
                                                          if not f.endswith(".sock")]
    claims.equal("nothing of it lies about", left, [])


def half_request(claims, pair):
    """A caller that goes away in the middle leaves nothing, and its next one is served."""
    host, port = pair.myndighet.ports["accesspoint-receive"].rsplit(":", 1)
    tls = context(pair, "kommun/tls").wrap_socket(http.client.socket.create_connection((host, int(port))),
                                                  server_hostname=host)
    tls.sendall(("POST /msh HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 100000\r\n\r\n" % RELATED).encode()
                + b"x" * 5000)
    tls.close()
    time.sleep(0.3)
    asked = [l for l in pair.myndighet.log_lines("as4.refused") if l.get("peer", "").startswith("127.0.0.1")]
    claims.equal("half a request is not handed on", len(asked), 0)
    claims.equal("others are served after it", post(pair, None, None, "GET")[0], 200)


def prepare(pair):
    pair.myndighet.set("accesspoint-receive", "body-size", "1M")


def main():
    claims = Claims()
    scratch = tempfile.mkdtemp(prefix="posthorn-bad-peer-")
    with Pair(scratch, prepare=prepare) as pair:
        claims.play("half a request", half_request, claims, pair)
        claims.play("callers that may not come in", bad_callers, claims, pair)
        claims.play("requests that are no AS4", check_requests, claims, pair)
    with Pair(scratch + "/2") as pair:
        between = reluctant(pair)
        open(pair.smp.folder + "/services.tsv", "w").close()
        pair.smp.publish(pair.keys, "kommun", pair.kommun.msh)
        pair.smp.publish(pair.keys, "myndighet", "https://%s/msh" % between.address)
        with between:
            first = pair.kommun.send(pair.kommun.letter(pair.myndighet))
            pair.kommun.await_status(first, "delivered")
            for word, words, taken in STEPS:
                claims.play(word, check_step, claims, pair, between, word, words, taken)
            claims.play("a partner that takes few connections", check_few, claims, pair, between)
    status = claims.end()
    if not status:
        shutil.rmtree(scratch)
    return status


sys.exit(main())
