#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""What is wrong is refused, and the refusal says what, where, and what would be right (issue 7).

Here: what a business system sends, whom it is for, what the directory (SMP) says or does not say, and certificates.
Each row looks at what the caller saw, at the one log line with the message's id, and at what is left behind.
"""
import json
import os
import shutil
import sys
import tempfile
import time
import uuid

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from claims import Claims  # noqa: E402
from installation import Pair  # noqa: E402

# What is wrong with a certificate of bad/, and how the refusal must name it.
WRONG = {"expired": "expired", "revoked": "revoked", "not-yet-valid": "not valid before", "wrong-environment": "issuer",
         "unknown-ca": "", "wrong-usage": ""}
NOT_PUBLISHED = "not among the sender's published"
PATIENCE_S = 20


def bad(pair, use, what):
    return "%s/open-test/bad/%s-%s" % (pair.keys, use, what)


def good(pair, who, use):
    return "%s/open-test/%s/%s" % (pair.keys, who, use)


class Other:
    """A recipient that only the SMP knows."""
    def __init__(self, name):
        self.participant = "0203:%s.example" % name
        self.address = "sdk:inkorg:" + self.participant


# --- what a business system sends

def problem(org, method, path, body, fields):
    status, octets, answer = org.call(method, path, body, fields)
    return status, answer.getheader("Content-Type"), json.loads(octets)


def refused_calls(pair):
    """(row, body, other header fields, status, end of the problem's type, pointer)"""
    letter = pair.kommun.letter(pair.myndighet)
    key = {"Idempotency-Key": '"%s"' % uuid.uuid4()}
    text = {"Content-Type": "application/json"}
    return [
        ("broken JSON", b'{"sender": ', dict(key, **text), 400, "bad-request", None),
        ("another type", b"<message/>", dict(key, **{"Content-Type": "application/xml"}), 415, "unsupported-type", None),
        ("too large", b'{"x": "' + b"x" * 3_000_000 + b'"}', dict(key, **text), 413, "too-large", None),
        ("no key", letter, {}, 400, "idempotency-key-missing", None),
        ("no recipient", {k: v for k, v in letter.items() if k != "recipient"}, key, 422, "wrong-message", "/recipient"),
        ("unknown field", dict(letter, subjekt="x"), key, 422, "wrong-message", "/subjekt"),
        ("no text", dict(letter, documents=[{"texts": [""]}]), key, 422, "wrong-message", "/documents/0/texts/0"),
        ("an attachment nobody uploaded", pair.kommun.letter(pair.myndighet, attachments=[
            {"attachmentId": str(uuid.uuid4())}]), key, 422, "wrong-message", "/documents/0/attachments/0"),
        ("somebody else's address", dict(letter, sender={"address": pair.myndighet.address}), key, 403,
         "address-not-yours", "/sender/address"),
        ("no token", letter, dict(key, Authorization="Bearer wrong"), 401, "unauthorized", None),
    ]


def check_calls(claims, pair):
    before = pair.kommun.sent_count()
    for row, body, fields, status, kind, pointer in refused_calls(pair):
        seen, form, what = problem(pair.kommun, "POST", "/messages", body, fields)
        claims.equal("%s: status" % row, (seen, what.get("status")), (status, status))
        claims.equal("%s: is a problem" % row, form, "application/problem+json")
        claims.check("%s: says which" % row, what.get("type", "").endswith("/" + kind), what)
        details = [what.get("detail", "")] + [e["detail"] for e in what.get("errors", [])]
        claims.check("%s: says what would be right" % row, max(map(len, details)) > 20 or what["errors"], what)
        if pointer:
            errors = {e["pointer"]: e["detail"] for e in what.get("errors", [])}
            claims.check("%s: points at it" % row, len(errors.get(pointer, "")) > 8, errors)
    claims.equal("nothing of the refused calls was kept", pair.kommun.sent_count(), before)


# --- whom it is for

def never_left(claims, row, pair, message, received):
    """It was not sent, by the sender's events and by the receiver's log."""
    events = [e["event"] for e in pair.kommun.get("/messages/%s/events" % message)["events"]]
    claims.check("%s: it was never pushed" % row, "transferred" not in events and "answered" not in events, events)
    claims.equal("%s: nothing came to the other side" % row, len(pair.myndighet.log_lines("as4.received")), received)


def log_names(claims, row, org, message, event, words=()):
    lines = [l for l in org.log_about(message) if l.get("event") == event]
    claims.check("%s: a log line %s with the message's id" % (row, event), lines, org.log_about(message))
    claims.check("%s: the log line says why" % row,
                 not lines or any(all(w in json.dumps(l) for w in words) for l in lines), lines)


def refused_before_sending(claims, row, pair, to, words, event):
    """Sent to `to`; it must be refused with these words, and nobody else must have heard of it."""
    received = len(pair.myndighet.log_lines("as4.received"))
    message = pair.kommun.send(pair.kommun.letter(to))
    now = pair.kommun.await_status(message, "refused", PATIENCE_S)
    claims.contains("%s: the reason" % row, now.get("reason"), words)
    log_names(claims, row, pair.kommun, message, event, words[:1])
    never_left(claims, row, pair, message, received)


def unknown_recipient(claims, pair):
    refused_before_sending(claims, "unknown recipient", pair, Other("nobody"), ["0203:nobody.example", "SMP"],
                           "work.failed")


def unknown_function(claims, pair):
    """The organisation is there, the function address is not: only the receiver can know (BV/not-found)."""
    row, before = "unknown function address", pair.myndighet.inbox_count()
    letter = pair.kommun.letter(pair.myndighet)
    letter["recipient"]["address"] = "sdk:avvecklad:" + pair.myndighet.participant
    message = pair.kommun.send(letter)
    now = pair.kommun.await_status(message, "refused", PATIENCE_S)
    outcome = now.get("outcome", {})
    claims.equal(row + ": the receipt", outcome.get("code"), "REJECTED")
    claims.contains(row + ": its code", outcome.get("reasons"), ["BV/not-found"])
    log_names(claims, row + ", receiver", pair.myndighet, message, "sdk.refused", ["BV/not-found"])
    log_names(claims, row + ", sender", pair.kommun, message, "sdk.answered", ["REJECTED"])
    claims.equal(row + ": the inbox is as before", pair.myndighet.inbox_count(), before)


# --- certificates

def publish_bad(pair):
    """Recipients whose access point or encryption certificate is wrong, each in one way."""
    for what in WRONG:
        pair.smp.publish_as("0203:ap-%s.example" % what, pair.myndighet.msh, bad(pair, "ap", what) + ".pem",
                            good(pair, "myndighet", "o2o") + ".pem", good(pair, "myndighet", "o2o") + ".pem")
        pair.smp.publish_as("0203:o2o-%s.example" % what, pair.myndighet.msh, good(pair, "myndighet", "ap") + ".pem",
                            good(pair, "myndighet", "o2o") + ".pem", bad(pair, "o2o", what) + ".pem")
    for what, published, _, _ in signers(pair):
        pair.smp.publish_as(signer_of(what), pair.kommun.msh, good(pair, "kommun", "ap") + ".pem", published + ".pem",
                            good(pair, "kommun", "o2o") + ".pem")


def signers(pair):
    """(what, the certificate its participant publishes, what it signs with, how the refusal must name it)"""
    each = [(what, bad(pair, "o2o", what), bad(pair, "o2o", what), word) for what, word in WRONG.items()]
    return each + [("not-published", good(pair, "myndighet", "o2o"), good(pair, "kommun", "o2o"), NOT_PUBLISHED)]


def signer_of(what):
    return "0203:sign-%s.example" % what


def bad_access_point(claims, pair):
    for what, word in WRONG.items():
        refused_before_sending(claims, "access point certificate %s" % what, pair, Other("ap-" + what),
                               ["certificate of the receiving access point", word], "work.failed")


def bad_encryption(claims, pair):
    for what, word in WRONG.items():
        refused_before_sending(claims, "encryption certificate %s" % what, pair, Other("o2o-" + what),
                               ["encryption certificate of the recipient", word], "work.failed")


def bad_signer(claims, pair):
    """The receiver refuses what such a certificate signed, with a receipt that says so (SIG/security)."""
    before = pair.myndighet.inbox_count()
    sent = {}
    for what, _, _, word in signers(pair):
        letter = pair.kommun.letter(pair.myndighet)
        letter["sender"] = {"address": "sdk:inkorg:" + signer_of(what)}
        sent[what] = pair.kommun.send(letter), word
    for what, (message, word) in sent.items():
        row = "signing certificate %s" % what
        now = pair.kommun.await_status(message, "refused", PATIENCE_S)
        claims.contains(row + ": the receipt", now.get("outcome"), ["REJECTED", "SIG/security"])
        log_names(claims, row + ", receiver", pair.myndighet, message, "sdk.refused", ["SIG/security", word])
    claims.equal("signing certificates: the inbox is as before", pair.myndighet.inbox_count(), before)


RECEIPT_SIGNER = Other("receipt")  # of myndighet; its published certificate is not what signs its receipts


def bad_receipt(claims, pair):
    """Who did not sign as published has not answered: the message waits on."""
    row = "receipt that another signed"
    pair.smp.publish_as(RECEIPT_SIGNER.participant, pair.myndighet.msh, good(pair, "myndighet", "ap") + ".pem",
                        good(pair, "kommun", "o2o") + ".pem", good(pair, "myndighet", "o2o") + ".pem")
    message = pair.kommun.send(pair.kommun.letter(RECEIPT_SIGNER))
    ignored = await_ignored(pair.kommun)
    claims.contains(row + ": the log line says why", ignored, [NOT_PUBLISHED])
    pair.kommun.await_status(message, "transferred", PATIENCE_S)  # never, if it were delivered or refused


def await_ignored(org):
    end = time.monotonic() + PATIENCE_S
    while True:
        lines = org.log_lines("sdk.receipt_ignored")
        if lines:
            return lines
        assert time.monotonic() < end, "no receipt was ignored"
        time.sleep(0.1)


# --- the directory

# Mode of the stand-in, the state that comes of it while it lasts, and words of the reason.
LIES = [
    ("unsigned", "refused", ["SMP", "no Signature"]),
    ("altered", "refused", ["SMP", "altered"]),
    ("expired", "refused", ["SMP", "expired"]),
    ("other", "refused", ["SMP"]),
    ("redirect", "refused", ["SMP"]),
    ("garbage", "refused", ["SMP"]),
    ("empty", "refused", ["SMP", "there is no element"]),
    ("error", "waits", ["SMP", "500"]),
    ("unknown", "refused", ["SMP", "knows no such service"]),
]


def lying_directory(claims, pair):
    for mode, state, words in LIES:
        row = "SMP is " + mode
        to = Other("lied-" + mode)
        pair.smp.publish_as(to.participant, pair.myndighet.msh, good(pair, "myndighet", "ap") + ".pem",
                            good(pair, "myndighet", "o2o") + ".pem", good(pair, "myndighet", "o2o") + ".pem")
        received = len(pair.myndighet.log_lines("as4.received"))
        pair.smp.mode(mode)
        message = pair.kommun.send(pair.kommun.letter(to))
        now = await_reason(pair.kommun, message, "refused" if state == "refused" else "accepted")
        claims.contains(row + ": the reason", now.get("reason"), words)
        log_names(claims, row, pair.kommun, message, "work.retried" if state == "waits" else
                  "work.failed", words[-1:])
        never_left(claims, row, pair, message, received)
        pair.smp.mode("normal")
        if state == "waits":  # it goes on by itself; nobody serves this participant, so it ends refused
            now = pair.kommun.await_status(message, "refused", PATIENCE_S)
            claims.contains(row + ": it went on afterwards", now.get("reason"), ["access point"])


def await_reason(org, message, state):
    end = time.monotonic() + PATIENCE_S
    while True:
        now = org.status(message)
        if now["status"] == state and now.get("reason"):
            return now
        assert time.monotonic() < end, (state, now)
        time.sleep(0.05)


def away_directory(claims, pair):
    """An SMP that is down delays; nothing that was accepted is lost."""
    row = "SMP is down"
    alias = fresh_alias(pair, "down")
    pair.smp.stop()
    message = pair.kommun.send(letter_to(pair, alias))
    now = await_reason(pair.kommun, message, "accepted")
    claims.contains(row + ": the reason", now["reason"], ["connect"])
    claims.check(row + ": attempts are counted", now["attempts"] >= 1, now)
    log_names(claims, row, pair.kommun, message, "work.retried", ["connect"])
    pair.smp.start()
    pair.kommun.await_status(message, "delivered", PATIENCE_S)


def slow_directory(claims, pair):
    """Slow is not away; and one that never answers holds up that message alone, for half a minute."""
    alias = fresh_alias(pair, "slow")
    pair.smp.mode("slow")
    began = time.monotonic()
    message = pair.kommun.send(letter_to(pair, alias))
    now = pair.kommun.await_status(message, "delivered", PATIENCE_S)
    claims.check("SMP is slow: it was waited for", time.monotonic() - began > 2.5, time.monotonic() - began)
    claims.equal("SMP is slow: at the first attempt", now["attempts"], 0)
    silent = fresh_alias(pair, "silent")
    pair.smp.mode("silent")
    message = pair.kommun.send(letter_to(pair, silent))
    time.sleep(1)
    pair.smp.mode("normal")
    return message


def check_silent(claims, pair, message):
    now = pair.kommun.await_status(message, "delivered", 60)
    log_names(claims, "SMP is silent", pair.kommun, message, "work.retried", ["waiting"])
    claims.equal("SMP is silent: delivered later", now["status"], "delivered")


ALIASES = ["down", "slow", "silent"]  # participants of myndighet that nobody has asked the SMP about


def fresh_alias(pair, name):
    alias = Other("alias-" + name)
    pair.smp.publish_as(alias.participant, pair.myndighet.msh, good(pair, "myndighet", "ap") + ".pem",
                        good(pair, "myndighet", "o2o") + ".pem", good(pair, "myndighet", "o2o") + ".pem")
    return alias


def letter_to(pair, alias):
    return pair.kommun.letter(alias)


def prepare(pair):
    for what, _, key, _ in signers(pair):
        pair.kommun.serve_also(signer_of(what), key + ".key", key + ".pem")
    for name in ALIASES:
        serve_alias(pair, Other("alias-" + name))
    serve_alias(pair, RECEIPT_SIGNER)


def serve_alias(pair, alias):
    pair.myndighet.serve_also(alias.participant, good(pair, "myndighet", "o2o") + ".key",
                              good(pair, "myndighet", "o2o") + ".pem")


def main():
    claims = Claims()
    scratch = tempfile.mkdtemp(prefix="posthorn-bad-input-")
    with Pair(scratch, prepare=prepare) as pair:
        publish_bad(pair)
        silent = slow_directory(claims, pair)
        claims.play("what a business system sends", check_calls, claims, pair)
        claims.play("unknown recipient", unknown_recipient, claims, pair)
        claims.play("unknown function address", unknown_function, claims, pair)
        claims.play("access point certificates", bad_access_point, claims, pair)
        claims.play("encryption certificates", bad_encryption, claims, pair)
        claims.play("signing certificates", bad_signer, claims, pair)
        claims.play("message receipts", bad_receipt, claims, pair)
        claims.play("the SMP was silent", check_silent, claims, pair, silent)  # before it lies: it is asked again
        claims.play("the SMP lies", lying_directory, claims, pair)
        claims.play("the SMP is away", away_directory, claims, pair)
    status = claims.end()
    if not status:
        shutil.rmtree(scratch)
    return status


sys.exit(main())
