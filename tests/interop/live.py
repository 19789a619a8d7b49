# SPDX-FileCopyrightText: 2026 The Posthorn developers
# SPDX-License-Identifier: EUPL-1.2
"""Foreign access points beside ours, for the tests that send messages both ways over mutual TLS.

kommun runs our four programs; myndighet is the foreign one, with myndighet's keys of the test world. Both are
published by the SMP stand-in. What a peer says is its own JSON; Phase4 and Cxf turn it into the same few words.
"""
import base64
import hashlib
import http.client
import json
import os
import queue
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import xml.etree.ElementTree as ET

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "flow"))
import installation  # noqa: E402
from installation import BUILD, TOP  # noqa: E402

SHARED = os.environ.get("POSTHORN_SHARED") or os.path.join(TOP, "..", "shared")
TOOLS = os.path.join(SHARED, "tools")
STYLES = ["bst", "pkipath", "ski", "issuerserial"]
MESSAGE = "urn:riv:infrastructure:messaging:MessageWithAttachments:3::messagePayload##3.0::tm-base-ext-sigenc"
RECEIPT = ("urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2::ApplicationResponse"
           "##fdc:digg.se:edelivery:messagetype:response:1::2.1::tm-base-ext-sigenc")
PROCESS, PROCESS_TYPE = "bdx:noprocess", "urn:fdc:digg.se:edelivery:process"
PARTY_TYPE = "urn:fdc:digg.se:edelivery:transportprofile:as4:partytype:ap"
SDK = "{urn:riv:infrastructure:messaging:MessageWithAttachments:3}"
OUR_PARTY, THEIR_PARTY = "AP0001-OPEN-TEST", "AP0002-OPEN-TEST"
OUR_ID, THEIR_ID = "0203:kommun.example", "0203:myndighet.example"


def skip(why):
    print("SKIP: " + why)
    sys.exit(77)


def tool(name, *ready):
    """The path of a foreign tool that works here; else the test is skipped with one line."""
    path = os.path.join(TOOLS, name, name)
    if not os.access(path, os.X_OK):
        skip("%s is not at %s" % (name, TOOLS))
    if ready:
        done = subprocess.run([path, *ready], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode == 77:
            skip((done.stderr.strip().splitlines() or [name + " cannot run here"])[-1])
        if done.returncode != 0:
            sys.exit("%s %s: %s" % (name, " ".join(ready), (done.stdout + done.stderr)[-2000:]))
    return path


class Score:
    """Claims that are counted; the first words of a failure are the claim."""

    def __init__(self):
        self.passed = self.failed = 0

    def claim(self, text, truth, seen=""):
        if truth:
            self.passed += 1
        else:
            self.failed += 1
            print("FAIL %s: %s" % (text, str(seen)[:1500]), flush=True)
        return bool(truth)

    def attempt(self, text, step, *args):
        """A step that must go through; what it gives, or None."""
        try:
            found = step(*args)
        except (AssertionError, OSError, ValueError, KeyError, IndexError, TypeError) as fault:
            self.claim(text, False, "%s: %s" % (type(fault).__name__, fault))
            return None
        self.claim(text, True)
        return found

    def end(self, name):
        print("%s: %d passed, %d failed" % (name, self.passed, self.failed))
        return 1 if self.failed or not self.passed else 0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


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


class World:
    """kommun and the SMP run; myndighet is at a port where a peer will be."""

    def __init__(self, scratch):
        self.scratch, self.keys = scratch, installation.world()
        self.env = os.path.join(self.keys, "open-test")
        os.environ["POSTHORN_RETRY_FIRST"] = "300ms"
        self.smp = installation.Smp(scratch + "/smp", self.keys)
        self.port = free_port()
        self.kommun = installation.Organisation(scratch + "/kommun", self.keys, "kommun", OUR_PARTY, self.smp.url)
        self.known = scratch + "/known.pem"  # anchors and the leaves that do not travel
        with open(self.known, "w") as f:
            for name in ("trust/ap.pem", "kommun/ap.pem", "myndighet/ap.pem"):
                f.write(open(os.path.join(self.env, name)).read())
        self.leaf = scratch + "/kommun-ap.pem"
        subprocess.run(["openssl", "x509", "-in", self.path("kommun/ap.pem"), "-out", self.leaf], check=True)
        self.running = False
        self.published = self.peer_published = False

    def path(self, name):
        return os.path.join(self.env, name)

    def start(self, style):
        """(Re)starts kommun with that token style towards the foreign access point."""
        if self.running:
            self.kommun.stop()
        write_partner(self.kommun.folder + "/posthorn.conf", style, self.path("myndighet/ap.pem"))
        self.kommun.start()
        self.kommun.fix_ports()
        self.running = True
        if not self.published:
            self.smp.publish(self.keys, "kommun", self.kommun.msh)
            self.published = True

    def publish_peer(self, url):
        if not self.peer_published:
            self.smp.publish(self.keys, "myndighet", url)
        self.peer_published = True

    def tls(self, who="myndighet"):
        """As whom we post by hand."""
        context = ssl.create_default_context(cafile=self.path("trust/tls.pem"))
        context.load_cert_chain(self.path(who + "/tls.pem"), self.path(who + "/tls.key"))
        return context

    def stop(self):
        if self.running:
            self.kommun.stop()
        self.smp.process.stop()


def write_partner(path, style, certificate):
    text = open(path).read().split("\n[partner ")[0].rstrip("\n")
    with open(path, "w") as f:
        f.write("%s\n\n[partner %s]\nsign-token = %s\nkey-token = %s\ncertificate = %s\n" %
                (text, THEIR_PARTY, style, style, certificate))


def post(url, body, content_type, context, seconds=60):
    """(status, body, Content-Type) of one request over mutual TLS."""
    host, _, path = url[len("https://"):].partition("/")
    connection = http.client.HTTPSConnection(host, timeout=seconds, context=context)
    try:
        connection.request("POST", "/" + path, body, {"Content-Type": content_type})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("Content-Type") or ""
    finally:
        connection.close()


def split_http(path):
    """(Content-Type, body) of a raw request or answer on disk: header lines, an empty line, the octets.

    One sample has its header lines twice.
    """
    body = open(path, "rb").read()
    while True:
        at = re.search(rb"\r?\n\r?\n", body)
        head, body = body[:at.start()], body[at.end():]
        if not body.startswith(b"Content-Type:"):
            break
    found = re.search(rb"(?im)^content-type:[ \t]*(.*?)\r?$(?![ \t])", re.sub(rb"\r?\n[ \t]+", b" ", head))
    return found.group(1).decode(), body


def error_codes(body):
    return re.findall(rb"errorCode=[\"'](EBMS:\d{4})[\"']", body)


# --- what travels inside

class Letter:
    """One SDK message of theirs to us, sealed as their message system would."""

    def __init__(self, world, folder, text="Hej fr\u00e5n ett annat system", size=20000):
        self.id = str(uuid.uuid4())
        self.attachment = os.urandom(size)
        self.sha256 = hashlib.sha256(self.attachment).hexdigest()
        self.text = text
        inner = os.path.join(folder, self.id + ".sdk.xml")
        self.path = os.path.join(folder, self.id + ".xhe.xml")
        with open(inner, "wb") as f:
            f.write(self.xml().encode())
        with open(self.path, "wb") as out:
            subprocess.run([BUILD + "/tests/interop/make_xhe", world.path("myndighet/o2o.key"),
                            world.path("myndighet/o2o.pem"), world.path("kommun/o2o.pem"), inner, self.id, THEIR_ID,
                            OUR_ID], check=True, stdout=out)

    def xml(self):
        def ident(name, root, extension):
            return "<m:%s><m:root>%s</m:root><m:extension>%s</m:extension></m:%s>" % (name, root, extension, name)

        def party(name, participant):
            return ("<m:%s>%s<m:attention><m:subOrganization>%s<m:label>Registratur</m:label></m:subOrganization>"
                    "</m:attention></m:%s>" %
                    (name, ident(name + "ID", "iso6523-actorid-upis", participant),
                     ident("organizationId", "urn:riv:infrastructure:messaging:functionalAddress",
                           "sdk:inkorg:" + participant), name))

        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        return ('<m:messagePayload xmlns:m="%s"><m:message><m:messageHeader><m:creationDateTime>%s</m:creationDateTime>'
                "<m:messageId>%s</m:messageId><m:conversationId>%s</m:conversationId><m:label>Prov</m:label>"
                "<m:confidentiality>false</m:confidentiality>%s%s</m:messageHeader><m:messageBody><m:documents>"
                "<m:documentID>1</m:documentID><m:ContentFiles><m:fileName>bilaga.bin</m:fileName>"
                "<m:contentType>application/octet-stream</m:contentType><m:content>%s</m:content></m:ContentFiles>"
                "<m:ContentText><m:characterSequence>%s</m:characterSequence></m:ContentText></m:documents>"
                "</m:messageBody></m:message></m:messagePayload>" %
                (SDK.strip("{}"), now, self.id, self.id, party("recipient", OUR_ID), party("sender", THEIR_ID),
                 base64.b64encode(self.attachment).decode(), self.text))


def their_receipt(world, folder, reference, accepted):
    """Their message receipt about a message of ours, as DIGG's examples are, in its envelope: the path."""
    own = str(uuid.uuid4())
    inner, path = os.path.join(folder, own + ".receipt.xml"), os.path.join(folder, own + ".xhe.xml")
    line = "" if accepted else (
        "<cac:LineResponse><cac:LineReference><cbc:LineID>NA</cbc:LineID></cac:LineReference><cac:Response>"
        "<cbc:ResponseCode>SIG</cbc:ResponseCode><cac:Status><cbc:StatusReasonCode>security</cbc:StatusReasonCode>"
        "<cbc:StatusReason>Signatur ej korrekt</cbc:StatusReason></cac:Status></cac:Response></cac:LineResponse>")

    def party(name, participant):
        return ('<cac:%s><cbc:EndpointID schemeID="iso6523-actorid-upis">%s</cbc:EndpointID></cac:%s>' %
                (name, participant, name))

    ubl = "urn:oasis:names:specification:ubl:schema:xsd:"
    now = time.gmtime()
    with open(inner, "w") as f:
        f.write('<ApplicationResponse xmlns="%sApplicationResponse-2" xmlns:cac="%sCommonAggregateComponents-2"'
                ' xmlns:cbc="%sCommonBasicComponents-2"><cbc:CustomizationID>'
                "urn:fdc:digg.se:edelivery:messagetype:response:1</cbc:CustomizationID><cbc:ProfileID>bdx:noprocess"
                "</cbc:ProfileID><cbc:ID>%s</cbc:ID><cbc:IssueDate>%s</cbc:IssueDate><cbc:IssueTime>%s</cbc:IssueTime>"
                "%s%s<cac:DocumentResponse><cac:Response><cbc:ResponseCode>%s</cbc:ResponseCode></cac:Response>"
                "<cac:DocumentReference><cbc:ID>%s</cbc:ID></cac:DocumentReference>%s</cac:DocumentResponse>"
                "</ApplicationResponse>" %
                (ubl, ubl, ubl, own, time.strftime("%Y-%m-%d", now), time.strftime("%H:%M:%SZ", now),
                 party("SenderParty", THEIR_ID), party("ReceiverParty", OUR_ID),
                 "ACCEPTED" if accepted else "REJECTED", reference, line))
    with open(path, "wb") as out:
        subprocess.run([BUILD + "/tests/interop/make_xhe", world.path("myndighet/o2o.key"),
                        world.path("myndighet/o2o.pem"), "-", inner, own, THEIR_ID, OUR_ID, "receipt"], check=True,
                       stdout=out)
    return path


def upload(kommun, data):
    status, body, _ = kommun.call("POST", "/attachments", data,
                                  {"Content-Type": "application/octet-stream",
                                   "Content-Disposition": 'attachment; filename="bilaga.bin"'})
    assert status == 201, (status, body[:500])
    return json.loads(body)["attachmentId"]


def our_letter(kommun, data, text="Hej, se bilagan \u00e5\u00e4\u00f6"):
    """A letter of kommun's to myndighet, with one attachment; its messageId."""
    to = type("To", (), {"participant": THEIR_ID, "address": "sdk:inkorg:" + THEIR_ID})
    return kommun.send(kommun.letter(to, texts=[text], attachments=[{"attachmentId": upload(kommun, data)}]))


def run(*args):
    done = subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def judge_envelope(score, name, world, payload, attachment, text, scratch):
    """The payload the peer got is a valid XHE of ours, and what is inside is what kommun sent (issue 6.5)."""
    copy, opened = scratch + "/got.xml", scratch + "/opened.xml"
    shutil.copyfile(payload, copy)
    code, said = run(os.path.join(TOOLS, "judge-sdk"), "xhe", copy)
    score.claim(name + ": DIGG's schema and rules take the envelope", code == 0, said)
    verify = ["xmlsec1", "--verify", "--enabled-key-data", "x509,rsa", "--trusted-pem", world.path("ca/o2o-root.pem"),
              "--untrusted-pem", world.path("ca/o2o-issuing.pem")]
    code, said = run(*verify, copy)
    score.claim(name + ": xmlsec1 verifies the envelope", code == 0, said)
    changed = open(copy, "rb").read().replace(b"0203:kommun.example", b"0203:kommun.exampel", 1)
    open(opened, "wb").write(changed)
    code, said = run(*verify, opened)
    score.claim(name + ": and not a changed one", code != 0, said)
    code, said = run("xmlsec1", "--decrypt", "--privkey-pem", world.path("myndighet/o2o.key"), "--output", opened, copy)
    if score.claim(name + ": xmlsec1 decrypts the message", code == 0, said):
        message = ET.parse(opened).getroot().find(".//" + SDK + "messagePayload")
        inside = [base64.b64decode(c.text) for c in message.iter(SDK + "content")]
        score.claim(name + ": the attachment inside is what was sent", inside == [attachment], len(inside))
        texts = [c.text for c in message.iter(SDK + "characterSequence")]
        score.claim(name + ": so is the text", texts == [text], texts)


def judge_receipt(score, name, world, payload, reference, scratch):
    """Our message receipt, as the peer got it."""
    copy, inner = scratch + "/receipt-xhe.xml", scratch + "/receipt.xml"
    shutil.copyfile(payload, copy)
    code, said = run(os.path.join(TOOLS, "judge-sdk"), "xhe", copy)
    score.claim(name + ": DIGG's schema and rules take the receipt's envelope", code == 0, said)
    code, said = run("xmlsec1", "--verify", "--enabled-key-data", "x509,rsa", "--trusted-pem",
                     world.path("ca/o2o-root.pem"), "--untrusted-pem", world.path("ca/o2o-issuing.pem"), copy)
    score.claim(name + ": xmlsec1 verifies the receipt's envelope", code == 0, said)
    response = "{urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2}ApplicationResponse"
    found = ET.parse(copy).getroot().find(".//" + response)
    if score.claim(name + ": there is a message receipt inside", found is not None):
        open(inner, "wb").write(ET.tostring(found))
        code, said = run(os.path.join(TOOLS, "judge-sdk"), "receipt", inner)
        score.claim(name + ": DIGG's schema and rules take the receipt", code == 0, said)
        text = ET.tostring(found).decode()
        score.claim(name + ": it accepts the message by its id", reference in text and "ACCEPTED" in text, text[-900:])


def await_inbox(kommun, message, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = [m for m in kommun.inbox() if m["messageId"] == message]
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("%s does not come into the inbox" % message)


def holds(got, text):
    """Is this message about that id?"""
    return any(text.encode() in open(p, "rb").read() for p in got.payloads)


def read_letter(kommun, item):
    """(texts, attachments' octets) of an inbox message."""
    letter = kommun.get("/inbox-messages/" + item["inboxMessageId"])["letter"]
    texts, files = [], []
    for document in letter["documents"]:
        texts += document.get("texts", [])
        for a in document.get("attachments", []):
            path = "/inbox-messages/%s/attachments/%s" % (item["inboxMessageId"], a["attachmentId"])
            status, body, _ = kommun.call("GET", path)
            assert status == 200, (status, body[:300])
            files.append(body)
    return texts, files


def events(kommun, message):
    return [(e["event"], e["detail"]) for e in kommun.get("/messages/%s/events" % message)["events"]]


def await_event(kommun, message, word, seconds=30):
    """The first event whose name and detail hold that word."""
    end = time.monotonic() + seconds
    while True:
        seen = events(kommun, message)
        for event, detail in seen:
            if word in event + " " + detail:
                return event, detail
        if time.monotonic() > end:
            raise AssertionError("no '%s' in %s" % (word, seen))
        time.sleep(0.1)


# --- the peers

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
        """options: tamper, repeat, ping, messageId, document"""
        self.count += 1
        request = {"id": str(self.count), "payloads": [{"file": f, "mime": "application/xml"} for f in files]}
        if "document" in options:
            request["action"] = "busdox-docid-qns::" + options["document"]
        for name in ("tamper", "repeat", "ping", "messageId"):
            if name in options:
                request[name] = options[name]
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
                   "service": PROCESS, "service_type": PROCESS_TYPE,
                   "action": "busdox-docid-qns::" + options.get("document", MESSAGE),
                   "id": options.get("messageId") or "%s@cxf.test" % uuid.uuid4(),
                   "properties": {"originalSender": THEIR_ID, "finalRecipient": OUR_ID},
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


def scratch_folder(name):
    """Ended from outside, a test still stops what it started."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    return tempfile.mkdtemp(prefix="posthorn-%s-" % name)
