# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""The foreign access points themselves: each says its own JSON, Phase4 and Cxf turn it into the same few words."""
import json
import os
import queue
import re
import subprocess
import threading
import time
import uuid

from live import (MESSAGE, OUR_ID, OUR_PARTY, PARTY_TYPE, PROCESS, PROCESS_TYPE, THEIR_ID, THEIR_PARTY, error_codes,
                  skip, split_http, tool)


class Child:
    """A foreign program that talks in JSON lines."""

    def __init__(self, args, errors):
        self.lines, self.kept = queue.Queue(), []
        self.child = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(errors, "a"),
                                      text=True, bufsize=1)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.child.stdout:
            if line.startswith("{"):
                self.lines.put(json.loads(line))
        self.lines.put(None)

    def say(self, **fields):
        self.child.stdin.write(json.dumps(fields) + "\n")
        self.child.stdin.flush()

    def await_line(self, wanted, seconds=60):
        """The first line, old or new, that `wanted` likes; it is taken out."""
        end = time.monotonic() + seconds
        while True:
            for line in self.kept:
                if wanted(line):
                    self.kept.remove(line)
                    return line
            try:
                line = self.lines.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError("no such line in %d s; last: %s" % (seconds, self.kept[-2:])) from None
            if line is None:
                raise AssertionError("the peer ended")
            self.kept.append(line)

    def stop(self):
        try:
            self.child.stdin.close()
        except OSError:
            pass
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.terminate()
            try:
                self.child.wait(10)
            except subprocess.TimeoutExpired:
                self.child.kill()


class Got:
    """What a peer made of one message."""

    def __init__(self, message_id, payloads, raw=None, **more):
        self.message_id, self.payloads, self.raw, self.more = message_id, payloads, raw, more


class Told:
    """What a peer was told when it sent."""

    def __init__(self, result, taken, code, answer, request, **more):
        self.result, self.taken, self.code, self.answer, self.request = result, taken, code, answer, request
        self.more = more

    def __str__(self):
        return json.dumps(self.result)[:1200]


class Phase4:
    name, cases = "phase4", []

    def __init__(self, world):
        self.world, self.tool = world, tool("phase4-peer", "build")
        self.receiver = self.sender = None
        self.count = 0

    def receive(self, style, port=None, key="myndighet/ap.p12"):
        """A receiver of its own: {url, child, folders}. Receipts are signed with `key`."""
        w, self.count = self.world, self.count + 1
        folder = "%s/phase4-%d" % (w.scratch, self.count)
        child = Child([self.tool, "receive", "--keystore", w.path(key), "--decrypt-keystore",
                       w.path("myndighet/ap.p12"), "--truststore", w.known, "--tls-keystore", w.path("myndighet/tls.p12"), "--tls-truststore",
                       w.path("trust/tls.pem"), "--port", str(port or 0), "--out", folder + "/in", "--dump",
                       folder + "/dump", "--sign-token", style.upper().replace("ISSUERSERIAL", "ISSUER_SERIAL")],
                      w.scratch + "/phase4.err")
        child.url = child.await_line(lambda line: line.get("ready"))["url"]
        child.folder = folder
        return child

    def start(self, style):
        self.stop()
        self.receiver = self.receive(style, self.world.port)
        w = self.world
        name = style.upper().replace("ISSUERSERIAL", "ISSUER_SERIAL")
        defaults = {"keystore": w.path("myndighet/ap.p12"), "truststore": w.known, "receiverCert": w.leaf,
                    "tlsKeystore": w.path("myndighet/tls.p12"), "tlsTruststore": w.path("trust/tls.pem"),
                    "fromParty": THEIR_PARTY, "fromPartyType": PARTY_TYPE, "toParty": OUR_PARTY,
                    "toPartyType": PARTY_TYPE, "service": PROCESS, "serviceType": PROCESS_TYPE,
                    "action": "busdox-docid-qns::" + MESSAGE, "originalSender": THEIR_ID,
                    "originalSenderType": "iso6523-actorid-upis", "finalRecipient": OUR_ID,
                    "finalRecipientType": "iso6523-actorid-upis", "signToken": name,
                    "encToken": "BST" if style == "pkipath" else name, "url": w.kommun.msh}
        path = w.scratch + "/phase4.json"
        json.dump(defaults, open(path, "w"))
        self.sender = Child([self.tool, "send", "--defaults", path, "--dump", w.scratch + "/phase4-sent"],
                            w.scratch + "/phase4.err")
        self.sender.await_line(lambda line: line.get("ready"))

    def stop(self):
        for child in (self.receiver, self.sender):
            if child is not None:
                child.stop()
        self.receiver = self.sender = None

    def accepted(self, action=MESSAGE, seconds=60):
        receiver = self.receiver
        event = receiver.await_line(lambda line: line.get("event") == "accepted" and
                                    line.get("action", "").endswith(action), seconds)
        security = event["security"]
        return Got(event["messageId"], [os.path.join(event["dir"], os.path.basename(p["file"]))
                                        for p in event["payloads"]], self.raw(receiver), event=event,
                   tokens=[security.get("signToken"), security.get("encToken")], tls=event.get("tlsClientSha256"))

    @staticmethod
    def raw(receiver):
        """The newest request on disk, as it came over the wire."""
        found = sorted(f for f in os.listdir(receiver.folder + "/dump") if "request" in f)
        return os.path.join(receiver.folder, "dump", found[-1]) if found else None

    def tokens_of(self, style):
        """In its event."""
        name = {"issuerserial": "ISSUER_SERIAL"}.get(style, style.upper())
        return [name, name]

    def send(self, files, **options):
        """options: document, and fields of phase4-peer's request"""
        self.count += 1
        request = {"id": str(self.count), "payloads": [{"file": f, "mime": "application/xml"} for f in files]}
        if "document" in options:
            request["action"] = "busdox-docid-qns::" + options.pop("document")
        request.update(options)
        self.sender.say(**request)
        result = self.sender.await_line(lambda line: line.get("id") == request["id"], 120)
        receipt = result.get("receipt") or {}
        taken = (result["outcome"] == "SUCCESS" and receipt.get("nri") == "match" and
                 receipt.get("signatureVerified") is True and receipt.get("signerIsReceiver") is True)
        errors = result.get("errors") or []
        return Told(result, taken, errors[0]["code"] if errors else None, result.get("response"),
                    result.get("request"), message_id=result.get("messageId"), repeats=result.get("repeats") or [])

    tampers, harmless = ["payload", "plaintext", "header", "signature", "digest"], []

    def same_receipt(self, told):
        """Do all answers to a repeated message have the same octets?"""
        answers = [told.answer] + [r.get("response") for r in told.more["repeats"]]
        return len(answers) > 1 and len({split_http(a)[1] for a in answers}) == 1

    @staticmethod
    def knows_it(_first, again):
        """phase4 answers a repeated message with an error, not with its receipt."""
        return error_codes(again) == [b"EBMS:0004"] and b"duplicate" in again


class Cxf:
    name, cases = "cxf", []

    def __init__(self, world):
        self.world, self.tool = world, tool("cxf-peer")
        self.receiver = self.sender = None
        self.count = 0

    def receive(self, style, port=None, key="myndighet/ap.p12"):
        w, self.count = self.world, self.count + 1
        folder = "%s/cxf-%d" % (w.scratch, self.count)
        os.makedirs(folder, exist_ok=True)
        child = Child([self.tool, "receive", "--policy", style, "--keys", w.path(key), *self.trust(), "--port",
                       str(port or 0), "--out", folder, "--tls", w.path("myndighet/tls.p12"), "--tls-trust",
                       w.path("trust/tls.pem"), "--until-eof"], w.scratch + "/cxf.err")
        try:
            child.url = child.await_line(lambda line: line.get("ready"), 240)["url"]
        except AssertionError:
            if child.child.wait(10) == 77:
                skip(open(w.scratch + "/cxf.err").read().strip().splitlines()[-1])
            raise
        child.folder = folder
        return child

    def trust(self):
        w = self.world
        return ["--trust", w.path("trust/ap.pem"), "--trust", w.leaf]

    def start(self, style):
        self.stop()
        w = self.world
        self.receiver = self.receive(style, w.port)
        self.sender = Child([self.tool, "send", "--policy", style, "--keys", w.path("myndighet/ap.p12"), *self.trust(),
                             "--receiver", w.leaf, "--raw", "%s/cxf-sent-%s" % (w.scratch, style), "--tls",
                             w.path("myndighet/tls.p12"), "--tls-trust", w.path("trust/tls.pem")],
                            w.scratch + "/cxf.err")

    stop = Phase4.stop

    def accepted(self, action=MESSAGE, seconds=60):
        event = self.receiver.await_line(lambda line: line.get("event") == "message" and not line.get("duplicate") and
                                         self.is_about(line, action), seconds)
        folder = event["folder"]
        about = json.load(open(os.path.join(folder, "message.json")))
        return Got(event["message"], [p["file"] if os.path.isabs(p["file"]) else os.path.join(folder, p["file"])
                                      for p in event["payloads"]], os.path.join(folder, "request.as4"), event=event,
                   about=about, tokens=None)

    @staticmethod
    def is_about(event, action):
        """The event does not tell the action; the message as it came does."""
        path = os.path.join(event["folder"], "request.as4")
        return action.encode() in open(path, "rb").read()

    def tokens_of(self, style):
        return None

    def send(self, files, **options):
        request = {"url": self.world.kommun.msh, "from": THEIR_PARTY, "to": OUR_PARTY, "party_type": PARTY_TYPE,
                   "service": options.get("service", PROCESS), "service_type": PROCESS_TYPE,
                   "action": "busdox-docid-qns::" + options.get("document", MESSAGE),
                   "id": options.get("messageId") or "%s@cxf.test" % uuid.uuid4(),
                   "properties": {"originalSender": options.get("originalSender", THEIR_ID),
                                  "finalRecipient": options.get("finalRecipient", OUR_ID)},
                   "payloads": [{"file": f} for f in files]}
        if options.get("ping"):
            request["test"] = True
        for name in ("tamper", "repeat"):
            if name in options:
                request[name] = options[name]
        self.sender.say(**request)
        result = self.sender.await_line(lambda line: "state" in line, 120)
        receipt = result.get("receipt") or {}
        taken = (result["state"] == "ACKNOWLEDGED" and result.get("security") == "ok" and receipt.get("ref_ok") is True
                 and receipt.get("digests_ok") is True)
        errors = result.get("errors") or []
        code = None
        if errors:
            code = errors[0].get("errorCode") or errors[0].get("code")
        raw = result.get("raw")
        return Told(result, taken, code, raw and os.path.join(raw, "response.as4"),
                    raw and os.path.join(raw, "request.as4"), message_id=request["id"],
                    repeats=result.get("repeats") or [])

    # "order" (EncryptedKey behind Signature) damages nothing: references are resolved by Id, not by place.
    tampers = ["messaging", "body", "signature", "digest", "key", "tag", "no-security"]
    harmless = ["order"]

    def same_receipt(self, told):
        return bool(told.more["repeats"]) and all(r.get("same_receipt") for r in told.more["repeats"])

    @staticmethod
    def knows_it(first, again):
        """The same receipt: its id and time."""
        own = re.compile(rb"<(?:\w+:)?MessageId>([^<]+)<")
        return b"NonRepudiationInformation" in again and own.findall(first) == own.findall(again)
